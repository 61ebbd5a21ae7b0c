import { _t } from "@web/core/l10n/translation";
import { fromCents, toCents } from "@electricity_prepaid/counter/amounts";

import { Screen } from "./screen";

const MOST_DIGITS = 5;
const BACK = "back";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", BACK, "0"];

/** For how much is bought: a big button, or the keys. */
export class AmountScreen extends Screen {
    static template = "kiosk_hw.AmountScreen";

    get words() {
        const { quote } = this.visit;
        const { limits } = quote;
        return {
            title: _t("For how much would you like to buy?"),
            who: _t("%(name)s, meter %(meter)s", quote.customer),
            balance: _t("Balance: %s", this.money(quote.customer.balance)),
            bounds:
                limits && toCents(limits.max)
                    ? _t("From %(least)s to %(most)s", { least: this.money(limits.min), most: this.money(limits.max) })
                    : "",
            problem: this.problem,
            next: _t("Next"),
            back: _t("Back"),
            rub: _t("Delete"),
        };
    }

    get problem() {
        const { amountProblem } = this.visit;
        return amountProblem ? `${this.visit.sentence(amountProblem)} (${amountProblem.code})` : "";
    }

    get keys() {
        return KEYS;
    }

    get shown() {
        return this.money(this.visit.amount || "0.00");
    }

    get hasAmount() {
        return toCents(this.visit.amount || "0") > 0;
    }

    /** @param {string} key a digit, or "back" */
    press(key) {
        const digits = String(Math.floor(toCents(this.visit.amount || "0") / 100));
        const next = key === BACK ? digits.slice(0, -1) : (digits === "0" ? "" : digits) + key;
        if (next.length <= MOST_DIGITS) {
            this.visit.amount = next ? fromCents(Number(next) * 100) : "";
            this.visit.amountProblem = null;
        }
    }
}
