import { browser } from "@web/core/browser/browser";

import { TerminalError, UNREACHABLE } from "./errors";

const ANSWER_WITHIN = 4000;
const READ_WITHIN = 8000;

/**
 * The only JavaScript that talks to hw_proxy (docs/protocol, §3). Every call is a POST with JSON; every failure is a
 * TerminalError with a code, silence included.
 */
export class TerminalClient {
    /**
     * @param {Object} options
     * @param {string} options.url where the terminal listens, such as http://127.0.0.1:8269
     * @param {string} options.token page token (page+jwt) that Odoo signed for this terminal
     */
    constructor({ url, token }) {
        this.url = url.replace(/\/+$/, "");
        this.token = token;
    }

    /** @returns {Promise<Object>} version, clock, readers, journal, odoo, problems */
    status() {
        return this.call("status");
    }

    /**
     * @param {string} nonce from Odoo, used once
     * @param {string} [reader] name; the terminal chooses when none is given
     * @returns {Promise<string>} signed snapshot (compact JWS)
     */
    async snapshot(nonce, reader) {
        const body = reader ? { nonce, reader } : { nonce };
        return (await this.call("snapshot", body, READ_WITHIN)).snapshot;
    }

    /**
     * @param {string} order write order (order+jwt)
     * @param {string|null} sealed secret for it (JWE)
     * @returns {Promise<string>} job id, the order's jti
     */
    async write(order, sealed) {
        return (await this.call("write", { order, sealed })).job;
    }

    /** @returns {Promise<string>} receipt: what the journal knows of the order, else a signed void */
    async voidOrder(order) {
        return (await this.call("void", { order })).receipt;
    }

    /** @returns {Promise<{job: string, state: string, step: string, receipt: string|null}>} */
    job(jti) {
        return this.call(`jobs/${encodeURIComponent(jti)}`);
    }

    /** @returns {Promise<string[]>} receipts that Odoo has not acknowledged, oldest first */
    async receipts() {
        return (await this.call("receipts")).receipts;
    }

    /**
     * @param {string} collect collect+jwt of Odoo
     * @returns {Promise<Object>} as `cashState`: the acceptor takes notes
     */
    cashOpen(collect) {
        return this.call("cash/open", { collect });
    }

    /** @returns {Promise<Object>} as `cashState`: no more notes, what is in is stated */
    cashConfirm(recharge) {
        return this.call("cash/confirm", { recharge });
    }

    /** @returns {Promise<Object>} as `cashState`: no more notes, and none was in */
    cashCancel(recharge) {
        return this.call("cash/cancel", { recharge });
    }

    /** @returns {Promise<{state: string, notes: Object[], total: number, code: string|null, seconds_left: number|null, tenders: string[]}>} */
    cashState(recharge) {
        return this.call("cash/state", { recharge });
    }

    /**
     * @param {string} job print+jwt of Odoo
     * @returns {Promise<Object>} as `printState`: it is printed, once however often this is called
     */
    print(job) {
        return this.call("print", { job });
    }

    /** @returns {Promise<{job: string, state: string, code: string|null}>} */
    printState(job) {
        return this.call("print/state", { job });
    }

    async call(path, body = {}, within = ANSWER_WITHIN) {
        const abort = new AbortController();
        const timer = browser.setTimeout(() => abort.abort(), within);
        try {
            const response = await this.post(path, body, abort.signal);
            return await response.json();
        } catch (error) {
            // A broken connection, a timeout and a body that is no JSON all mean: nothing usable was heard.
            throw error instanceof TerminalError ? error : new TerminalError(UNREACHABLE);
        } finally {
            browser.clearTimeout(timer);
        }
    }

    /** @returns {Promise<Response>} a successful response; its body is still to be read */
    async post(path, body, signal) {
        const response = await browser.fetch(`${this.url}/v1/${path}`, {
            method: "POST",
            headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
            body: JSON.stringify(body),
            credentials: "omit",
            cache: "no-store",
            signal,
        });
        if (!response.ok) {
            const { code, params } = await response.json();
            throw new TerminalError(code || UNREACHABLE, params);
        }
        return response;
    }
}
