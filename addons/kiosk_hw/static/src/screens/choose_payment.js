import { _t } from "@web/core/l10n/translation";
import { fromCents } from "@electricity_prepaid/counter/amounts";

import { ARREARS } from "../kiosk_visit";
import { BANK_CARD, fromBalance, isPartlyPaid, NOTES, QR, waysOf } from "../money";
import { cardWish } from "./card_wish";
import { Screen } from "./screen";
import { wayNames } from "./ways_not_now";

/** How to pay: the ways that work, and why the others do not. */
export class ChoosePaymentScreen extends Screen {
    static template = "kiosk_hw.ChoosePaymentScreen";

    get words() {
        const { order, choice } = this.visit;
        const problem = choice?.problem;
        const balance = fromBalance(order);
        return {
            title: _t("How would you like to pay?"),
            balance: balance ? _t("From your balance: %s", this.money(fromCents(balance))) : "",
            paid: isPartlyPaid(order) ? _t("Paid: %s", this.money(order.paid)) : "",
            due: _t("To be paid: %s", this.money(order.missing)),
            card: cardWish(this.visit),
            problem: problem ? `${this.visit.sentence({ code: problem })} (${problem})` : "",
            stop: isPartlyPaid(order) ? _t("Keep it as balance") : order.op === ARREARS ? _t("Do not pay") : _t("Do not buy"),
        };
    }

    /** There are no smaller coins: in notes it may be some cents more. */
    get notesText() {
        const { due, missing } = this.visit.order;
        return due === missing
            ? _t("Put them in one at a time. There is no change: the rest is your balance.")
            : _t("%s in notes, one at a time. There is no change: the rest is your balance.", this.money(due));
    }

    get ways() {
        const titles = wayNames();
        const texts = {
            [NOTES]: this.notesText,
            [QR]: _t("Scan it with your phone: WeChat Pay or Alipay."),
            [BANK_CARD]: _t("At the card terminal, with your PIN."),
        };
        return waysOf(this.visit).map(({ kind, code }) => ({
            kind,
            title: titles[kind],
            text: texts[kind],
            reason: code ? `${this.visit.sentence({ code })} (${code})` : "",
        }));
    }
}
