import { browser } from "@web/core/browser/browser";

const TILES = ".o_kiosk_choices > button";
const HELP = ["*", "F1", "/"];
const FORWARD = ["ArrowDown", "ArrowRight"];
const BACKWARD = ["ArrowUp", "ArrowLeft"];
/** Milliseconds between two characters of a scanner that types, at most; nobody types ten of them so fast. */
const SCANNER_PACE = 100;
const SHORTEST_SCAN = 10;

/**
 * The kiosk without its touch screen: digits choose tiles and press keys, Enter goes on, Escape goes back, arrows move,
 * an asterisk asks for help. A scanner that types like a keyboard is told apart by its pace.
 */
export class Keypad {
    /**
     * @param {Object} parts
     * @param {() => HTMLElement} parts.root the kiosk's element
     * @param {() => void} parts.onHelp
     * @param {(code: string) => void} parts.onScan
     */
    constructor({ root, onHelp, onScan }) {
        Object.assign(this, { root, onHelp, onScan });
        this.burst = "";
        this.lastAt = 0;
    }

    /** What the keys are about: a dialog while one is open, else the screen. */
    get scope() {
        const root = this.root();
        return root?.querySelector("[aria-modal]") || root;
    }

    get isDialog() {
        return this.scope !== this.root();
    }

    get buttons() {
        return [...this.scope.querySelectorAll("button:not(:disabled)")];
    }

    find(selector) {
        return this.scope.querySelector(`${selector}:not(:disabled)`);
    }

    /** The first thing that can be done here has the focus. */
    focusFirst() {
        const first = this.scope && (this.find("main button") || this.find(".o_kiosk_primary") || this.buttons[0]);
        first?.focus();
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        // Nothing else on this page listens to keys: the point of sale has shortcuts and a reader of bar codes of its own.
        event.stopImmediatePropagation();
        if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !this.scope) {
            return;
        }
        if (event.key === "Enter" && this.endOfScan(event.timeStamp)) {
            return event.preventDefault();
        }
        if (event.key.length === 1) {
            this.remember(event.key, event.timeStamp);
        }
        if (this.act(event.key)) {
            event.preventDefault();
        }
    }

    /** @returns {boolean} whether the key meant something */
    act(key) {
        if (/^\d$/.test(key)) {
            return this.digit(key);
        }
        if (key === "Enter") {
            return this.enter();
        }
        if (key === "Escape") {
            return this.click(this.find(".o_kiosk_keys > .o_kiosk_second") || (this.isDialog && this.find(".o_kiosk_primary")));
        }
        if (key === "Backspace" || key === "Delete") {
            return this.click(this.find("[data-key=back]"));
        }
        if (HELP.includes(key)) {
            this.onHelp();
            return true;
        }
        if (FORWARD.includes(key) || BACKWARD.includes(key)) {
            return this.move(FORWARD.includes(key) ? 1 : -1);
        }
        return false;
    }

    digit(digit) {
        const key = this.find(`[data-key="${digit}"]`);
        if (key) {
            // Enter is for what was typed now, not for what had the focus before.
            document.activeElement?.blur();
        }
        return key ? this.click(key) : this.choose(this.scope.querySelectorAll(TILES)[Number(digit) - 1]);
    }

    /** A scanner types digits too: a tile waits until it is sure that this one stands alone. */
    choose(tile) {
        browser.setTimeout(() => {
            if (this.burst.length === 1) {
                this.click(tile);
            }
        }, 2 * SCANNER_PACE);
        return Boolean(tile);
    }

    enter() {
        const focused = document.activeElement;
        const ready = this.buttons.includes(focused) ? focused : this.find(".o_kiosk_primary");
        if (ready) {
            return this.click(ready);
        }
        // What was typed a moment ago may be about to enable the key.
        const { screen } = this.root().dataset;
        browser.requestAnimationFrame(() => {
            if (this.root()?.dataset.screen === screen) {
                this.click(this.find(".o_kiosk_primary"));
            }
        });
        return true;
    }

    move(step) {
        const { buttons } = this;
        const now = buttons.indexOf(document.activeElement);
        const next = now < 0 ? 0 : (now + step + buttons.length) % buttons.length;
        buttons[next]?.focus();
        return true;
    }

    click(button) {
        if (button && !button.disabled) {
            button.click();
        }
        return Boolean(button);
    }

    /** @param {number} now milliseconds, when it was typed: a busy page may hear of it later */
    remember(character, now) {
        this.burst = now - this.lastAt > SCANNER_PACE ? character : this.burst + character;
        this.lastAt = now;
    }

    /** @returns {boolean} whether a scanner has typed what came before */
    endOfScan(now) {
        const code = this.burst;
        const isScan = code.length >= SHORTEST_SCAN && now - this.lastAt <= SCANNER_PACE;
        this.burst = "";
        if (isScan) {
            this.onScan(code);
        }
        return isScan;
    }
}
