import { Component, onMounted, onWillUnmount, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { formatMoney, parseAmount } from "./amounts";
import { CardPanel } from "./card_panel";
import { backAction, openBills, PHASE, primaryAction } from "./counter_flow";
import { CounterSession } from "./counter_session";
import { CustomerPanel } from "./customer_panel";
import { finishHere } from "./elsewhere";
import { OperationDialog } from "./operation_dialog";
import { printPage } from "./receipt_printing";
import { QUICK_KEYS, SalePanel } from "./sale_panel";
import { SearchPanel } from "./search_panel";
import { CloseShiftDialog, OpenShiftDialog } from "./shift_dialogs";
import { lastSale, shortMoment } from "./words";

/** A second Enter within this time belongs to the step before: fingers are faster than screens. */
const SETTLE = 350;
const LAST_SALES = 6;
const BILL_KEYS = ["ArrowUp", "ArrowDown", " "];
const SALE_FIELDS = ["uuid", "op", "electricity_account_id", "amount", "quantity_text"];

/** The clerk's one screen: card at the left, customer in the middle, sale at the right, everything by keyboard. */
export class Counter extends Component {
    static template = "electricity_prepaid.Counter";
    static components = { CardPanel, CustomerPanel, SalePanel, SearchPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.dialog = useService("dialog");
        this.user = user;
        this.session = useState(new CounterSession(this.orm));
        this.entry = useState({ amount: "", received: "", fresh: 0, bill: 0 });
        this.state = useState({ searching: false, lastSales: [] });
        this.changedAt = 0;
        this.screen = useRef("screen");
        onMounted(() => {
            // Enter would still belong to the menu entry by which the clerk came.
            this.screen.el.focus();
            this.session.start(this.props.action.params);
        });
        onWillUnmount(() => this.session.stop());
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev), { capture: true });
        useExternalListener(document, "visibilitychange", () => document.hidden || this.session.onVisible());
        useEffect(
            () => this.onPhase(),
            () => [this.flow.phase, this.flow.order?.uuid, this.flow.order?.due, this.flow.quote?.customer?.account]
        );
        useEffect(
            () => {
                this.loadLastSales();
            },
            () => [this.facts?.session?.id, this.flow.phase === PHASE.IDLE]
        );
    }

    get flow() {
        return this.session.flow;
    }

    get facts() {
        return this.session.setup;
    }

    get primary() {
        return primaryAction(this.flow, {
            cardIn: this.session.watch.cardIn,
            shift: Boolean(this.facts?.session),
            received: parseAmount(this.entry.received),
            terminal: this.facts?.terminal?.id,
        });
    }

    get back() {
        return backAction(this.flow, {
            reachable: !this.session.watch.downCode,
            terminal: this.facts?.terminal?.id,
        });
    }

    get shiftSince() {
        return shortMoment(this.facts.session?.opened_at);
    }

    get terminalState() {
        const { watch } = this.session;
        if (!watch.heard) {
            return { look: "muted", icon: "fa-circle-o", words: _t("Connecting") };
        }
        if (watch.downCode) {
            return { look: "danger", icon: "fa-chain-broken", words: _t("Terminal does not answer") };
        }
        return { look: "success", icon: "fa-check-circle", words: _t("Terminal ready") };
    }

    get marketingState() {
        const marketing = this.facts?.marketing;
        if (!marketing) {
            return null;
        }
        if (marketing.state === "down") {
            return { look: "danger", icon: "fa-chain-broken", words: _t("Marketing system does not answer") };
        }
        return { look: "success", icon: "fa-check-circle", words: _t("Marketing system ready") };
    }

    onPhase() {
        this.changedAt = Date.now();
        this.entry.bill = 0;
        this.entry.amount = this.flow.phase === PHASE.CUSTOMER ? this.flow.amount : "";
        this.entry.received = this.flow.phase === PHASE.PAYING ? this.flow.order.due : "";
        this.entry.fresh++;
        if (this.flow.phase !== PHASE.IDLE) {
            this.state.searching = false;
        }
    }

    async loadLastSales() {
        const shift = this.facts?.session?.id;
        if (!shift || this.flow.phase !== PHASE.IDLE) {
            return;
        }
        const domain = [["cash_session_id", "=", shift], ["state", "=", "written"], ["op", "!=", "clear"]];
        const rows = await this.orm.silent.searchRead("electricity.recharge", domain, SALE_FIELDS, {
            limit: LAST_SALES,
            order: "id desc",
        });
        this.state.lastSales = rows.map(lastSale);
    }

    // ------------------------------------------------------------------------------------------------- the keyboard

    onKeydown(ev) {
        if (this.ui.activeElement !== document || ev.isComposing || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const typing = ev.target.closest?.(".o_ec_search input");
        if (ev.key === "/" && !typing) {
            this.toggleSearch(true);
        } else if (ev.key === "F8") {
            this.operate();
        } else if (ev.key === "F9") {
            this.shift();
        } else if (ev.key === "F10" && !this.state.searching) {
            this.payArrears();
        } else if (ev.key === "*" && !typing) {
            this.refreshMarketing();
        } else if (this.flow.phase === PHASE.BILLS && BILL_KEYS.includes(ev.key) && !typing) {
            this.moveOnBills(ev.key);
        } else if (QUICK_KEYS.includes(ev.key)) {
            this.quick(this.facts?.quick_amounts?.[QUICK_KEYS.indexOf(ev.key)]);
        } else if (ev.key === "Enter" && !this.ownsEnter(ev.target)) {
            this.onEnter(ev);
        } else if (ev.key === "Escape" && !typing) {
            this.onBack();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    /** A focused button other than the big one, and the search, keep their own Enter. */
    ownsEnter(target) {
        return this.state.searching || Boolean(target.closest?.("button:not(.o_ec_primary), a, select"));
    }

    onEnter(ev) {
        if (!ev.repeat) {
            this.onPrimary();
        }
    }

    // -------------------------------------------------------------------------------------------------- the steps

    onPrimary() {
        const { primary } = this;
        if (!primary || Date.now() - this.changedAt < SETTLE) {
            return;
        }
        this.changedAt = Date.now();
        switch (primary.name) {
            case "openShift":
                return this.shift();
            case "read":
            case "read_card":
                return this.session.read();
            case "begin":
                return this.session.begin();
            case "payArrears":
                return this.payArrears();
            case "payBills":
                return this.session.marketing.payBills();
            case "finishHere":
                return finishHere(this.session);
            case "tender":
            case "tenderPart":
                return this.session.tender(parseAmount(this.entry.received));
            case "authorize":
            case "rewrite":
            case "deliver":
                return this.session.authorize();
            case "print":
                return this.printAndGoOn();
            case "look":
                return this.session.look();
            default:
                return this.session.next();
        }
    }

    onBack() {
        if (this.state.searching) {
            this.toggleSearch(false);
            return;
        }
        switch (this.back?.name) {
            case "cancel":
                return this.session.cancel(false);
            case "leaveBills":
                return this.session.tell("leave");
            case "leave":
                return this.session.leaveWrite();
            case "next":
                return this.session.next();
        }
    }

    onSecondary(name, value) {
        switch (name) {
            case "quick":
                return this.quick(value);
            case "refund":
                return this.session.cancel(true);
            case "keep":
                return this.session.cancel(false);
            case "operate":
                return this.operate(value);
            case "toggle":
                return this.session.tell("toggle", { id: value });
            case "reverse":
                return this.confirmReversal();
        }
    }

    /** Opens the dialog of the operations that the card in the reader offers. */
    operate(op) {
        const offers = this.flow.phase === PHASE.CUSTOMER && !this.flow.busy && this.flow.quote.operations;
        if (offers?.length) {
            this.dialog.add(OperationDialog, { session: this.session, op: op || offers[0] });
        }
    }

    /** The bills to choose from, of the customer at hand; in the search, of the account that is shown there. */
    payArrears() {
        const { phase, busy, quote } = this.flow;
        if (phase === PHASE.CUSTOMER && !busy && quote.marketing?.state === "up" && openBills(quote).length) {
            this.session.tell("bills");
        } else if (phase === PHASE.CUSTOMER && !busy && quote.marketing?.state) {
            this.session.marketing.sayWhyNot();
        }
    }

    refreshMarketing() {
        this.session.marketing.refresh();
    }

    moveOnBills(key) {
        const bills = this.flow.quote.marketing?.arrears?.bills || [];
        const at = this.entry.bill;
        if (key === " " && bills[at]?.status === "open") {
            this.session.tell("toggle", { id: bills[at].receivable_id });
        } else if (key !== " " && bills.length) {
            this.entry.bill = (at + (key === "ArrowDown" ? 1 : -1) + bills.length) % bills.length;
        }
    }

    /** Shows the bills of an account that was found by number: its customer has no card with him. */
    findArrears(customer) {
        this.toggleSearch(false);
        return this.session.marketing.find(customer);
    }

    confirmArrearsReversal(order) {
        const second = order.taking_back === "proposed";
        const what = { serial: order.serial, amount: formatMoney(order.paid, this.facts.currency) };
        this.dialog.add(ConfirmationDialog, {
            title: second ? _t("Approve that this payment is taken back?") : _t("Take this payment back?"),
            body: second
                ? _t(
                      "You are the second person. Once the marketing system has taken %(serial)s back, its bills are open again and %(amount)s can be handed back.",
                      what
                  )
                : _t(
                      "A second supervisor has to approve it. Once the marketing system has taken %(serial)s back, its bills are open again and %(amount)s can be handed back; not before.",
                      what
                  ),
            confirmLabel: second ? _t("Approve") : _t("Propose it"),
            confirm: () => this.session.marketing.reverse(_t("Taken back at the counter")),
            cancel: () => {},
        });
    }

    confirmReversal() {
        const { order } = this.flow;
        if (order.op === "arrears") {
            return this.confirmArrearsReversal(order);
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Take this sale off the card?"),
            body: _t(
                "The card is set back to what it said before %(serial)s. Then %(amount)s can be handed back. Leave the card in the reader.",
                { serial: order.serial, amount: formatMoney(order.paid, this.facts.currency) }
            ),
            confirmLabel: _t("Reverse the sale (Enter)"),
            cancelLabel: _t("Not now (Esc)"),
            confirm: () => this.session.reverse(),
            cancel: () => {},
        });
    }

    quick(amount) {
        if (amount && this.flow.phase === PHASE.CUSTOMER && this.flow.quote.allowed) {
            this.entry.amount = amount;
            this.session.setAmount(amount);
        }
    }

    async printAndGoOn() {
        await this.print(this.flow.order.uuid);
        if (!this.flow.problem) {
            this.session.next();
        }
    }

    /** Prints the receipt; Odoo writes "Copy" on all but the first. */
    print(uuid) {
        return this.session.work("print", async () => {
            const { url } = await this.session.server.registerPrint(uuid);
            await printPage(url);
        });
    }

    toggleSearch(searching) {
        if (searching && (this.flow.busy || ![PHASE.IDLE, PHASE.CUSTOMER, PHASE.RESULT].includes(this.flow.phase))) {
            return;
        }
        this.state.searching = searching;
    }

    shift() {
        if (!this.facts?.terminal || this.flow.busy) {
            return;
        }
        const dialog = this.facts.session ? CloseShiftDialog : OpenShiftDialog;
        this.dialog.add(dialog, { session: this.session, onDone: () => this.loadLastSales() });
    }

    choose(ev) {
        return this.session.choose(Number(ev.target.value));
    }
}

registry.category("actions").add("electricity_prepaid.counter", Counter);
