import { _t } from "@web/core/l10n/translation";

import { finishHere } from "../elsewhere";
import { Screen } from "./screen";

/** Something of this customer's waits for money at another terminal. */
export class ElsewhereScreen extends Screen {
    static template = "kiosk_hw.ElsewhereScreen";

    get words() {
        const { order } = this.visit;
        const sums = { amount: this.money(order.amount), paid: this.money(order.paid) };
        return {
            title: _t("You have begun at another terminal"),
            text:
                order.op === "arrears"
                    ? _t("A payment of bills of %(amount)s is waiting there; %(paid)s are paid.", sums)
                    : _t("A purchase of %(amount)s is waiting there; %(paid)s are paid.", sums),
            safe: _t("You can finish it here: it ends there, what you paid counts here, and no more is to be put in there."),
            finish: _t("Finish it here"),
            back: _t("Back"),
        };
    }

    finish() {
        return finishHere(this.visit);
    }
}
