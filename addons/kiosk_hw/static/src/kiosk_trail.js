import { browser } from "@web/core/browser/browser";

const ADDRESS = "/web/dataset/call_kw/electricity.kiosk/report";
/** Entries that the server takes in one call. */
const MOST = 20;
const EVERY = 5_000;
const LONGEST = 120;

/**
 * Names each visit, so that the server keeps its steps together, and tells the server what this page says of itself:
 * which screen, what was touched, which error. It waits for no answer: nothing here may keep a customer waiting.
 */
export class KioskTrail {
    constructor() {
        this.entries = [];
        this.visit = crypto.randomUUID();
    }

    /** @param {string} name of the screen that is shown now; "attract": the visit is over */
    screen(name) {
        this.note("screen", name);
        if (name === "attract") {
            this.send();
            this.visit = crypto.randomUUID();
        }
    }

    /** @param {EventTarget} target what was touched; digits are not told apart, they may be somebody's number */
    touched(target) {
        const button = target.closest?.("button");
        if (button) {
            this.note("key", button.dataset.key ? "digit" : button.innerText.trim());
        }
    }

    /** @param {Error} error the page is about to be left for */
    broke(error) {
        this.note("error", error?.message || String(error));
        this.send();
    }

    note(kind, text) {
        this.entries.push({ kind, text: text.slice(0, LONGEST), at: browser.performance.now() });
        if (this.entries.length >= MOST) {
            this.send();
        }
        this.timer ||= browser.setTimeout(() => this.send(), EVERY);
    }

    send() {
        browser.clearTimeout(this.timer);
        this.timer = null;
        const entries = this.entries.splice(0, MOST);
        if (!entries.length) {
            return;
        }
        // How long ago each was: the browser's clock may be wrong, and many wait for one sending.
        const now = browser.performance.now();
        const told = entries.map(({ kind, text, at }) => [kind, text, Math.round(now - at)]);
        const kwargs = { context: { kiosk_visit: this.visit } };
        const params = { model: "electricity.kiosk", method: "report", args: [told], kwargs };
        const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
        // Sent although the page is left.
        browser.navigator.sendBeacon(ADDRESS, new Blob([body], { type: "application/json" }));
    }
}
