// The terminal's own page without a touch screen: the keys are those of the kiosk's page in Odoo. And its help.
"use strict";

const byId = (id) => document.getElementById(id);
const HELP_KEYS = ["*", "F1", "/"];
const NEXT_KEYS = ["ArrowDown", "ArrowRight"];
const BEFORE_KEYS = ["ArrowUp", "ArrowLeft"];
/** Seconds after which help that nobody reads any more is put away. */
const HELP_IDLE = 30;

const HELP_WORDS = {
    title: { zh: "帮助", en: "Help" },
    text: {
        zh: "已付款项安全：您离开后，款项也不会丢失。如有问题，请拨打服务电话，并报出本终端编号。",
        en:
            "Money already paid is safe: nothing is lost when you leave. If something goes wrong, please call the help " +
            "line and say the number of this terminal.",
    },
};

/** What the customer says to the help line. */
const told = { terminal: "", phone: "", code: "" };
let helpTimer = 0;

/** What the keys are about: the help while it is open, else the screen. */
const keyScope = () => (byId("help").hidden ? byId("keys") : byId("help"));
const buttonsHere = () => [...keyScope().querySelectorAll("button")];
const primaryHere = () => keyScope().querySelector(".primary") || buttonsHere()[0];

/** The first thing that can be done here has the focus. */
function focusFirst() {
    (primaryHere() || byId("help-key")).focus();
}

/** Puts other keys in the place of those that were there; whoever stood on one that is there again still does. */
function showKeys(...keys) {
    const before = document.activeElement?.closest("#keys button")?.textContent;
    byId("keys").replaceChildren(...keys);
    const same = before && keys.find((key) => key.textContent === before);
    if (byId("help").hidden) {
        (same || primaryHere() || byId("help-key")).focus();
    }
}

function tellTerminal({ terminal, phone }) {
    Object.assign(told, { terminal: terminal || "", phone: phone || "" });
    byId("terminal").textContent = told.terminal;
    byId("phone").textContent = told.phone ? `☎ ${told.phone}` : "";
    paintHelp();
}

function tellCode(code) {
    told.code = code;
    byId("code").textContent = code;
    paintHelp();
}

function paintHelp() {
    byId("help-phone").textContent = told.phone ? `☎ 服务电话 Help line: ${told.phone}` : "";
    byId("help-terminal").textContent = told.terminal ? `终端 Terminal: ${told.terminal}` : "";
    byId("help-code").textContent = told.code ? `代码 Code: ${told.code}` : "";
}

function showHelp(isOpen) {
    byId("help").hidden = !isOpen;
    waitForReader();
    focusFirst();
}

/** Help closes by itself: who comes next finds the screen. */
function waitForReader() {
    clearTimeout(helpTimer);
    if (!byId("help").hidden) {
        helpTimer = setTimeout(() => showHelp(false), HELP_IDLE * 1000);
    }
}

function moveFocus(step) {
    const buttons = byId("help").hidden ? [...buttonsHere(), byId("help-key")] : buttonsHere();
    const now = buttons.indexOf(document.activeElement);
    buttons[now < 0 ? 0 : (now + step + buttons.length) % buttons.length].focus();
}

/** @returns {boolean} whether the key meant something */
function act(key) {
    if (key === "Enter") {
        const focused = document.activeElement;
        const isReady = buttonsHere().includes(focused) || focused === byId("help-key");
        (isReady ? focused : primaryHere())?.click();
    } else if (key === "Escape" || key === "1") {
        const second = keyScope().querySelector(".second");
        (second || (!byId("help").hidden && byId("help-close")) || null)?.click();
    } else if (HELP_KEYS.includes(key)) {
        showHelp(byId("help").hidden);
    } else if (NEXT_KEYS.includes(key) || BEFORE_KEYS.includes(key)) {
        moveFocus(NEXT_KEYS.includes(key) ? 1 : -1);
    } else {
        return false;
    }
    return true;
}

document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
    }
    if (event.repeat) {
        // The browser itself would press the key again and again while it is held down.
        event.preventDefault();
        return;
    }
    document.body.classList.add("with-keys");
    waitForReader();
    if (act(event.key)) {
        event.preventDefault();
    }
});
document.addEventListener("pointerdown", waitForReader);
byId("help-key").addEventListener("click", () => showHelp(true));
byId("help-close").addEventListener("click", () => showHelp(false));
for (const part of ["title", "text"]) {
    for (const language of ["zh", "en"]) {
        byId(`help-${part}-${language}`).textContent = HELP_WORDS[part][language];
    }
}
focusFirst();
