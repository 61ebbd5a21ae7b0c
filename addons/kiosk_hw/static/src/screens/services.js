import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

/** What can be done here; what cannot be done now says why. */
export class ServicesScreen extends Screen {
    static template = "kiosk_hw.ServicesScreen";

    get words() {
        return { title: _t("What would you like to do?"), leave: _t("Leave") };
    }

    get services() {
        const problem = this.visit.cardProblem;
        const reason = problem ? `${this.visit.sentence({ code: problem })} (${problem})` : "";
        return [
            {
                key: "file",
                title: _t("My account and bills"),
                text: _t("Balance, purchases, what is owed"),
                reason,
            },
            {
                key: "rewrite",
                title: _t("Write my card again"),
                text: _t("A purchase is paid, but not on the card"),
                reason,
            },
        ];
    }
}
