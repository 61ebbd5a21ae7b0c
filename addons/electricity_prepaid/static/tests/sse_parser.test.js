import { SseParser } from "@electricity_prepaid/hw_client/sse_parser";
import { describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

test("an event cut at any character arrives once and whole", () => {
    const stream = 'event: card\r\ndata: {"state":"card"}\r\n\r\n: comment\n\nevent: job\ndata: 1\ndata: 2\n\n';
    for (let cut = 0; cut <= stream.length; cut++) {
        const parser = new SseParser();
        const events = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
        expect(events).toEqual([
            { event: "card", data: '{"state":"card"}' },
            { event: "job", data: "1\n2" },
        ]);
    }
});

test("comments and events without data tell nothing", () => {
    expect(new SseParser().push(": alive\n\nevent: card\n\n")).toEqual([]);
});

test("an unfinished event is not told", () => {
    expect(new SseParser().push("event: card\ndata: {}\n")).toEqual([]);
});
