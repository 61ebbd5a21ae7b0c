import { _t } from "@web/core/l10n/translation";

import { chosenBills, PHASE } from "./counter_flow";
import { counterMemory, newUuid } from "./counter_memory";
import { Refusal } from "./counter_server";

/** Refusals that end with asking the marketing system again. */
export const LOOKUP_NEEDED = "M-301";
const UNREACHABLE = "M-101";
const ARREARS_UNREACHABLE = "M-306";
const CHANGED = ["M-302", "M-303"];

/** What the counter does with the marketing system: ask it about the customer, and take arrears. */
export class MarketingDesk {
    /** @param {CounterSession} session */
    constructor(session) {
        this.session = session;
    }

    get terminalId() {
        return this.session.setup.terminal.id;
    }

    /** Asks about the customer of a quote whose answer is missing or too old. @returns {Promise<Object>} the quote */
    async complete(quote, snapshot) {
        if (quote.marketing?.state !== "ask" || !quote.customer || quote.open_order) {
            return quote;
        }
        return this.ask(quote, snapshot);
    }

    async ask(quote, snapshot) {
        const { session } = this;
        session.tell("busy", { what: "lookup" });
        const marketing = await session.server.lookup(this.terminalId, quote.customer.account);
        this.note(marketing);
        const fresh = snapshot
            ? await session.withSnapshot((reading) => session.server.quote(this.terminalId, reading))
            : { ...quote, marketing };
        session.tell("marketing", { quote: fresh });
        return fresh;
    }

    /** Keeps the light in the bar true. */
    note({ state, policy }) {
        if (state) {
            this.session.setup = { ...this.session.setup, marketing: { state: state === "down" ? state : "up", policy } };
        }
    }

    /** Asks again, on the clerk's word. */
    refresh() {
        const { quote, snapshot, phase } = this.session.flow;
        if (![PHASE.CUSTOMER, PHASE.BILLS].includes(phase) || !quote?.customer || !quote.marketing?.state) {
            return;
        }
        return this.session.work("lookup", () => this.ask(quote, snapshot));
    }

    /** F10 was pressed and no bill can be chosen: says why. */
    sayWhyNot() {
        const { session } = this;
        const known = session.flow.quote.marketing;
        const code = { down: ARREARS_UNREACHABLE, ask: LOOKUP_NEEDED }[known.state];
        const message = code ? session.sentence(code) : _t("No bill of this customer can be paid here now.");
        session.tell("problem", { problem: { code, message } });
    }

    /** Opens the choice of bills of a customer who was found by number, without a card. */
    find(customer) {
        return this.session.work("lookup", async () => {
            const marketing = await this.session.server.lookup(this.terminalId, customer.account);
            this.note(marketing);
            this.session.tell("bills", { quote: { customer, marketing, allowed: false, operations: [] } });
        });
    }

    /** Runs a step; when Odoo wants a fresh answer first, asks and runs it once more. */
    async withAnswer(step) {
        try {
            return await step();
        } catch (error) {
            const { quote, snapshot, order } = this.session.flow;
            const asksAgain = error.code === LOOKUP_NEEDED || (order && error.code === UNREACHABLE);
            if (!(error instanceof Refusal) || !asksAgain || !(quote || order)) {
                throw error;
            }
            if (order) {
                // Paid already: only what is known of the customer has to be asked anew.
                this.note(await this.session.server.lookup(this.terminalId, order.account));
            } else {
                await this.ask(quote, snapshot);
            }
            return step();
        }
    }

    /** Begins the payment of the chosen bills; what changed meanwhile is shown afresh. */
    payBills() {
        const { session } = this;
        return session.work("bills", async () => {
            const uuid = newUuid();
            counterMemory.sale = uuid;
            const { account } = session.flow.quote.customer;
            const bills = () =>
                chosenBills(session.flow).map(({ receivable_id, due }) => ({ receivable_id, amount: due }));
            const begin = () => session.server.beginArrears(uuid, this.terminalId, account, bills());
            try {
                const { order } = await this.withAnswer(begin);
                session.show(order);
            } catch (error) {
                if (error instanceof Refusal && CHANGED.includes(error.code)) {
                    await this.ask(session.flow.quote, null);
                }
                throw error;
            }
        });
    }

    reverse(reason) {
        const { session } = this;
        return session.work("reverse", async () => {
            const { order } = await session.server.reverseArrears(session.flow.order.uuid, reason);
            session.show(order);
        });
    }
}
