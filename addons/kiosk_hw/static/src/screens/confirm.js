import { _t } from "@web/core/l10n/translation";
import { formatEnergy, fromCents, toCents } from "@electricity_prepaid/counter/amounts";

import { NOTES, waysOf } from "../money";
import { Screen } from "./screen";
import { WaysNotNow } from "./ways_not_now";

/** What will be paid and what comes for it, line by line, before any money is taken. */
export class ConfirmScreen extends Screen {
    static template = "kiosk_hw.ConfirmScreen";
    static components = { WaysNotNow };

    get onlyNotes() {
        return waysOf(this.visit).every(({ kind }) => kind === NOTES);
    }

    get words() {
        return {
            title: _t("Is this right?"),
            text: _t("The money you put in is yours: what is not needed stays as your balance. Notes are not changed."),
            pay: this.onlyNotes ? _t("Pay with notes") : _t("Pay"),
            back: _t("Back"),
            paper: this.paperNotice,
        };
    }

    /** @returns {{label: string, value: string, strong?: boolean}[]} */
    get lines() {
        const { quote, amount } = this.visit;
        const { breakdown, customer } = quote;
        const lines = [
            { label: _t("Name"), value: customer.name },
            { label: _t("Meter"), value: customer.meter },
            { label: _t("You buy for"), value: this.money(amount), strong: true },
        ];
        if (quote.unit === "cents") {
            lines.push({ label: _t("On the card"), value: this.money(breakdown.amount), strong: true });
        } else {
            const each = (breakdown.lines || []).map((line) => ({
                label: _t("%(energy)s at %(price)s", { energy: formatEnergy(line.energy), price: this.money(line.price) }),
                value: this.money(line.cost),
            }));
            lines.push(...each, { label: _t("On the card"), value: formatEnergy(breakdown.energy), strong: true });
        }
        if (toCents(breakdown.remainder || "0")) {
            lines.push({ label: _t("Stays as balance"), value: this.money(breakdown.remainder) });
        }
        const used = Math.min(toCents(customer.available), toCents(amount));
        if (used) {
            const left = fromCents(toCents(amount) - used);
            lines.push({ label: _t("Taken from your balance first"), value: this.money(fromCents(used)) });
            lines.push({ label: _t("To be paid now"), value: this.money(left), strong: true });
        }
        return lines;
    }
}
