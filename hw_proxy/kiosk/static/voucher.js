// Money is in and Odoo is away, or does not take it: what the customer reads, gets printed, and takes home.
"use strict";

/** Seconds that a voucher stays on the screen: as long as other ends of a visit, shorter once it is on paper. */
const VOUCHER_IDLE = 60;
const PAPER_IDLE = 30;
const HURRY = 20;
const VOUCHER_LOOK = 2;
const VOUCHER_TRIES = 15;
const AGAIN_WORDS = {
    key: "再看凭证 My voucher again",
    card: ["请插入刚才投币时所用的卡，再点一次。", "Put in the card with which you were paying, and touch again."],
};
/** Somebody's voucher was taken out once more: it is shown before anything else. */
let tookOut = false;
let takingOut = null;
/** Until when a card is asked for, in ms of the clock: long enough to fetch it, however often the page tries again. */
let askingUntil = 0;
const ASKING_FOR = 30_000;

const PRINT_WORDS = {
    printing: ["正在打印凭证…", "The voucher is being printed …"],
    printed: ["凭证已打印，请取走。", "Your voucher is printed. Please take it."],
    other: ["凭证未能打印。请用手机拍下二维码，或记下凭证号。", "The voucher could not be printed. Please photograph the code, or note the number."],
};
const VOUCHER_WORDS = {
    away: {
        zh: ["款项已安全收下", "网络暂时中断，暂时无法写卡。款项在网络恢复后自动计入您的户号，届时可在任一终端或营业厅写卡。"],
        en: [
            "Your money is safe",
            "The network is down, so the card cannot be written now. The money is credited to your account by itself when " +
                "the network is back; then have your card written at any kiosk or counter.",
        ],
    },
    arrived: {
        zh: ["款项已到账", "网络已恢复，款项已计入。请点“完成”，再插卡继续购电或写卡。"],
        en: [
            "Your money has arrived",
            "The network is back and the money is on record. Touch “Finish”, then put your card in to go on.",
        ],
    },
    counting: {
        zh: ["正在清点已投入的纸币", "网络暂时中断。点“不再放入纸币”，即可取得凭证；否则稍后自动结束。"],
        en: [
            "Your notes are being counted",
            "The network is down. Touch “No more notes” for your voucher; it ends by itself after a moment.",
        ],
    },
};

/**
 * Odoo did not take the money. Whether it is with an account by now is not known here: nothing more is promised.
 *
 * @param {string} why code to tell the help line, "" where there is none
 */
const keptWords = (why) => ({
    zh: [
        "款项已安全收下",
        "本次业务暂时未能办完，款项已清点并记录在案。请点“完成”，再插卡：已付清的购电会写入卡中。如未到账，请凭本凭证到营业厅或拨打服务电话" +
            (why ? "，并告知下方代码。" : "。"),
    ],
    en: [
        "Your money is safe",
        "This could not be finished just now. The money is counted and on record. Touch “Finish” and put your card in " +
            "again: a purchase that is paid is written then. If the money is not in your account, bring this voucher to " +
            `a service counter or call the help line${why ? ", and tell them the code below." : "."}`,
    ],
});

const yuan = (cents) => `¥${(cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;

function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text || "";
    return made;
}

/** Vouchers that the terminal did not begin to print. */
const refused = new Set();

/** One voucher: amount, notes, number and code. */
function voucherPart(voucher) {
    const part = element("section", "voucher");
    const image = element("img", "code");
    image.src = voucher.qr;
    image.alt = voucher.number;
    const facts = element("div", "facts");
    facts.append(
        element("p", "sum", yuan(voucher.total)),
        element("p", "", voucher.notes.map(({ count, denomination }) => `${count} × ${yuan(denomination)}`).join(" + ")),
        element("p", "", "凭证号 Voucher number"),
        element("p", "number", voucher.number),
        element("p", "", voucher.moment)
    );
    if (voucher.uncertain.length) {
        const doubtful = voucher.uncertain.map(yuan).join(", ");
        facts.append(element("p", "", `待清点 Counted with the cash box: ${doubtful}`));
    }
    // Nothing is known of a print that was just asked for: it is on its way, unless the terminal has refused it.
    const state = voucher.print?.state || (refused.has(voucher.tender) ? "other" : "printing");
    const printed = PRINT_WORDS[state] || PRINT_WORDS.other;
    facts.append(...printed.map((text) => element("p", "print", text)));
    part.append(image, facts);
    return part;
}

function key(className, label, touch) {
    const made = element("button", className, label);
    made.type = "button";
    made.addEventListener("click", touch);
    return made;
}

function say(words) {
    for (const language of ["zh", "en"]) {
        const [title, text] = words[language];
        byId(`title-${language}`).textContent = title;
        byId(`text-${language}`).textContent = text;
    }
}

/** Seconds until the vouchers are put away; null: not before the notes are counted. */
function timeLeft({ vouchers, collecting }, idle) {
    const onPaper = vouchers.every(({ print }) => print?.state === "printed");
    return collecting ? null : Math.max((onPaper ? PAPER_IDLE : VOUCHER_IDLE) - idle, 0);
}

function tellTime(left) {
    byId("again").classList.toggle("hurry", left !== null && left <= HURRY);
    byId("again").textContent =
        left === null ? "" : `${left} 秒后收起，触摸屏幕可延长 · Put away in ${left} s; touch for more time`;
}

/**
 * Shows vouchers until the customer has finished or gone. Returns at once when there is none.
 *
 * @param {boolean} handOut money is in: a payment that is going on ends here. Otherwise the kiosk's page goes on with it.
 * @param {string} [recharge] order for which it is in: there is a voucher also for what Odoo has of it
 * @param {string} [why] code of why Odoo did not take it, "" where it has none; undefined: Odoo is away
 * @returns {boolean} whether one can be taken out once more, with the card that paid it
 */
async function showVouchers(handOut, recharge, why) {
    tookOut = false;
    const wanted = { hand_out: handOut, ...(recharge ? { recharge } : {}) };
    let said = await ask("vouchers", wanted);
    for (let tries = VOUCHER_TRIES; recharge && said.code && tries; tries--) {
        // Whoever has just paid is not sent on because the terminal is slow for a moment.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        said = await ask("vouchers", wanted);
    }
    let idle = 0;
    let finished = false;
    const extend = () => (idle = 0);
    document.addEventListener("pointerdown", extend);
    document.addEventListener("keydown", extend);
    for (let shown = "", second = 1; !finished && (said.vouchers?.length || (handOut && said.collecting)); second++) {
        for (const { tender, print } of said.vouchers) {
            if (!print && (await ask("vouchers/print", { tender })).code) {
                refused.add(tender);
            }
        }
        const text = JSON.stringify(said);
        if (text !== shown) {
            // There is something new to read, or to take.
            shown = text;
            idle = 0;
            paint(said, () => (finished = true), why);
        }
        const left = timeLeft(said, idle);
        tellTime(left);
        if (left === 0) {
            break;
        }
        await new Promise((resolve) => setTimeout(resolve, 1000));
        idle += 1;
        if (said.collecting || second % VOUCHER_LOOK === 0) {
            const next = await ask("vouchers", wanted);
            said = next.vouchers ? next : said;
        }
    }
    document.removeEventListener("pointerdown", extend);
    document.removeEventListener("keydown", extend);
    const isPutAway = Boolean(said.vouchers?.length);
    if (isPutAway) {
        await ask("vouchers/done", {});
    }
    tellTime(null);
    byId("vouchers").replaceChildren();
    showKeys();
    document.body.classList.remove("money");
    return Boolean(isPutAway ? (await ask("vouchers")).again : said.again);
}

/** While Odoo is away: whoever was too slow gets the voucher again, by the card that paid it. Nobody else sees it. */
function offerAgain(offered) {
    const touch = () => (takingOut = takeOut());
    byId("vouchers").replaceChildren(...(offered && Date.now() < askingUntil ? cardWords() : []));
    showKeys(...(offered ? [key("second", AGAIN_WORDS.key, touch)] : []));
}

function cardWords() {
    return AGAIN_WORDS.card.map((text) => element("p", "hint", text));
}

async function takeOut() {
    const { shown } = await ask("vouchers/again");
    tookOut = Boolean(shown);
    askingUntil = tookOut ? 0 : Date.now() + ASKING_FOR;
    if (!tookOut) {
        byId("vouchers").replaceChildren(...cardWords());
    }
}

function paint({ vouchers, collecting }, finish, why) {
    document.body.classList.add("money");
    tellCode(why || "");
    const arrived = vouchers.length && vouchers.every((voucher) => voucher.arrived);
    const isKept = !collecting && why !== undefined;
    say(isKept ? keptWords(why) : VOUCHER_WORDS[collecting ? "counting" : arrived ? "arrived" : "away"]);
    const parts = vouchers.map(voucherPart);
    if (collecting) {
        parts.push(element("p", "sum", yuan(collecting.total)));
    }
    byId("vouchers").replaceChildren(...parts);
    const keys = [];
    if (collecting) {
        keys.push(key("primary", "不再放入纸币 No more notes", () => ask("cash/confirm", { recharge: collecting.recharge })));
    } else {
        const last = vouchers[vouchers.length - 1];
        keys.push(
            key("second", "再打印一份 Print again", () => ask("vouchers/print", { tender: last.tender, again: true })),
            key("primary", "完成 Finish", finish)
        );
    }
    showKeys(...keys);
}
