import { Reactive } from "@web/core/utils/reactive";
import { fromCents, toCents } from "@electricity_prepaid/counter/amounts";

import { begun, here } from "./late";
import { begunBefore } from "./resume";

const ARREARS = "arrears";
const DRAFT = "draft";
const OPEN = "open";
const WRITTEN = "written";
const MOST_CHOICES = 4;

/** Arrears of one customer: what is owed, what of it is paid now. Bills are paid whole, oldest first. */
export class ArrearsFlow extends Reactive {
    /** @param {import("./kiosk_visit").KioskVisit} visit */
    constructor(visit) {
        super();
        this.visit = visit;
        this.reset();
    }

    reset() {
        this.answer = null;
        this.chosen = null;
    }

    /** Ask what is owed, and show it; a payment that was begun and waits for money comes first. */
    async open() {
        const { visit } = this;
        this.reset();
        await this.ask();
        const earlier = await begunBefore(visit, this.answer);
        if (earlier && this.comesFirst(earlier)) {
            visit.order = earlier;
            return earlier.elsewhere ? visit.show("elsewhere") : visit.settle();
        }
        if (earlier && !this.answer.open_order) {
            // A purchase that is paid only now: why no bill is paid beside it is asked anew.
            await this.ask();
        }
        visit.show("bills");
    }

    /** Whether an order that was begun before is gone on with; a purchase keeps its own place, unless money is going in. */
    comesFirst({ elsewhere, op, state }) {
        if (elsewhere) {
            return state === DRAFT;
        }
        return op === ARREARS || (state === DRAFT && !this.answer.open_order);
    }

    async ask() {
        const { visit } = this;
        this.answer = await here(visit, visit.server.arrears(await visit.who()));
    }

    /** Bills that can be paid here, oldest first. */
    get payable() {
        return (this.answer.bills?.bills || []).filter((bill) => bill.status === OPEN);
    }

    /** @returns {{count: number, total: string}[]} all of them, then fewer, from the oldest on */
    get choices() {
        const bills = this.payable;
        const counts = bills.map((_bill, index) => index + 1);
        const fewer = counts.slice(0, -1).slice(0, MOST_CHOICES - 1);
        return [...counts.slice(-1), ...fewer].map((count) => ({
            count,
            total: fromCents(bills.slice(0, count).reduce((sum, bill) => sum + toCents(bill.due), 0)),
        }));
    }

    /** All the money is in. */
    ended() {
        const { visit } = this;
        if (visit.order.state !== WRITTEN) {
            // What was shown is owed no more: the money is the customer's, and is not taken for something else.
            return visit.keep();
        }
        visit.receipt.afterEnd(visit.order);
        visit.show("done");
    }

    /** @param {number} count how many of the oldest bills */
    async pay(count) {
        const { visit } = this;
        await visit.once(async () => {
            if (this.chosen?.count !== count) {
                // The same choice, however often it is touched, is one payment.
                this.chosen = { count, uuid: crypto.randomUUID() };
            }
            const bills = this.payable
                .slice(0, count)
                .map(({ receivable_id, due }) => ({ receivable_id, amount: due }));
            visit.showReading();
            visit.order = await begun(visit, visit.server.beginArrears(this.chosen.uuid, await visit.who(), bills));
            await visit.settle();
        });
    }
}
