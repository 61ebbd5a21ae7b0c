"use strict";

const POLL_MS = 600;
const USE_KWH = ["1", "10", "50"];
// Bytes that a purchase writes before its last one: two blocks of 20 and a state byte, or wallet and write-back, after
// the parameters of a card that was no purchase card yet.
const WRITE_BACK = { gdw1365: 49, csg2015: 50 };
const lastByte = ({ driver, contract }) =>
  driver in WRITE_BACK ? (contract.card_type === 2 ? 0 : 45) + 8 + WRITE_BACK[driver] - 1 : 40;
// Where a read shows what was bought.
const PURCHASE = { gdw1365: 61, csg2015: 61 };
// Choices of the page -> fault of the interface.
const FAULTS = {
  pull: () => ({ kind: "pull", bytes: 10 }),
  pull_first: () => ({ kind: "pull", bytes: 0 }),
  pull_commit: (card) => ({ kind: "pull", bytes: lastByte(card), inside: true }),
  silent: () => ({ kind: "silent", seconds: 5 }),
  slow: () => ({ kind: "slow", seconds: 0.2 }),
  wrong_read: (card) => ({ kind: "wrong_read", address: PURCHASE[card.driver] ?? 64 }),
  lost_write: () => ({ kind: "lost_write" }),
};

// Choices of the page -> fault of the note acceptor.
const NOTE_FAULTS = {
  jam_acceptor: {}, jam_stacker: {}, box_full: {}, pause: { at: "stacking" }, cheated: {}, failure: {}, silent: {},
  slow: { seconds: 0.1 }, lost: { times: 3 },
  power_escrow: { kind: "power_loss", at: "escrow" },
  power_stacking: { kind: "power_loss", at: "stacking" },
  power_sensor: { kind: "power_loss", at: "sensor" },
};
// Choices of the page -> fault of the receipt printer.
const PRINTER_FAULTS = { paper_out: {}, power_loss: {}, cutter_jam: {}, silent: {} };
const FOREIGN = 0;

let shown = "";

/* A quantity of a card or meter, in 0.01 of its unit. */
const amount = (quantity, unit) => (unit === "kwh" ? `${digits(quantity / 100)} kWh` : yuan(quantity));

function showSlots() {
  return state.slots.map((slot) => {
    const status = !slot.card ? "" : slot.connected ? (slot.powered ? word("in_use") : word("contact")) : word("waiting");
    const head = make("div", { class: "slot-head" },
      make("strong", {}, word("reader", slot.index + 1)),
      status ? make("span", { class: slot.connected ? "badge good" : "badge wait" }, status) : "");
    const mouth = make("div", { class: slot.card ? "mouth full" : "mouth" },
      slot.card ? make("span", { class: "chip-card" }, make("i"), make("b", {}, slot.card)) : make("span", {}, word("slot_empty")));
    return make("article", { class: "slot" }, head, mouth,
      slot.card
        ? button(word("pull"), () => act("pull", { slot: slot.index }), { class: "primary" })
        : make("p", { class: "hint" }, word("slot_empty_hint")));
  });
}

const noteName = (cents) => `¥${cents / 100}`;

/* The note acceptor: notes to put in, what is in its box, and what can go wrong. */
function showNotes() {
  const notes = state.notes;
  if (!notes) return [];
  const waits = ["disabled", "initialize", "power_up"].includes(notes.state);
  const bad = ["off", "box_full", "box_open", "jam_acceptor", "jam_stacker", "paused", "cheated", "failure"].includes(notes.state);
  const head = make("div", { class: "slot-head" }, make("strong", {}, word("acceptor")),
    make("span", { class: `badge ${!notes.plugged || bad ? "bad" : waits ? "wait" : "good"}` },
      notes.plugged ? word("note_states")[notes.state] : word("unplugged")));
  const insert = (cents, pieces = 1) => () => act("note", { cents, pieces });
  const choose = make("select", {
    "aria-label": word("note_fault"),
    on: {
      change: (event) => {
        const kind = event.target.value;
        event.target.blur();
        act("note-fault", { kind, ...NOTE_FAULTS[kind] });
      },
    },
  }, make("option", { value: "" }, word("choose_fault")));
  for (const kind of Object.keys(NOTE_FAULTS)) choose.append(make("option", { value: kind }, word("note_faults")[kind]));
  const pieces = Object.entries(notes.box).map(([cents, count]) => `${count} × ${noteName(cents)}`).join(", ");
  const armed = Object.keys(notes.faults).length;
  return [make("article", { class: "notes" }, head,
    make("div", { class: "actions" },
      ...notes.notes.map((cents) => button(noteName(cents), insert(cents), { "aria-label": word("note_in", noteName(cents)) })),
      button(word("foreign"), insert(FOREIGN), { class: "quiet" }),
      button(word("string"), insert(notes.notes[notes.notes.length - 1], 3), { class: "quiet" })),
    make("dl", {},
      row(word("in_box"), pieces || word("box_empty")),
      notes.waiting.length ? row(word("at_slit"), notes.waiting.map((cents) => (cents ? noteName(cents) : "?")).join(", "), "wait") : "",
      notes.out.length ? row(word("came_out"), notes.out.map((cents) => (cents ? noteName(cents) : "?")).join(", ")) : ""),
    make("div", { class: "actions" },
      notes.box_is_in
        ? button(word("box_out"), () => act("note-box-out", {}, (result) => word("box_taken", Object.entries(result.taken).map(([cents, count]) => `${count} × ${noteName(cents)}`).join(", "))))
        : button(word("box_in"), () => act("note-box-in", {})),
      button(notes.plugged ? word("unplug") : word("plug"), () => act("note-plug", { on: !notes.plugged }), { class: "quiet" }),
      bad || armed || !notes.plugged || !notes.box_is_in ? button(word("note_mend"), () => act("note-mend", {}), { class: "primary" }) : ""),
    make("div", { class: "faults" }, armed
      ? make("span", { class: "badge bad" }, `⚠ ${Object.keys(notes.faults).map((kind) => word("note_faults")[kind] ?? word("power_loss")).join("; ")}`)
      : choose))];
}

let slips = [];
let slipsShown = "";

/* One paper that came out: pictures and letters as they stand on it. */
function showSlip(slip) {
  return make("div", { class: slip.cut ? "paper" : "paper torn" }, ...slip.parts.map((part) => {
    if (part.image) return make("img", { src: part.image, alt: "" });
    if (part.qr) return make("p", { class: "hint" }, `QR: ${part.qr}`);
    return make("pre", { class: part.large ? "large" : "" }, part.text);
  }));
}

/* The receipt printer: its paper, what can go wrong, and what came out of it. */
function showPrinter() {
  const printer = state.printer;
  if (!printer) return [];
  const now = !printer.powered ? "off" : printer.cover_open ? "cover" : printer.jammed ? "jam" : printer.paper;
  const tone = now === "enough" ? "good" : now === "low" ? "wait" : "bad";
  const head = make("div", { class: "slot-head" }, make("strong", {}, word("printer")),
    make("span", { class: `badge ${tone}` }, word("printer_states")[now]));
  const choose = make("select", {
    "aria-label": word("printer_fault"),
    on: {
      change: (event) => {
        const kind = event.target.value;
        event.target.blur();
        act("printer-fault", { kind, ...PRINTER_FAULTS[kind] });
      },
    },
  }, make("option", { value: "" }, word("choose_fault")));
  for (const kind of Object.keys(PRINTER_FAULTS)) choose.append(make("option", { value: kind }, word("printer_faults")[kind]));
  const armed = Object.keys(printer.faults);
  const sound = now === "enough" && !armed.length;
  return [make("article", { class: "notes" }, head,
    make("div", { class: "actions" },
      button(word("paper_low"), () => act("printer-paper", { paper: "low" }), { class: "quiet" }),
      button(word("paper_out"), () => act("printer-paper", { paper: "out" }), { class: "quiet" }),
      button(word(printer.cover_open ? "cover_close" : "cover_open"), () => act("printer-cover", { on: !printer.cover_open }), { class: "quiet" }),
      button(word(printer.powered ? "power_off" : "power_on"), () => act("printer-power", { on: !printer.powered }), { class: "quiet" }),
      sound ? "" : button(word("printer_mend"), () => act("printer-mend", {}), { class: "primary" })),
    make("div", { class: "faults" }, armed.length
      ? make("span", { class: "badge bad" }, `⚠ ${armed.map((kind) => word("printer_faults")[kind] ?? kind).join("; ")}`)
      : choose),
    slips.length ? make("div", { class: "papers" }, ...slips.map(showSlip)) : make("p", { class: "hint" }, word("no_paper_yet")))];
}

function writeBackText(back) {
  if (back.state === "valid") return word("wb_valid", back.count);
  return back.state === "empty" ? word("wb_empty") : word("wb_damaged");
}

function faultRow(card) {
  const armed = Object.entries(card.faults).filter(([name]) => name in word("armed"));
  if (armed.length) {
    const details = armed.map(([name, value]) => word("armed")[name](value, card.faults)).join("; ");
    return make("div", { class: "faults armed" },
      make("span", { class: "badge bad" }, `⚠ ${details}`),
      button(word("fault_clear"), () => act("clear-faults", { card: card.name }), { class: "quiet" }));
  }
  const choose = make("select", {
    "aria-label": word("choose_fault"),
    on: {
      change: (event) => {
        const fault = FAULTS[event.target.value](card);
        event.target.blur();
        act("fault", { card: card.name, ...fault });
      },
    },
  }, make("option", { value: "" }, word("choose_fault")));
  for (const kind of Object.keys(FAULTS)) choose.append(make("option", { value: kind }, word("fault_kinds")[kind]));
  return make("div", { class: "faults" }, choose);
}

function cardFacts(card) {
  const { contract, purchase, write_back: back } = card;
  if (card.driver === "sam") return [row(word("uses_left"), card.uses.toLocaleString("en-US"))];
  if (contract.state !== "good") return [];
  return [
    row(word("customer"), contract.customer_no),
    row(word("meter_no"), contract.meter_no),
    purchase.state === "good"
      ? row(`${word("count")} ${purchase.count}`, amount(purchase.quantity, card.unit), "strong")
      : row(word("count"), word("damaged"), "bad"),
    row(word("write_back"), writeBackText(back), back.state === "damaged" ? "bad" : back.state === "empty" ? "wait" : "good"),
    card.tries < card.full_tries ? row(word("tries"), `${card.tries} / ${card.full_tries}`, "bad") : "",
  ];
}

function kindOf(card) {
  const made = word("drivers")[card.driver];
  return made ? `${stateOf(card)} · ${made}` : stateOf(card);
}

function stateOf(card) {
  if (card.driver === "sam") return word("module");
  if (card.contract.state === "good") return word("types")[card.contract.card_type] || "?";
  return card.contract.state === "blank" ? word("blank") : word("damaged");
}

/* Buttons in rows: into a reader, to the meter. */
function cardActions(card) {
  const rows = [];
  const inReader = card.slot !== null;
  if (!inReader) {
    const free = state.slots.filter((slot) => !slot.card);
    rows.push(free.map((slot, index) => {
      const label = state.slots.length === 1 ? word("insert") : word("insert_into", slot.index + 1);
      return button(label, () => act("insert", { card: card.name, slot: slot.index }), { class: index ? "" : "primary" });
    }));
  }
  const own = state.meters.find((meter) => meter.meter_no === card.contract.meter_no);
  if (own) {
    const tell = (result) => result.display[language];
    const visit = { card: card.name, meter: own.meter_no };
    rows.push([
      button(word("carry"), () => act("carry", visit, tell), { class: inReader ? "" : "primary second" }),
      button(word("carry_torn"), () => act("carry", { ...visit, pull_after_byte: 10 }, tell),
        { class: "quiet", title: word("carry_torn_hint") }),
    ]);
  }
  // One reader leaves room for everything in one row.
  const grouped = state.slots.length === 1 ? [rows.flat()] : rows;
  return grouped.filter((group) => group.length).map((group) => make("div", { class: "actions" }, ...group));
}

function showCards() {
  if (!state.cards.length) return [nothing("no_cards")];
  return state.cards.map((card) => make("article", { class: card.slot === null ? "card" : "card away" },
    make("div", { class: "card-head" },
      make("i", { class: "contacts" }),
      make("div", {}, make("strong", { class: "number" }, card.name), make("small", {}, kindOf(card))),
      make("span", { class: card.slot === null ? "badge" : "badge good" },
        card.slot === null ? word("in_hand") : word("in_reader", card.slot + 1))),
    make("dl", {}, ...cardFacts(card)),
    ...cardActions(card),
    faultRow(card)));
}

function lastVisit(meter) {
  if (!meter.last) return "";
  const bad = meter.last.error !== null;
  return make("p", { class: bad ? "visit bad" : "visit good" },
    make("small", {}, word("last_card")),
    `${bad ? "✕" : "✓"} ${meter.last.display[language]}`,
    bad && meter.last.credited ? ` · ${word("credited", amount(meter.last.credited, meter.unit))}` : "");
}

/* What a kWh costs now: the rate in force and the ladder's step, 0.0001 yuan. */
function priceOf(meter) {
  const step = meter.current.thresholds.filter((threshold) => threshold && threshold <= meter.ladder_used).length;
  return (meter.current.rates[meter.rate - 1] ?? 0) + (meter.current.prices[step] ?? 0);
}

function showMeters() {
  if (!state.meters.length) return [nothing("no_meters")];
  return state.meters.map((meter) => {
    const code = meter.last && meter.last.error !== null ? `Err-${String(meter.last.error).padStart(2, "0")}` : "";
    const net = meter.over_used ? -meter.over_used : meter.remaining;
    const lcd = make("div", { class: "lcd" },
      make("span", { class: "lcd-label" }, meter.over_used ? word(meter.unit === "kwh" ? "over_used" : "overdraft") : word(meter.unit === "kwh" ? "remaining" : "remaining_money"), make("em", {}, code)),
      make("span", { class: "lcd-number" }, (net / 100).toFixed(2), make("small", {}, word("units")[meter.unit])));
    const hint = meter.relay_closed || !meter.opened ? "" : meter.balance_state === "overdrawn" ? word("buy_hint") : word("relay_hint");
    const lamp = make("div", { class: "lamps" },
      make("span", { class: `lamp ${meter.relay_closed ? "on" : "off"}` }, meter.relay_closed ? word("relay_on") : word("relay_off")),
      make("span", { class: `lamp ${meter.opened ? meter.balance_state : "off"}` },
        !meter.voltage ? word("voltage_off") : meter.opened ? word("states")[meter.balance_state] : word("not_opened")),
      hint ? make("span", { class: "hint" }, hint) : "");
    const use = make("div", { class: "actions" }, ...USE_KWH.map((amount) => button(`${word("use")} ${amount} kWh`,
      () => act("consume", { meter: meter.meter_no, kwh: amount },
        (result) => (Number(result.used) < Number(amount) ? word("took", `${result.used} kWh`, `${amount} kWh`) : "")),
      { disabled: !meter.relay_closed })));
    return make("article", { class: "meter" },
      make("div", { class: "card-head" }, make("div", {}, make("small", {}, word("meter_no")), make("strong", { class: "number" }, meter.meter_no))),
      lcd, lamp, lastVisit(meter),
      make("dl", {}, row(word("meter_count"), String(meter.count)), row(word("total_bought"), amount(meter.total_bought, meter.unit)),
        meter.unit === "cents" ? row(word("price"), `¥${(priceOf(meter) / 10000).toFixed(4)} / kWh`) : ""),
      use);
  });
}

function showEvents() {
  if (!state.events.length) return [make("li", { class: "hint" }, word("no_events"))];
  return state.events.slice(0, 14).map((event) => make("li", {}, make("time", {}, event.at), event[language]));
}

function nothing(name) {
  return make("article", { class: "nothing" }, make("strong", {}, word(name)), make("p", { class: "hint" }, word(`${name}_hint`)));
}

function show(force = false) {
  const text = JSON.stringify(state);
  // An open list of faults must not be torn down under the hand.
  const choosing = document.activeElement && document.activeElement.tagName === "SELECT" && !busy;
  if (!state || (!force && (text === shown || choosing))) return;
  shown = text;
  if (force || !document.getElementById("prepare-driver").children.length) showDrivers();
  const focus = document.activeElement && document.activeElement.textContent;
  for (const [id, build] of [["slots", showSlots], ["notes", showNotes], ["printer", showPrinter], ["cards", showCards], ["meters", showMeters], ["events", showEvents]]) {
    document.getElementById(id).replaceChildren(...build());
  }
  if (focus) [...document.querySelectorAll("main button")].find((each) => each.textContent === focus)?.focus();
}

async function load() {
  state = await ask("/api/state");
  const shows = state.printer ? `${state.printer.out} ${state.printer.hanging}` : "";
  if (shows !== slipsShown) {
    slips = (await ask("/api/paper")).slips;
    slipsShown = shows;
    shown = "";
  }
}

/* The kinds of card that can be made here, named once the bench has said which there are. */
function showDrivers() {
  const choose = by("prepare-driver");
  const chosen = choose.value;
  choose.setAttribute("aria-label", word("prepare_kind"));
  by("prepare-serial").setAttribute("aria-label", word("serial"));
  by("prepare-serial").placeholder = word("serial");
  choose.replaceChildren(...state.drivers.map(({ driver }) =>
    make("option", { value: driver, selected: driver === chosen }, word("drivers")[driver] ?? word("all_drivers")[driver] ?? driver)));
}

by("prepare").addEventListener("submit", (event) => {
  event.preventDefault();
  const serial = by("prepare-serial");
  act("blank-card", { serial: serial.value, driver: by("prepare-driver").value }, () => word("prepared", serial.value));
});
by("reset").addEventListener("click", () => {
  if (window.confirm(word("reset_question"))) act("reset", {});
});
start(POLL_MS);
