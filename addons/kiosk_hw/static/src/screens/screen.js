import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMoney, toCents } from "@electricity_prepaid/counter/amounts";

/** One question or one answer to the customer. Words are read at each rendering: the language may have changed. */
export class Screen extends Component {
    static props = { visit: Object };

    get visit() {
        return this.props.visit;
    }

    /** What the customer is told of the paper before the money; "" when there is some. */
    get paperNotice() {
        return this.visit.receipt.paperProblem
            ? _t("There is no paper now: your receipt will be a code for your phone.")
            : "";
    }

    money(amount) {
        return formatMoney(amount, this.visit.facts.currency);
    }

    /** @param {string} amount decimal string @returns {string} "" for nothing */
    moneyIfAny(amount) {
        return toCents(amount) ? this.money(amount) : "";
    }

    /** @param {string|null} moment ISO date and time in UTC @returns {string} for reading, in the kiosk's zone */
    day(moment) {
        const locale = this.visit.language.replace("_", "-");
        return moment
            ? new Date(moment).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" })
            : "";
    }
}
