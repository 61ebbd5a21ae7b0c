import { Reactive } from "@web/core/utils/reactive";

import { BAD_TOKEN } from "../hw_client/errors";
import { TerminalFeed } from "../hw_client/event_stream";

const EMPTY = "empty";
const ABSENT = { state: "absent" };

/**
 * The terminal as it is now: is it there, what is in its reader. Knows nothing of sales; it tells when a card comes
 * and goes, each insertion once, however often the stream and the polling report it.
 */
export class ReaderWatch extends Reactive {
    /**
     * @param {Object} listener
     * @param {(found: boolean) => void} listener.onCardIn found: it was there already when the watch began
     * @param {() => void} listener.onCardOut
     * @param {() => void} [listener.onEmpty] the reader is empty, and was not heard of before or out of order
     * @param {(job: Object) => void} listener.onJob
     * @param {(code: string) => void} [listener.onScan]
     * @param {() => void} listener.onBadToken
     */
    constructor(listener) {
        super();
        this.listener = listener;
        this.reset();
    }

    reset() {
        this.reader = ABSENT;
        this.insertion = null;
        this.heard = false;
        this.downCode = null;
        this.problems = [];
        this.cash = null;
        this.devices = [];
    }

    get cardIn() {
        return this.reader.state === "card" || this.reader.state === "busy";
    }

    follow(client) {
        this.leave();
        this.feed = new TerminalFeed(client, {
            onStatus: (status) => this.onStatus(status),
            onCard: (card) => this.onCard(card),
            onJob: (job) => this.listener.onJob(job),
            onScan: ({ code }) => this.listener.onScan?.(code),
            onDown: (code) => this.onDown(code),
        });
        this.feed.start();
    }

    leave() {
        this.feed?.stop();
        this.reset();
    }

    refresh() {
        return this.feed?.refresh();
    }

    onStatus(status) {
        const found = !this.heard;
        this.heard = true;
        this.downCode = null;
        this.problems = status.problems || [];
        this.cash = status.cash || null;
        this.devices = status.devices || [];
        const readers = status.readers || [];
        const occupied = readers.find((reader) => ["card", "busy"].includes(reader.state));
        this.see(occupied || readers.find((reader) => reader.name === this.reader.name) || readers[0] || ABSENT, found);
    }

    onCard(card) {
        const otherReader = this.reader.name && this.reader.name !== card.reader;
        if (otherReader && this.cardIn) {
            return; // a second, empty reader spoke
        }
        this.see({ ...card, name: card.reader });
    }

    onDown(code) {
        this.heard = true;
        this.downCode = code;
        this.see(ABSENT);
        if (code === BAD_TOKEN) {
            this.listener.onBadToken();
        }
    }

    see(reader, found = false) {
        const isEmptyNow = reader.state === EMPTY && this.reader.state !== EMPTY;
        this.reader = reader;
        const insertion = this.cardIn ? reader.ins || this.insertion || reader.name : null;
        if (insertion === this.insertion) {
            if (isEmptyNow) {
                this.listener.onEmpty?.();
            }
            return;
        }
        this.insertion = insertion;
        if (insertion) {
            this.listener.onCardIn(found);
        } else {
            this.listener.onCardOut();
        }
    }
}
