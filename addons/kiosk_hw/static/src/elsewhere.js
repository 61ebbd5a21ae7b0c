import { toCents } from "@electricity_prepaid/counter/amounts";

import { ARREARS, BUY } from "./kiosk_visit";
import { begun } from "./late";

const CANCELLED = "cancelled";

/**
 * Goes on with an order that waits for money at another terminal: it is ended there, what was paid is the customer's
 * balance and pays the same that is begun here; where that cannot be begun any more, it is said, or asked for anew.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function finishHere(visit) {
    await visit.once(async () => {
        const { uuid, op, amount } = visit.order;
        const newUuid = crypto.randomUUID();
        visit.showReading();
        visit.order = await begun(visit, visit.server.finishHere(uuid, newUuid, await visit.who()));
        if (visit.order.state === CANCELLED) {
            if (!toCents(visit.order.paid)) {
                return visit.openService();
            }
            visit.receipt.afterEnd(visit.order);
            return visit.show("kept");
        }
        visit.service = op === ARREARS ? ARREARS : BUY;
        visit.amount = amount;
        visit.uuid = newUuid;
        await visit.settle();
    });
}
