"use strict";

const POLL_MS = 1000;
// Faults of calls, which may befall one operation only.
const OF_CALLS = ["timeout_before", "timeout_after"];

let shown = "";
let facts = null;

const badge = (label, kind = "") => make("span", { class: `badge ${kind}` }, label);
const hint = (name) => make("p", { class: "hint" }, word(name));
const sum = (payment) => `${digits((payment.paid_amount ?? payment.amount) / 100)} ${payment.paid_currency || payment.currency}`;

function showFaults() {
  const rows = state.faults.map((fault) => make("div", { class: "armed" },
    badge(`⚠ ${word("fault_kinds")[fault.kind]}`, "bad"),
    make("small", {}, [fault.operation, word("armed_for", fault.times)].filter(Boolean).join(" · "))));
  const held = state.held ? button(word("release", state.held), () => act("release", {})) : "";
  if (!rows.length) return [hint("nothing_armed"), held];
  return [...rows, button(word("disarm_all"), () => act("clear-faults", {})), held];
}

function showEvents() {
  if (!state.events.length) return [make("li", {}, word("no_events"))];
  return state.events.slice(0, 30).map((event) => make("li", {},
    make("time", {}, new Date(event.at * 1000).toLocaleTimeString()),
    `${word("what")[event.what] ?? event.what} ${event.detail}`,
    make("small", {}, `${event.reference.slice(0, 8)}… ${word("states")[event.state]}`)));
}

function head(payment, label, kind) {
  return [
    make("div", { class: "head" }, make("span", {}, payment.subject), badge(label, kind)),
    make("p", { class: "sum" }, sum(payment)),
    make("small", {}, word("left", Math.max(0, payment.expires_at - state.now))),
  ];
}

function showPhone(payment) {
  const isOpen = payment.step === "scanned";
  return make("article", { class: "pay", "data-reference": payment.reference },
    ...head(payment, word(isOpen ? "scanned" : "not_scanned"), isOpen ? "good" : "wait"),
    make("div", { class: "actions" },
      isOpen ? "" : button(word("scan"), () => act("scan", { code: payment.code })),
      button(word("pay"), () => act("pay", { reference: payment.reference }), { class: "primary", disabled: !isOpen }),
      button(word("refuse"), () => act("refuse", { reference: payment.reference }), { disabled: !isOpen })));
}

function showTerminal(payment) {
  const { reference, step } = payment;
  return make("article", { class: "pay", "data-reference": reference },
    ...head(payment, `${payment.card_terminal}: ${word("steps")[step]}`, "wait"),
    make("div", { class: "actions" },
      button(word("insert"), () => act("insert", { reference }), { disabled: step !== "" }),
      button(word("pin"), () => act("pin", { reference }), { disabled: step !== "inserted" }),
      button(word("approve"), () => act("pay", { reference }), { class: "primary", disabled: step !== "pin" }),
      button(word("decline"), () => act("refuse", { reference }), { disabled: step !== "pin" })));
}

function showOver(payment) {
  return make("article", { class: "away", "data-reference": payment.reference },
    make("div", { class: "head" },
      make("span", {}, `${payment.subject || payment.reference} · ${sum(payment)}`),
      badge(word("states")[payment.state], payment.state === "paid" ? "good" : "")),
    payment.state === "closed" && payment.amount
      ? button(word("pay_late"), () => act("pay", { reference: payment.reference, late: true }), { class: "quiet" }) : "");
}

function showRefund(refund) {
  const { reference, state: how } = refund;
  const amount = `${digits((refund.refunded_amount ?? refund.amount) / 100)} ${refund.currency}`;
  return make("article", { class: how === "pending" ? "pay" : "away", "data-refund": reference },
    make("div", { class: "head" },
      make("span", {}, `${refund.subject} · ${amount}`),
      badge(word("states")[how], { pending: "wait", refunded: "good", refused: "bad" }[how])),
    make("div", { class: "actions" },
      how === "refunded" ? "" : button(word("settle"), () => act("settle-refund", { reference }), { class: how === "pending" ? "primary" : "quiet" }),
      how === "pending" ? button(word("refuse_refund"), () => act("refuse-refund", { reference })) : ""));
}

function show(force = false) {
  const text = JSON.stringify(state);
  if (force && facts) showForm();
  if (!state || !facts || (!force && text === shown)) return;
  shown = text;
  const waiting = state.payments.filter((payment) => payment.state === "waiting");
  const phone = waiting.filter((payment) => payment.method === "qr").map(showPhone);
  const terminal = waiting.filter((payment) => payment.method === "card_present").map(showTerminal);
  const over = state.payments.filter((payment) => payment.state !== "waiting").slice(0, 12).map(showOver);
  fill({
    faults: showFaults(),
    events: showEvents(),
    phone: phone.length ? phone : [hint("nothing_to_scan")],
    terminal: terminal.length ? terminal : [hint("no_card_wanted")],
    over: over.length ? over : [hint("nothing_over")],
    refunds: state.refunds.length ? state.refunds.slice(0, 12).map(showRefund) : [hint("no_refunds")],
  });
}

/* The choices of the form, in the language of the page. */
function showForm() {
  const offer = (id, choices) => {
    const chosen = by(id).value;
    by(id).replaceChildren(...choices.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  };
  offer("kind", Object.keys(facts.kinds).map((kind) => [kind, word("fault_kinds")[kind]]));
  offer("operation", [["", word("any_operation")], ...facts.operations.map((name) => [name, name])]);
  by("operation-label").hidden = !OF_CALLS.includes(by("kind").value);
}

by("kind").addEventListener("change", () => showForm());

by("arm").addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = by("kind").value;
  const body = { kind, times: by("times").value ? Number(by("times").value) : null };
  if (OF_CALLS.includes(kind) && by("operation").value) body.operation = by("operation").value;
  act("fault", body);
});

by("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  act("scan", { code: by("code").value });
});

async function load() {
  if (!facts) {
    facts = await ask("/api/faults");
    // Whoever scans the code comes here with it.
    by("code").value = new URLSearchParams(location.search).get("code") || "";
    showForm();
  }
  state = await ask("/api/books");
}

start(POLL_MS);
