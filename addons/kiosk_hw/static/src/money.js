import { Reactive } from "@web/core/utils/reactive";
import { toCents } from "@electricity_prepaid/counter/amounts";

import { CashPayment } from "./cash_payment";
import { ODOO_AWAY } from "./kiosk_server";
import { here, isExpected } from "./late";
import { isAboutTheWay, ProviderPayment } from "./provider_payment";

export const NOTES = "notes";
export const QR = "qr";
export const BANK_CARD = "bank_card";
const SCREENS = { [NOTES]: "paying", [QR]: "qr", [BANK_CARD]: "bank_card" };
const DRAFT = "draft";
const NO_WORD = "A-303";
const NOT_PAID = "A-309";
const BOX_LEAVING = "A-501";
/** Seconds: nothing was put in for a minute, so hardly anybody is still there. */
const SHORT = 30;

/** The question how to pay, and what the customer answers. */
export class PaymentChoice extends Reactive {
    /** @param {string|null} problem code of why the way before did not work */
    constructor(problem = null) {
        super();
        this.problem = problem;
        this.made = new Promise((resolve) => {
            this.decide = resolve;
        });
    }
}

/** @returns {string|null} why no notes are taken now, as a code */
function acceptorProblem({ facts, reader }) {
    if (facts.notes_problem) {
        return facts.notes_problem;
    }
    return reader.downCode || (reader.heard ? (reader.cash ? reader.cash.code : "A-110") : null);
}

/** @returns {{kind: string, code: string|null}[]} the ways to pay of this kiosk; the code says why not now */
export function waysOf(visit) {
    const notes = { kind: NOTES, code: acceptorProblem(visit) };
    return [...(visit.facts.terminal.takes_notes ? [notes] : []), ...(visit.facts.ways || [])];
}

/** @returns {string|null} why nothing can be paid here now, as a code */
export function payProblem(visit) {
    const ways = waysOf(visit);
    return ways.some(({ code }) => !code) ? null : ways[0]?.code || "A-302";
}

/**
 * Take the money that an order still needs, way after way, until it is enough or the customer stops.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit with an order in state draft
 * @returns {Promise<Object>} status of the order; `unclear` when a payment may still come
 */
export async function takeMoney(visit) {
    let problem = null;
    let patience = undefined;
    let running = await here(visit, stillOpen(visit));
    for (;;) {
        const kind = running?.kind || (await chosen(visit, problem, patience));
        if (!kind) {
            return visit.order;
        }
        const outcome = await payBy(visit, kind, running);
        running = null;
        problem = outcome.problem || null;
        patience = outcome.isDeserted ? SHORT : undefined;
        // With one way only nobody is asked, unless it did not work.
        if (visit.order.state !== DRAFT || visit.isDeserted || outcome.unclear || (waysOf(visit).length === 1 && !problem)) {
            return { ...visit.order, unclear: outcome.unclear };
        }
    }
}

/** A payment that was begun before the browser began anew, or at an earlier visit. */
async function stillOpen(visit) {
    return visit.facts.ways?.length ? visit.server.payOpen(visit.order.uuid) : null;
}

/** @returns {Promise<string|null>} the way that the customer chooses; null: none */
async function chosen(visit, problem, patience) {
    const ways = waysOf(visit);
    if (ways.length < 2 && !problem) {
        return ways[0]?.kind || NOTES;
    }
    if (visit.resuming) {
        // Notes are going in: nobody is asked.
        visit.resuming = false;
        return NOTES;
    }
    visit.choice = new PaymentChoice(problem);
    visit.show("choose_payment", patience);
    const kind = await here(visit, visit.choice.made);
    visit.choice = null;
    return kind;
}

async function payBy(visit, kind, running) {
    const { server, order } = visit;
    const payment =
        kind === NOTES
            ? new CashPayment({ server, terminal: visit.client, order })
            : new ProviderPayment({ server, order, kind, running });
    visit.payment = payment;
    visit.show(SCREENS[kind]);
    try {
        if (kind === NOTES) {
            const order = await payment.run();
            return { isDeserted: !payment.isCancelled && !isPartlyPaid(order) };
        }
        await (kind === BANK_CARD ? byCard(visit, payment) : payment.run());
        if (payment.isUnclear) {
            return { unclear: NO_WORD };
        }
        return { problem: payment.isPaid || payment.unwanted ? null : payment.code || NOT_PAID };
    } catch (error) {
        if (error.code === ODOO_AWAY && mayBePaid(kind, payment)) {
            // Nobody who has paid hears "not possible": there is something to hold on to.
            return { unclear: NO_WORD };
        }
        // Another way may work, and what is in is kept as balance, on paper.
        const isNotTheEnd = waysOf(visit).length > 1 || isPartlyPaid(payment.order);
        if (isExpected(error) && !error.moneyIsIn && isAboutTheWay(error.code) && isNotTheEnd) {
            if (error.code === BOX_LEAVING) {
                visit.facts.notes_problem = error.code;
            }
            return { problem: error.code };
        }
        throw error;
    } finally {
        // What came in before something was in the way counts, too.
        visit.order = payment.order;
        visit.endedBy = payment.endedBy || null;
        visit.payment = null;
    }
}

/** @returns {boolean} whether the customer may have paid at the payment service without a word of the server */
function mayBePaid(kind, payment) {
    // Without an answer no code was on the screen; a card terminal asks for the card all the same.
    return kind === BANK_CARD || (kind === QR && Boolean(payment.payment));
}

async function byCard(visit, payment) {
    const terminal = visit.cardTerminal();
    if (!terminal) {
        return payment.run();
    }
    terminal.prepare(payment);
    return terminal.sendPaymentRequest(payment.reference);
}

/** @returns {boolean} whether something of an order is paid */
export function isPartlyPaid(order) {
    return toCents(order.paid) > 0;
}

/** @returns {number} cents of an order that are paid by the balance which the customer had before it */
export function fromBalance({ state, amount, missing, paid }) {
    return state === DRAFT ? Math.max(0, toCents(amount) - toCents(missing) - toCents(paid)) : 0;
}
