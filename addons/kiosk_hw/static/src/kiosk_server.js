import { browser } from "@web/core/browser/browser";
import { ConnectionAbortedError, ConnectionLostError } from "@web/core/network/rpc";
import { session } from "@web/session";

import { pause } from "@electricity_prepaid/counter/counter_server";

import { KioskTrail } from "./kiosk_trail";

const MODEL = "electricity.kiosk";
const AGAIN = ["S-101"];
/** Milliseconds after which a nonce that came along with an answer is not used any more; the server takes it for two minutes. */
const KEPT_FOR = 60_000;
const PAUSES = [200, 400, 800, 1500, 3000];
/** Milliseconds that one try of a call may take: packets that are lost and a worker that hangs say nothing at all. */
const ANSWERS_WITHIN = 10_000;
/**
 * The same for calls that ask another system before they answer, for which the server itself waits five or six seconds:
 * the marketing system (`cis/settings.py`, TIMEOUTS) or the payment gateway (`payment_provider.py`, TIMEOUTS).
 */
const ASKS_OTHERS_WITHIN = 20_000;
const ASKS_OTHERS = ["arrears", "ask", "pay", "pay_status", "pay_cancel"];
/** Milliseconds after the first try in which another one begins: whoever waits here is told within half a minute or so. */
const TRIES_FOR = 20_000;
/** Milliseconds between two questions of a page that has nothing else to do. */
const START_AGAIN_AFTER = 1000;
/** Calls that count, or that end what somebody else may have begun by then: whose answer is lost is not made again. */
const ONCE = ["start", "identify", "end_visit"];
/** The server could not be reached (docs/protocol, §5). */
export const ODOO_AWAY = "P-117";

/** What the server, or the way to it, answered instead of a result; its sentence is in the customer's language. */
export class Refusal extends Error {
    constructor(code, message = "", order = null) {
        super(message);
        this.name = "Refusal";
        this.code = code;
        this.order = order;
    }
}

/**
 * The calls of `electricity.kiosk`. Each but those of {@link ONCE} is idempotent under the page's uuid, so one whose answer
 * was lost or did not come in time, or that says "busy", is made again with the same arguments.
 */
export class KioskServer {
    /**
     * @param {Object} orm the service
     * @param {() => string} language code of the language that answers are in
     */
    constructor(orm, language) {
        this.orm = orm.silent;
        this.language = language;
        this.trail = new KioskTrail();
        this.kept = null;
    }

    start() {
        // The version of the page that is open here: the operator sees which kiosks have not loaded the newest.
        return this.call("start", String(session.electricity_kiosk));
    }

    /**
     * As {@link start}, asked again while the server is away.
     *
     * @param {() => boolean} [goesOn] whether the answer is still wanted
     */
    async startWhile(goesOn = () => true) {
        for (;;) {
            try {
                return await this.start();
            } catch (error) {
                if (error.code !== ODOO_AWAY || !goesOn()) {
                    throw error;
                }
            }
            await pause(START_AGAIN_AFTER);
        }
    }

    /** The nonce that the last answer brought along, so that reading the card again costs no call; else a new one. */
    async nonce() {
        const { kept } = this;
        this.kept = null;
        if (kept && Date.now() - kept.at < KEPT_FOR) {
            return kept.nonce;
        }
        const { nonce } = await this.call("new_nonce");
        this.kept = null;
        return nonce;
    }

    file(snapshot) {
        return this.call("file", snapshot);
    }

    quote(snapshot, amount) {
        return this.call("quote", ...(amount ? [snapshot, amount] : [snapshot]));
    }

    begin(uuid, snapshot, amount) {
        return this.call("begin", uuid, snapshot, amount);
    }

    async collect(uuid) {
        return (await this.call("collect", uuid)).collect;
    }

    async addTender(uuid, statement) {
        return (await this.call("add_tender", uuid, statement)).order;
    }

    /** @returns {Promise<{token: string}>} for `arrears`, `beginArrears` and `fileOf` in this visit */
    identify(visit, text, digits) {
        return this.call("identify", visit, text, digits);
    }

    endVisit() {
        return this.call("end_visit");
    }

    fileOf(token) {
        return this.call("file_of", token);
    }

    /** @param {{snapshot?: string, token?: string}} who */
    arrears(who) {
        return this.call("arrears", who);
    }

    beginArrears(uuid, who, bills) {
        return this.call("begin_arrears", uuid, who, bills);
    }

    finishHere(uuid, newUuid, who) {
        return this.call("finish_here", uuid, newUuid, who);
    }

    /** @param {string} [visit] name of the visit that it belongs to, where that one has ended */
    async giveUp(uuid, visit = this.trail.visit) {
        return (await this.callFor(visit, "give_up", uuid)).order;
    }

    /** @returns {Promise<{payment: Object, order: Object}>} a payment that is begun, or gone on with, under its reference */
    pay(uuid, reference, kind) {
        return this.call("pay", uuid, reference, kind);
    }

    payStatus(reference) {
        return this.call("pay_status", reference);
    }

    payCancel(reference) {
        return this.call("pay_cancel", reference);
    }

    /** @returns {Promise<Object|null>} the payment of an order that may still be paid */
    async payOpen(uuid) {
        return (await this.call("pay_open", uuid)).payment;
    }

    ask(snapshot) {
        return this.call("ask", snapshot);
    }

    authorize(uuid, snapshot) {
        return this.call("authorize", uuid, snapshot);
    }

    confirm(receipts) {
        return this.call("confirm", receipts);
    }

    async status(uuid) {
        return (await this.call("status", uuid)).order;
    }

    /** @returns {Promise<{job: string|null, print: string|null, qr: string|null}>} what is to be printed, and the code */
    receipt(uuid) {
        return this.call("receipt", uuid);
    }

    /** @returns {Promise<{job: string, print: string, qr: string}>} one more copy of the card's latest receipt */
    receiptCopy(snapshot, job) {
        return this.call("receipt_copy", snapshot, job);
    }

    /** @returns {Promise<{open_order: Object|null, unpaid: Object|null, ended: Object|null}>} of the card, at this kiosk */
    interrupted(snapshot) {
        return this.call("interrupted", snapshot);
    }

    resolve(snapshot) {
        return this.call("resolve", snapshot);
    }

    /** @throws {Refusal} refused, or not reached after some tries */
    call(method, ...args) {
        return this.callFor(this.trail.visit, method, ...args);
    }

    async callFor(visit, method, ...args) {
        const giveUpAt = Date.now() + TRIES_FOR;
        let refusal = null;
        for (const wait of [...PAUSES, 0]) {
            refusal = null;
            try {
                const answer = await this.answerOf(visit, method, args);
                if (answer.ok) {
                    this.kept = answer.nonce ? { nonce: answer.nonce, at: Date.now() } : null;
                    return answer;
                }
                refusal = new Refusal(answer.code, answer.message, answer.order);
                if (!AGAIN.includes(answer.code)) {
                    throw refusal;
                }
            } catch (error) {
                if (!isLost(error)) {
                    throw error;
                }
            }
            if (!wait || Date.now() > giveUpAt || (!refusal && ONCE.includes(method))) {
                break;
            }
            await pause(wait);
        }
        throw refusal || new Refusal(ODOO_AWAY);
    }

    /** One try. Where it takes too long the connection is cut, so that nobody hears of an answer that comes after all. */
    async answerOf(visit, method, args) {
        const context = { lang: this.language(), kiosk_visit: visit };
        const asked = this.orm.call(MODEL, method, args, { context });
        const limit = ASKS_OTHERS.includes(method) ? ASKS_OTHERS_WITHIN : ANSWERS_WITHIN;
        const timer = browser.setTimeout(() => asked.abort(), limit);
        try {
            return await asked;
        } finally {
            browser.clearTimeout(timer);
        }
    }
}

/** @returns {boolean} whether a call has no answer: there is no way to the server, or it did not come in time */
function isLost(error) {
    return error instanceof ConnectionLostError || error instanceof ConnectionAbortedError;
}

/**
 * Begin again at the terminal's own first page: it logs in anew, and is there while the server is not.
 *
 * @param {string} proxyUrl
 * @param {string} [reason] "fault": something broke, so that page waits a little before it comes back here
 */
export function startOver(proxyUrl, reason = "") {
    browser.location.assign(`${proxyUrl.replace(/\/+$/, "")}/kiosk${reason ? `#${reason}` : ""}`);
}
