import { ARREARS, BUY } from "./kiosk_visit";
import { begun } from "./late";

const CANCELLED = "cancelled";

/**
 * Goes on with an order that waits for money at another terminal: it is ended there, what was paid is the customer's
 * balance and pays the same that is begun here; where that cannot be begun any more, it is asked for anew.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function finishHere(visit) {
    await visit.once(async () => {
        const { uuid, op, amount } = visit.order;
        const newUuid = crypto.randomUUID();
        visit.order = await begun(visit, visit.server.finishHere(uuid, newUuid, await visit.who()));
        if (visit.order.state === CANCELLED) {
            return visit.openService();
        }
        visit.service = op === ARREARS ? ARREARS : BUY;
        visit.amount = amount;
        visit.uuid = newUuid;
        await visit.settle();
    });
}
