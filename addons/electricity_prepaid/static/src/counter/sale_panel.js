import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";

import {
    changeOf,
    formatEnergy,
    formatMoney,
    formatQuantity,
    fromCents,
    isAmountPrefix,
    parseAmount,
    toCents,
} from "./amounts";
import { chosenBills, PHASE, WRITE_STEPS } from "./counter_flow";
import { waitsElsewhere } from "./elsewhere";
import {
    AGES,
    BILL_STATES,
    includedLateFee,
    LINE_LABELS,
    OPERATIONS,
    ORDER_STATES,
    STEPS,
    TAKING_BACK,
    WAITING,
} from "./words";

/** Keys for the quick amounts. F5 stays the browser's: a clerk who reloads must get a reload. */
export const QUICK_KEYS = ["F1", "F2", "F3", "F4", "F6", "F7"];

/** Right column: the sale, from the amount to the result, with one big button for the next step. */
export class SalePanel extends Component {
    static template = "electricity_prepaid.SalePanel";
    static props = {
        session: Object,
        entry: Object, // texts being typed: {amount, received}
        primary: { type: [Object, { value: null }] },
        back: { type: [Object, { value: null }] },
        onPrimary: Function,
        onBack: Function,
        onSecondary: Function,
    };

    setup() {
        this.session = useState(this.props.session);
        this.entry = useState(this.props.entry);
        this.input = useRef("input");
        this.ui = useService("ui");
        useEffect(
            () => this.focus(),
            () => [this.entry.fresh, this.flow.busy]
        );
        useBus(this.ui.bus, "active-element-changed", () => this.focus());
    }

    /** Let an amount be typed at once, unless a window is open: what is typed belongs to it. */
    focus() {
        const { el } = this.input;
        const { fresh } = this.entry;
        // An answer that arrives while an amount is typed must not select it: the next digit would replace it.
        const isTyped = fresh === this.shown && el === document.activeElement;
        if (!el || this.flow.busy || isTyped || this.ui.activeElement !== document) {
            return;
        }
        this.shown = fresh;
        el.focus();
        el.select();
    }

    get flow() {
        return this.session.flow;
    }

    get order() {
        return this.flow.order;
    }

    get quote() {
        return this.flow.quote;
    }

    get currency() {
        return this.session.setup?.currency;
    }

    get waiting() {
        return WAITING[this.flow.busy] || "";
    }

    get quickAmounts() {
        const amounts = this.session.setup?.quick_amounts || [];
        return amounts.slice(0, QUICK_KEYS.length).map((amount, index) => ({ amount, key: QUICK_KEYS[index] }));
    }

    get breakdown() {
        return this.order?.breakdown || this.flow.priced?.breakdown;
    }

    /** Why this amount may not be bought; why nothing may be bought stands with the customer. */
    get amountProblem() {
        const { quote, priced } = this.flow;
        return quote?.allowed && priced && !priced.allowed ? priced : null;
    }

    lineLabel(line) {
        return LINE_LABELS[line.label] || line.label;
    }

    /** Where the order waits for its money, when that is not here: what was paid, and what the balance pays. */
    get elsewhere() {
        if (!waitsElsewhere(this.session)) {
            return null;
        }
        const { amount, missing, paid, waits_at } = this.order;
        const terminal = waits_at || _t("another terminal");
        const balance = toCents(amount) - toCents(missing) - toCents(paid);
        const sums = { terminal, paid: this.money(paid), balance: this.money(fromCents(balance)) };
        return {
            begun:
                balance > 0
                    ? _t("Begun at %(terminal)s, %(paid)s paid; %(balance)s of the balance are used.", sums)
                    : _t("Begun at %(terminal)s, %(paid)s paid.", sums),
            then: _t("Finish it here: it ends there, and what was paid counts here. No more is to be paid there."),
        };
    }

    get paying() {
        const wantsCash = this.flow.phase === PHASE.PAYING && this.order.actions.includes("tender");
        return wantsCash && toCents(this.order.due) > 0 && !this.elsewhere;
    }

    get change() {
        const received = parseAmount(this.entry.received);
        return received === null ? null : changeOf(received, this.order.due);
    }

    /** All bills of the customer: those that cannot be paid here are shown, and why. */
    get billRows() {
        return (this.quote?.marketing?.arrears?.bills || []).map((bill) => ({
            ...bill,
            chosen: this.flow.chosen.includes(bill.receivable_id),
            words: bill.status === "open" ? AGES[bill.age] : BILL_STATES[bill.status],
        }));
    }

    lateFee(bill) {
        return includedLateFee(bill, this.currency);
    }

    billName(bill) {
        return _t("Bill of %s", bill.month);
    }

    get chosenTotal() {
        return fromCents(chosenBills(this.flow).reduce((sum, bill) => sum + toCents(bill.due), 0));
    }

    get steps() {
        const now = WRITE_STEPS.indexOf(this.flow.step);
        return STEPS.map((step, index) => ({
            ...step,
            look: index < now ? "done" : index === now ? "now" : "later",
            icon: index < now ? "fa-check" : index === now ? "fa-circle-o-notch fa-spin" : "fa-circle-o",
        }));
    }

    /** Words of the operation at hand; of a sale there are none. */
    get operation() {
        return OPERATIONS[this.order?.op];
    }

    /** Nothing can be sold to a blank card: it waits for an operation. */
    get isBlank() {
        return this.flow.phase === PHASE.CUSTOMER && Boolean(this.quote?.operations?.includes("open"));
    }

    /** The new card has to be put in before it can be written. */
    get wantsNewCard() {
        return this.order.takes_new_card && !this.flow.busy;
    }

    get result() {
        const { state } = this.order;
        if (TAKING_BACK[this.order.taking_back]) {
            return { look: "warning", icon: "fa-history", title: TAKING_BACK[this.order.taking_back] };
        }
        if (state === "written") {
            const title = this.operation?.done || _t("The card is written");
            return { look: "success", icon: "fa-check-circle", title };
        }
        if (state === "reversed" && this.order.op === "arrears") {
            return { look: "success", icon: "fa-undo", title: _t("The payment is taken back, the bills are open again") };
        }
        if (state === "reversed") {
            return { look: "success", icon: "fa-undo", title: _t("The sale is reversed, the card is as before") };
        }
        return { look: "muted", icon: "fa-ban", title: ORDER_STATES[state] || state };
    }

    /** Where the money of a sale is that was reversed, until it is handed back. */
    get moneyLeft() {
        const { actions, paid, state } = this.order;
        if (state !== "reversed" || !actions.includes("refund")) {
            return "";
        }
        return _t("%s is the customer's balance now. Hand it back, or it pays for the next purchase.", this.money(paid));
    }

    /** Odoo's sentence about the order; "put the card back in" has had its effect once the card is there. */
    get unfinishedMessage() {
        return this.props.primary?.name === "rewrite" ? "" : this.order.message;
    }

    get unfinishedTitle() {
        const { actions, state } = this.order;
        if (this.order.takes_new_card) {
            return _t("Put the new, blank card in");
        }
        const wantsCard = actions.includes("rewrite") || actions.includes("read_card");
        if (wantsCard && !this.session.watch.cardIn) {
            return _t("Put the same card back in");
        }
        if (actions.includes("rewrite")) {
            return _t("The card must be written again");
        }
        if (state === "authorized") {
            return _t("The write is not finished");
        }
        return ORDER_STATES[this.order.state] || this.order.state;
    }

    /** Label of the big button: the next step, with its money. */
    get primaryLabel() {
        const { primary } = this.props;
        if (primary) {
            return this.labels[primary.name]();
        }
        return this.flow.phase === PHASE.WRITING ? _t("Writing the card…") : this.waiting || this.idleLabel;
    }

    get labels() {
        return {
            openShift: () => _t("Open a shift"),
            read: () => _t("Read the card"),
            read_card: () => _t("Read the card"),
            finishHere: () => _t("Finish here"),
            begin: () => _t("Sell for %s", this.money(this.flow.amount)),
            payArrears: () => OPERATIONS.arrears.title,
            payBills: () => _t("Pay %s", this.money(this.chosenTotal)),
            tender: () =>
                this.order.op === "arrears"
                    ? _t("Take %s", this.money(this.order.due))
                    : _t("Take %s and write", this.money(this.order.due)),
            tenderPart: () => _t("Take %s, the rest follows", this.money(parseAmount(this.entry.received))),
            authorize: () => this.operation?.write || _t("Write the card"),
            deliver: () => _t("Finish the write"),
            rewrite: () => (this.order.takes_new_card ? OPERATIONS.replace.write : _t("Write the card again")),
            print: () => _t("Print the receipt"),
            next: () => _t("Next customer"),
            look: () => _t("Ask again how it ended"),
        };
    }

    get idleLabel() {
        switch (this.flow.phase) {
            case PHASE.IDLE:
                return _t("Insert a card");
            case PHASE.CUSTOMER:
                if (this.quote?.code?.startsWith("M-")) {
                    return _t("Nothing may be sold now");
                }
                if (!this.quote?.allowed && this.quote?.operations?.length) {
                    return _t("Choose what to do with this card");
                }
                return this.quote?.allowed ? _t("Enter the amount") : _t("Nothing may be sold to this card now");
            case PHASE.BILLS:
                return _t("Choose at least one bill");
            case PHASE.PAYING:
                if (this.elsewhere) {
                    return _t("Put the card back in");
                }
                return this.order.actions.includes("tender")
                    ? _t("Enter the cash received")
                    : _t("Hand the money back, or keep it as balance");
            case PHASE.UNFINISHED:
                return _t("Put the card back in");
            default:
                return _t("Please wait");
        }
    }

    /** What the way back loses, beside its key. */
    get backLabel() {
        switch (this.props.back?.name) {
            case "cancel":
                return _t("Stop this sale; no money was taken");
            case "leaveBills":
                return _t("Back; nothing is paid");
            case "leave":
                return _t("Serve others; the terminal reports the outcome later");
            default:
                if (this.flow.phase === PHASE.RESULT) {
                    const printable = this.order.actions.includes("print");
                    return printable ? _t("Next customer without a receipt") : _t("Next customer");
                }
                return this.order ? _t("Later; the sale stays open") : _t("Start over");
        }
    }

    /** Ends of the sale that the rules allow now; never the default key. */
    get secondary() {
        if (this.flow.busy) {
            return [];
        }
        if (!this.order) {
            const operations = (this.flow.phase === PHASE.CUSTOMER && this.quote?.operations) || [];
            return operations.map((value, at) => ({
                name: "operate",
                value,
                icon: "fa-id-card-o",
                label: OPERATIONS[value].offer,
                key: at === 0 ? "F8" : "",
            }));
        }
        const paid = toCents(this.order.paid) > 0;
        const offers = [];
        if (paid && this.order.actions.includes("refund")) {
            const amount = this.money(this.order.paid);
            const reversed = this.order.state === "reversed";
            const label = reversed ? _t("Hand back %s", amount) : _t("Cancel and hand back %s", amount);
            offers.push({ name: "refund", icon: "fa-undo", label });
        }
        if (paid && this.order.actions.includes("cancel")) {
            offers.push({ name: "keep", icon: "fa-archive", label: _t("Cancel and keep the money as balance") });
        }
        if (this.order.actions.includes("reverse") && this.order.op === "arrears") {
            const label =
                this.order.taking_back === "proposed"
                    ? _t("Approve that this payment is taken back")
                    : _t("Take this payment back");
            offers.push({ name: "reverse", icon: "fa-history", label });
        } else if (this.order.actions.includes("reverse") && this.session.watch.cardIn) {
            offers.push({ name: "reverse", icon: "fa-history", label: _t("Reverse this sale") });
        }
        return offers;
    }

    onInput(field, ev) {
        if (isAmountPrefix(ev.target.value)) {
            this.entry[field] = ev.target.value;
        } else {
            ev.target.value = this.entry[field];
        }
        if (field === "amount") {
            this.session.setAmount(parseAmount(this.entry.amount) || "");
        }
    }

    /** Round amounts without their zeros: six of them must be read at a glance. */
    quickLabel(text) {
        return this.money(text.replace(/\.00$/, ""));
    }

    money(text) {
        return formatMoney(text, this.currency);
    }

    energy(text) {
        return formatEnergy(text);
    }

    /** What goes on the card of the order at hand, in its unit. */
    get quantity() {
        return formatQuantity(this.order, this.currency);
    }

    get carriesMoney() {
        return (this.order || this.quote)?.unit === "cents";
    }

    nonZero(text) {
        return toCents(text) !== 0;
    }
}
