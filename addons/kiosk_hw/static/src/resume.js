import { isTerminalError } from "@electricity_prepaid/hw_client/errors";

import { bring, GOING_ON } from "./cash_payment";
import { Gone, here, isExpected } from "./late";

const ARREARS = "arrears";
const BUY = "buy";

/**
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @param {{open_order: Object|null, unpaid: Object|null}} answer what the server says of the customer
 * @returns {Promise<Object|null>} status of the order that comes before anything new: it is open for the server, or money
 *     for it is known to the terminal only
 * @throws {Gone} the visit has ended meanwhile
 */
export async function begunBefore(visit, { open_order, unpaid }) {
    return open_order || (unpaid ? onItsWay(visit, unpaid) : null);
}

/**
 * Looks whether money is on its way for an order that this kiosk has begun: it is being paid at this moment, or the
 * terminal has stated what the server does not know yet. That is brought.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @param {Object} order status of the order, as the server knows it
 * @returns {Promise<Object|null>} status of the order to go on with; null: nothing is on its way
 * @throws {Gone} the visit has ended meanwhile
 */
async function onItsWay(visit, order) {
    const cash = await here(visit, cashOf(visit.client, order));
    if (isGoingOn(order, cash)) {
        return order;
    }
    const found = { order };
    try {
        await here(visit, bring(visit.server, found, cash?.tenders || []));
    } catch (error) {
        // What the server does not take now the terminal brings by itself.
        if (error instanceof Gone || !isExpected(error)) {
            throw error;
        }
    }
    return ["state", "paid", "uncertain"].some((name) => found.order[name] !== order[name]) ? found.order : null;
}

/** @returns {Promise<Object|null>} what the terminal took for an order; null: it does not say, or another way is open */
async function cashOf(client, order) {
    try {
        return order.paying ? null : await client.cashState(order.uuid);
    } catch (error) {
        if (!isTerminalError(error)) {
            throw error;
        }
        return null;
    }
}

function isGoingOn(order, cash) {
    return order.paying || GOING_ON.includes(cash?.state);
}

/**
 * A browser that began anew while money came in: whoever pays still stands here, and is spoken to in the same language.
 * Where all had come in, nobody may be here any more: the customer's card leads there, and nobody else gets his paper.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function resume(visit) {
    for (const order of visit.client ? visit.facts.orders : []) {
        if (isGoingOn(order, await cashOf(visit.client, order))) {
            visit.resuming = !order.paying;
            visit.service = order.op === ARREARS ? ARREARS : BUY;
            visit.order = order;
            visit.language = order.language || visit.language;
            visit.speak(visit.language);
            return visit.guarded(() => visit.settle());
        }
    }
}
