import { _t } from "@web/core/l10n/translation";
import { formatQuantity, toCents } from "@electricity_prepaid/counter/amounts";

import { ARREARS } from "../kiosk_visit";
import { holdsMoney } from "../card_flow";
import { isPartlyPaid } from "../money";
import { CARD_OUT, OTHER_CARD } from "./card";
import { ReceiptPart } from "./receipt_part";
import { Screen } from "./screen";

const WRITTEN = "written";
const NOTE_UNCERTAIN = "A-109";

/** How something ended: done, nothing to do, or refused. */
export class MessageScreen extends Screen {
    static template = "kiosk_hw.MessageScreen";
    static components = { ReceiptPart };

    /** What is shown: kind ("good", "bad" or "plain"), title, text, code. */
    get message() {
        if (this.visit.screen === "refused") {
            return this.refused;
        }
        const { order } = this.visit;
        if (this.visit.screen === "unclear") {
            const code = order.unclear;
            return {
                kind: "plain",
                title: _t("Not heard from the payment service"),
                text: this.visit.sentence({ code }),
                // All that the customer has to hold on to until it is known.
                more: _t("Please note: %(serial)s, %(amount)s.", { serial: order.serial, amount: this.money(order.missing) }),
                code,
            };
        }
        if (this.visit.screen === "kept") {
            return this.kept;
        }
        if (this.visit.screen === "nothing" || !order) {
            return {
                kind: "plain",
                title: _t("Nothing is to be written"),
                text: _t("Every purchase of this card is on it. Put the card into your meter."),
            };
        }
        if (order.op === ARREARS) {
            return {
                kind: "good",
                title: _t("Your bills are paid"),
                text: _t("%s were paid. The next lists of your bills no longer show them.", this.money(order.amount)),
                more: toCents(order.balance) ? _t("Your balance: %s", this.money(order.balance)) : "",
            };
        }
        if (order.state === WRITTEN) {
            return {
                kind: "good",
                title: _t("Your card is written"),
                text: _t("%s are on the card. Put it into your meter at home.", formatQuantity(order, this.visit.facts.currency)),
                more: toCents(order.balance) ? _t("Your balance: %s", this.money(order.balance)) : "",
            };
        }
        return {
            kind: "bad",
            title: _t("The card is not written yet"),
            text: order.message || _t("Your money is safe. Put the same card back in and try again."),
            more: toCents(order.paid) ? _t("%s that you paid are on record and safe.", this.money(order.paid)) : "",
            code: order.code || (this.visit.cards.isOther ? OTHER_CARD : CARD_OUT),
        };
    }

    get kept() {
        const { order, endedBy } = this.visit;
        const isPaid = toCents(order.paid) > 0;
        const isLookedFor = toCents(order.uncertain) > 0;
        const paid = _t("%s that you paid are your balance now. They count for the next purchase.", this.money(order.paid));
        const looked = _t("A note of %s is being looked for. It is on record; counting the box settles it. Please keep the receipt.", this.money(order.uncertain));
        return {
            kind: "plain",
            title: order.op === ARREARS ? _t("No bill was paid") : _t("Nothing was bought"),
            text: isPaid ? paid : looked,
            more: isPaid && isLookedFor ? looked : endedBy && !isLookedFor ? this.visit.sentence({ code: endedBy }) : "",
            code: isLookedFor ? NOTE_UNCERTAIN : endedBy || "",
        };
    }

    get refused() {
        const { refusal, order } = this.visit;
        const paid = refusal.paid || (holdsMoney(order) ? order.paid : null);
        return {
            kind: "bad",
            title: _t("This is not possible"),
            text: this.visit.sentence(refusal),
            more: paid ? _t("%s that you paid are on record and safe.", this.money(paid)) : "",
            code: refusal.code,
        };
    }

    /** Whether the card that is to be written is still in. */
    get offersAgain() {
        return this.visit.cards.isAsked && this.visit.reader.cardIn && !this.visit.cards.isOther;
    }

    get words() {
        const { order } = this.visit;
        // What is paid after that is balance too: nobody has to wait for the payment service.
        const stop = order && isPartlyPaid(order) ? _t("Keep it as balance") : _t("Do not buy");
        return { back: _t("Back"), leave: _t("Finish"), again: _t("Write my card"), stop };
    }
}
