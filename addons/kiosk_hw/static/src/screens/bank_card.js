import { _t } from "@web/core/l10n/translation";

import { ProviderScreen } from "./provider";

/** The card terminal takes over: what is to be done there. */
export class BankCardScreen extends ProviderScreen {
    static template = "kiosk_hw.BankCardScreen";

    get words() {
        return {
            ...this.common,
            title: this.payment.cancelling ? _t("One moment, please") : _t("Please pay at the card terminal"),
            steps: [
                _t("Insert the bank card, or hold it to the terminal."),
                _t("Enter the PIN there. Nobody else should see it."),
                _t("Take the bank card. The purchase card stays in."),
            ],
        };
    }
}
