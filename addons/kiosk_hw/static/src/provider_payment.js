import { Reactive } from "@web/core/utils/reactive";
import { browser } from "@web/core/browser/browser";
import { pause } from "@electricity_prepaid/counter/counter_server";

const LOOK_EVERY = 1500;
/** After a cancellation without an answer, how long the customer is asked to wait for one. */
const CLOSING_WITHIN = 40_000;
/** States of a payment in which it is not over. */
const OPEN = ["asking", "waiting"];

/**
 * Money for one order by QR code or bank card. What counts is what the payment service says to the server; this only
 * shows it. The server knows the payment, so whoever begins anew follows the same one.
 */
export class ProviderPayment extends Reactive {
    /**
     * @param {Object} parts
     * @param {import("./kiosk_server").KioskServer} parts.server
     * @param {Object} parts.order status of the order, which still needs money
     * @param {"qr"|"bank_card"} parts.kind
     * @param {Object|null} [parts.running] a payment of it that may still be paid
     */
    constructor({ server, order, kind, running = null }) {
        super();
        Object.assign(this, { server, order, kind });
        this.reference = running?.reference || crypto.randomUUID().replaceAll("-", "");
        this.payment = running;
        this.endsAt = null;
        this.left = running?.seconds_left ?? null;
        this.cancelling = false;
        this.unwanted = false;
        this.note(running);
    }

    /** Whether nobody knows yet how it stands. */
    get isAsking() {
        return this.payment?.state !== "waiting";
    }

    /** What the payment service has not told yet, or why it is over, as a code; null: all is well. */
    get code() {
        return this.payment?.code || null;
    }

    get isPaid() {
        return this.payment?.state === "paid";
    }

    /** Whether it ended without anybody knowing whether it was paid. */
    get isUnclear() {
        return OPEN.includes(this.payment?.state);
    }

    /** The customer does not want to pay this way; what was paid meanwhile counts. */
    cancel() {
        this.cancelling = this.unwanted = true;
    }

    /** @returns {Promise<Object>} status of the order after the payment is over, or after nobody would say how it is */
    async run() {
        const timer = browser.setInterval(() => this.tick(), 500);
        try {
            await this.follow();
        } finally {
            browser.clearInterval(timer);
        }
        return this.order;
    }

    async follow() {
        let giveUpAt = null;
        this.take(await this.server.pay(this.order.uuid, this.reference, this.kind));
        while (OPEN.includes(this.payment.state)) {
            await pause(LOOK_EVERY);
            if (this.cancelling || this.left === 0) {
                this.cancelling = true;
                giveUpAt ||= Date.now() + CLOSING_WITHIN;
                this.take(await this.server.payCancel(this.reference));
                if (Date.now() > giveUpAt) {
                    return;
                }
            } else if (this.payment.state === "asking") {
                this.take(await this.server.pay(this.order.uuid, this.reference, this.kind));
            } else {
                this.take(await this.server.payStatus(this.reference));
            }
        }
    }

    /** @param {{payment: Object, order: Object}} answer */
    take({ payment, order }) {
        this.payment = payment;
        this.order = order;
        this.note(payment);
    }

    note(payment) {
        this.endsAt = payment ? Date.now() + payment.seconds_left * 1000 : null;
        this.tick();
    }

    tick() {
        this.left = this.endsAt === null ? null : Math.max(0, Math.ceil((this.endsAt - Date.now()) / 1000));
    }
}

/** @returns {boolean} whether a refusal says that this way to pay does not work now; another one may */
export function isAboutTheWay(code) {
    return /^A-[1235]\d\d$/.test(code);
}
