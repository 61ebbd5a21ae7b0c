import { toCents } from "@electricity_prepaid/counter/amounts";
import { CardWrite, LEFT, NEVER_ARRIVED } from "@electricity_prepaid/counter/card_write";

import { here } from "./late";
import { begunBefore } from "./resume";

const WRITTEN = "written";
const DRAFT = "draft";
const ARREARS = "arrears";
const REWRITE = "rewrite";
const READING_USED = "N-103";
/** States of a purchase that is paid and whose card is not known to be written. */
const WAITING = ["paid", "authorized", "unknown", "not_written"];
/** Screens that say so, and take the card at any moment. */
const ASKING = ["put_back", "done", "refused"];

/** @returns {boolean} whether an order is paid and its card is still to be written, or to be read to know it */
export function waitsForCard(order) {
    return Boolean(order) && order.op !== ARREARS && WAITING.includes(order.state);
}

/** @returns {boolean} whether there is money on an order that is neither bought for nor balance yet: nobody goes without paper */
export function holdsMoney(order) {
    return waitsForCard(order) || (order?.state === DRAFT && toCents(order.paid) > 0);
}

/** The card of a purchase that is paid: asked for, written, and never left without paper. */
export class CardFlow {
    /** @param {import("./kiosk_visit").KioskVisit} visit */
    constructor(visit) {
        this.visit = visit;
        this.reset();
    }

    reset() {
        this.awaited = null;
        this.isOther = false;
    }

    /** Whether the screen asks for the card of a purchase that is paid. */
    get isAsked() {
        return ASKING.includes(this.visit.screen) && waitsForCard(this.visit.order);
    }

    /** It is paid, and the card was taken out meanwhile. */
    ask() {
        this.visit.show("put_back");
    }

    /** A card is in, or still in: go on with the purchase that is paid, if it is its card. */
    again() {
        const { visit } = this;
        this.awaited = visit.order;
        this.isOther = false;
        visit.service = REWRITE;
        return visit.read();
    }

    /** The customer goes, or has gone, without the card: the money is on paper. */
    later() {
        this.visit.receipt.afterEnd(this.visit.order);
        this.visit.show("done");
    }

    /** Let a reading settle what is open for the card in the reader, and write it. */
    async settle(snapshot) {
        const { visit } = this;
        const { order: open_order, resolution, unpaid, latest } = await this.resolved(snapshot);
        const order = (await begunBefore(visit, { open_order, unpaid })) || (await this.endedOf(latest));
        if (this.awaited && order?.uuid !== this.awaited.uuid) {
            this.isOther = true;
            return this.ask();
        }
        visit.order = order;
        if (order && !open_order && order.op === ARREARS) {
            return visit.settle();
        }
        if (resolution === WRITTEN || (order && order.state === WRITTEN && !order.actions.includes(REWRITE))) {
            visit.receipt.afterEnd(order);
            return visit.show("done");
        }
        if (order?.state === DRAFT) {
            return order.elsewhere ? visit.show("elsewhere") : visit.settle();
        }
        if (!order?.actions.some((action) => ["authorize", REWRITE].includes(action))) {
            return waitsForCard(order) ? this.later() : visit.show("nothing");
        }
        await this.write();
    }

    /** @returns {Promise<Object>} what `resolve` answers; `latest`: a reading of a card that may just have ended its order */
    async resolved(snapshot) {
        const { visit } = this;
        try {
            const answer = await visit.server.resolve(snapshot);
            return { ...answer, latest: this.awaited && snapshot };
        } catch (error) {
            if (error.code !== READING_USED) {
                throw error;
            }
            // The answer was lost after the reading had decided: what it decided is seen by another one.
            const latest = await visit.snapshot();
            return { ...(await visit.server.resolve(latest)), latest };
        }
    }

    /** Its terminal, or the answer that was lost, has told the server meanwhile: then no order of the card is open any more. */
    async endedOf(reading) {
        const { visit } = this;
        return reading ? (await here(visit, visit.server.interrupted(reading))).ended : null;
    }

    async write() {
        const { visit } = this;
        const { order } = visit;
        visit.show("writing");
        visit.step = "check";
        const issued = await visit.server.authorize(order.uuid, await visit.snapshot());
        visit.write = new CardWrite({
            server: visit.server,
            terminal: () => visit.client,
            onStep: (step) => (visit.step = step),
        });
        const ended = await visit.write.run(order.uuid, { jti: issued.attempt, ...issued });
        visit.write = null;
        if (ended === LEFT) {
            return;
        }
        visit.order = ended === NEVER_ARRIVED ? issued.order : ended;
        visit.receipt.afterEnd(visit.order);
        visit.show("done");
    }
}
