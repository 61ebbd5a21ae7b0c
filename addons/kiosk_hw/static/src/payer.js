import { Refusal } from "./kiosk_server";
import { isExpected } from "./late";
import { isPartlyPaid } from "./money";

const PURCHASE = "purchase";
const EMPTY = "empty";
/** Screens on which money is taken, or is about to be. */
const TAKING = ["choose_payment", "paying", "qr", "bank_card"];

/** @returns {boolean} whether the customer is known by the card in the reader, and not by a number or a code */
function isByCard(visit) {
    return visit.order?.op === PURCHASE || !visit.identity.token;
}

/** @returns {boolean} whether money is being taken for whoever is known by the card in the reader */
export function isTaking(visit) {
    return TAKING.includes(visit.screen) && Boolean(visit.order) && isByCard(visit);
}

/** @returns {boolean} whether the card was taken out while something was asked for its owner, also if one is in again */
export function hasGone(visit) {
    return visit.hasCardLeft && isByCard(visit);
}

/**
 * The card was taken out, or its reader is not heard of. Whoever has taken it and paid nothing yet has gone; money that is
 * in waits for the card.
 */
export function payerLeaves(visit) {
    visit.hasCardLeft = true;
    visit.cardDoubt = null;
    const isTaken = visit.reader.reader.state === EMPTY;
    if (isTaken && !isPartlyPaid(visit.order) && !visit.payment?.total) {
        end(visit);
    }
}

/**
 * A card was put in while money is taken: nobody pays for somebody else's purchase without knowing it. One that cannot
 * be read may be the owner's own: it is asked for again, and what goes in stays with the order.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function checkPayer(visit) {
    const { order, reader } = visit;
    const { insertion } = reader;
    const { isOther, doubt } = await whose(visit, order);
    if (visit.order?.uuid !== order.uuid || !isTaking(visit) || reader.insertion !== insertion) {
        return;
    }
    if (isOther) {
        return end(visit);
    }
    visit.cardDoubt = doubt;
}

/** @returns {Promise<{isOther: boolean, doubt: Object|null}>} whether it names another account; why it names none */
async function whose(visit, order) {
    try {
        const quote = await visit.server.quote(await visit.snapshot());
        if ([quote.open_order, quote.unpaid].some((one) => one?.uuid === order.uuid)) {
            return { isOther: false, doubt: null };
        }
        const { code, message, customer } = quote;
        return { isOther: Boolean(customer), doubt: customer ? null : { code, message } };
    } catch (error) {
        if (!isExpected(error)) {
            throw error;
        }
        const message = error instanceof Refusal ? error.message : "";
        return { isOther: false, doubt: { code: error.code, message } };
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
