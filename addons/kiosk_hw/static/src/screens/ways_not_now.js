import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { BANK_CARD, NOTES, QR, waysOf } from "../money";

/** @returns {Object<string, string>} the ways to pay, in the customer's language */
export function wayNames() {
    return { [NOTES]: _t("Banknotes"), [QR]: _t("QR code"), [BANK_CARD]: _t("Bank card") };
}

/** @param {string} code @returns {string} why a way to pay does not work, in a few words */
function inShort(code) {
    const reasons = {
        "A-102": _t("a note is stuck"),
        "A-103": _t("a note is stuck"),
        "A-104": _t("the cash box is full"),
        "A-105": _t("the cash box is open"),
        "A-301": _t("the payment service does not answer"),
        "A-302": _t("switched off"),
        "A-320": _t("switched off"),
        "A-501": _t("the cash box is being changed"),
    };
    return reasons[code] || _t("does not work now");
}

/** The ways to pay that cannot be used now, each with its reason; nothing while all of them can. */
export class WaysNotNow extends Component {
    static template = "kiosk_hw.WaysNotNow";
    static props = { visit: Object };

    get title() {
        return _t("Not at the moment:");
    }

    get ways() {
        const names = wayNames();
        return waysOf(this.props.visit)
            .filter(({ code }) => code)
            .map(({ kind, code }) => ({
                kind,
                text: _t("%(way)s – %(reason)s (%(code)s)", { way: names[kind], reason: inShort(code), code }),
            }));
    }
}
