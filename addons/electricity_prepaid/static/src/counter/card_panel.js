import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { PHASE } from "./counter_flow";

const CARD_STATES = {
    blank: _t("Blank"),
    active: _t("In use"),
    lost: _t("Reported lost"),
    replaced: _t("Replaced by a newer card"),
    void: _t("Void"),
    // What the card itself says when it is none of ours
    foreign: _t("Not issued by this utility"),
    damaged: _t("Damaged"),
    locked: _t("Locked"),
    unknown: _t("Not readable"),
    ok: _t("Not registered here"),
};

const BY_CARD = ["purchase", "open", "replace", "clear"];

/** State of a card after the operation that was written on it. */
const MADE = { open: "active", replace: "active", clear: "blank" };

/** Left column: the reader as it is now, and what is known of the card in it. */
export class CardPanel extends Component {
    static template = "electricity_prepaid.CardPanel";
    static props = { session: Object };

    setup() {
        this.session = useState(this.props.session);
    }

    get watch() {
        return this.session.watch;
    }

    /** What was read, as long as that card is in the reader and says the same; what an operation has made of it. */
    get card() {
        const { order, phase, quote } = this.session.flow;
        const made = order?.state === "written" && MADE[order.op];
        if (made && this.watch.cardIn) {
            return { serial: order.card, state: made };
        }
        if (this.session.readInsertion === this.watch.insertion) {
            return quote?.card;
        }
        return phase === PHASE.WRITING ? { serial: order.card } : null;
    }

    /** The card that the work at hand waits for; null for any customer's. */
    get awaited() {
        const { order, phase } = this.session.flow;
        if (![PHASE.PAYING, PHASE.UNFINISHED].includes(phase) || !BY_CARD.includes(order.op)) {
            return null;
        }
        return order.takes_new_card ? _t("Insert the new, blank card") : _t("Put the same card back in");
    }

    get cardState() {
        return CARD_STATES[this.card?.state] || this.card?.state;
    }

    /** One line of state for the slot: look (class), icon and words always say the same. */
    get slot() {
        const { watch } = this;
        const { flow, setup } = this.session;
        if (setup?.terminal && !setup.token) {
            return { look: "danger", icon: "fa-ban", title: _t("This terminal may not sell"), hint: "" };
        }
        if (!setup?.terminal || !watch.heard) {
            const icon = "fa-circle-o-notch fa-spin";
            return { look: "muted", icon, title: _t("Connecting to the reader…"), hint: "" };
        }
        if (watch.downCode) {
            return {
                look: "danger",
                icon: "fa-chain-broken",
                title: _t("The terminal does not answer"),
                hint: _t("It is tried again by itself. Check that its service is running on this computer."),
            };
        }
        if (flow.phase === PHASE.WRITING) {
            return {
                look: "warning",
                icon: "fa-exclamation-triangle",
                title: _t("Do not take the card out"),
                hint: _t("The card is being written."),
            };
        }
        if (flow.phase === PHASE.IDLE && watch.cardIn) {
            return {
                look: "info",
                icon: "fa-arrow-up",
                title: _t("Give the card back"),
                hint: _t("Or press Enter to read it again."),
            };
        }
        return this.readerSlot(watch.reader);
    }

    readerSlot(reader) {
        switch (reader.state) {
            case "card":
            case "busy":
                return { look: "success", icon: "fa-credit-card", title: _t("Card in the reader"), hint: "" };
            case "empty":
                return {
                    look: "info",
                    icon: "fa-arrow-down",
                    title: this.awaited || _t("Insert the customer's card"),
                    hint: _t("Contacts first, chip facing up."),
                };
            case "error":
                return {
                    look: "danger",
                    icon: "fa-times-circle",
                    title: _t("The reader cannot use this card"),
                    hint: this.session.sentence(reader.code || "C-206"),
                };
            default:
                return {
                    look: "danger",
                    icon: "fa-plug",
                    title: _t("No card reader"),
                    hint: this.session.sentence(reader.code || "P-107"),
                };
        }
    }

    /** What Odoo (pairing, keys) and the terminal itself (clock, journal) say stands against selling. */
    get terminalProblems() {
        const codes = [...(this.session.setup?.problems || []), ...this.watch.problems];
        return [...new Set(codes)]
            .filter((code) => code !== "P-107")
            .map((code) => ({ code, message: this.session.sentence(code) }));
    }
}
