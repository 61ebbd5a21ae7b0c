import { Reactive } from "@web/core/utils/reactive";
import { browser } from "@web/core/browser/browser";

import { Gone, here, isExpected } from "./late";

/** Milliseconds after the last key: whoever types "100" is not asked about 1 and 10. */
const SETTLED = 400;

/**
 * What an amount would buy, while it is typed: of the card as it was read when the question was asked. It promises
 * nothing; the amount that is chosen is priced anew, with a fresh reading.
 */
export class Preview extends Reactive {
    /** @param {import("./kiosk_visit").KioskVisit} visit */
    constructor(visit) {
        super();
        this.visit = visit;
        this.begin(null);
    }

    /** @param {string|null} reading the terminal's signed reading of the card */
    begin(reading) {
        browser.clearTimeout(this.timer);
        this.reading = reading;
        this.quote = null;
    }

    /** The amount is another one now. */
    change() {
        browser.clearTimeout(this.timer);
        this.quote = null;
        const { amount } = this.visit;
        if (amount && this.reading) {
            this.timer = browser.setTimeout(() => this.ask(amount), SETTLED);
        }
    }

    async ask(amount) {
        const { visit, reading } = this;
        try {
            const quote = await here(visit, visit.server.quote(reading, amount));
            if (visit.amount === amount && this.reading === reading && quote.allowed) {
                this.quote = quote;
            }
        } catch (error) {
            // A reading that is too old by now, or no way to the server: it is told when the amount is chosen.
            if (!(error instanceof Gone) && !isExpected(error)) {
                throw error;
            }
        }
    }
}
