import { Component, useState } from "@odoo/owl";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { besideAmount, formatMoney, fromCents } from "./amounts";
import { ORDER_STATES, shortMoment } from "./words";

const ACCOUNT_FIELDS = ["name", "partner_id", "supply_address", "meter_id", "balance", "state"];
const SALE_FIELDS = ["uuid", "name", "amount", "quantity_text", "count", "state", "occurred_at"];

/** Looks accounts up by number or name. Looking reserves nothing; selling always starts with the card. */
export class SearchPanel extends Component {
    static template = "electricity_prepaid.SearchPanel";
    static props = { session: Object, onPrint: Function, onArrears: Function, onClose: Function };

    setup() {
        this.orm = useService("orm");
        this.session = useState(this.props.session);
        this.state = useState({ query: "", accounts: null, at: 0, account: null, sales: [] });
        this.found = "";
        this.search = useDebounced(() => this.find(), 200);
        useAutofocus();
    }

    async find() {
        const query = this.state.query.trim();
        if (query.length < 2) {
            this.state.accounts = null;
            this.found = query;
            return;
        }
        const domain = ["|", ["name", "ilike", query], ["partner_id.name", "ilike", query]];
        const accounts = await this.orm.searchRead("electricity.account", domain, ACCOUNT_FIELDS, { limit: 8 });
        if (query === this.state.query.trim()) {
            this.found = query;
            Object.assign(this.state, { accounts, at: 0, account: null });
        }
    }

    /** Open the marked row. Rows that a shorter query found are looked up anew first: nobody gets another's account. */
    async openMarked() {
        if (this.found !== this.state.query.trim()) {
            this.search.cancel();
            await this.find();
        }
        const account = this.state.accounts?.[this.state.at];
        if (account && this.found === this.state.query.trim()) {
            await this.open(account);
        }
    }

    async open(account) {
        this.state.account = account;
        const domain = [["electricity_account_id", "=", account.id], ["state", "!=", "draft"]];
        this.state.sales = await this.orm.searchRead("electricity.recharge", domain, SALE_FIELDS, {
            limit: 10,
            order: "id desc",
        });
    }

    onInput(ev) {
        this.state.query = ev.target.value;
        this.search();
    }

    onKeydown(ev) {
        const { accounts } = this.state;
        if (ev.key === "Escape") {
            this.props.onClose();
        } else if (ev.key === "F10" && this.asksMarketing) {
            this.showArrears();
        } else if (ev.key === "Enter" && !ev.isComposing) {
            this.openMarked();
        } else if (["ArrowDown", "ArrowUp"].includes(ev.key) && accounts?.length) {
            const step = ev.key === "ArrowDown" ? 1 : -1;
            this.state.at = (this.state.at + step + accounts.length) % accounts.length;
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    /** Whether the marketing system can be asked about the account; only asking tells whether it is back. */
    get asksMarketing() {
        return Boolean(this.session.setup?.marketing && this.state.account);
    }

    showArrears() {
        const { name, partner_id, supply_address, meter_id, balance } = this.state.account;
        this.props.onArrears({
            name: partner_id[1],
            account: name,
            address: supply_address || "",
            meter: meter_id ? meter_id[1] : "",
            balance: balance.toFixed(2),
        });
    }

    stateWords(sale) {
        return ORDER_STATES[sale.state] || sale.state;
    }

    when(text) {
        return shortMoment(text);
    }

    quantity({ amount, quantity_text }) {
        const sale = { amount: amount.toFixed(2), quantity: quantity_text || "" };
        return besideAmount(sale, this.props.session.setup?.currency);
    }

    money(number) {
        return formatMoney(fromCents(Math.round(number * 100)), this.props.session.setup?.currency);
    }
}
