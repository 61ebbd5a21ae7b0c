import { _t } from "@web/core/l10n/translation";
import { formatEnergy, fromCents, toCents } from "@electricity_prepaid/counter/amounts";

import { Screen } from "./screen";
import { WaysNotNow } from "./ways_not_now";

const MOST_DIGITS = 5;
const BACK = "back";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", BACK, "0"];

/** For how much is bought: a big button, or the keys. */
export class AmountScreen extends Screen {
    static template = "kiosk_hw.AmountScreen";
    static components = { WaysNotNow };

    get reserved() {
        return this.moneyIfAny(this.visit.quote.customer.reserved);
    }

    get words() {
        const { quote } = this.visit;
        const { limits } = quote;
        return {
            title: _t("For how much would you like to buy?"),
            name: _t("Name"),
            who: [quote.customer.name, quote.customer.address].filter(Boolean).join(", "),
            meter: _t("Meter"),
            last: _t("Latest purchase"),
            owed: _t("What is owed"),
            balance: _t("Balance"),
            reserved: _t("Reserved otherwise"),
            bounds:
                limits && toCents(limits.max)
                    ? _t("From %(least)s to %(most)s", { least: this.money(limits.min), most: this.money(limits.max) })
                    : "",
            problem: this.problem,
            preview: this.preview,
            next: _t("Next"),
            back: _t("Back"),
            rub: _t("Delete"),
        };
    }

    /** The latest purchase and whether the meter has taken it; "" when nothing was bought. */
    get last() {
        const { last_purchase, inserted } = this.visit.quote;
        if (!last_purchase) {
            return "";
        }
        const where = inserted ? _t("In the meter") : _t("On the card. Put the card into your meter.");
        return `${this.day(last_purchase.at && `${last_purchase.at.replace(" ", "T")}Z`)} · ${this.money(last_purchase.amount)} · ${where}`;
    }

    /** What is owed, beside the meter; with the time it was told. */
    get owed() {
        const { bills } = this.visit.quote;
        if (!bills) {
            return _t("Not known at this moment");
        }
        if (!bills.bills.length) {
            return _t("Nothing is owed.");
        }
        const asOf = _t("As of %s", this.day(`${bills.as_of.replace(" ", "T")}Z`));
        return `${this.money(bills.total)} · ${asOf}`;
    }

    get problem() {
        const { amountProblem } = this.visit;
        return amountProblem ? `${this.visit.sentence(amountProblem)} (${amountProblem.code})` : "";
    }

    /** What the amount that is typed would buy; "" while that is not known. */
    get preview() {
        const { quote } = this.visit.preview;
        if (!quote) {
            return "";
        }
        const { breakdown, customer, unit } = quote;
        const bought = unit === "cents" ? this.money(breakdown.amount) : formatEnergy(breakdown.energy);
        const missing = Math.max(0, toCents(this.visit.amount) - toCents(customer.available));
        return _t("On the card: %(bought)s. To be paid: %(sum)s.", { bought, sum: this.money(fromCents(missing)) });
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
            this.visit.preview.change();
        }
    }
}
