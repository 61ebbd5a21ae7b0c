import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

export const CARD_OUT = "C-202";
export const OTHER_CARD = "C-203";

/** The card goes in, or comes out. */
export class CardScreen extends Screen {
    static template = "kiosk_hw.CardScreen";

    get isTaking() {
        return this.visit.screen === "take";
    }

    get isAsking() {
        return this.visit.screen === "put_back";
    }

    get words() {
        if (this.isTaking) {
            const title = this.visit.receipt.isToBeTaken ? _t("Please take your card and your receipt") : _t("Please take your card");
            return { title, text: _t("Thank you. Goodbye.") };
        }
        return this.isAsking ? this.wordsOfAsking : this.wordsOfInserting;
    }

    get wordsOfInserting() {
        return {
            title: _t("Please insert your purchase card"),
            text: _t("Chip first, chip up, as far as it goes. Leave it in."),
            back: _t("Back"),
        };
    }

    /** The purchase is paid, and its card is out. */
    get wordsOfAsking() {
        const { cards, order } = this.visit;
        return {
            title: cards.isOther ? _t("This is another card") : _t("Put the same card back in"),
            text: _t("%s are paid and safe. The purchase is written as soon as its card is in.", this.money(order.paid)),
            code: cards.isOther ? OTHER_CARD : CARD_OUT,
            back: _t("Finish without the card"),
        };
    }

    goBack() {
        return this.isAsking ? this.visit.cards.later() : this.visit.back();
    }
}
