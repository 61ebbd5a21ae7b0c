import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

import { formatMoney } from "./amounts";

const { DateTime } = luxon;

/** What is being waited for; shown after a moment beside the spinner. */
export const WAITING = {
    start: _t("Looking for sales that are still open…"),
    read: _t("Reading the card…"),
    resolve: _t("Comparing the card with the open sale…"),
    begin: _t("Opening the sale…"),
    tender: _t("Recording the payment…"),
    authorize: _t("Preparing the write…"),
    lookup: _t("Asking the marketing system…"),
    bills: _t("Opening the payment…"),
    cancel: _t("Ending the sale…"),
    look: _t("Asking for the latest state…"),
    print: _t("Preparing the receipt…"),
    reverse: _t("Preparing the reversal…"),
};

/** What is done with a card beside a sale: title, button and result. */
export const OPERATIONS = {
    open: {
        title: _t("Open the account"),
        offer: _t("Open an account with this card"),
        begin: _t("Open the account"),
        write: _t("Write the new card"),
        done: _t("The account is open"),
    },
    replace: {
        title: _t("Replace the card"),
        offer: _t("Replace a card"),
        begin: _t("Replace the card"),
        write: _t("Write the new card"),
        done: _t("The new card is in use"),
    },
    arrears: {
        title: _t("Pay arrears"),
        done: _t("The arrears are paid"),
    },
    clear: {
        title: _t("Clear the card"),
        offer: _t("Clear this card"),
        begin: _t("Clear the card"),
        write: _t("Clear the card"),
        done: _t("The card is blank"),
    },
};

/** Ages of bills as the server names them. */
export const AGES = {
    d30: _t("up to 30 days"),
    d90: _t("31 to 90 days"),
    d180: _t("91 to 180 days"),
    d365: _t("181 to 365 days"),
    older: _t("over a year"),
};

export const BILL_STATES = {
    open: _t("Unpaid"),
    collecting: _t("With a collector"),
    disputed: _t("Disputed"),
};

export const ORDER_STATES = {
    draft: _t("Waiting for payment"),
    paid: _t("Paid, not written yet"),
    authorized: _t("Being written"),
    written: _t("Written"),
    unknown: _t("Outcome unknown"),
    not_written: _t("Paid, card not written"),
    cancelled: _t("Cancelled"),
    reversed: _t("Reversed"),
    dispute: _t("Under investigation"),
};

export const STEPS = [
    { name: "check", label: _t("Check the card") },
    { name: "write", label: _t("Write") },
    { name: "verify", label: _t("Read back and compare") },
    { name: "done", label: _t("Confirm") },
];

export const ATTEMPT_STATES = {
    issued: _t("Sent to the terminal"),
    intent: _t("Begun"),
    written: _t("Written"),
    not_written: _t("Not written"),
    unknown: _t("Outcome unknown"),
    void: _t("Refused before writing"),
};

/**
 * @param {Object} row of `electricity.recharge`, as the ORM reads it
 * @returns {{uuid: string, account: string, amount: string, quantity: string}} a line of the shift's last sales; what
 *     put nothing on a card says instead what it was
 */
export function lastSale(row) {
    const instead = row.op === "arrears" ? _t("Arrears") : OPERATIONS[row.op]?.title;
    return {
        uuid: row.uuid,
        account: row.electricity_account_id[1],
        amount: row.amount.toFixed(2),
        quantity: row.quantity_text || instead || "",
    };
}

/** Names of the lines of a breakdown, by the label that the tariff engine gives them. */
export const LINE_LABELS = {
    single: _t("Electricity"),
};

/** @param {Object} bill @param {Object} currency @returns {string} the late fee, which the bill's sum has in it already */
export function includedLateFee(bill, currency) {
    return _t("incl. late fee %s", formatMoney(bill.late_fee, currency));
}

/** @param {string} [text] moment as the server gives it, UTC @returns {string} "14:05"; with its date when not today */
export function asOf(text) {
    if (!text) {
        return "";
    }
    const moment = deserializeDateTime(text);
    return moment.hasSame(DateTime.now(), "day") ? moment.toFormat("HH:mm") : shortMoment(text);
}

/** @param {string} [text] moment as the server gives it, UTC @returns {string} in the clerk's time zone, no seconds */
export function shortMoment(text) {
    return text ? toLocaleDateTimeString(deserializeDateTime(text)) : "";
}

/** How far taking a payment of arrears back has come; a payment without it stands. */
export const TAKING_BACK = {
    proposed: _t("Waits for a second supervisor"),
    approved: _t("Waits for the marketing system"),
    refused: _t("Not taken back: the payment stands"),
};
