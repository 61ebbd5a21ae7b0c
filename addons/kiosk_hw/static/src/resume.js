import { pause } from "@electricity_prepaid/counter/counter_server";
import { isTerminalError, READER_BUSY } from "@electricity_prepaid/hw_client/errors";

import { bring, GOING_ON } from "./cash_payment";
import { Gone, here, isExpected } from "./late";

const ARREARS = "arrears";
const BUY = "buy";
/** Milliseconds: the terminal is writing the card at this moment. */
const READ_AGAIN_AFTER = 1000;
const ATTRACT = "attract";
const DRAFT = "draft";
const CANCELLED = "cancelled";
const ENDED = ["written", CANCELLED];

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
        if (error instanceof Gone || !(isExpected(error) || error.moneyIsIn)) {
            throw error;
        }
        if (!isExpected(error)) {
            visit.server.trail.broke(error);
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
 * @returns {Promise<boolean>} whether a payment is gone on with
 */
export async function resume(visit) {
    for (const order of visit.client ? visit.facts.orders : []) {
        if (isGoingOn(order, await cashOf(visit.client, order))) {
            visit.resuming = !order.paying;
            takeUp(visit, order);
            visit.showReading();
            visit.guarded(() => visit.settle());
            return true;
        }
    }
    return false;
}

/**
 * A browser that began anew, and the card is still in: what was begun with it here is finished, and what has ended
 * meanwhile is told, with its paper.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit at the attract screen
 */
export async function resumeWithCard(visit) {
    const { insertion } = visit.reader;
    // Whoever has touched the screen meanwhile gets there by what he chooses, and another card is nobody's of before.
    const isWaiting = () => visit.screen === ATTRACT && visit.reader.insertion === insertion;
    try {
        const snapshot = await readWhile(visit, isWaiting);
        const { open_order, unpaid, ended } = snapshot ? await here(visit, visit.server.interrupted(snapshot)) : {};
        const order = (await begunBefore(visit, { open_order, unpaid })) || ended;
        if (order && isWaiting()) {
            takeUp(visit, order);
            visit.showReading();
            await visit.guarded(() => goOn(visit, order));
        }
    } catch (error) {
        // Nobody has asked for anything yet, and a page that began again for it would meet the same.
        if (!isExpected(error)) {
            visit.server.trail.broke(error);
            visit.beginAnew();
        }
    }
}

/** @returns {Promise<string|null>} a reading of the card; null: it is not wanted any more. The terminal may still write it. */
async function readWhile(visit, isWanted) {
    while (isWanted()) {
        try {
            return await visit.snapshot();
        } catch (error) {
            if (!isTerminalError(error, READER_BUSY)) {
                throw error;
            }
        }
        await pause(READ_AGAIN_AFTER);
    }
    return null;
}

function takeUp(visit, order) {
    visit.service = order.op === ARREARS ? ARREARS : BUY;
    visit.order = order;
    visit.language = order.language || visit.language;
    visit.speak(visit.language);
}

function goOn(visit, order) {
    if (ENDED.includes(order.state)) {
        return end(visit, order);
    }
    return order.state === DRAFT || order.op === ARREARS ? visit.settle() : visit.cards.again();
}

function end(visit, order) {
    visit.order = order;
    visit.receipt.afterEnd(order);
    visit.show(order.state === CANCELLED ? "kept" : "done");
}
