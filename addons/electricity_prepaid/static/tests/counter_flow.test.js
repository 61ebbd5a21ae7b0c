import {
    backAction,
    chosenBills,
    initialState,
    PHASE,
    primaryAction,
    transition,
} from "@electricity_prepaid/counter/counter_flow";
import { describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

const AROUND = { cardIn: true, shift: true, received: null };

function order(values = {}) {
    return { uuid: "u", state: "draft", due: "50.00", paid: "0.00", attempts: [], actions: ["tender"], ...values };
}

function after(...events) {
    return events.reduce((state, [event, data]) => transition(state, event, data), initialState());
}

const QUOTED = [["ready"], ["read"], ["quoted", { quote: { allowed: true }, snapshot: "s" }]];
const PAYING = [...QUOTED, ["order", { order: order() }]];

test("an event that a phase does not know changes nothing", () => {
    const state = after(...PAYING);
    expect(transition(state, "quoted", { quote: {} })).toBe(state);
    expect(transition(state, "read")).toBe(state);
    expect(transition(state, "cardOut")).toBe(state);
});

test("nothing can be confirmed while a step runs", () => {
    const state = after(...PAYING, ["busy", { what: "tender" }]);
    expect(primaryAction(state, { ...AROUND, received: "50.00" })).toBe(null);
    expect(backAction(state, { reachable: true })).toBe(null);
});

test("an order that the server shows in between does not free the keys", () => {
    const state = after(...PAYING, ["busy", { what: "tender" }], ["order", { order: order({ state: "paid" }) }]);
    expect(state.busy).toBe("tender");
});

test("a price for an amount that is no longer typed is dropped", () => {
    const state = after(...QUOTED, ["amount", { amount: "20.00" }], ["amount", { amount: "200.00" }]);
    expect(transition(state, "priced", { quote: { breakdown: {} }, amount: "20.00" }).priced).toBe(null);
});

test("a sale begins only with an open shift and a price from the server", () => {
    const state = after(...QUOTED, ["amount", { amount: "20.00" }]);
    expect(primaryAction(state, AROUND)).toBe(null);
    const priced = transition(state, "priced", { quote: { breakdown: {} }, amount: "20.00" });
    expect(primaryAction(priced, AROUND)).toEqual({ name: "begin" });
    expect(primaryAction(priced, { ...AROUND, shift: false })).toEqual({ name: "openShift" });
});

test("less cash than is due is taken as a part, none is not taken", () => {
    const state = after(...PAYING);
    expect(primaryAction(state, { ...AROUND, received: "20.00" })).toEqual({ name: "tenderPart", missing: "30.00" });
    expect(primaryAction(state, { ...AROUND, received: "0.00" })).toBe(null);
    expect(primaryAction(state, { ...AROUND, received: "50.00" })).toEqual({ name: "tender" });
});

test("a paid order is never asked for money again", () => {
    const paid = order({ state: "paid", paid: "50.00", due: "0.00", actions: ["authorize", "cancel", "refund"] });
    const state = after(...PAYING, ["order", { order: paid }]);
    expect(primaryAction(state, AROUND)).toEqual({ name: "authorize" });
});

test("leaving a paid order keeps it open, leaving an empty one cancels it", () => {
    const empty = after(...QUOTED, ["order", { order: order({ actions: ["tender", "cancel"] }) }]);
    expect(backAction(empty, { reachable: true })).toEqual({ name: "cancel" });
    const paid = order({ state: "paid", paid: "50.00", actions: ["authorize", "cancel", "refund"] });
    expect(backAction(after(...PAYING, ["order", { order: paid }]), { reachable: true })).toEqual({ name: "next" });
});

test("what waits for money at another terminal is finished here: no cash is taken for it, and going back ends nothing", () => {
    const there = order({ terminal: 7, paid: "0.00", actions: ["tender", "cancel"] });
    const state = after(...PAYING, ["order", { order: there }]);
    const around = { ...AROUND, received: "50.00", terminal: 3 };
    expect(primaryAction(state, around)).toEqual({ name: "finishHere" });
    expect(primaryAction(state, { ...around, shift: false })).toEqual({ name: "openShift" });
    expect(primaryAction(state, { ...around, cardIn: false })).toBe(null);
    expect(backAction(state, { reachable: true, terminal: 3 })).toEqual({ name: "next" });
    const bills = after(...PAYING, ["order", { order: { ...there, op: "arrears" } }]);
    expect(primaryAction(bills, { ...around, cardIn: false })).toEqual({ name: "finishHere" });
    expect(primaryAction(state, { ...around, terminal: 7 })).toEqual({ name: "tender" });
    const paid = after(...PAYING, ["order", { order: { ...there, state: "paid", actions: ["authorize"] } }]);
    expect(primaryAction(paid, around)).toEqual({ name: "authorize" });
});

test("a write is left only when the terminal is silent", () => {
    const state = after(...PAYING, ["follow", { order: order({ state: "authorized" }) }], ["busy", { what: "write" }]);
    expect(state.phase).toBe(PHASE.WRITING);
    expect(backAction(state, { reachable: true })).toBe(null);
    expect(backAction(state, { reachable: false })).toEqual({ name: "leave" });
});

test("steps of a write never go back", () => {
    const state = after(...PAYING, ["follow", { order: order() }], ["step", { step: "verify" }], ["step", { step: "write" }]);
    expect(state.step).toBe("verify");
});

test("an unfinished order waits for its card before it is written again", () => {
    const unknown = order({ state: "unknown", paid: "50.00", actions: ["rewrite", "read_card"] });
    const state = after(["ready"], ["order", { order: unknown }]);
    expect(state.phase).toBe(PHASE.UNFINISHED);
    expect(primaryAction(state, { ...AROUND, cardIn: false })).toBe(null);
    expect(primaryAction(state, AROUND)).toEqual({ name: "rewrite" });
});

test("a failed reading brings the unfinished order back", () => {
    const unknown = order({ state: "unknown", actions: ["read_card"] });
    const state = after(["ready"], ["order", { order: unknown }], ["read"], ["unreadable", { problem: { code: "C-201" } }]);
    expect(state.phase).toBe(PHASE.UNFINISHED);
    expect(state.problem.code).toBe("C-201");
});

test("the card of an open order leads to that order", () => {
    const paid = order({ state: "paid", paid: "50.00", due: "0.00", actions: ["authorize"] });
    const state = after(["ready"], ["read"], ["quoted", { quote: { allowed: false, open_order: paid }, snapshot: "s" }]);
    expect(state.phase).toBe(PHASE.PAYING);
    expect(state.order).toBe(paid);
});

test("a written purchase that the meter refused is written again, and done after that", () => {
    const refused = order({ state: "written", actions: ["rewrite", "print"] });
    const state = after(...QUOTED, ["order", { order: refused, resolution: "rewrite" }]);
    expect(state.phase).toBe(PHASE.UNFINISHED);
    expect(primaryAction(state, AROUND)).toEqual({ name: "rewrite" });
    const done = transition(state, "order", { order: order({ state: "written", actions: ["print"] }) });
    expect(done.phase).toBe(PHASE.RESULT);
});

test("what was wrong with the old card is forgotten when another comes", () => {
    const replacing = order({ op: "replace", state: "paid", due: "0.00", takes_new_card: true, actions: ["authorize"] });
    const refused = after(...QUOTED, ["order", { order: replacing }], ["problem", { problem: { code: "C-115" } }]);
    expect(refused.problem.code).toBe("C-115");
    expect(transition(refused, "cardIn").problem).toBe(null);
});

test("an operation without money goes straight to the write", () => {
    const opened = order({ op: "open", state: "paid", due: "0.00", actions: ["authorize", "cancel"] });
    const state = after(...QUOTED, ["order", { order: opened }]);
    expect(state.phase).toBe(PHASE.PAYING);
    expect(primaryAction(state, AROUND)).toEqual({ name: "authorize" });
    expect(backAction(state, { reachable: true })).toEqual({ name: "cancel" });
});

test("an order that a new card takes over waits for that card", () => {
    const taken = order({ state: "unknown", takes_new_card: true, actions: ["rewrite", "read_card"] });
    const state = after(...QUOTED, ["order", { order: taken }]);
    expect(state.phase).toBe(PHASE.UNFINISHED);
    expect(primaryAction(state, { ...AROUND, cardIn: false })).toBe(null);
    expect(primaryAction(state, AROUND)).toEqual({ name: "rewrite" });
});

test("a reversal is followed like a write and ends in a result", () => {
    const written = order({ state: "written", actions: ["print", "reverse"] });
    const result = after(...QUOTED, ["order", { order: written }]);
    expect(result.phase).toBe(PHASE.RESULT);
    const writing = transition(result, "follow", { order: written });
    expect(writing.phase).toBe(PHASE.WRITING);
    const reversed = order({ state: "reversed", actions: ["refund"] });
    const end = transition(writing, "order", { order: reversed });
    expect(end.phase).toBe(PHASE.RESULT);
    expect(primaryAction(end, AROUND)).toEqual({ name: "next" });
});

const BILLS = [
    { receivable_id: "B1", due: "121.50", status: "open" },
    { receivable_id: "B2", due: "90.00", status: "open" },
    { receivable_id: "B3", due: "5.00", status: "disputed" },
];

function owing(bills = BILLS) {
    return { allowed: true, customer: { account: "1" }, marketing: { state: "up", arrears: { bills } } };
}

const CHOOSING = [["ready"], ["read"], ["quoted", { quote: owing(), snapshot: "s" }], ["bills"]];

test("all bills that may be paid here are chosen at first, and none that may not", () => {
    const state = after(...CHOOSING);
    expect(state.phase).toBe(PHASE.BILLS);
    expect(state.chosen).toEqual(["B1", "B2"]);
    expect(primaryAction(state, AROUND)).toEqual({ name: "payBills" });
    expect(primaryAction(state, { ...AROUND, shift: false })).toEqual({ name: "openShift" });
});

test("nothing chosen is nothing to pay", () => {
    const state = after(...CHOOSING, ["toggle", { id: "B1" }], ["toggle", { id: "B2" }]);
    expect(primaryAction(state, AROUND)).toBe(null);
    expect(transition(state, "toggle", { id: "B2" }).chosen).toEqual(["B2"]);
});

test("a disputed bill is not paid even when it was chosen before it was disputed", () => {
    const changed = [{ ...BILLS[0], status: "disputed" }, BILLS[1]];
    const state = after(...CHOOSING, ["marketing", { quote: owing(changed) }]);
    expect(state.chosen).toEqual(["B2"]);
    expect(chosenBills(state).map((bill) => bill.receivable_id)).toEqual(["B2"]);
});

test("leaving the bills goes back to the card that was read, or to nobody", () => {
    expect(after(...CHOOSING, ["leave"]).phase).toBe(PHASE.CUSTOMER);
    expect(after(...CHOOSING, ["cardOut"]).phase).toBe(PHASE.BILLS);
    expect(after(...CHOOSING, ["cardOut"], ["leave"]).phase).toBe(PHASE.IDLE);
    const found = after(["ready"], ["bills", { quote: owing() }]);
    expect(transition(found, "leave").phase).toBe(PHASE.IDLE);
});

test("a fresh answer of the marketing system keeps the amount that is being typed", () => {
    const state = after(...QUOTED, ["amount", { amount: "20.00" }], ["marketing", { quote: owing() }]);
    expect(state.amount).toBe("20.00");
    expect(state.quote.marketing.state).toBe("up");
});

test("an answer for a card that has gone changes nothing", () => {
    const state = after(...QUOTED, ["cardOut"]);
    expect(transition(state, "marketing", { quote: owing() })).toBe(state);
});

test("the payment of bills ends with its money: there is nothing to write", () => {
    const paid = order({ op: "arrears", state: "written", paid: "121.50", due: "0.00", actions: ["print"] });
    const state = after(...CHOOSING, ["order", { order: order({ op: "arrears" }) }], ["order", { order: paid }]);
    expect(state.phase).toBe(PHASE.RESULT);
    expect(primaryAction(state, AROUND)).toEqual({ name: "print" });
});

test("arrears that come first are the next step, unless they cannot be paid now", () => {
    const next = (values) => {
        const quote = { ...owing(), allowed: false, code: "M-104", ...values };
        return primaryAction(after(["ready"], ["read"], ["quoted", { quote, snapshot: "s" }]), AROUND);
    };
    expect(next({ marketing: { ...owing().marketing, state: "down" } })).toBe(null);
    expect(next({ marketing: owing([]).marketing })).toBe(null);
    expect(next({ code: "M-103" })).toBe(null);
    expect(next()).toEqual({ name: "payArrears" });
});
