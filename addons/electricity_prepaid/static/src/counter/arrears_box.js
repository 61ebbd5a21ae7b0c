import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { formatMoney, toCents } from "./amounts";
import { openBills, PHASE } from "./counter_flow";
import { AGES, asOf, BILL_STATES, includedLateFee } from "./words";

const SHOWN = 6;

/** What the marketing system says of the customer: arrears, since when that is known, what the clerk must know. */
export class ArrearsBox extends Component {
    static template = "electricity_prepaid.ArrearsBox";
    static props = { session: Object, onPay: Function, onRefresh: Function };

    setup() {
        this.session = useState(this.props.session);
    }

    get flow() {
        return this.session.flow;
    }

    get marketing() {
        return this.flow.quote?.marketing;
    }

    get arrears() {
        return this.marketing?.arrears;
    }

    get shows() {
        return [PHASE.CUSTOMER, PHASE.BILLS].includes(this.flow.phase) && Boolean(this.marketing?.state);
    }

    get asking() {
        return this.flow.busy === "lookup" || (this.flow.busy === "read" && this.marketing.state === "ask");
    }

    get down() {
        return this.marketing.state === "down" && !this.asking;
    }

    /** The list of the bills; while they are being chosen it stands in the sale column. */
    get bills() {
        const bills = this.flow.phase === PHASE.CUSTOMER ? this.arrears?.bills || [] : [];
        return bills.slice(0, SHOWN).map((bill) => ({ ...bill, words: AGES[bill.age], stateWords: BILL_STATES[bill.status] }));
    }

    get more() {
        return this.flow.phase === PHASE.CUSTOMER ? Math.max(0, (this.arrears?.bills.length || 0) - SHOWN) : 0;
    }

    get mayPay() {
        return this.flow.phase === PHASE.CUSTOMER && !this.flow.busy && this.marketing.state === "up" && this.payable;
    }

    get payable() {
        return openBills(this.flow.quote).length > 0;
    }

    get owes() {
        return toCents(this.arrears?.total) > 0;
    }

    get asOf() {
        const moment = asOf(this.arrears.as_of);
        return this.marketing.state === "down" ? _t("last known at %s", moment) : _t("as of %s", moment);
    }

    get lateFees() {
        return _t("late fees of %s included", this.money(this.arrears.late_fee));
    }

    get moreBills() {
        return _t("%s newer bills are not shown here", this.more);
    }

    get paidHere() {
        return _t("%s paid here, still to be settled by the marketing system", this.money(this.arrears.paid_here));
    }

    get advance() {
        return _t("The marketing system holds %s of this customer in advance", this.money(this.arrears.advance));
    }

    lateFee(bill) {
        return includedLateFee(bill, this.session.setup?.currency);
    }

    nonZero(text) {
        return toCents(text) !== 0;
    }

    money(text) {
        return formatMoney(text, this.session.setup?.currency);
    }
}
