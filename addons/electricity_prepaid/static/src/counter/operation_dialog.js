import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { formatEnergy, formatMoney, fromCents, isAmountPrefix, parseAmount, reservedCents, toCents } from "./amounts";
import { Refusal } from "./counter_server";
import { OPERATIONS } from "./words";

const ACCOUNT_FIELDS = ["name", "partner_id", "supply_address", "state"];
const NOT_OPENED = [["state", "in", ["draft", "active"]], ["purchase_count", "=", 0]];
const WITH_CARD = [["state", "in", ["active", "suspended"]]];
const FOUND = 6;
const ASK_AFTER = 250;

/**
 * Opens an account, replaces or clears a card: whose, with how much money, what will be written and why not. Nothing
 * happens before the last Enter.
 */
export class OperationDialog extends Component {
    static template = "electricity_prepaid.OperationDialog";
    static components = { Dialog };
    static props = { session: Object, op: String, close: Function };

    setup() {
        this.orm = useService("orm");
        const { customer } = this.props.session.flow.quote;
        this.state = useState({
            query: "",
            accounts: null,
            account: this.props.op === "open" ? null : customer?.account || null,
            amount: "",
            quote: null,
            quoted: null, // amount that the quote is for
            takesMoney: false, // stays while one amount is refused and another is typed
            problem: null,
            busy: false,
        });
        this.search = useDebounced(() => this.find(), ASK_AFTER);
        this.ask = useDebounced(() => this.price(), ASK_AFTER);
        useAutofocus();
        useAutofocus({ refName: "amount" });
        this.searches = this.state.account === null;
        const again = useRef("again");
        useEffect(
            (offered) => offered && again.el.focus(),
            () => [this.offersSearch]
        );
        const confirm = useRef("confirm");
        // Where nothing is typed, Enter belongs to the button.
        useEffect(
            (allowed, takesMoney) => {
                if (allowed && !takesMoney) {
                    confirm.el.focus();
                }
            },
            () => [this.state.quote?.allowed, this.state.quote?.takes_money]
        );
        onWillStart(() => this.state.account && this.price());
    }

    get words() {
        return OPERATIONS[this.props.op];
    }

    /** The typed amount as it is asked and ordered. */
    get amount() {
        return parseAmount(this.state.amount) || "0.00";
    }

    get cents() {
        return toCents(this.amount);
    }

    /** What will be written, in a sentence: the customer's word decides nothing. */
    get plan() {
        const { quote } = this.state;
        if (quote.open_order) {
            return _t("Purchase %(serial)s has not ended. The new card takes it over; no new money.", {
                serial: quote.open_order.serial,
            });
        }
        if (this.props.op === "open") {
            return _t("The card gets the numbers of account and meter and purchase No. 1.");
        }
        if (this.props.op === "clear") {
            return _t("The account is settled. All numbers and purchases are taken off the card.");
        }
        if (quote.last_in_meter) {
            return _t("The old card shows purchase No. %s in the meter. The new card carries the next one.", quote.count);
        }
        return _t(
            "Nothing shows purchase No. %s in the meter, so the new card carries it again, without new money. The meter takes a number once.",
            quote.count
        );
    }

    get mayConfirm() {
        const { quote, quoted, busy } = this.state;
        return !busy && Boolean(quote?.allowed) && quoted === this.amount;
    }

    /** Nothing can be done for the account that was chosen: the way back to the others. */
    get offersSearch() {
        const { account, problem, takesMoney, quote } = this.state;
        return this.searches && Boolean(account && problem) && !takesMoney && !quote?.allowed;
    }

    searchAgain() {
        Object.assign(this.state, { account: null, quote: null, quoted: null, problem: null });
        return this.find();
    }

    async find() {
        const query = this.state.query.trim();
        if (query.length < 2) {
            this.state.accounts = null;
            return;
        }
        const candidates = this.props.op === "open" ? NOT_OPENED : WITH_CARD;
        const domain = [...candidates, "|", ["name", "ilike", query], ["partner_id.name", "ilike", query]];
        const accounts = await this.orm.searchRead("electricity.account", domain, ACCOUNT_FIELDS, { limit: FOUND });
        if (query === this.state.query.trim()) {
            this.state.accounts = accounts;
        }
    }

    choose(account) {
        Object.assign(this.state, { account: account.name, quote: null, quoted: null, takesMoney: false, accounts: null });
        return this.price();
    }

    /** Asks Odoo what this would do; a refusal is shown with its code and money stays where it is. */
    async price() {
        const { amount } = this;
        const { account } = this.state;
        try {
            const quote = await this.props.session.quoteOperation(this.props.op, account, amount);
            if (amount === this.amount && account === this.state.account) {
                const takesMoney = quote.allowed ? quote.takes_money : this.state.takesMoney;
                Object.assign(this.state, { quote, quoted: amount, takesMoney, problem: quote.allowed ? null : quote });
            }
        } catch (error) {
            this.refused(error);
            this.state.quoted = null;
        }
    }

    refused(error) {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        this.state.problem = { code: error.code, message: error.message };
    }

    onQuery(ev) {
        this.state.query = ev.target.value;
        this.search();
    }

    onAmount(ev) {
        if (isAmountPrefix(ev.target.value)) {
            this.state.amount = ev.target.value;
            this.ask();
        } else {
            ev.target.value = this.state.amount;
        }
    }

    onKeydown(ev) {
        if (this.offersSearch && ["Escape", "Backspace"].includes(ev.key)) {
            ev.preventDefault();
            ev.stopPropagation(); // else Escape closes the dialog
            this.searchAgain();
            return;
        }
        if (ev.key !== "Enter" || ev.repeat || ev.isComposing || ev.target.tagName === "BUTTON") {
            return;
        }
        ev.preventDefault();
        if (this.state.accounts?.length) {
            this.choose(this.state.accounts[0]);
        } else {
            this.confirm();
        }
    }

    async confirm() {
        if (this.state.problem && this.state.quoted === null && !this.state.busy) {
            return this.price(); // the question failed, so there is no answer to act on
        }
        if (!this.mayConfirm) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.session.operate(this.props.op, this.state.account, this.amount);
            this.props.close();
        } catch (error) {
            this.refused(error);
        } finally {
            this.state.busy = false;
        }
    }

    /** The part of the balance that is meant for the purchase that the new card takes over. */
    get held() {
        const held = this.state.quote.open_order?.held;
        return toCents(held) > 0 ? this.money(held) : "";
    }

    /** The part of the balance that is held for something else, a payout as a rule. */
    get reserved() {
        const cents = reservedCents(this.state.quote.open_order, this.state.quote.customer);
        return cents > 0 ? this.money(fromCents(cents)) : "";
    }

    money(text) {
        return formatMoney(text, this.props.session.setup?.currency);
    }

    energy(text) {
        return formatEnergy(text);
    }
}
