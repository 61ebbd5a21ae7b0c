import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { besideAmount, formatMoney, fromCents, reservedCents, toCents } from "./amounts";
import { ArrearsBox } from "./arrears_box";
import { PHASE } from "./counter_flow";
import { LOOKUP_NEEDED } from "./marketing_desk";
import { ATTEMPT_STATES, ORDER_STATES, shortMoment } from "./words";

/** Middle column: who stands here, what was bought last, what is open, and why something may not be sold. */
export class CustomerPanel extends Component {
    static template = "electricity_prepaid.CustomerPanel";
    static components = { ArrearsBox };
    static props = { session: Object, lastSales: Array, onPrint: Function, onPay: Function, onRefresh: Function };

    setup() {
        this.session = useState(this.props.session);
    }

    get flow() {
        return this.session.flow;
    }

    get order() {
        return this.flow.order;
    }

    /** From the card when it was read, else from the order that is worked on. */
    get customer() {
        const { quote, order } = this.flow;
        if (quote?.customer) {
            return { ...quote.customer, balance: order?.balance ?? quote.customer.balance };
        }
        return order && { ...order, name: order.customer };
    }

    /** The part of the balance that is meant for the purchase at hand: it is not free. */
    get held() {
        const { order } = this;
        return order && toCents(order.held) > 0 ? this.money(order.held) : "";
    }

    /** The part of the balance that is held for something else, a payout as a rule: it is not free either. */
    get reserved() {
        const cents = reservedCents(this.flow.order, this.flow.quote?.customer);
        return cents > 0 ? this.money(fromCents(cents)) : "";
    }

    get showsLists() {
        return this.flow.phase === PHASE.IDLE;
    }

    get problem() {
        const { problem, quote, phase, busy } = this.flow;
        if (problem) {
            return problem;
        }
        const asking = busy && quote?.code === LOOKUP_NEEDED;
        const refused = phase === PHASE.CUSTOMER && quote && !quote.allowed && quote.code && !this.isBlank && !asking;
        return refused ? { code: quote.code, message: quote.message } : null;
    }

    /** A blank card is no problem but the start of an operation. */
    get isBlank() {
        const { phase, quote } = this.flow;
        return phase === PHASE.CUSTOMER && Boolean(quote?.operations?.includes("open"));
    }

    /** What the problem means for the money. */
    get moneyLine() {
        const { order } = this;
        if (!order || !toCents(order.paid)) {
            return _t("No money has been taken for this.");
        }
        if (order.state === "written") {
            return _t("The payment of %s is in the sale that was written.", this.money(order.paid));
        }
        return _t("The payment of %(amount)s is safe: it is recorded under %(serial)s.", {
            amount: this.money(order.paid),
            serial: order.serial,
        });
    }

    get lastPurchase() {
        return this.flow.quote?.last_purchase;
    }

    /** What may be bought, in words; why not is told by the problem. */
    get offer() {
        const { quote, phase } = this.flow;
        if (phase !== PHASE.CUSTOMER || !quote?.allowed || !quote.limits) {
            return "";
        }
        return _t("May buy from %(min)s to %(max)s", {
            min: this.money(quote.limits.min),
            max: this.money(quote.limits.max),
        });
    }

    get openOrders() {
        return this.session.openOrders.filter((order) => order.uuid !== this.order?.uuid);
    }

    get attempts() {
        return (this.order?.attempts || []).map((attempt) => ({
            ...attempt,
            words: ATTEMPT_STATES[attempt.state],
            sentence: attempt.code ? this.session.sentence(attempt.code) : "",
        }));
    }

    stateWords(order) {
        return ORDER_STATES[order.state] || order.state;
    }

    quantity(sale) {
        return besideAmount(sale, this.session.setup?.currency);
    }

    when(text) {
        return shortMoment(text);
    }

    money(text) {
        return formatMoney(text, this.session.setup?.currency);
    }
}
