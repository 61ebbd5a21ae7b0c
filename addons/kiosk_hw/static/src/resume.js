import { isTerminalError } from "@electricity_prepaid/hw_client/errors";

import { GOING_ON } from "./cash_payment";

const ARREARS = "arrears";
const BUY = "buy";

/**
 * @param {import("@electricity_prepaid/hw_client/client").TerminalClient} client
 * @param {string} uuid of an order
 * @returns {Promise<boolean>} whether the terminal takes notes for it at this moment
 */
export async function isBeingPaid(client, uuid) {
    try {
        return GOING_ON.includes((await client.cashState(uuid)).state);
    } catch (error) {
        if (!isTerminalError(error)) {
            throw error;
        }
        return false;
    }
}

/**
 * A browser that began anew while money came in: whoever pays still stands here, and is spoken to in the same language.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function resume(visit) {
    for (const order of visit.client ? visit.facts.orders : []) {
        if (order.paying || (await isBeingPaid(visit.client, order.uuid))) {
            visit.resuming = !order.paying;
            visit.service = order.op === ARREARS ? ARREARS : BUY;
            visit.order = order;
            visit.language = order.language || visit.language;
            visit.speak(visit.language);
            return visit.guarded(() => visit.settle());
        }
    }
}
