import { browser } from "@web/core/browser/browser";
import { Reactive } from "@web/core/utils/reactive";
import { markRaw } from "@odoo/owl";

import { TerminalClient } from "../hw_client/client";
import { isTerminalError } from "../hw_client/errors";
import { toCents } from "./amounts";
import { CardReading } from "./card_reading";
import { CardWrite, LEFT, MOST_RECEIPTS, NEVER_ARRIVED } from "./card_write";
import { initialState, liveAttempt, PHASE, phaseOf, transition } from "./counter_flow";
import { counterMemory, newUuid } from "./counter_memory";
import { CounterServer, Refusal } from "./counter_server";
import { LOOKUP_NEEDED, MarketingDesk } from "./marketing_desk";
import { ReaderWatch } from "./reader_watch";

const PRICE_AFTER = 200;
/** Not inserted, damaged, another count: how a card looks whose last purchase the meter did not take. */
const NOT_TAKEN = ["C-108", "C-105", "C-111", "C-118"];
const READABLE = [PHASE.IDLE, PHASE.CUSTOMER, PHASE.RESULT, PHASE.UNFINISHED];

/**
 * What the counter does: takes the clerk's steps and the terminal's events, calls Odoo and the terminal, and feeds the
 * answers to the table of counter_flow. One step runs at a time; a second press finds `busy` set and is dropped.
 */
export class CounterSession extends Reactive {
    constructor(orm) {
        super();
        this.server = markRaw(new CounterServer(orm));
        this.flow = initialState();
        this.setup = null;
        this.openOrders = [];
        this.readInsertion = null; // the stay in the reader in which the card was quoted
        this.watch = new ReaderWatch({
            onCardIn: (found) => this.onCardIn(found),
            onCardOut: () => this.tell("cardOut"),
            onJob: (job) => this.onJob(job),
            onBadToken: () => this.renewToken(),
        });
        this.reading = markRaw(
            new CardReading({
                server: this.server,
                terminal: () => this.terminal,
                terminalId: () => this.setup.terminal.id,
                reader: () => this.watch.reader.name,
            })
        );
        this.marketing = markRaw(new MarketingDesk(this));
        this.writer = markRaw(
            new CardWrite({
                server: this.server,
                terminal: () => this.terminal,
                onStep: (step) => this.tell("step", { step }),
            })
        );
    }

    tell(event, data) {
        this.flow = transition(this.flow, event, data);
    }

    // ------------------------------------------------------------------------------------------------ start and stop

    start(params = {}) {
        return this.work("start", async () => {
            await this.load(params.terminal_id || counterMemory.terminalId);
            await this.deliverReceipts();
            this.listen();
            await this.greet(params.recharge_uuid);
        });
    }

    stop() {
        this.watch.leave();
        this.writer.leave();
        browser.clearTimeout(this.priceTimer);
    }

    /** Reads what Odoo knows: terminals, token, shift, open orders, words. */
    async load(terminalId) {
        const setup = await this.server.state(terminalId);
        this.setup = setup;
        this.openOrders = setup.open_orders || [];
        if (setup.terminal) {
            counterMemory.terminalId = setup.terminal.id;
            this.terminal = markRaw(new TerminalClient({ url: setup.terminal.proxy_url, token: setup.token }));
        }
    }

    choose(terminalId) {
        return this.work("start", async () => {
            this.watch.leave();
            await this.load(terminalId);
            await this.deliverReceipts();
            this.tell("next");
            this.listen();
        });
    }

    listen() {
        if (this.terminal && this.setup.token) {
            this.watch.follow(this.terminal);
        }
    }

    /** A sale whose page was closed may have ended at the terminal: its receipts are taken before anything is shown. */
    async deliverReceipts() {
        if (!this.terminal || !this.setup.token) {
            return;
        }
        try {
            const receipts = await this.terminal.receipts();
            if (receipts.length) {
                await this.server.confirm(receipts.slice(0, MOST_RECEIPTS));
                await this.load(this.setup.terminal.id);
            }
        } catch (error) {
            if (!isTerminalError(error)) {
                throw error;
            }
            this.watch.onDown(error.code);
        }
    }

    async greet(uuid) {
        const order = (await this.remembered(uuid || counterMemory.sale)) || this.openOrders[0];
        if (order) {
            await this.resume(order);
        } else {
            this.tell("ready");
        }
    }

    async remembered(uuid) {
        const known = this.openOrders.find((order) => order.uuid === uuid);
        if (known || !uuid) {
            return known;
        }
        try {
            return await this.server.status(uuid);
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            counterMemory.sale = null;
            return null;
        }
    }

    /** Goes on with an order that some page left open, or that the clerk picked from the list. */
    async resume(order) {
        counterMemory.sale = order.uuid;
        const live = liveAttempt(order);
        if (!live || !this.terminal) {
            this.show(order);
            return;
        }
        this.tell("follow", { order });
        this.show(await this.outcome(order.uuid, this.writer.follow(order.uuid, live.jti)));
    }

    /** @returns {Promise<Object>} status of the order after a write was followed to its end, or left */
    async outcome(uuid, following) {
        const outcome = await following;
        return outcome === NEVER_ARRIVED || outcome === LEFT ? this.server.status(uuid) : outcome;
    }

    // ------------------------------------------------------------------------------------------- from the terminal

    onCardIn(found) {
        this.tell("cardIn");
        // A result found at the start stays to be seen; its card is read on the clerk's word.
        this.resultFirst = found;
        if (this.flow.busy) {
            this.cardWaits = true;
        } else {
            this.readIfShown();
        }
    }

    readIfShown() {
        this.cardWaits = false;
        // Two tabs would fight for the one reader: only the one that is looked at reads.
        const takesOver = this.flow.phase === PHASE.UNFINISHED && this.flow.order.takes_new_card;
        const mayRead = this.watch.cardIn && !document.hidden && !takesOver;
        if (mayRead && !(this.resultFirst && this.flow.phase === PHASE.RESULT)) {
            this.read();
        }
    }

    onJob(job) {
        this.writer.hear(job);
        if (liveAttempt(this.flow.order)?.jti === job.job) {
            this.tell("step", { step: job.step });
        }
    }

    /** Page tokens end after a working day; Odoo gives a new one as long as the clerk is logged in. */
    async renewToken() {
        if (this.renewing) {
            return;
        }
        this.renewing = true;
        try {
            this.terminal.token = (await this.server.state(this.setup.terminal.id)).token;
        } finally {
            this.renewing = false;
        }
    }

    /** Another tab may have worked on the same sale while this one was hidden. */
    async onVisible() {
        if (this.flow.busy || !this.setup?.terminal) {
            return;
        }
        await this.watch.refresh();
        if (this.flow.order) {
            await this.work("look", async () => this.show(await this.server.status(this.flow.order.uuid)));
        } else if (this.flow.phase === PHASE.IDLE) {
            this.readIfShown();
        }
    }

    // --------------------------------------------------------------------------------------------------- the steps

    /** Runs one step; failures become the problem panel, bugs go on to Odoo's own error dialog. */
    async work(what, step) {
        if (this.flow.busy) {
            return;
        }
        this.tell("busy", { what });
        try {
            await step();
        } catch (error) {
            await this.fail(error);
        } finally {
            this.tell("idle");
            if (this.cardWaits) {
                this.readIfShown();
            }
        }
    }

    async fail(error) {
        const expected = error instanceof Refusal || isTerminalError(error);
        if (error.order) {
            this.show(error.order);
        } else if (this.flow.phase === PHASE.WRITING) {
            this.show(await this.server.status(this.flow.order.uuid));
        }
        if (!expected) {
            throw error;
        }
        const message = error instanceof Refusal ? error.message : this.sentence(error.code);
        const problem = { code: error.code, message };
        this.tell(this.flow.phase === PHASE.READING ? "unreadable" : "problem", { problem });
    }

    sentence(code) {
        return this.setup?.codes?.[code] || code;
    }

    /** Reads the card, and lets the reading resolve what an earlier write left open. */
    read() {
        if (!READABLE.includes(this.flow.phase) || !this.setup?.terminal) {
            return;
        }
        return this.work("read", async () => {
            this.tell("read");
            const insertion = this.watch.insertion;
            try {
                const snapshot = await this.reading.take();
                const quote = await this.server.quote(this.setup.terminal.id, snapshot);
                this.readInsertion = insertion;
                this.tell("quoted", { quote, snapshot });
                if (quote.open_order && this.flow.order?.uuid === quote.open_order.uuid) {
                    await this.settle(quote.open_order, snapshot);
                } else if (quote.customer && NOT_TAKEN.includes(quote.code)) {
                    await this.offerRewrite(snapshot);
                } else {
                    await this.marketing.complete(quote, snapshot);
                }
            } catch (error) {
                if (insertion === this.watch.insertion) {
                    throw error;
                }
                this.tell("unreadable", { problem: null }); // the card has gone, and its error with it
            }
        });
    }

    async settle(order, snapshot) {
        counterMemory.sale = order.uuid;
        if (phaseOf(order) !== PHASE.UNFINISHED) {
            return;
        }
        const live = liveAttempt(order);
        if (live) {
            const outcome = await this.writer.follow(order.uuid, live.jti);
            if (outcome !== NEVER_ARRIVED && outcome !== LEFT) {
                this.show(outcome);
                return;
            }
        }
        const { order: known, resolution } = await this.server.resolve(this.setup.terminal.id, snapshot);
        this.show(known || (await this.server.status(order.uuid)), { resolution });
    }

    /** The meter may have refused a written purchase, or its answer was torn: only Odoo can tell from the reading. */
    async offerRewrite(snapshot) {
        const { order, resolution } = await this.server.resolve(this.setup.terminal.id, snapshot);
        if (order && resolution === "rewrite") {
            this.show(order, { resolution });
        }
    }

    setAmount(amount) {
        this.tell("amount", { amount });
        browser.clearTimeout(this.priceTimer);
        if (amount && toCents(amount) > 0) {
            this.priceTimer = browser.setTimeout(() => this.price(amount), PRICE_AFTER);
        }
    }

    async price(amount) {
        try {
            const quote = await this.withSnapshot((snapshot) =>
                this.server.quote(this.setup.terminal.id, snapshot, amount)
            );
            this.tell("priced", { quote, amount });
        } catch (error) {
            await this.fail(error);
        }
    }

    begin() {
        return this.work("begin", async () => {
            const uuid = newUuid();
            counterMemory.sale = uuid;
            const { amount } = this.flow;
            const { order } = await this.marketing.withAnswer(() =>
                this.withSnapshot((snapshot) => this.server.begin(uuid, this.setup.terminal.id, snapshot, amount))
            );
            this.show(order);
        });
    }

    /** What an operation would do; asked while the clerk chooses, so nothing waits for it. */
    async quoteOperation(op, account, amount) {
        const quote = () =>
            this.withSnapshot((snapshot) =>
                this.server.quoteOperation(this.setup.terminal.id, snapshot, op, account, amount)
            );
        const answer = await quote();
        if (answer.code !== LOOKUP_NEEDED || !answer.customer) {
            return answer;
        }
        this.marketing.note(await this.server.lookup(this.setup.terminal.id, answer.customer.account));
        return quote();
    }

    /** Opens the order of an operation; its card is written by the same steps as that of a sale. */
    async operate(op, account, amount) {
        const uuid = newUuid();
        const { order } = await this.withSnapshot((snapshot) =>
            this.server.beginOperation(uuid, this.setup.terminal.id, snapshot, op, account, amount)
        );
        counterMemory.sale = order.uuid;
        this.show(order);
    }

    reverse() {
        return this.work("reverse", async () => {
            const { uuid } = this.flow.order;
            const issued = await this.server.reverse(uuid, await this.reading.take());
            this.tell("follow", { order: issued.order });
            this.show(await this.outcome(uuid, this.writer.run(uuid, { ...issued, jti: issued.attempt })));
        });
    }

    withSnapshot(call) {
        return this.reading.with(this.flow.snapshot, call, (snapshot) => this.tell("reread", { snapshot }));
    }

    /** Takes the cash; when nothing is due any more the card is written in the same breath. */
    tender(received) {
        const tender = { uuid: newUuid(), kind: "cash", received };
        return this.work("tender", async () => {
            // Of arrears that were paid in part long ago, it is asked first what is owed now; the tender keeps its name.
            const { order, change } = await this.marketing.withAnswer(() =>
                this.server.addTender(this.flow.order.uuid, tender)
            );
            this.show(order, { change });
            if (order.actions.includes("authorize") && toCents(order.due) <= 0) {
                await this.write();
            }
        });
    }

    authorize() {
        return this.work("authorize", () => this.write());
    }

    async write() {
        const { uuid } = this.flow.order;
        const issued = await this.marketing.withAnswer(async () =>
            this.server.authorize(uuid, await this.reading.take())
        );
        const jti = liveAttempt(issued.order)?.jti || issued.attempt;
        this.tell("follow", { order: issued.order });
        this.show(await this.outcome(uuid, this.writer.run(uuid, { ...issued, jti })));
    }

    leaveWrite() {
        this.writer.leave();
    }

    cancel(refund) {
        return this.work("cancel", async () => {
            const { order, handed_back } = await this.server.cancel(this.flow.order.uuid, refund);
            this.show(order, { handedBack: handed_back });
        });
    }

    show(order, more = {}) {
        this.tell("order", { order, ...more });
        this.openOrders = this.openOrders.filter((one) => one.uuid !== order.uuid);
        if (phaseOf(order) !== PHASE.RESULT) {
            this.openOrders = [order, ...this.openOrders];
        }
    }

    /** Ready for the next card. */
    next() {
        counterMemory.sale = null;
        this.tell("next");
    }

    /** Asks again how the order at hand stands, and follows a write that may still be going on. */
    look() {
        return this.pick(this.flow.order);
    }

    pick(order) {
        return this.work("look", async () => this.resume(await this.server.status(order.uuid)));
    }

    // ---------------------------------------------------------------------------------------------------- the shift

    async openShift(opening) {
        const { session } = await this.server.openShift(this.setup.terminal.id, opening);
        this.setup = { ...this.setup, session };
    }

    async closeShift(counted) {
        const closed = await this.server.closeShift(this.setup.session.id, counted);
        this.setup = { ...this.setup, session: null };
        return closed;
    }
}
