import { Reactive } from "@web/core/utils/reactive";

import { toCents } from "@electricity_prepaid/counter/amounts";
import { ReaderWatch } from "@electricity_prepaid/counter/reader_watch";
import { TerminalClient } from "@electricity_prepaid/hw_client/client";
import { isTerminalError, READER_BUSY } from "@electricity_prepaid/hw_client/errors";

import { ArrearsFlow } from "./arrears_flow";
import { CardFlow, holdsMoney } from "./card_flow";
import { openFile } from "./file_flow";
import { Identification } from "./identification";
import { Idle } from "./idle";
import { Refusal } from "./kiosk_server";
import { begun, Gone, here, isExpected } from "./late";
import { takeMoney } from "./money";
import { Preview } from "./preview";
import { LEAVES_WITH_CARD, PATIENCE, SHOWN_TO_OWNER } from "./patience";
import { ReceiptPrint } from "./receipt_print";
import { checkPayer, hasGone, isTaking, payerLeaves } from "./payer";
import { begunBefore, resumeWithCard } from "./resume";

export const BUY = "buy";
export const ARREARS = "arrears";
const FILE = "file";
const REWRITE = "rewrite";
const DRAFT = "draft";
const OTHER_OPEN = "S-103";

/**
 * One customer's visit, question by question: which screen is shown, and what is known on it. Screens only show it and
 * call its methods.
 */
export class KioskVisit extends Reactive {
    /**
     * @param {Object} parts
     * @param {import("./kiosk_server").KioskServer} parts.server
     * @param {(lang: string) => void} parts.speak
     * @param {() => void} parts.startOver
     * @param {() => import("./card_terminal").KioskCardTerminal|undefined} parts.cardTerminal
     */
    constructor({ server, speak, startOver, cardTerminal }) {
        super();
        Object.assign(this, { server, speak, startOver, cardTerminal });
        this.facts = null;
        this.language = null;
        this.client = null;
        this.reader = new ReaderWatch({
            onCardIn: (found) => this.onCardIn(found),
            onCardOut: () => this.onCardOut(),
            onEmpty: () => this.onEmpty(),
            onJob: (job) => this.write?.hear(job),
            onScan: (code) => this.onScan(code),
            onBadToken: () => this.startOver(),
        });
        this.idle = new Idle(() => this.onIdle());
        this.receipt = new ReceiptPrint(this);
        this.identity = new Identification(this);
        this.arrears = new ArrearsFlow(this);
        this.cards = new CardFlow(this);
        this.preview = new Preview(this);
        /** Of this visit: what an earlier one had asked for is not for this one. */
        this.number = 0;
        this.forget();
        this.screen = "attract";
    }

    /** @param {Object} facts answer of `start` */
    open(facts) {
        this.facts = facts;
        this.language ||= facts.languages[0]?.code;
        if (facts.token) {
            this.client = new TerminalClient({ url: facts.terminal.proxy_url, token: facts.token });
            this.reader.follow(this.client);
        }
    }

    forget() {
        this.number += 1;
        this.choice?.decide(null);
        this.receipt.forget();
        this.service = this.file = this.quote = this.order = this.payment = this.refusal = this.cardDoubt = this.endedBy = null;
        this.amount = "";
        this.amountProblem = null;
        this.uuid = null;
        this.step = null;
        this.busy = this.resuming = this.isDeserted = this.hasCardLeft = false;
        this.write = this.choice = null;
        this.identity.reset();
        this.arrears.reset();
        this.cards.reset();
        this.preview.begin(null);
    }

    /** What the kiosk says in the customer's language. */
    get texts() {
        return this.facts.texts[this.language] || {};
    }

    /** Why nothing is offered at all, as a code; null: it works. */
    get outOfService() {
        if (this.texts.notice) {
            return "notice";
        }
        return this.facts.problems[0] || (this.facts.token ? null : "T-101");
    }

    /**
     * @param {string} screen
     * @param {number} [patience] seconds, where it is not what this screen has anyway
     * @throws {Gone} it is for the owner of a card that was taken out while it was read
     */
    show(screen, patience) {
        if (SHOWN_TO_OWNER.includes(screen) && hasGone(this)) {
            this.beginAnew();
            throw new Gone();
        }
        this.screen = screen;
        if (screen === "attract") {
            this.identity.newVisit();
        }
        this.server.trail.screen(screen);
        this.idle.begin(patience || PATIENCE[screen] || null);
    }

    // ------------------------------------------------------------------------------------------ what the customer does

    choose(language) {
        this.language = language;
        this.speak(language);
        this.show("services");
    }

    /** @param {"buy"|"arrears"|"file"|"rewrite"} service */
    begin(service) {
        this.service = service;
        if (this.reader.cardIn) {
            return this.read();
        }
        this.show(this.identity.isOffered(service) ? "identify" : "card");
    }

    back() {
        this.forget();
        this.show("services");
    }

    /** Ends the visit: the card first, so that nobody forgets it. */
    leave() {
        this.receipt.outlive(() => this.forget());
        this.show(this.reader.cardIn ? "take" : "attract");
    }

    /** The customer has gone with the card; one that is in now is the next one's. */
    beginAnew() {
        this.forget();
        this.show("attract");
    }

    // --------------------------------------------------------------------------------------------------- what happens

    /** @param {boolean} found it was in already when this page began */
    onCardIn(found) {
        if (["card", "identify"].includes(this.screen)) {
            this.identity.reset();
            this.read();
        } else if (this.cards.isAsked) {
            this.cards.again();
        } else if (isTaking(this)) {
            checkPayer(this);
        } else if (found && this.screen === "attract") {
            this.resumed.then((isPaying) => (isPaying ? isTaking(this) && checkPayer(this) : resumeWithCard(this)));
        }
    }

    /** @param {string} code of a scanner, at a serial line or typing like a keyboard */
    onScan(code) {
        if (this.screen === "identify") {
            this.identity.scan(code);
        }
    }

    onCardOut() {
        if (isTaking(this)) {
            return payerLeaves(this);
        }
        if (this.screen === "reading") {
            // What is asked for meanwhile may begin an order: it ends as soon as that is known.
            this.hasCardLeft = true;
        }
        // Whose card it was has gone: what is on the screen is nobody else's. One that is waited for comes back.
        if (LEAVES_WITH_CARD.includes(this.screen) && !this.receipt.holds && !this.cards.isAsked) {
            this.beginAnew();
        }
    }

    /** The reader is heard of again, and empty: who had a card in before it was away has gone with it. */
    onEmpty() {
        if (isTaking(this) && this.hasCardLeft) {
            payerLeaves(this);
        }
    }

    onIdle() {
        if (this.choice) {
            // Nobody pays: the order ends, and what is paid for it is kept.
            this.isDeserted = true;
            return this.choice.decide(null);
        }
        if (this.screen === "put_back") {
            return this.cards.later();
        }
        this.leave();
    }

    read() {
        return this.guarded(() => this.openService());
    }

    /** Open what was chosen for the customer who is known by now. */
    async openService() {
        this.showReading();
        if (this.service === ARREARS) {
            return this.arrears.open();
        }
        if (this.service === FILE) {
            return openFile(this);
        }
        const snapshot = await this.snapshot();
        return this.service === BUY ? this.askForAmount(snapshot) : this.cards.settle(snapshot);
    }

    /** What is asked for may have begun before its answer is here: neither the card nor the clock ends the visit. */
    showReading() {
        this.hasCardLeft = false;
        this.show("reading");
    }

    /** What the server takes for the customer: an identification, or the card in the reader. */
    async who() {
        const { token } = this.identity;
        return token ? { token } : { snapshot: await this.snapshot() };
    }

    // -------------------------------------------------------------------------------------------------- the purchase

    /** What the marketing system says of the customer is asked for where a sale needs it and it is missing or old. */
    async quoted(snapshot) {
        const quote = await here(this, this.server.quote(snapshot));
        if (quote.marketing?.state !== "ask" || !quote.customer || quote.open_order) {
            return quote;
        }
        await here(this, this.server.ask(snapshot));
        return here(this, this.server.quote(snapshot));
    }

    async askForAmount(snapshot) {
        const quote = await this.quoted(snapshot);
        this.order = await begunBefore(this, quote);
        if (this.order) {
            // Begun before, here or elsewhere, and not ended: that comes first.
            if (this.order.state !== DRAFT && (this.order.op !== ARREARS || this.order.elsewhere)) {
                return this.cards.settle(snapshot);
            }
            return this.order.elsewhere ? this.show("elsewhere") : this.settle();
        }
        if (!quote.allowed) {
            throw new Refusal(quote.code, quote.message);
        }
        this.quote = quote;
        this.preview.begin(snapshot);
        this.show("amount");
    }

    /** @param {string} amount decimal string */
    async price(amount) {
        this.amount = amount;
        this.amountProblem = null;
        await this.once(async () => {
            const quote = await here(this, this.server.quote(await this.snapshot(), amount));
            if (!quote.allowed) {
                this.amountProblem = quote;
                return;
            }
            this.quote = quote;
            this.show("confirm");
        });
    }

    async buy() {
        await this.once(async () => {
            // The same purchase, however often this is asked.
            this.uuid ||= crypto.randomUUID();
            this.showReading();
            try {
                this.order = await begun(this, this.server.begin(this.uuid, await this.snapshot(), this.amount));
            } catch (error) {
                if (error.code !== OTHER_OPEN || error.order?.state !== DRAFT || !error.order.elsewhere) {
                    throw error;
                }
                this.order = error.order;
                return this.show("elsewhere");
            }
            await this.settle();
        });
    }

    /** Takes the money that the order still needs, then writes it. */
    async settle() {
        if (this.order.state === DRAFT) {
            this.isDeserted ||= hasGone(this);
            this.order = this.isDeserted ? this.order : await takeMoney(this);
        }
        if (this.order.unclear) {
            this.receipt.afterEnd(this.order);
            return this.show("unclear");
        }
        if (this.order.state === DRAFT) {
            return this.keep();
        }
        if (this.order.op === ARREARS) {
            return this.arrears.ended();
        }
        if (!this.reader.cardIn) {
            return this.cards.ask();
        }
        // Whose card is in is known only while it was never out.
        await (this.hasCardLeft ? this.cards.again() : this.cards.write());
    }

    /** Too little came in: it is the customer's, and nothing is bought. */
    async keep() {
        this.order = await here(this, this.server.giveUp(this.order.uuid));
        if (!toCents(this.order.paid) && !toCents(this.order.uncertain)) {
            // Nobody is here: the next customer must not find this one's card in an open visit.
            return hasGone(this) ? this.beginAnew() : this.isDeserted ? this.leave() : this.service === ARREARS ? this.openService() : this.back();
        }
        this.receipt.afterEnd(this.order);
        this.show("kept");
    }

    async snapshot() {
        const nonce = await here(this, this.server.nonce());
        try {
            return await here(this, this.client.snapshot(nonce));
        } catch (error) {
            if (!isTerminalError(error, READER_BUSY)) {
                throw error;
            }
            return here(this, this.client.snapshot(nonce));
        }
    }

    /** Like `guarded`; a second touch while it runs does nothing. */
    async once(task) {
        if (this.busy) {
            return;
        }
        await this.working(() => this.guarded(task));
    }

    /** Does something meanwhile nothing else is begun. */
    async working(task) {
        const { number } = this;
        this.busy = true;
        try {
            await task();
        } finally {
            if (number === this.number) {
                this.busy = false;
            }
        }
    }

    /** Does something for the customer; whatever is in the way is shown, and never loses anything. */
    async guarded(task) {
        const { number } = this;
        try {
            await task();
        } catch (error) {
            if (number === this.number && this.receipt.leavesWithMoney(error)) {
                return;
            }
            if (!isExpected(error)) {
                throw error;
            }
            if (error instanceof Gone || number !== this.number) {
                return;
            }
            this.refusal = { code: error.code, message: error instanceof Refusal ? error.message : "", paid: error.paid };
            if (holdsMoney(this.order) && !this.order.elsewhere) {
                // Whatever is in the way: nobody goes without paper.
                this.receipt.afterEnd(this.order);
            }
            this.show("refused");
        }
    }

    /** The sentence of a code in the customer's language, as far as the server has told it. */
    sentence({ code, message }) {
        return message || this.texts.codes?.[code] || "";
    }
}
