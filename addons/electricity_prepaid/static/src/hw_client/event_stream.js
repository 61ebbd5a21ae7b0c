import { browser } from "@web/core/browser/browser";

import { SseParser } from "./sse_parser";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const SILENCE = 5000; // the terminal sends a comment every second
const POLL_EVERY = 1500;

/**
 * What happens at the terminal, as it happens: the event stream while it lasts, `/v1/status` by polling while it does
 * not, and back to the stream with growing pauses.
 */
export class TerminalFeed {
    /**
     * @param {import("./client").TerminalClient} client
     * @param {Object} listener
     * @param {(status: Object) => void} listener.onStatus answer of /v1/status
     * @param {(card: Object) => void} listener.onCard {reader, state, ins}
     * @param {(job: Object) => void} listener.onJob {job, state, step, receipt}
     * @param {(scan: Object) => void} [listener.onScan] {code}
     * @param {(code: string) => void} listener.onDown the terminal did not answer, with the code of the reason
     */
    constructor(client, listener) {
        this.client = client;
        this.listener = listener;
        this.running = false;
        this.streaming = false;
        this.pause = FIRST_PAUSE;
    }

    start() {
        this.running = true;
        this.stream();
        this.poll();
    }

    stop() {
        this.running = false;
        this.abort?.abort();
        browser.clearTimeout(this.retryTimer);
        browser.clearTimeout(this.pollTimer);
        browser.clearTimeout(this.silenceTimer);
    }

    /** Asks once, now; also after the page was hidden and may have missed something. */
    async refresh() {
        try {
            const status = await this.client.status();
            if (this.running) {
                this.listener.onStatus(status);
            }
        } catch (error) {
            if (this.running) {
                this.listener.onDown(error.code);
            }
        }
    }

    async poll() {
        if (!this.streaming) {
            await this.refresh();
        }
        if (this.running) {
            this.pollTimer = browser.setTimeout(() => this.poll(), POLL_EVERY);
        }
    }

    async stream() {
        this.abort = new AbortController();
        try {
            const response = await this.client.post("events", {}, this.abort.signal);
            this.streaming = true;
            this.pause = FIRST_PAUSE;
            await this.refresh();
            await this.read(response.body.getReader());
        } catch {
            // Whatever ended the stream, polling goes on and the stream is tried again below.
        }
        browser.clearTimeout(this.silenceTimer);
        this.streaming = false;
        if (this.running) {
            this.retryTimer = browser.setTimeout(() => this.stream(), this.pause);
            this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        }
    }

    async read(reader) {
        const parser = new SseParser();
        const decoder = new TextDecoder();
        for (;;) {
            this.watchSilence();
            const { done, value } = await reader.read();
            if (done) {
                return;
            }
            for (const { event, data } of parser.push(decoder.decode(value, { stream: true }))) {
                this.tell(event, JSON.parse(data));
            }
        }
    }

    /** A dead network keeps a stream open for minutes without a byte. */
    watchSilence() {
        browser.clearTimeout(this.silenceTimer);
        this.silenceTimer = browser.setTimeout(() => this.abort.abort(), SILENCE);
    }

    tell(event, data) {
        if (!this.running) {
            return;
        }
        if (event === "status") {
            this.listener.onStatus(data);
        } else if (event === "card") {
            this.listener.onCard(data);
        } else if (event === "job") {
            this.listener.onJob(data);
        } else if (event === "scan") {
            this.listener.onScan?.(data);
        }
    }
}
