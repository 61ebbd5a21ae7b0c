/**
 * Goes on with an order that waits for money at another terminal: it is ended there, what was paid is the customer's
 * balance and pays the same again here.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function finishHere(visit) {
    await visit.once(async () => {
        const { uuid, op, amount } = visit.order;
        await visit.server.finishHere(uuid, await visit.who());
        if (op !== "purchase") {
            return visit.openService();
        }
        visit.amount = amount;
        visit.uuid = crypto.randomUUID();
        visit.order = (await visit.server.begin(visit.uuid, await visit.snapshot(), amount)).order;
        await visit.settle();
    });
}
