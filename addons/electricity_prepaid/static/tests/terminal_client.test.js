import { TerminalClient } from "@electricity_prepaid/hw_client/client";
import { describe, expect, mockFetch, test } from "@odoo/hoot";

describe.current.tags("headless");

const client = () => new TerminalClient({ url: "http://127.0.0.1:8269/", token: "page" });

test("calls are POST with the page's token", async () => {
    mockFetch((url, { method, headers, body }) => {
        expect.step([url, method, headers.Authorization || new Headers(headers).get("Authorization"), body]);
        return { snapshot: "signed" };
    });
    expect(await client().snapshot("n", "reader")).toBe("signed");
    expect.verifySteps([
        ["http://127.0.0.1:8269/v1/snapshot", "POST", "Bearer page", '{"nonce":"n","reader":"reader"}'],
    ]);
});

test("a refusal keeps the terminal's code", async () => {
    mockFetch(() => new Response('{"code":"C-201","params":{}}', { status: 409 }));
    const error = await client().snapshot("n").catch((refusal) => refusal);
    expect(error.code).toBe("C-201");
});

test("a terminal that cannot be reached is P-115", async () => {
    mockFetch(() => {
        throw new TypeError("Failed to fetch");
    });
    const error = await client().status().catch((failure) => failure);
    expect(error.code).toBe("P-115");
});

test("an answer that is no JSON is P-115", async () => {
    mockFetch(() => new Response("<html>", { status: 502 }));
    const error = await client().status().catch((failure) => failure);
    expect(error.code).toBe("P-115");
});
