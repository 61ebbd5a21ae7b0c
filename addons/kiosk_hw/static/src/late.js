import { isTerminalError } from "@electricity_prepaid/hw_client/errors";

import { Refusal } from "./kiosk_server";

const DRAFT = "draft";

/** What a visit had asked for came after its end: it is nothing that concerns whoever stands there now. */
export class Gone extends Error {}

/** @returns {boolean} whether an error is one that a visit reckons with */
export function isExpected(error) {
    return error instanceof Refusal || error instanceof Gone || isTerminalError(error);
}

/**
 * Waits for what a visit has asked of the server or the terminal.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @param {Promise} asked
 * @throws {Gone} the visit has ended meanwhile
 */
export async function here(visit, asked) {
    const { number } = visit;
    let answer = null;
    try {
        answer = await asked;
    } catch (error) {
        throw isExpected(error) && visit.number !== number ? new Gone() : error;
    }
    if (visit.number !== number) {
        throw new Gone();
    }
    return answer;
}

/**
 * Waits for an order that a visit begins. One that begins after the visit has ended is ended again, unless it is being
 * paid by now.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @param {Promise<{order: Object}>} asked
 * @returns {Promise<Object>} status of the order
 * @throws {Gone} the visit has ended meanwhile
 */
export async function begun(visit, asked) {
    const { server } = visit;
    const name = server.trail.visit;
    try {
        return (await here(visit, asked)).order;
    } catch (error) {
        if (error instanceof Gone) {
            const { uuid, state } = (await asked).order;
            if (state === DRAFT && visit.order?.uuid !== uuid) {
                await server.giveUp(uuid, name);
            }
        }
        throw error;
    }
}
