import { Reactive } from "@web/core/utils/reactive";

import { scannerProblem } from "./device_problems";
import { Refusal } from "./kiosk_server";
import { here } from "./late";

const BACK = "back";
const NUMBER_DIGITS = 12;
const CHECK_DIGITS = 4;
/** Codes that the utility signs begin so; they need no digits beside them. */
const SIGNED = "EQ1";
/** Enough wrong numbers: no other one is taken at this kiosk for a while, or in this visit. */
const NO_MORE_NUMBERS = ["K-152", "K-154"];
/** Services for which the card may be missing: nothing is written for them. */
const WITHOUT_CARD = ["arrears", "file"];

/**
 * Who stands before the kiosk without a card: what was typed or scanned, and what the server gave for it. The server
 * decides; what it gave is worth something at this kiosk and in this visit only.
 */
export class Identification extends Reactive {
    /** @param {import("./kiosk_visit").KioskVisit} visit */
    constructor(visit) {
        super();
        this.visit = visit;
        this.token = null;
        this.newVisit();
    }

    /** Another person: wrong tries count anew. */
    newVisit() {
        this.id = crypto.randomUUID();
        /** Why no more numbers are taken in this visit; null: they are. */
        this.shut = null;
        this.reset();
    }

    reset() {
        if (this.token) {
            // Should this not arrive, the server ends it by itself when it is asked for the next start.
            this.visit.server.endVisit().catch((error) => {
                if (!(error instanceof Refusal)) {
                    throw error;
                }
            });
        }
        this.token = null;
        this.again();
    }

    /** Ask for the account once more. */
    again() {
        this.named = null;
        this.typed = "";
        this.problem = this.shut;
    }

    /** @param {string} service @returns {boolean} whether it can be had without a card here */
    isOffered(service) {
        return WITHOUT_CARD.includes(service) && (Boolean(this.visit.facts.account_check) || this.takesCodes);
    }

    /** Whether something can be held before the scanner now. */
    get takesCodes() {
        return Boolean(this.visit.facts.scanner) && !scannerProblem(this.visit);
    }

    get takesNumbers() {
        return Boolean(this.visit.facts.account_check) && !this.shut;
    }

    /** Whether the account is named, and what belongs to it is asked. */
    get asksDigits() {
        return this.named !== null;
    }

    get mostDigits() {
        return this.asksDigits ? CHECK_DIGITS : NUMBER_DIGITS;
    }

    get isComplete() {
        return this.typed.length === this.mostDigits;
    }

    /** @param {string} key a digit, or "back" */
    press(key) {
        const next = key === BACK ? this.typed.slice(0, -1) : this.typed + key;
        if (next.length <= this.mostDigits) {
            this.typed = next;
            this.problem = null;
        }
    }

    next() {
        if (!this.isComplete) {
            return;
        }
        if (this.asksDigits) {
            return this.ask(this.named, this.typed);
        }
        this.name(this.typed);
    }

    /** @param {string} text what a scanner read */
    scan(text) {
        if (text.startsWith(SIGNED)) {
            return this.ask(text, null);
        }
        if (this.takesNumbers) {
            this.name(text);
        }
    }

    name(text) {
        this.named = text;
        this.typed = "";
        this.problem = null;
    }

    async ask(text, digits) {
        const { visit } = this;
        await visit.once(async () => {
            try {
                this.token = (await here(visit, visit.server.identify(this.id, text, digits))).token;
            } catch (error) {
                if (!(error instanceof Refusal)) {
                    throw error;
                }
                this.shut ||= NO_MORE_NUMBERS.includes(error.code) ? error : null;
                this.again();
                this.problem = error;
                return;
            }
            this.again();
            await visit.openService();
        });
    }
}
