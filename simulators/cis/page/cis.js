"use strict";

const POLL_MS = 1000;
// Faults whose call may be booked before it goes wrong, and those that answer a code.
const MAY_BOOK = ["reset", "http_500", "html", "truncated", "wrong_encoding", "duplicate_answer", "two_envelopes",
  "other_serial", "entity_bomb", "external_entity", "huge", "answer", "fault"];
const WITH_CODE = ["answer", "fault"];

let shown = "";
let facts = null;

const codeWords = (code) => (facts && facts.codes[code] ? `${code} ${facts.codes[code][language]}` : code);
const badge = (label, kind = "") => make("span", { class: `badge ${kind}` }, label);
const hint = (name) => make("p", { class: "hint" }, word(name));

function showClock() {
  const [day, time] = state.now.split("T");
  const midnight = new Date(`${day}T00:00:00Z`).getTime() + 86_400_000;
  const nextDay = new Date(midnight).toISOString().slice(0, 10);
  return [
    make("p", { class: "time" }, `${day} ${time.slice(0, 5)}`, make("small", {}, state.zone)),
    make("div", { class: "actions" },
      button(word("hour"), () => act("now", { advance: 3600 })),
      button(word("next_day"), () => act("now", { moment: `${nextDay}T00:00:00` })),
      button(word("real_time"), () => act("now", {}), { class: "quiet" })),
    make("div", { class: "actions" },
      badge(word(state.is_open ? "open" : "closed_for_now"), state.is_open ? "good" : "bad"),
      button(word(state.is_open ? "close" : "reopen"), () => act("open", { is_open: !state.is_open }), { class: "quiet" })),
  ];
}

function showFaults() {
  if (!state.faults.length) return [hint("nothing_armed")];
  const rows = state.faults.map((fault) => make("div", { class: "armed" },
    badge(`⚠ ${word("fault_kinds")[fault.kind]}`, "bad"),
    make("small", {}, [fault.operation, fault.serial, fault.account, fault.parameters.code, word("armed_for", fault.times)]
      .filter(Boolean).join(" · ")),
    button(word("disarm"), () => act("clear-faults", { fault: fault.id }), { class: "quiet" })));
  return [...rows, button(word("disarm_all"), () => act("clear-faults", {}))];
}

function showEvents() {
  if (!state.events.length) return [make("li", {}, word("no_events"))];
  return state.events.slice(0, 40).map((event) => make("li", {},
    make("time", {}, event.at.replace("T", " ").slice(0, 19)),
    [event.operation, event.serial].filter(Boolean).join(" "),
    make("small", { class: event.code === "1001" && !event.fault ? "" : "bad" },
      [codeWords(event.code), event.fault && (word("fault_kinds")[event.fault] ?? event.fault)].filter(Boolean).join(" · "))));
}

function customerBadge(customer) {
  if (customer.status !== "active") return badge(word(customer.status), "bad");
  if (customer.may_not_buy) return badge(word("may_not_buy", codeWords(customer.may_not_buy)), "bad");
  return badge(word("may_buy"), "good");
}

function showCustomer(customer) {
  const { arrears } = customer;
  const owed = arrears.total
    ? `${yuan(arrears.total)}${arrears.late_fee ? ` ${word("late_fee", yuan(arrears.late_fee))}` : ""}` : word("none");
  const limits = Object.entries(word("contract")).filter(([name]) => !customer[name]).map(([, text]) => badge(text, "wait"));
  return make("article", { "data-account": customer.account_no },
    make("div", { class: "head" }, make("strong", {}, customer.name), customerBadge(customer)),
    make("small", {}, customer.address),
    make("dl", {},
      row(word("account"), customer.account_no),
      row(word("meter"), customer.meter_no ?? ""),
      row(word("last_count"), String(customer.last_count ?? "")),
      row(word("arrears"), owed, arrears.total ? "bad" : "good"),
      ...arrears.bills.map((bill) => row(`${bill.month} · ${word("bill_states")[bill.status]}`, yuan(bill.amount + bill.late_fee), "part"))),
    make("div", { class: "actions" }, ...limits,
      button(customer.refusal ? word("allow") : word("forbid"),
        () => act("customers", { customers: [{ account_no: customer.account_no, refusal: customer.refusal ? null : "11209" }] }),
        { class: "quiet" })));
}

function showPayments() {
  const reversals = Object.fromEntries(state.reversals.map((each) => [each.original_serial, each]));
  const late = state.late.length && make("div", { class: "armed" },
    badge(word("late", state.late.length), "wait"), button(word("book_late"), () => act("book-late", {})));
  const cash = state.payments.some((each) => each.method === "cash" && !each.remitted);
  const rows = state.payments.map((payment) => {
    const reversal = reversals[payment.serial];
    const details = [payment.account_no, word("kinds")[payment.kind], word("methods")[payment.method],
      payment.count !== null && word("count", payment.count), payment.remitted && word("remitted")];
    return make("article", { class: reversal ? "payment away" : "payment" },
      make("div", { class: "head" }, make("span", { class: "number" }, payment.serial), make("strong", {}, yuan(payment.amount))),
      make("small", {}, `${payment.accounting_date} · ${details.filter(Boolean).join(" · ")}`),
      reversal ? badge(word("reversed", reversal.serial), "bad") : "");
  });
  return [late || "", ...(rows.length ? rows : [hint("no_payments")]),
    cash ? button(word("remit"), () => act("remit", {}, (result) => word("remitted_count", result.remitted)), { class: "quiet" }) : ""];
}

function showDays() {
  if (!state.days.length) return [hint("no_days")];
  return [make("dl", {}, ...state.days.map((day) => row(`${day.accounting_date} · ${day.batch}`,
    [word("day_states")[day.state], day.code && day.code !== "1001" && codeWords(day.code)].filter(Boolean).join(": "),
    { closed: "good", differs: "bad" }[day.state] ?? "wait")))];
}

function show(force = false) {
  if (force && facts) showForm();
  // The seconds alone change nothing on the page.
  const text = JSON.stringify({ ...state, now: state && state.now.slice(0, 16) });
  if (!state || !facts || (!force && text === shown)) return;
  shown = text;
  const customers = state.customers.length ? state.customers.map(showCustomer) : [hint("no_customers")];
  fill({ clock: showClock(), faults: showFaults(), events: showEvents(), customers, payments: showPayments(), days: showDays() });
}

/* The choices of the form, in the language of the page. */
function showForm() {
  const offer = (id, choices) => {
    const chosen = by(id).value;
    by(id).replaceChildren(...choices.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  };
  offer("kind", Object.keys(facts.kinds).map((kind) => [kind, word("fault_kinds")[kind] ?? kind]));
  offer("operation", [["", word("any_operation")], ...facts.operations.map((name) => [name, name])]);
  offer("code", Object.keys(facts.codes).map((code) => [code, codeWords(code)]));
  showFields();
}

function showFields() {
  const kind = by("kind").value;
  by("code-label").hidden = !WITH_CODE.includes(kind);
  by("booked-label").hidden = !MAY_BOOK.includes(kind);
}

by("kind").addEventListener("change", () => {
  by("booked").checked = facts.kinds[by("kind").value].booked === true;
  showFields();
});

by("arm").addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = by("kind").value;
  const body = { kind, times: by("times").value ? Number(by("times").value) : null };
  if (by("operation").value) body.operation = by("operation").value;
  if (by("serial").value) body.serial = by("serial").value;
  if (WITH_CODE.includes(kind)) body.code = by("code").value;
  if (MAY_BOOK.includes(kind)) body.booked = by("booked").checked;
  act("fault", body);
});

async function load() {
  if (!facts) {
    facts = { ...(await ask("/api/faults")), ...(await ask("/api/words")) };
    showForm();
  }
  state = await ask("/api/books");
}

start(POLL_MS);
