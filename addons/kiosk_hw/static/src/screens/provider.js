import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

/** What QR code and bank card have alike: the amount, the time that is left, and what the payment service has told. */
export class ProviderScreen extends Screen {
    setup() {
        this.payment = useState(this.visit.payment);
    }

    get amount() {
        return this.money(this.payment.payment?.amount || this.payment.order.missing);
    }

    get state() {
        const { payment } = this;
        if (payment.cancelling) {
            return _t("One moment: the payment is being ended. If it was paid meanwhile, it counts.");
        }
        if (payment.code) {
            return _t("We have not heard from the payment service yet. We keep asking; do not pay twice.");
        }
        return payment.isAsking ? _t("One moment: the payment is being prepared.") : "";
    }

    get time() {
        const { left, cancelling, isAsking } = this.payment;
        if (left === null || cancelling || isAsking) {
            return "";
        }
        const seconds = String(left % 60).padStart(2, "0");
        return _t("Time left: %s", `${Math.floor(left / 60)}:${seconds}`);
    }

    get common() {
        return { amount: this.amount, state: this.state, time: this.time, cancel: _t("Cancel") };
    }
}
