import { _t } from "@web/core/l10n/translation";

import { Screen } from "./screen";

/** Steps of the terminal (docs/protocol, §3), as the customer hears of them. */
const ORDER = ["check", "write", "verify"];
const DONE = "done";

/** The card is being read or written: what is done now, and that it must stay. */
export class WritingScreen extends Screen {
    static template = "kiosk_hw.WritingScreen";

    get isWriting() {
        return this.visit.screen === "writing";
    }

    get words() {
        if (this.visit.identity.token) {
            return { title: _t("One moment, please"), stay: "" };
        }
        return {
            title: this.isWriting ? _t("Your card is being written") : _t("Your card is being read"),
            stay: _t("Please leave the card in."),
        };
    }

    get steps() {
        const titles = { check: _t("Check"), write: _t("Write"), verify: _t("Verify") };
        const now = this.visit.step === DONE ? ORDER.length : Math.max(0, ORDER.indexOf(this.visit.step));
        return ORDER.map((key, index) => ({
            key,
            title: titles[key],
            state: index < now ? "past" : index === now ? "now" : "coming",
        }));
    }
}
