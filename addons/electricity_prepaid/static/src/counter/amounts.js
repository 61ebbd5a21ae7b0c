import { localization } from "@web/core/l10n/localization";

const STOPS = "。．";
const FULL_WIDTH = /[\uFF10-\uFF19\uFF0E\u3002]/g;

/**
 * What a person typed, as the decimal string that Odoo takes. Chinese input methods give full-width digits and stops.
 *
 * @param {string} text
 * @returns {string|null} at most two decimals, without sign; null when it is no amount
 */
export function parseAmount(text) {
    const plain = String(text)
        .trim()
        .replace(FULL_WIDTH, (char) => (STOPS.includes(char) ? "." : String.fromCharCode(char.charCodeAt(0) - 0xfee0)));
    return /^\d{1,9}(\.\d{0,2})?$/.test(plain) ? fromCents(toCents(plain)) : null;
}

/** @returns {boolean} whether the text may stand in an amount field while it is being typed */
export function isAmountPrefix(text) {
    return text === "" || parseAmount(text) !== null;
}

/** @param {string} text decimal string, also negative @returns {number} whole cents */
export function toCents(text) {
    const [, sign, whole, fraction = ""] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(String(text ?? "0")) || [null, "", "0"];
    const cents = Number(whole || 0) * 100 + Number((fraction + "00").slice(0, 2));
    return sign ? -cents : cents;
}

/** @param {number} cents @returns {string} decimal string with two decimals */
export function fromCents(cents) {
    const size = Math.abs(cents);
    return `${cents < 0 ? "-" : ""}${Math.floor(size / 100)}.${String(size % 100).padStart(2, "0")}`;
}

/**
 * How much of a balance is held for something else than the order at hand, a payout as a rule.
 *
 * @param {Object} [order] status of the order that is worked on
 * @param {Object} [customer] of a quote; counts where there is no order
 * @returns {number} cents
 */
export function reservedCents(order, customer) {
    return order ? toCents(order.reserved) : toCents(customer?.balance) - toCents(customer?.available);
}

/**
 * @param {string} received decimal string
 * @param {string} due decimal string
 * @returns {string} what goes back over the counter, never negative
 */
export function changeOf(received, due) {
    return fromCents(Math.max(0, toCents(received) - toCents(due)));
}

function grouped(text) {
    const [, sign, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text)) || [];
    if (whole === undefined) {
        return String(text);
    }
    const thousands = whole.replace(/\B(?=(\d{3})+$)/g, localization.thousandsSep || "");
    return sign + thousands + (fraction ? localization.decimalPoint + fraction : "");
}

/**
 * @param {string} text decimal string in the currency
 * @param {{symbol: string, position: string}} currency
 * @returns {string} for reading: "¥ 1,234.50"
 */
export function formatMoney(text, currency) {
    const number = grouped(text);
    const symbol = currency?.symbol || "";
    return currency?.position === "after" ? `${number}\u00a0${symbol}` : `${symbol}\u00a0${number}`;
}

/** @param {string} text decimal string in kWh @returns {string} for reading: "182.35 kWh" */
export function formatEnergy(text) {
    return `${grouped(text)}\u00a0kWh`;
}

/**
 * What a sale put on its card, to be shown beside its amount: money cards carry the amount itself, which stands there
 * already.
 *
 * @param {{amount: string, quantity: string}} sale quantity with its unit, as Odoo gave it
 * @param {{symbol: string, position: string}} currency
 * @returns {string} "182.35 kWh", or nothing
 */
export function besideAmount(sale, currency) {
    return sale.quantity === `${currency?.symbol} ${sale.amount}` ? "" : sale.quantity;
}

/**
 * What goes on a card, in the unit of the card.
 *
 * @param {{unit: string, quantity: string, energy: string}} order status as Odoo gave it
 * @param {{symbol: string, position: string}} currency
 * @returns {string} "182.35 kWh" or "¥ 100.00"
 */
export function formatQuantity(order, currency) {
    const quantity = order.quantity ?? order.energy;
    return order.unit === "cents" ? formatMoney(quantity, currency) : formatEnergy(quantity);
}
