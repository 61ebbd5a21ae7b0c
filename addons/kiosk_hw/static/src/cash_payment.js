import { Reactive } from "@web/core/utils/reactive";
import { fromCents, toCents } from "@electricity_prepaid/counter/amounts";
import { pause } from "@electricity_prepaid/counter/counter_server";
import { isTerminalError, UNREACHABLE } from "@electricity_prepaid/hw_client/errors";

const LOOK_EVERY = 300;
/** States of a payment at the terminal in which it is not over. */
export const GOING_ON = ["open", "closing"];
const MONEY_IN = "A-204";
const OTHER_PAYMENT = "A-202";
const CLOSED = "closed";
/** Milliseconds: another payment ends within a minute without notes, and a collect order is good for one minute. */
const WAITS_FOR_OTHER = 120_000;
const LOOKS_FOR_OTHER = 1000;
const COLLECT_IS_FRESH = 40_000;
const DRAFT = "draft";
const OPENINGS = 20;
const READY_WITHIN = 20_000;
/** Milliseconds without the terminal after which the customer is told, and after which nobody waits any more. */
const TOLD_AFTER = 3000;
const GIVEN_UP_AFTER = 60_000;

/**
 * Carries what the terminal states to the server; what that has already changes nothing.
 *
 * @param {import("./kiosk_server").KioskServer} server
 * @param {{order: Object}} holder of the status of the order, which follows
 * @param {string[]} tenders statements about it
 * @throws {Error} with `moneyIsIn` and the `recharge`: whoever hears of it knows that notes are in, and for which order
 */
export async function bring(server, holder, tenders) {
    try {
        for (const statement of tenders) {
            holder.order = await server.addTender(holder.order.uuid, statement);
        }
    } catch (error) {
        throw Object.assign(error, { moneyIsIn: true, recharge: holder.order.uuid });
    }
}

/**
 * Notes for one order: opens the acceptor, follows it, and carries what the terminal states to the server. The terminal
 * counts and pushes its statements itself; whatever is lost here is lost for the screen only.
 */
export class CashPayment extends Reactive {
    /**
     * @param {Object} parts
     * @param {import("./kiosk_server").KioskServer} parts.server
     * @param {import("@electricity_prepaid/hw_client/client").TerminalClient} parts.terminal
     * @param {Object} parts.order status of the order, which still needs money
     */
    constructor({ server, terminal, order }) {
        super();
        Object.assign(this, { server, terminal, order });
        this.cash = null;
        this.wish = null;
        this.isCancelled = this.isEnough = false;
        /** Why the acceptor took no more notes before anybody asked it to, as a code. */
        this.endedBy = null;
        // In this opening of the acceptor, and in any of this payment.
        this.interrupted = this.interruptedOnce = false;
        // The acceptor still has a payment before this one, whose customer has gone.
        this.waits = false;
        /** Since when the terminal has not answered, in ms of the clock; and whether that is long enough to be told. */
        this.silentSince = null;
        this.isSilent = false;
    }

    /** Cents that are in so far, those of before an interruption too. */
    get total() {
        return toCents(this.order.paid) + (this.cash?.total || 0);
    }

    /** Cents that are still to be paid; 0 when it is enough. */
    get left() {
        return Math.max(0, toCents(this.order.due) - (this.cash?.total || 0));
    }

    get isOpen() {
        return this.cash?.state === "open";
    }

    /** No more notes: what is in counts. */
    end() {
        this.wish = "confirm";
        this.isEnough = true;
    }

    /** The customer goes away; only while nothing is in. */
    cancel() {
        this.wish = "cancel";
        this.isCancelled = this.isEnough = true;
    }

    /** @returns {Promise<Object>} status of the order after everything that was taken is with the server */
    async run() {
        do {
            this.interrupted = false;
            await this.collect();
            // A terminal that began anew has stated what was in; the customer still stands here with the next note.
        } while (this.interrupted && this.order.state === DRAFT && !this.isEnough);
        return this.order;
    }

    async collect() {
        this.cash = await this.opened();
        while (GOING_ON.includes(this.cash.state)) {
            await pause(LOOK_EVERY);
            try {
                this.cash = await this.step();
                this.silentSince = null;
                this.isSilent = false;
            } catch (error) {
                // What the terminal does it does by itself; only the screen waits for it.
                if (!isTerminalError(error, UNREACHABLE)) {
                    throw error;
                }
                this.interrupted = this.interruptedOnce = true;
                this.noteSilence(error);
            }
        }
        this.endedBy = this.cash.code || null;
        await bring(this.server, this, this.cash.tenders);
        this.cash = null;
    }

    /** The terminal does not answer: the customer hears of it, and does not stand here for ever. */
    noteSilence(error) {
        this.silentSince ||= Date.now();
        const silent = Date.now() - this.silentSince;
        this.isSilent = silent > TOLD_AFTER;
        if (silent > GIVEN_UP_AFTER) {
            // The terminal brings its statement when it is back; what is in counts without this page.
            throw Object.assign(error, { moneyIsIn: true, paid: this.total ? fromCents(this.total) : null });
        }
    }

    async opened() {
        const end = Date.now() + WAITS_FOR_OTHER;
        try {
            for (;;) {
                const opened = await this.openedUntil(Date.now() + COLLECT_IS_FRESH, end);
                if (opened) {
                    return opened;
                }
            }
        } finally {
            this.waits = false;
        }
    }

    /**
     * Opens the acceptor with one collect order, and waits for the payment before it.
     *
     * @returns {Promise<Object|null>} the terminal's answer; null: the collect order is too old by now
     */
    async openedUntil(stale, end) {
        const collect = await this.server.collect(this.order.uuid);
        while (Date.now() < stale) {
            try {
                return await this.openedReady(collect);
            } catch (error) {
                if (!isTerminalError(error, OTHER_PAYMENT) || Date.now() > end) {
                    throw error;
                }
            }
            this.waits = true;
            await pause(LOOKS_FOR_OTHER);
            if (this.wish === "cancel") {
                return { state: CLOSED, total: 0, tenders: [] };
            }
        }
        return null;
    }

    async openedReady(collect) {
        for (let again = OPENINGS; ; again--) {
            try {
                return await this.terminal.cashOpen(collect);
            } catch (error) {
                // An acceptor that has just got its power is not ready yet.
                if (!isTerminalError(error) || !again || !this.interruptedOnce) {
                    throw error;
                }
                await pause(READY_WITHIN / OPENINGS);
            }
        }
    }

    async step() {
        const wish = this.isOpen ? (this.left ? this.wish : "confirm") : null;
        const answer = await this.ask(wish);
        if (wish && this.wish === wish) {
            // Only now: what the terminal did not hear is wished for still.
            this.wish = null;
        }
        return answer;
    }

    async ask(wish) {
        const { uuid } = this.order;
        if (wish === "confirm") {
            return this.terminal.cashConfirm(uuid);
        }
        if (wish === "cancel") {
            try {
                return await this.terminal.cashCancel(uuid);
            } catch (error) {
                if (!isTerminalError(error, MONEY_IN)) {
                    throw error;
                }
            }
        }
        return this.terminal.cashState(uuid);
    }
}
