import { Reactive } from "@web/core/utils/reactive";
import { browser } from "@web/core/browser/browser";

/** Seconds before the end of which the customer is told that time runs out. */
export const WARNING = 20;

/** Ends a visit that nobody goes on with. Every touch begins the time anew. */
export class Idle extends Reactive {
    /** @param {() => void} onEnd */
    constructor(onEnd) {
        super();
        this.onEnd = onEnd;
        this.left = null;
        this.limit = null;
    }

    /** @param {number|null} seconds until the end; null: this question waits for ever */
    begin(seconds) {
        browser.clearInterval(this.timer);
        this.limit = this.left = seconds;
        if (seconds) {
            this.timer = browser.setInterval(() => this.tick(), 1000);
        }
    }

    extend() {
        this.left = this.limit;
    }

    get isWarning() {
        return this.left !== null && this.left <= Math.min(WARNING, this.limit - 1);
    }

    tick() {
        this.left -= 1;
        if (this.left <= 0) {
            browser.clearInterval(this.timer);
            this.left = null;
            this.onEnd();
        }
    }
}
