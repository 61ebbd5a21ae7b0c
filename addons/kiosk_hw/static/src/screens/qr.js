import { _t } from "@web/core/l10n/translation";

import { ProviderScreen } from "./provider";

/** A code for the customer's phone. */
export class QrScreen extends ProviderScreen {
    static template = "kiosk_hw.QrScreen";

    get image() {
        return !this.payment.cancelling && this.payment.payment?.qr;
    }

    get words() {
        return {
            ...this.common,
            title: this.image ? _t("Please scan the code with your phone") : _t("One moment, please"),
            text: _t("Pay on the phone and stay here: the kiosk goes on by itself."),
            alt: _t("QR code"),
        };
    }
}
