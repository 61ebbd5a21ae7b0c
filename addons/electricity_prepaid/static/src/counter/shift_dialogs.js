import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

import { formatMoney, fromCents, isAmountPrefix, parseAmount, toCents } from "./amounts";
import { Refusal } from "./counter_server";

/** Cents of the notes and coins in use, largest first. */
const DENOMINATIONS = [10000, 5000, 2000, 1000, 500, 100, 50, 10];

class ShiftDialog extends Component {
    static components = { Dialog };

    setup() {
        this.state = useState({ busy: false, problem: null });
        useAutofocus({ selectAll: true });
    }

    money(text) {
        return formatMoney(text, this.props.session.setup.currency);
    }

    /** One confirmation at a time; a refusal stays in the dialog with its code. */
    async run(step) {
        if (this.state.busy) {
            return;
        }
        Object.assign(this.state, { busy: true, problem: null });
        try {
            await step();
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            this.state.problem = { code: error.code, message: error.message };
        } finally {
            this.state.busy = false;
        }
    }
}

export class OpenShiftDialog extends ShiftDialog {
    static template = "electricity_prepaid.OpenShiftDialog";
    static props = { session: Object, onDone: Function, close: Function };

    setup() {
        super.setup();
        this.state.opening = "0.00";
    }

    onInput(ev) {
        if (isAmountPrefix(ev.target.value)) {
            this.state.opening = ev.target.value;
        } else {
            ev.target.value = this.state.opening;
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.repeat) {
            ev.preventDefault();
            this.confirm();
        }
    }

    confirm() {
        const opening = parseAmount(this.state.opening);
        if (opening === null) {
            return;
        }
        return this.run(async () => {
            await this.props.session.openShift(opening);
            this.props.onDone();
            this.props.close();
        });
    }
}

export class CloseShiftDialog extends ShiftDialog {
    static template = "electricity_prepaid.CloseShiftDialog";
    static props = { session: Object, onDone: Function, close: Function };

    setup() {
        super.setup();
        this.denominations = DENOMINATIONS;
        Object.assign(this.state, { pieces: {}, closed: null });
    }

    label(cents) {
        return this.money(fromCents(cents));
    }

    lineTotal(cents) {
        return this.money(fromCents(cents * (this.state.pieces[cents] || 0)));
    }

    get total() {
        return this.money(fromCents(this.denominations.reduce((sum, d) => sum + d * (this.state.pieces[d] || 0), 0)));
    }

    get difference() {
        const cents = toCents(this.state.closed.difference);
        const size = fromCents(Math.abs(cents));
        return { look: cents === 0 ? "success" : "warning", short: cents < 0, over: cents > 0, size };
    }

    onInput(cents, ev) {
        const text = ev.target.value;
        if (/^\d{0,6}$/.test(text)) {
            this.state.pieces[cents] = Number(text);
        } else {
            ev.target.value = this.state.pieces[cents] || "";
        }
    }

    /** Enter goes from line to line, as on a counting slip; the last one leads to the button. */
    onKeydown(ev) {
        if (ev.key !== "Enter" || ev.repeat || ev.target.tagName !== "INPUT") {
            return;
        }
        ev.preventDefault();
        const stops = [...ev.currentTarget.querySelectorAll("input")];
        const following = stops[stops.indexOf(ev.target) + 1];
        (following || document.querySelector(".o_ec_close_shift")).focus();
    }

    confirm() {
        const counted = Object.fromEntries(Object.entries(this.state.pieces).filter(([, pieces]) => pieces > 0));
        return this.run(async () => {
            this.state.closed = await this.props.session.closeShift(counted);
            this.props.onDone();
        });
    }
}
