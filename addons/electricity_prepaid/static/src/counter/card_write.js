import { JOB_UNKNOWN, isTerminalError, UNREACHABLE } from "../hw_client/errors";
import { BUSY, pause } from "./counter_server";

const GAP = "R-102";
const AGAIN = [BUSY, GAP];
const DELIVERIES = 4;
/** As many as Odoo takes in one call. */
export const MOST_RECEIPTS = 50;
const LOOK_EVERY = 250;
const ASK_ODOO_EVERY = 1500;

/** The terminal's journal has never heard of the order: it was not executed, but it could still be delivered. */
export const NEVER_ARRIVED = "never_arrived";
/** The clerk went on to other work; the terminal brings its receipt to Odoo by itself. */
export const LEFT = "left";

/**
 * Carries one write order to the terminal and its receipt back. Every message on the way may be lost: the order is
 * known by its jti, so it is delivered again at will, and the terminal answers with what it knows.
 */
export class CardWrite {
    /**
     * @param {Object} parts
     * @param {import("./counter_server").CounterServer} parts.server
     * @param {() => import("../hw_client/client").TerminalClient} parts.terminal
     * @param {(step: string) => void} parts.onStep
     */
    constructor({ server, terminal, onStep }) {
        this.server = server;
        this.terminal = terminal;
        this.onStep = onStep;
        this.left = false;
        this.heard = () => {};
    }

    /**
     * What the terminal tells of its jobs by itself: the end of a write is known at once, not at the next look.
     *
     * @param {{job: string, state: string, receipt: string|null}} job
     */
    hear(job) {
        if (job.state === "done") {
            this.heard(job);
        }
    }

    /** Ends the waiting, not the write. */
    leave() {
        this.left = true;
    }

    /**
     * @param {string} uuid of the sale
     * @param {{jti: string, write_order: string, sealed: string|null}} issued answer of `authorize`
     * @returns {Promise<Object>} status of the order once the outcome is known
     */
    async run(uuid, issued) {
        try {
            await this.terminal().write(issued.write_order, issued.sealed);
        } catch (error) {
            // Without an answer it may have arrived: the job tells. Anything else is the terminal's word.
            if (!isTerminalError(error, UNREACHABLE)) {
                throw error;
            }
        }
        const order = await this.follow(uuid, issued.jti);
        if (order !== NEVER_ARRIVED) {
            return order;
        }
        await this.terminal().write(issued.write_order, issued.sealed);
        return this.follow(uuid, issued.jti);
    }

    /**
     * @param {string} uuid of the sale
     * @param {string} jti of the attempt
     * @returns {Promise<Object|string>} status of the order, or NEVER_ARRIVED or LEFT
     */
    async follow(uuid, jti) {
        this.left = false;
        while (!this.left) {
            try {
                const job = await this.terminal().job(jti);
                this.onStep(job.step);
                if (job.receipt) {
                    return await this.deliver(uuid, [job.receipt]);
                }
                const told = await this.listen(jti);
                if (told?.receipt) {
                    return await this.deliver(uuid, [told.receipt]);
                }
            } catch (error) {
                if (isTerminalError(error, JOB_UNKNOWN)) {
                    return NEVER_ARRIVED;
                }
                if (!isTerminalError(error, UNREACHABLE)) {
                    throw error;
                }
                const order = await this.askOdoo(uuid, jti);
                if (order) {
                    return order;
                }
            }
        }
        return LEFT;
    }

    /** @returns {Promise<Object|undefined>} the job, once the terminal tells that it is done; nothing heard in time: undefined */
    listen(jti) {
        const told = new Promise((resolve) => {
            this.heard = (job) => job.job === jti && resolve(job);
        });
        return Promise.race([told, pause(LOOK_EVERY)]);
    }

    /** The terminal pushes its receipts itself, so Odoo may know the outcome although the page hears nothing. */
    async askOdoo(uuid, jti) {
        const order = await this.server.status(uuid);
        const attempt = order.attempts.find((one) => one.jti === jti);
        if (!attempt || !["issued", "intent"].includes(attempt.state)) {
            return order;
        }
        await pause(ASK_ODOO_EVERY);
        return null;
    }

    /**
     * Brings receipts to Odoo. They form a chain: when older ones have not arrived yet, all are brought, in order.
     *
     * @returns {Promise<Object>} status of the sale after Odoo has taken them
     */
    async deliver(uuid, receipts) {
        let { results, orders } = await this.server.confirm(receipts);
        for (let again = 0; again < DELIVERIES && results.some((one) => AGAIN.includes(one.code)); again++) {
            await pause(LOOK_EVERY * (again + 1));
            const waiting = await this.terminal().receipts();
            ({ results, orders } = await this.server.confirm(waiting.slice(0, MOST_RECEIPTS)));
        }
        return orders.find((order) => order.uuid === uuid) || this.server.status(uuid);
    }
}
