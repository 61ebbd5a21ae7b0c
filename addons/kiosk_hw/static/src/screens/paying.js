import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { fromCents } from "@electricity_prepaid/counter/amounts";
import { UNREACHABLE } from "@electricity_prepaid/hw_client/errors";

import { fromBalance } from "../money";
import { cardWish } from "./card_wish";
import { Screen } from "./screen";

/** Notes go in: how much is in, how much is still to be paid, and for how long the kiosk waits. */
export class PayingScreen extends Screen {
    static template = "kiosk_hw.PayingScreen";

    setup() {
        this.payment = useState(this.visit.payment);
    }

    get words() {
        const { payment } = this;
        const seconds = payment.cash?.seconds_left;
        const balance = fromBalance(payment.order);
        return {
            title: this.title,
            taken: payment.isOpen && !payment.isSilent ? this.taken : "",
            in: _t("Paid"),
            balance: balance ? _t("From your balance: %s", this.money(fromCents(balance))) : "",
            left: _t("Still to be paid"),
            card: this.card,
            wait: payment.isOpen && !payment.isSilent && seconds !== null ? _t("The kiosk waits %s s for the next note.", Math.ceil(seconds)) : "",
            problem: this.problem,
            enough: _t("No more notes"),
            cancel: _t("Cancel"),
        };
    }

    /** Which notes are taken, in short: "¥ 10 · 20 · 50". */
    get taken() {
        const { notes, currency } = this.visit.facts;
        const { symbol, position } = currency;
        const values = (notes || []).map((value) => value.replace(/\.00$/, "")).join(" · ");
        return values ? _t("Notes taken: %s", position === "after" ? `${values} ${symbol}` : `${symbol} ${values}`) : "";
    }

    /** Why no note is taken now, with its code; "" when all is well. */
    get problem() {
        const { payment } = this;
        const code = payment.isSilent ? UNREACHABLE : payment.cash?.code;
        return code ? `${this.visit.sentence({ code })} (${code})` : "";
    }

    get card() {
        return this.payment.isSilent ? "" : cardWish(this.visit);
    }

    get title() {
        if (this.payment.isSilent) {
            return _t("The kiosk does not answer at the moment. What is in is safe. Please put in no more notes, and wait.");
        }
        if (this.payment.isOpen) {
            return _t("Please put in notes, one at a time");
        }
        if (this.payment.waits) {
            return _t("The note acceptor still ends the payment before yours. It is your turn in a moment.");
        }
        return this.payment.cash ? _t("One moment: the last note is being counted") : _t("One moment, please");
    }

    get total() {
        return this.money(fromCents(this.payment.total));
    }

    get left() {
        return this.money(fromCents(this.payment.left));
    }

    get notes() {
        return (this.payment.cash?.notes || []).map(({ denomination, count }) => ({
            denomination,
            text: `${count} × ${this.money(fromCents(denomination))}`,
        }));
    }
}
