import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "back", "0"];
const NUMBER_GROUP = 4;

/** Whose account it is about: the card goes in, a code is held before the scanner, or a number is typed. */
export class IdentifyScreen extends Screen {
    static template = "kiosk_hw.IdentifyScreen";

    setup() {
        this.identity = useState(this.visit.identity);
    }

    get words() {
        return {
            title: this.title,
            card: _t("Insert your purchase card"),
            scan: this.identity.takesNumbers
                ? _t("Hold your customer code, a bill or a receipt before the scanner")
                : _t("Hold your customer code before the scanner"),
            number: _t("Type the account number (12 digits, on every bill)"),
            known: _t("Only the customer knows them. If the number has changed, please go to the service desk."),
            problem: this.problem,
            next: _t("Next"),
            back: _t("Back"),
            rub: _t("Delete"),
        };
    }

    get title() {
        if (this.identity.shut) {
            // What is left to do; why is said below.
            return _t("Please insert your purchase card");
        }
        return this.identity.asksDigits ? this.question : _t("Which account is it about?");
    }

    get question() {
        return this.visit.facts.account_check === "phone"
            ? _t("The last four digits of your phone number, please")
            : _t("The last four digits of your identification number, please");
    }

    get problem() {
        const { problem } = this.identity;
        return problem ? `${this.visit.sentence(problem)} (${problem.code})` : "";
    }

    get keys() {
        return KEYS;
    }

    /** What was typed, in groups; what only the customer knows is not shown to who stands behind. */
    get shown() {
        const { typed, asksDigits, mostDigits } = this.identity;
        const digits = (asksDigits ? "*".repeat(typed.length) : typed).padEnd(mostDigits, "–");
        return digits.match(new RegExp(`.{1,${NUMBER_GROUP}}`, "g")).join(" ");
    }

    back() {
        if (this.identity.asksDigits) {
            return this.identity.again();
        }
        this.visit.back();
    }
}
