import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";

const MODEL = "electricity.recharge";
export const BUSY = "S-101";
const PAUSES = [200, 400, 800, 1500, 3000, 5000];

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
    return new Promise((resolve) => browser.setTimeout(resolve, ms));
}

/** Odoo answered with an expected refusal: what it means for the clerk is in its message. */
export class Refusal extends Error {
    constructor({ code, message, params, order }) {
        super(message);
        this.name = "Refusal";
        this.code = code;
        this.params = params || {};
        this.order = order || null;
    }
}

/**
 * The calls of docs/protocol, §4. Each is idempotent under the caller's uuid, so an answer that was lost, or that says
 * "busy", is asked for again with the same arguments.
 */
export class CounterServer {
    constructor(orm) {
        this.orm = orm.silent;
    }

    state(terminalId) {
        return this.repeated("counter_state", [terminalId || false]);
    }

    async nonce(terminalId) {
        return (await this.repeated("new_nonce", [terminalId])).nonce;
    }

    quote(terminalId, snapshot, amount) {
        return this.repeated("quote", amount ? [terminalId, snapshot, amount] : [terminalId, snapshot]);
    }

    quoteOperation(terminalId, snapshot, op, account, amount) {
        return this.repeated("quote_operation", [terminalId, snapshot, op, account || false, amount]);
    }

    beginOperation(uuid, terminalId, snapshot, op, account, amount) {
        return this.repeated("begin_operation", [uuid, terminalId, snapshot, op, account || false, amount]);
    }

    reverse(uuid, snapshot) {
        return this.repeated("reverse", [uuid, snapshot]);
    }

    lookup(terminalId, number, by = "account") {
        return this.repeated("lookup", [terminalId, number, by]);
    }

    beginArrears(uuid, terminalId, account, bills) {
        return this.repeated("begin_arrears", [uuid, terminalId, account, bills]);
    }

    reverseArrears(uuid, reason) {
        return this.repeated("reverse_arrears", [uuid, reason]);
    }

    begin(uuid, terminalId, snapshot, amount) {
        return this.repeated("begin", [uuid, terminalId, snapshot, amount]);
    }

    finishHere(uuid, newUuid, terminalId, snapshot) {
        return this.repeated("finish_here", [uuid, newUuid, terminalId, snapshot]);
    }

    addTender(uuid, tender) {
        return this.repeated("add_tender", [uuid, tender]);
    }

    authorize(uuid, snapshot) {
        return this.repeated("authorize", [uuid, snapshot]);
    }

    confirm(receipts) {
        return this.repeated("confirm", [receipts]);
    }

    async status(uuid) {
        return (await this.repeated("status", [uuid])).order;
    }

    resolve(terminalId, snapshot) {
        return this.repeated("resolve", [terminalId, snapshot]);
    }

    cancel(uuid, refund) {
        return this.repeated("cancel", [uuid, refund]);
    }

    registerPrint(uuid) {
        return this.once("register_print", [uuid]);
    }

    // A shift has no uuid: a lost answer is not asked for again here, the counter reads its state instead.
    openShift(terminalId, opening) {
        return this.once("open_shift", [terminalId, opening]);
    }

    closeShift(sessionId, counted) {
        return this.once("close_shift", [sessionId, counted]);
    }

    async once(method, args) {
        const answer = await this.orm.call(MODEL, method, args);
        if (!answer.ok) {
            throw new Refusal(answer);
        }
        return answer;
    }

    async repeated(method, args) {
        for (const wait of PAUSES) {
            try {
                return await this.once(method, args);
            } catch (error) {
                const again = error instanceof ConnectionLostError || (error instanceof Refusal && error.code === BUSY);
                if (!again) {
                    throw error;
                }
            }
            await pause(wait);
        }
        return this.once(method, args);
    }
}
