import { browser } from "@web/core/browser/browser";
import { Reactive } from "@web/core/utils/reactive";
import { pause } from "@electricity_prepaid/counter/counter_server";
import { isTerminalError, UNREACHABLE } from "@electricity_prepaid/hw_client/errors";

import { ODOO_AWAY, Refusal } from "./kiosk_server";
import { isExpected } from "./late";

const LOOK_EVERY = 400;
/** Looks at a print before the screen stops waiting for it; the terminal goes on by itself. */
const LOOKS = 200;
const ASKING = "asking";
const PRINTING = "printing";
const PRINTED = "printed";
const UNKNOWN = "unknown";
/** Screens that stay while the receipt's code is on them, also without the card. */
const TAKEN_HOME_FROM = ["done", "kept", "unclear", "refused"];

/**
 * What the customer takes home: the receipt on paper, or as a code for the phone. Nothing here is in the way of anything:
 * whatever fails is said beside the screen that the visit is at.
 */
export class ReceiptPrint extends Reactive {
    /** @param {import("./kiosk_visit").KioskVisit} visit */
    constructor(visit) {
        super();
        this.visit = visit;
        this.round = 0;
        this.forget();
    }

    /** The customer has gone: what is being printed comes out, but nobody is told. */
    forget() {
        this.round += 1;
        /** null, asking, printing, printed, not_printed, unknown, or qr: there is only a code. */
        this.state = null;
        this.code = this.message = this.qr = null;
        this.isCopy = this.wanted = this.isToBeTaken = false;
    }

    /** Why a receipt would not be on paper now, as a code; null: it would. */
    get paperProblem() {
        const { reader } = this.visit;
        if (!reader.heard) {
            return null;
        }
        const printer = reader.devices.find(({ kind }) => kind === "printer");
        if (!printer) {
            return "A-406";
        }
        return printer.state === "ready" ? null : printer.paper === "out" ? "A-401" : "A-402";
    }

    /** Whether the code is on the screen: without paper, or because the customer wants it. */
    get showsCode() {
        return Boolean(this.qr) && (this.wanted || ["not_printed", UNKNOWN].includes(this.state));
    }

    /** Whether the screen stays although the card was taken out. */
    get holds() {
        return this.showsCode && TAKEN_HOME_FROM.includes(this.visit.screen);
    }

    /** Prints the receipt of an order that has ended here, whatever its end; does not keep anybody waiting. */
    afterEnd(order) {
        const { server } = this.visit;
        return this.run(() => server.receipt(order.uuid), false);
    }

    /** Prints the latest receipt of the card in the reader once more. */
    copy() {
        const { server } = this.visit;
        const job = crypto.randomUUID();
        return this.run(async () => server.receiptCopy(await this.visit.snapshot(), job), true);
    }

    /** The customer goes: paper that has come out, or is coming, goes along. */
    outlive(forget) {
        const isComing = [ASKING, PRINTING].includes(this.state) && !this.paperProblem;
        const isOnPaper = isComing || this.state === PRINTED;
        forget();
        this.isToBeTaken = isOnPaper;
    }

    async run(ask, isCopy) {
        this.forget();
        const { round } = this;
        const tell = (values) => round === this.round && Object.assign(this, values);
        tell({ state: ASKING, isCopy });
        try {
            const answer = await ask();
            tell({ qr: answer.qr });
            if (answer.print) {
                tell({ state: PRINTING });
                const { state, code } = await this.onPaper(answer);
                tell({ state, code });
            } else {
                tell({ state: answer.qr ? "qr" : null });
            }
        } catch (error) {
            if (!isExpected(error)) {
                throw error;
            }
            const message = error instanceof Refusal ? error.message : "";
            tell({ state: "not_printed", code: error.code, message });
        }
    }

    /** @returns {Promise<{state: string, code: string|null}>} how the print ended */
    async onPaper({ job, print }) {
        const { client } = this.visit;
        let end = await client.print(print);
        for (let look = LOOKS; look && end.state === PRINTING; look--) {
            await pause(LOOK_EVERY);
            try {
                end = await client.printState(job);
            } catch (error) {
                // A terminal that begins anew knows what it has printed.
                if (!isTerminalError(error, UNREACHABLE)) {
                    throw error;
                }
            }
        }
        return end.state === PRINTING ? { state: UNKNOWN, code: "A-403" } : end;
    }

    /**
     * Notes are in and the server does not take what the terminal states of them, or cannot be reached: the terminal's own
     * page tells the sum and has the voucher. Where the terminal itself is silent, that page is away too.
     *
     * @param {Error} error what was in the way
     * @returns {boolean} whether this page is being left
     */
    leavesWithMoney(error) {
        const { server, facts } = this.visit;
        if (!error.moneyIsIn || isTerminalError(error, UNREACHABLE)) {
            return false;
        }
        if (!isExpected(error)) {
            browser.console.error(error);
            server.trail.broke(error);
        }
        const why = error instanceof Refusal ? error.code : "";
        goWithMoney(facts.terminal.proxy_url, error.recharge, why === ODOO_AWAY ? {} : { why });
        return true;
    }
}

/**
 * Leaves for the terminal's own page while money is in. A terminal of an earlier version hands out a voucher where it
 * finds this very fragment, so the rest is said in the query, which it leaves alone.
 *
 * @param {string} proxyUrl
 * @param {string} recharge uuid of the order for which it is in
 * @param {{why?: string}} reason a code, or "" where there is none; nothing where the server could not be reached
 */
function goWithMoney(proxyUrl, recharge, reason) {
    const query = new URLSearchParams({ recharge, ...reason });
    browser.location.assign(`${proxyUrl.replace(/\/+$/, "")}/kiosk?${query}#money`);
}
