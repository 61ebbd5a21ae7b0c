import { isTerminalError } from "@electricity_prepaid/hw_client/errors";

import { Refusal } from "./kiosk_server";
import { isPartlyPaid } from "./money";

const PURCHASE = "purchase";
/** Screens on which money is taken, or is about to be. */
const TAKING = ["choose_payment", "paying", "qr", "bank_card"];

/** @returns {boolean} whether money is being taken for whoever is known by the card in the reader */
export function isTaking(visit) {
    const isByCard = visit.order?.op === PURCHASE || !visit.identity.token;
    return TAKING.includes(visit.screen) && Boolean(visit.order) && isByCard;
}

/** The card was taken out. Whoever has paid nothing yet has gone; money that is in waits for the card. */
export function payerLeaves(visit) {
    visit.hasCardLeft = true;
    if (!isPartlyPaid(visit.order) && !visit.payment?.total) {
        end(visit);
    }
}

/**
 * A card was put in while money is taken: nobody pays for somebody else's purchase without knowing it.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function checkPayer(visit) {
    const { order } = visit;
    if (!(await isOwn(visit, order)) && visit.order?.uuid === order.uuid && isTaking(visit)) {
        end(visit);
    }
}

async function isOwn(visit, order) {
    try {
        const quote = await visit.server.quote(await visit.snapshot());
        return [quote.open_order, quote.unpaid].some((one) => one?.uuid === order.uuid);
    } catch (error) {
        if (!(error instanceof Refusal) && !isTerminalError(error)) {
            throw error;
        }
        return false;
    }
}

/** No more money: what is in is the balance of the account of the order, on paper; the next customer begins anew. */
function end(visit) {
    visit.isDeserted = true;
    if (visit.choice) {
        return visit.choice.decide(null);
    }
    const { payment } = visit;
    if (payment?.total) {
        payment.end();
    } else {
        payment?.cancel();
    }
}
