import { _t } from "@web/core/l10n/translation";

import { readProblem, saleProblem, scannerProblem, writeProblem } from "../device_problems";
import { ARREARS, BUY } from "../kiosk_visit";
import { payProblem, waysOf } from "../money";
import { Screen } from "./screen";
import { wayNames, WaysNotNow } from "./ways_not_now";

/** What can be done here; what cannot be done now says why. */
export class ServicesScreen extends Screen {
    static template = "kiosk_hw.ServicesScreen";
    static components = { WaysNotNow };

    get words() {
        return { title: _t("What would you like to do?"), leave: _t("Leave") };
    }

    /** @param {string|null} code @returns {string} why something cannot be done now; "" when it can */
    reason(code) {
        return code ? `${this.visit.sentence({ code })} (${code})` : "";
    }

    /**
     * @param {string} service that needs a card only where nobody is known without one
     * @param {string|null} code why it cannot be had with a card
     * @returns {string|null} why it cannot be had at all: where codes are taken, and their scanner is away, that is why
     */
    withoutCard(service, code) {
        const { visit } = this;
        if (!code || visit.identity.isOffered(service)) {
            return null;
        }
        return (visit.facts.scanner && scannerProblem(visit)) || code;
    }

    /** The ways to pay that can be used now. */
    get ways() {
        const names = wayNames();
        return waysOf(this.visit)
            .filter(({ code }) => !code)
            .map(({ kind }) => names[kind])
            .join(" · ");
    }

    /** Of a single way that does not work, its tile says so. */
    get hasWays() {
        return waysOf(this.visit).length > 1;
    }

    get services() {
        const { visit } = this;
        const noSale = saleProblem(visit);
        const buy = {
            key: BUY,
            title: _t("Buy electricity"),
            text: _t("Onto your card, with: %s", this.ways),
            reason: this.reason(noSale || payProblem(visit)),
        };
        const cardless = visit.identity.isOffered(ARREARS);
        const arrears = {
            key: ARREARS,
            title: _t("Pay arrears"),
            text: cardless ? _t("With your card or your account number") : _t("With your card, all bills or the oldest"),
            reason: this.reason(this.withoutCard(ARREARS, noSale) || payProblem(visit)),
        };
        return [
            ...(waysOf(visit).length ? [buy, arrears] : []),
            {
                key: "file",
                title: _t("My account and bills"),
                text: _t("Balance, purchases, what is owed"),
                reason: this.reason(this.withoutCard("file", readProblem(visit))),
            },
            {
                key: "rewrite",
                title: _t("Write my card again"),
                text: _t("A purchase is paid, but not on the card"),
                reason: this.reason(writeProblem(visit)),
            },
        ];
    }
}
