import { onWillUnmount, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { Refusal } from "./kiosk_server";

const AGAIN_AFTER = 15_000;
/** Questions without an answer after which the kiosk is out of service. */
const TRIES = 6;
const CHANGED = "ELECTRICITY_KIOSK";

/**
 * Follow whether the kiosk may be used: the server says at once when that has changed, and is asked now and then in case
 * its word got lost. A visit is never disturbed: what has changed meanwhile is seen when it ends.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @param {import("./kiosk_server").KioskServer} server
 * @returns {() => void} begin to follow
 */
export function useServiceWatch(visit, server) {
    const bus = useService("bus_service");
    const event = `${odoo.access_token}-${CHANGED}`;
    let timer = null;
    let isNews = false;
    let isLooking = false;
    const look = async () => {
        if (!visit.facts || visit.screen !== "attract") {
            isNews = true;
            return;
        }
        isNews = false;
        isLooking = true;
        try {
            let again = TRIES;
            const asked = server.startWhile(() => visit.screen === "attract" && --again);
            const { texts, problems, ways, notes, notes_problem, token } = await asked;
            if (token && !visit.facts.token) {
                // This page began while the terminal might not sell: it has no reader and no orders to go on with.
                return visit.startOver();
            }
            Object.assign(visit.facts, { texts, problems, ways, notes, notes_problem });
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            if (visit.screen !== "attract") {
                isNews = true;
                return;
            }
            visit.facts.problems = [error.code];
        } finally {
            isLooking = false;
        }
    };
    bus.subscribe(event, look);
    useEffect(
        (screen) => {
            if (screen === "attract" && isNews) {
                look();
            }
        },
        () => [visit.screen]
    );
    onWillUnmount(() => {
        browser.clearInterval(timer);
        bus.unsubscribe(event, look);
    });
    return () => {
        // A server that hangs keeps one question, not one more every time.
        timer = browser.setInterval(() => isLooking || look(), AGAIN_AFTER);
    };
}
