import { register_payment_method } from "@point_of_sale/app/services/pos_store";
import { PaymentInterface } from "@point_of_sale/app/utils/payment/payment_interface";

const GATEWAY = "electricity_gateway";

/**
 * The card terminal of a kiosk, as a payment terminal of Odoo's point of sale. The gateway talks to the terminal
 * itself; the point of sale only asks the server, which alone says whether it was paid.
 */
export class KioskCardTerminal extends PaymentInterface {
    setup(...args) {
        super.setup(...args);
        this.running = new Map();
    }

    /**
     * Follow a payment that a kiosk has prepared.
     *
     * @param {string} uuid reference of the payment
     * @returns {Promise<boolean>} whether it was paid; false as well for a payment of nobody's
     */
    async sendPaymentRequest(uuid) {
        const payment = this.running.get(uuid);
        if (!payment) {
            return false;
        }
        try {
            await payment.run();
        } finally {
            this.running.delete(uuid);
        }
        return payment.isPaid;
    }

    /** Ask the gateway to give up; a payment that was approved meanwhile counts. */
    async sendPaymentCancel(_order, uuid) {
        this.running.get(uuid)?.cancel();
        return true;
    }

    /** @param {import("./provider_payment").ProviderPayment} payment that `sendPaymentRequest` follows next */
    prepare(payment) {
        this.running.set(payment.reference, payment);
    }

    /** @returns {KioskCardTerminal|undefined} the terminal of a point of sale that has one */
    static of(pos) {
        const methods = pos.models["pos.payment.method"].getAll();
        return methods.find((method) => method.use_payment_terminal === GATEWAY)?.payment_terminal;
    }
}

register_payment_method(GATEWAY, KioskCardTerminal);
