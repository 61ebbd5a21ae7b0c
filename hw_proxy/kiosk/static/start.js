// The kiosk's first page: asks the service of this machine for a login statement and carries it to Odoo. While Odoo is
// away it says so, and tries again by itself.
"use strict";

const FIRST_PAUSE = 3;
const LONGEST_PAUSE = 30;
const PATIENCE = 8000;
const FAULT = "#fault";
/** Money is in. The query may say more: `recharge`, for which order, and `why` Odoo did not take it. */
const MONEY = "#money";
const UUID = /^[0-9a-f-]{36}$/;
const CODE_OR_NONE = /^([A-Z]-\d{3})?$/;
const AFTER_FAULT = 5;

const WORDS = {
    away: {
        zh: ["暂停服务", "终端与中心系统的连接中断。已付款项安全。网络恢复后将自动继续服务。"],
        en: [
            "Out of service",
            "The connection to the central system is down. Money already paid is safe. Service goes on by itself as " +
                "soon as it is back.",
        ],
    },
    fault: {
        zh: ["正在重新启动", "终端遇到问题，正在恢复。已付款项安全。"],
        en: ["Starting again", "Something went wrong, and the kiosk starts again. Money already paid is safe."],
    },
    refused: {
        zh: ["暂停服务", "本终端尚未启用。请使用其他终端，或拨打服务电话。"],
        en: ["Out of service", "This kiosk is not in use. Please go to another one, or call the help line."],
    },
};

const again = {
    zh: (seconds) => `${seconds} 秒后重试`,
    en: (seconds) => `Trying again in ${seconds} s`,
};

async function ask(path, body = {}) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
        const answer = await fetch(`/kiosk/${path}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(body),
            cache: "no-store",
            signal: abort.signal,
        });
        const said = await answer.json();
        return answer.ok ? said : { code: said.code };
    } catch {
        return { code: "P-115" };
    } finally {
        clearTimeout(timer);
    }
}

/** Whether anything answers at Odoo's address: going there otherwise would end at the browser's own error page. */
async function answers(address) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
        await fetch(new URL("/web/health", address), { mode: "no-cors", cache: "no-store", signal: abort.signal });
        return true;
    } catch {
        return false;
    } finally {
        clearTimeout(timer);
    }
}

function show(kind, code) {
    document.body.classList.toggle("away", true);
    for (const language of ["zh", "en"]) {
        const [title, text] = WORDS[kind][language];
        byId(`title-${language}`).textContent = title;
        byId(`text-${language}`).textContent = text;
    }
    tellCode(code);
}

async function wait(seconds) {
    for (let left = seconds; left > 0 && !tookOut; left--) {
        byId("again").textContent = `${again.zh(left)} · ${again.en(left)}`;
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    byId("again").textContent = "";
    await takingOut;
}

async function tell() {
    tellTerminal(await ask("state"));
}

/** What the address says under a name, where it has the form; else nothing. */
function saidOf(name, form) {
    const said = new URLSearchParams(location.search).get(name);
    return said !== null && form.test(said) ? said : undefined;
}

async function enter() {
    if (location.hash === FAULT) {
        // The page broke: not at once again, or it would do nothing else.
        history.replaceState(null, "", location.pathname);
        show("fault", "");
        await wait(AFTER_FAULT);
    }
    // The page that came from here knows that money is in; after a reload, whoever has a voucher still stands here.
    const money = location.hash === MONEY;
    const [recharge, why] = money ? [saidOf("recharge", UUID), saidOf("why", CODE_OR_NONE)] : [];
    await tell();
    await showVouchers(money, recharge, why);
    history.replaceState(null, "", location.pathname);
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        await tell();
        const { action, token, code } = await ask("login");
        if (action && (await answers(action))) {
            const form = byId("enter");
            form.action = action;
            form.elements.token.value = token;
            form.submit();
            return;
        }
        const refused = code === "P-111" || code === "T-103";
        const again = !refused && (await showVouchers(true));
        show(refused ? "refused" : "away", code || "P-117");
        offerAgain(again);
        await wait(pause);
        if (tookOut) {
            await showVouchers(true);
            pause = FIRST_PAUSE;
        }
    }
}

enter();
