import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** What becomes of the receipt, below the answer of a screen: it is printed, to be taken, or a code for the phone. */
export class ReceiptPart extends Component {
    static template = "kiosk_hw.ReceiptPart";
    static props = { visit: Object };

    setup() {
        this.receipt = useState(this.props.visit.receipt);
    }

    get words() {
        return {
            text: this.text,
            scan: _t("Scan this code with your phone: it is your receipt."),
            wish: _t("Receipt on my phone"),
            problem: this.problem,
        };
    }

    get text() {
        const { state, code } = this.receipt;
        if (["asking", "printing"].includes(state)) {
            return _t("Your receipt is being printed …");
        }
        return state === "printed" && !code ? _t("Please take your receipt.") : "";
    }

    /** Why there is no receipt on paper, or how it is there; "" when all is well. */
    get problem() {
        const { code, message } = this.receipt;
        const sentence = code && this.props.visit.sentence({ code, message });
        return sentence ? `${sentence} (${code})` : "";
    }

    get offersCode() {
        return this.receipt.qr && !this.receipt.showsCode && ["printed", "qr"].includes(this.receipt.state);
    }
}
