import { CardPanel } from "@electricity_prepaid/counter/card_panel";
import { animationFrame, describe, expect, test } from "@odoo/hoot";
import { reactive } from "@odoo/owl";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

// The web client's own services ask for them.
defineMailModels();
describe.current.tags("desktop");

const FACTS = ".o_ec_facts";
const TITLE = ".o_ec_slot_title";

function order(values = {}) {
    return { op: "purchase", state: "paid", card: "000000000101", takes_new_card: false, ...values };
}

async function panel({ phase, order: shown, card, watch = {} }) {
    const session = reactive({
        flow: { phase, order: shown || null, quote: card ? { card } : null },
        setup: { terminal: { id: 1 }, token: "t" },
        readInsertion: "first",
        watch: { cardIn: true, heard: true, insertion: "first", problems: [], reader: { state: "card" }, ...watch },
        sentence: (code) => code,
    });
    await mountWithCleanup(CardPanel, { props: { session }, noMainContainer: true });
    return session;
}

const OLD = { serial: "000000000101", issue: 1, state: "active" };
const BLANK = { serial: "000000000901", issue: null, state: "blank" };
const EMPTY = { cardIn: false, insertion: null, reader: { state: "empty" } };

test("a card that an account was opened with is no longer blank", async () => {
    const opened = order({ op: "open", state: "written", card: BLANK.serial });
    await panel({ phase: "result", order: opened, card: BLANK });
    expect(FACTS).toHaveText(/In use/);
    expect(FACTS).not.toHaveText(/Blank/);
});

test("a card that was cleared is blank", async () => {
    const cleared = order({ op: "clear", state: "written" });
    await panel({ phase: "result", order: cleared, card: { ...OLD, state: "void" } });
    expect(FACTS).toHaveText(/Blank/);
});

test("what was read of the old card is not said of the new one", async () => {
    const replacing = order({ op: "replace", takes_new_card: true });
    const session = await panel({ phase: "paying", order: replacing, card: OLD });
    expect(FACTS).toHaveText(/000000000101/);
    Object.assign(session.watch, EMPTY);
    await animationFrame();
    expect(FACTS).toHaveCount(0);
    expect(TITLE).toHaveText("Insert the new, blank card");
    Object.assign(session.watch, { cardIn: true, insertion: "second", reader: { state: "card" } });
    await animationFrame();
    expect(FACTS).toHaveCount(0);
});

test("while a purchase waits for its card, any other is not asked for", async () => {
    await panel({ phase: "unfinished", order: order({ state: "unknown" }), watch: EMPTY });
    expect(TITLE).toHaveText("Put the same card back in");
});

test("the next customer is free to put any card in", async () => {
    await panel({ phase: "idle", watch: EMPTY });
    expect(TITLE).toHaveText("Insert the customer's card");
});
