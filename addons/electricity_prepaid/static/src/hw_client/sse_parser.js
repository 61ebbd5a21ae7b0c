/**
 * Takes `text/event-stream` apart, chunk by chunk (HTML Living Standard, "Server-sent events"). `EventSource` itself
 * only knows GET and sends no bearer token, and GET requests may be answered by a service worker's cache.
 */
export class SseParser {
    constructor() {
        this.rest = "";
        this.clear();
    }

    clear() {
        this.name = "message";
        this.data = [];
    }

    /**
     * @param {string} chunk decoded text, cut anywhere
     * @returns {{event: string, data: string}[]} the events that this chunk completed
     */
    push(chunk) {
        const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
        this.rest = lines.pop();
        return lines.map((line) => this.line(line)).filter(Boolean);
    }

    /** @returns {{event: string, data: string}|null} */
    line(line) {
        if (line === "") {
            const event = this.data.length ? { event: this.name, data: this.data.join("\n") } : null;
            this.clear();
            return event;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "event") {
            this.name = value || "message";
        } else if (field === "data") {
            this.data.push(value);
        }
        return null;
    }
}
