import { _t } from "@web/core/l10n/translation";
import { toCents } from "@electricity_prepaid/counter/amounts";

import { Screen } from "./screen";
import { WaysNotNow } from "./ways_not_now";

const MOST_BILLS = 8;
/** Where there is something to be said of the paper, too. */
const MOST_BILLS_WITHOUT_PAPER = 6;
const OPEN = "open";

/** What is owed, bill by bill, and how much of it is paid now. */
export class BillsScreen extends Screen {
    static template = "kiosk_hw.BillsScreen";
    static components = { WaysNotNow };

    get answer() {
        return this.visit.arrears.answer;
    }

    get words() {
        const { customer, bills } = this.answer;
        return {
            title: _t("What is owed"),
            who: [customer.name, customer.account, customer.address].filter(Boolean).join(" · "),
            balance: _t("Balance: %s", this.money(customer.balance)),
            unknown: _t("What is owed is not known at this moment."),
            nothingOwed: _t("Nothing is owed."),
            fee: _t("late fee included: %s", this.money(bills?.late_fee || "0.00")),
            asOf: _t("As of %s", this.day(bills && `${bills.as_of.replace(" ", "T")}Z`)),
            paidHere: toCents(bills?.paid_here || "0") ? _t("Paid here already: %s", this.money(bills.paid_here)) : "",
            more: _t("and %s more", this.hidden),
            problem: this.problem,
            text: _t("Bills are paid whole, the oldest first. What you put in beyond them stays as your balance."),
            paper: this.paperNotice,
            back: _t("Back"),
            leave: _t("Finish"),
        };
    }

    get problem() {
        const { payable } = this.answer;
        if (payable.allowed) {
            return "";
        }
        return `${payable.message} (${payable.code})`;
    }

    /** Why nothing can be paid is said where something is owed, or may be. */
    get saysProblem() {
        return Boolean(this.problem) && (this.bills.length > 0 || !this.answer.bills);
    }

    /** Whether there is anything beside what is owed. */
    get isAsked() {
        return this.saysProblem || this.choices.length > 0;
    }

    get all() {
        return this.answer.bills?.bills || [];
    }

    get most() {
        return this.paperNotice ? MOST_BILLS_WITHOUT_PAPER : MOST_BILLS;
    }

    get bills() {
        return this.all.slice(0, this.most).map((bill) => ({
            ...bill,
            note: bill.status === OPEN ? "" : _t("at the service desk only"),
        }));
    }

    get hidden() {
        return Math.max(0, this.all.length - this.most);
    }

    /** What may be chosen: all of it first, then the oldest alone, the two oldest, … */
    get choices() {
        const { choices, payable } = this.visit.arrears;
        if (!this.answer.payable.allowed) {
            return [];
        }
        return choices.map(({ count, total }) => ({ count, title: this.money(total), text: this.named(count, payable) }));
    }

    named(count, payable) {
        if (count === payable.length) {
            return count === 1 ? _t("The bill of %s", payable[0].month) : _t("All %s bills", count);
        }
        return count === 1 ? _t("The oldest bill, of %s", payable[0].month) : _t("The %s oldest bills", count);
    }
}
