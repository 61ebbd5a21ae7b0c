import { _t } from "@web/core/l10n/translation";

import { ARREARS } from "../kiosk_visit";
import { ReceiptPart } from "./receipt_part";
import { Screen } from "./screen";

const MOST = { bills: 6, purchases: 5 };
const FEWER = { bills: 4, purchases: 3 };
const DRAFT = "draft";

/** Whose card it is, what is owed and what was bought. */
export class FileScreen extends Screen {
    static template = "kiosk_hw.FileScreen";
    static components = { ReceiptPart };

    get file() {
        return this.visit.file;
    }

    get reserved() {
        return this.moneyIfAny(this.file.customer.reserved);
    }

    get words() {
        return {
            title: _t("My account and bills"),
            name: _t("Name"),
            account: _t("Account"),
            address: _t("Address"),
            meter: _t("Meter"),
            balance: _t("Balance"),
            reserved: _t("Reserved otherwise"),
            inserted: _t("Latest purchase"),
            owed: _t("What is owed"),
            asking: _t("Asking for the newest figures…"),
            fee: _t("late fee included: %s", this.money(this.file.bills?.late_fee || "0.00")),
            nothingOwed: _t("Nothing is owed."),
            unknown: _t("What is owed is not known at this moment."),
            asOf: _t("As of %s", this.day(this.file.bills && `${this.file.bills.as_of.replace(" ", "T")}Z`)),
            purchases: _t("Latest purchases"),
            noPurchases: _t("No purchase yet."),
            more: _t("and %s more", this.hidden),
            receipt: _t("Print my last receipt"),
            back: _t("Back"),
            leave: _t("Finish"),
        };
    }

    /** Whether a receipt is on its way: a second touch prints no second one. */
    get printing() {
        return ["asking", "printing"].includes(this.visit.receipt.state);
    }

    /** Whether the meter has taken the latest purchase, in words; null when nothing was bought. */
    get inserted() {
        const { open_order: order } = this.file;
        if (order?.state === DRAFT) {
            return order.op === ARREARS
                ? _t("Begun, and not paid in full. Choose “Pay arrears” to go on.")
                : _t("Begun, and not paid in full. Choose “Buy electricity” to go on.");
        }
        if (order) {
            return _t("Paid, but not on the card yet. Choose “Write my card again”.");
        }
        if (!this.file.last_purchase || this.file.inserted === null) {
            // Only the card says whether the meter has taken it.
            return null;
        }
        return this.file.inserted ? _t("In the meter") : _t("On the card. Put the card into your meter.");
    }

    /** A receipt takes the room of some lines. */
    get most() {
        return this.visit.receipt.state ? FEWER : MOST;
    }

    get bills() {
        return (this.file.bills?.bills || []).slice(0, this.most.bills);
    }

    get hidden() {
        return Math.max(0, (this.file.bills?.bills.length || 0) - this.most.bills);
    }

    get owes() {
        return this.bills.length > 0;
    }

    get purchases() {
        return this.file.purchases.slice(0, this.most.purchases);
    }
}
