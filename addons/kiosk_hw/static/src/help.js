import { Component, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { toCents } from "@electricity_prepaid/counter/amounts";

import { isPartlyPaid } from "./money";

/** Milliseconds after which the help of whoever has gone covers nothing any more. */
const SHOWN_FOR = 120_000;
const CODE = /\b[A-Z]-\d{3}\b/;
const DRAFT = "draft";
const BEFORE = "before";
const MEANWHILE = "meanwhile";
const AFTER = "after";
/** Screens at which money may be on its way. */
const PAYING = ["choose_payment", "paying", "qr", "bank_card", "unclear"];

/** @returns {boolean} whether money is in for an order that is not paid, as far as anybody knows */
function isMoneyIn({ order, refusal }) {
    return Boolean(refusal?.paid) || (order?.state === DRAFT && (isPartlyPaid(order) || toCents(order.uncertain) > 0));
}

/** @returns {"before"|"meanwhile"|"after"} where the visit stands with the money */
function phaseOf(visit) {
    const { screen, order } = visit;
    if (PAYING.includes(screen) || isMoneyIn(visit)) {
        return MEANWHILE;
    }
    return !order || order.state === DRAFT ? BEFORE : AFTER;
}

/**
 * Help about the screen that it covers: what to do now, whom to call, and what to say there. It goes when that screen
 * goes, and by itself.
 */
export class HelpDialog extends Component {
    static template = "kiosk_hw.HelpDialog";
    static props = { visit: Object, close: Function };

    setup() {
        const timer = browser.setTimeout(() => this.props.close(), SHOWN_FOR);
        onWillUnmount(() => browser.clearTimeout(timer));
    }

    /** What the covered screen says of itself: its code, else its question. */
    get told() {
        const covered = document.querySelector(".o_kiosk_body > main");
        return {
            code: CODE.exec(covered?.innerText || "")?.[0],
            title: covered?.querySelector("h1")?.innerText || "",
        };
    }

    get text() {
        return {
            [BEFORE]: _t(
                "Put the card into the reader with its chip first, and leave it in until the screen asks you to take it. No money has been taken yet: you can go back or leave at any time."
            ),
            [MEANWHILE]: _t(
                "What you have put in or paid is counted and safe. You can stop: it is your balance then. Please leave the card in, and pay nothing twice."
            ),
            [AFTER]: _t(
                "What you have paid is on record and safe. If the card is not written yet, put the same card back in. Keep the receipt: its number says everything to the help line."
            ),
        }[phaseOf(this.props.visit)];
    }

    get words() {
        const { terminal, phone } = this.props.visit.facts;
        const { code, title } = this.told;
        return {
            title: _t("Help"),
            text: this.text,
            call: phone ? _t("Help line: %s", phone) : "",
            name: _t("Please say the number of this terminal: %s", terminal.code),
            tell: code ? _t("and this code: %s", code) : _t("and what the screen says: “%s”", title),
            close: _t("Close"),
        };
    }
}
