import { isTerminalError, READER_BUSY } from "../hw_client/errors";
import { pause, Refusal } from "./counter_server";

const STALE = ["N-102", "N-103", "N-104"];
const READER_PAUSES = [150, 300, 600];

/** Takes signed readings of the card: a nonce from Odoo, the snapshot from the terminal. */
export class CardReading {
    /**
     * @param {Object} parts
     * @param {import("./counter_server").CounterServer} parts.server
     * @param {() => import("../hw_client/client").TerminalClient} parts.terminal
     * @param {() => number} parts.terminalId Odoo's id of the terminal
     * @param {() => string} parts.reader name of the reader that has the card
     */
    constructor({ server, terminal, terminalId, reader }) {
        Object.assign(this, { server, terminal, terminalId, reader });
    }

    /** @returns {Promise<string>} snapshot, compact */
    async take() {
        const nonce = await this.server.nonce(this.terminalId());
        for (const wait of READER_PAUSES) {
            try {
                return await this.terminal().snapshot(nonce, this.reader());
            } catch (error) {
                if (!isTerminalError(error, READER_BUSY)) {
                    throw error;
                }
                await pause(wait); // another tab is reading the same card
            }
        }
        return this.terminal().snapshot(nonce, this.reader());
    }

    /**
     * Calls Odoo with a reading; one that Odoo finds too old is taken again, once, and the clerk need not know.
     *
     * @param {string} snapshot the reading at hand
     * @param {(snapshot: string) => Promise} call
     * @param {(snapshot: string) => void} onRead told of a new reading
     */
    async with(snapshot, call, onRead) {
        try {
            return await call(snapshot);
        } catch (error) {
            if (!(error instanceof Refusal && STALE.includes(error.code))) {
                throw error;
            }
        }
        const newer = await this.take();
        onRead(newer);
        return call(newer);
    }
}
