import { isElsewhere } from "./counter_flow";
import { counterMemory, newUuid } from "./counter_memory";

/**
 * Goes on here with the order at hand, which waits for money at another terminal: it is ended there, what was paid is
 * balance, and pays for the same that is begun here.
 *
 * @param {import("./counter_session").CounterSession} session
 */
export function finishHere(session) {
    return session.work("begin", async () => {
        const { uuid, op } = session.flow.order;
        const terminalId = session.setup.terminal.id;
        const newOne = newUuid();
        const { order } = await session.marketing.withAnswer(async () => {
            const snapshot = op === "arrears" ? null : await session.reading.take();
            return session.server.finishHere(uuid, newOne, terminalId, snapshot);
        });
        counterMemory.sale = order.uuid;
        session.openOrders = session.openOrders.filter((one) => one.uuid !== uuid);
        session.show(order);
    });
}

/** @returns {boolean} whether the order at hand waits for money at another terminal */
export function waitsElsewhere(session) {
    return isElsewhere(session.flow.order, session.setup?.terminal?.id);
}
