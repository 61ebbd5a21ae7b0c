import { browser } from "@web/core/browser/browser";

const PREFIX = "electricity_prepaid.counter";

/**
 * What this browser remembers for a faster start. Only hints: what is open is told by Odoo and by the terminal, and a
 * lost or stale hint changes nothing but the greeting.
 */
export const counterMemory = {
    get terminalId() {
        return Number(browser.localStorage.getItem(`${PREFIX}.terminal`)) || null;
    },

    set terminalId(id) {
        browser.localStorage.setItem(`${PREFIX}.terminal`, id);
    },

    /** @returns {string|null} uuid of the sale that this browser last worked on; also found after it was closed */
    get sale() {
        return browser.localStorage.getItem(`${PREFIX}.sale`);
    },

    set sale(uuid) {
        if (uuid) {
            browser.localStorage.setItem(`${PREFIX}.sale`, uuid);
        } else {
            browser.localStorage.removeItem(`${PREFIX}.sale`);
        }
    },
};

/** @returns {string} random UUID, version 4; `crypto.randomUUID` is missing on plain http outside loopback */
export function newUuid() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
