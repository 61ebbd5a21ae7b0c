import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

/** The card goes in, or comes out. */
export class CardScreen extends Screen {
    static template = "kiosk_hw.CardScreen";

    get isTaking() {
        return this.visit.screen === "take";
    }

    get words() {
        return this.isTaking
            ? { title: _t("Please take your card"), text: _t("Thank you. Goodbye.") }
            : {
                  title: _t("Please insert your purchase card"),
                  text: _t("Chip first, chip up, as far as it goes. Leave it in."),
                  back: _t("Back"),
              };
    }
}
