import { fromCents, toCents } from "./amounts";

/**
 * The counter as a table: which phase the screen is in, and what each event makes of it. Nothing here calls anybody;
 * an event that a phase does not know changes nothing, so a late answer or a second press is harmless.
 *
 * Odoo decides everything about the sale. The phase of an order is read from the status that Odoo gave, never guessed.
 */
export const PHASE = {
    START: "start", // asking Odoo and the terminal what is open
    IDLE: "idle", // no card, or nothing to do with it
    READING: "reading", // snapshot and quote
    CUSTOMER: "customer", // quoted; the amount is being typed
    BILLS: "bills", // choosing which arrears are paid
    PAYING: "paying", // order begun; the cash is being counted
    WRITING: "writing", // a write order is at the terminal
    RESULT: "result", // written, or closed without a write
    UNFINISHED: "unfinished", // the order waits for a card, a re-write or a person
};

/** Steps of a write as the terminal tells them (docs/protocol, §3), then the confirmation by Odoo. */
export const WRITE_STEPS = ["check", "write", "verify", "done"];

const CLOSED = ["written", "cancelled", "reversed"];
const ARREARS_FIRST = "M-104";
const LIVE_ATTEMPTS = ["issued", "intent"];
const NOTHING = {
    quote: null,
    snapshot: null,
    amount: "",
    chosen: [], // receivable ids of the bills to pay
    priced: null, // quote of that amount: its breakdown, or why it may not be bought
    order: null,
    change: null,
    handedBack: null,
    resolution: null,
    problem: null,
    step: null,
};

/** @returns {Object} the state before anything is known */
export function initialState() {
    return { phase: PHASE.START, busy: null, ...NOTHING };
}

/** @param {Object} quote @returns {Object[]} the bills that may be paid here, oldest first */
export function openBills(quote) {
    return (quote?.marketing?.arrears?.bills || []).filter((bill) => bill.status === "open");
}

/** @param {Object} quote @returns {boolean} nothing is sold before the arrears are paid, and they can be paid now */
export function arrearsComeFirst(quote) {
    return quote.code === ARREARS_FIRST && quote.marketing?.state === "up" && openBills(quote).length > 0;
}

/** @param {Object} state @returns {Object[]} the bills that are chosen, oldest first */
export function chosenBills(state) {
    return openBills(state.quote).filter((bill) => state.chosen.includes(bill.receivable_id));
}

/** @param {Object} order status as Odoo gave it @returns {Object|null} the attempt whose outcome is not known */
export function liveAttempt(order) {
    const last = order?.attempts?.at(-1);
    return last && LIVE_ATTEMPTS.includes(last.state) ? last : null;
}

/** @param {Object} order status as Odoo gave it @returns {string} the phase in which it is worked on */
export function phaseOf(order) {
    // A written purchase that the meter refused stays written, and may be written again.
    if (order.state === "written" && order.actions?.includes("rewrite")) {
        return PHASE.UNFINISHED;
    }
    if (CLOSED.includes(order.state)) {
        return PHASE.RESULT;
    }
    return ["draft", "paid"].includes(order.state) ? PHASE.PAYING : PHASE.UNFINISHED;
}

function showOrder(state, { order, change, resolution, handedBack }) {
    return {
        phase: phaseOf(order),
        order,
        change: change ?? (state.order?.uuid === order.uuid ? state.change : null),
        resolution: resolution ?? null,
        handedBack: handedBack ?? null,
        problem: null,
        step: null,
    };
}

function followOrder(state, { order }) {
    return { phase: PHASE.WRITING, order, problem: null, step: WRITE_STEPS[0] };
}

function showQuote(state, { quote, snapshot }) {
    if (quote.open_order) {
        return { ...showOrder(state, { order: quote.open_order }), quote, snapshot };
    }
    return { ...NOTHING, phase: PHASE.CUSTOMER, quote, snapshot };
}

function giveUpReading(state, { problem }) {
    return { phase: state.order ? phaseOf(state.order) : PHASE.IDLE, problem };
}

/** What the marketing system said since; the amount that is being typed stays. */
function showMarketing(state, { quote }) {
    const open = openBills(quote).map((bill) => bill.receivable_id);
    return { quote, chosen: state.chosen.filter((id) => open.includes(id)), problem: null };
}

function showBills(state, { quote = state.quote } = {}) {
    const chosen = openBills(quote).map((bill) => bill.receivable_id);
    const kept = quote === state.quote ? { snapshot: state.snapshot } : { snapshot: null };
    return { ...NOTHING, ...kept, phase: PHASE.BILLS, quote, chosen };
}

/** A card that was read is still there to be sold to; a customer found by number is not. */
function leaveBills(state) {
    return state.snapshot ? { chosen: [], problem: null, phase: PHASE.CUSTOMER } : clear();
}

function toggleBill(state, { id }) {
    const { chosen } = state;
    return { chosen: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id], problem: null };
}

/** What was wrong with the card before says nothing about another one. */
const forgetProblem = () => ({ problem: null });
const read = () => ({ ...NOTHING, phase: PHASE.READING });
const readFor = (state) => ({ ...NOTHING, phase: PHASE.READING, order: state.order });
const clear = () => ({ ...NOTHING, phase: PHASE.IDLE });

const TABLE = {
    [PHASE.START]: { ready: clear, order: showOrder, follow: followOrder },
    [PHASE.IDLE]: { read, order: showOrder, follow: followOrder, next: clear, bills: showBills },
    [PHASE.READING]: {
        read: readFor,
        quoted: showQuote,
        order: showOrder,
        unreadable: giveUpReading,
        cardOut: (state) => giveUpReading(state, { problem: null }),
    },
    [PHASE.CUSTOMER]: {
        read,
        cardOut: clear,
        next: clear,
        amount: (state, { amount }) => ({ amount, priced: null, problem: null }),
        priced: (state, { quote, amount }) => (amount === state.amount ? { priced: quote } : {}),
        reread: (state, { snapshot }) => ({ snapshot }),
        marketing: showMarketing,
        bills: showBills,
        order: showOrder,
    },
    [PHASE.BILLS]: {
        cardOut: () => ({ snapshot: null }),
        toggle: toggleBill,
        marketing: showMarketing,
        reread: (state, { snapshot }) => ({ snapshot }),
        leave: leaveBills,
        order: showOrder,
        next: clear,
    },
    [PHASE.PAYING]: { order: showOrder, follow: followOrder, next: clear, cardIn: forgetProblem },
    [PHASE.WRITING]: {
        step: (state, { step }) => ({ step: laterStep(state.step, step) }),
        order: showOrder,
        follow: followOrder,
    },
    [PHASE.RESULT]: { read, next: clear, order: showOrder, follow: followOrder, bills: showBills },
    [PHASE.UNFINISHED]: { read: readFor, order: showOrder, follow: followOrder, next: clear, cardIn: forgetProblem },
};

const ANYWHERE = {
    busy: (state, { what }) => ({ busy: what, problem: null }),
    idle: () => ({ busy: null }),
    problem: (state, { problem }) => ({ problem }),
};

/** The stream and the polling may tell the same steps twice and out of order. */
function laterStep(now, told) {
    return WRITE_STEPS.indexOf(told) > WRITE_STEPS.indexOf(now) ? told : now;
}

/**
 * @param {Object} state from `initialState` or from here
 * @param {string} event name in the tables above
 * @param {Object} [data] what the event brings
 * @returns {Object} the next state; the same object when the phase does not know the event
 */
export function transition(state, event, data = {}) {
    const handler = TABLE[state.phase][event] || ANYWHERE[event];
    return handler ? { ...state, ...handler(state, data) } : state;
}

/**
 * @param {Object|null} order status as Odoo gave it
 * @param {number|undefined} terminal Odoo's id of the terminal at which the clerk works
 * @returns {boolean} whether the order waits for money at another terminal: none is taken for it here
 */
export function isElsewhere(order, terminal) {
    return order?.state === "draft" && Boolean(terminal) && order.terminal !== terminal;
}

/** A payment of bills needs no card; whatever writes one begins with it in this reader. */
function elsewhereAction(order, { cardIn, shift }) {
    if (!shift) {
        return { name: "openShift" };
    }
    return cardIn || order.op === "arrears" ? { name: "finishHere" } : null;
}

function payingAction(order, received) {
    if (!order.actions.includes("tender")) {
        return order.actions.includes("authorize") ? { name: "authorize" } : null;
    }
    if (toCents(order.due) <= 0) {
        return { name: "authorize" };
    }
    if (!received || toCents(received) <= 0) {
        return null;
    }
    const missing = toCents(order.due) - toCents(received);
    return missing > 0 ? { name: "tenderPart", missing: fromCents(missing) } : { name: "tender" };
}

function unfinishedAction(order, cardIn) {
    if (order.state === "authorized") {
        return cardIn ? { name: "deliver" } : null;
    }
    const needsCard = ["rewrite", "authorize", "read_card"].find((name) => order.actions.includes(name));
    if (needsCard) {
        return cardIn ? { name: needsCard } : null;
    }
    return order.actions.includes("tender") ? { name: "tender" } : null;
}

/**
 * The one next step, which the big button names and Enter takes.
 *
 * @param {Object} state
 * @param {Object} around
 * @param {boolean} around.cardIn a card is in the reader
 * @param {boolean} around.shift a shift is open
 * @param {string|null} around.received cash received, decimal string
 * @param {number} [around.terminal] Odoo's id of the terminal
 * @returns {{name: string}|null} null when the clerk has nothing to confirm now
 */
export function primaryAction(state, { cardIn, shift, received, terminal }) {
    if (state.busy) {
        return null;
    }
    switch (state.phase) {
        case PHASE.IDLE:
            if (!shift) {
                return { name: "openShift" };
            }
            return cardIn ? { name: "read" } : null;
        case PHASE.CUSTOMER:
            if (!shift) {
                return { name: "openShift" };
            }
            if (arrearsComeFirst(state.quote)) {
                return { name: "payArrears" };
            }
            return state.quote.allowed && state.priced?.breakdown ? { name: "begin" } : null;
        case PHASE.BILLS:
            if (!shift) {
                return { name: "openShift" };
            }
            return chosenBills(state).length ? { name: "payBills" } : null;
        case PHASE.PAYING:
            return isElsewhere(state.order, terminal)
                ? elsewhereAction(state.order, { cardIn, shift })
                : payingAction(state.order, received);
        case PHASE.WRITING:
            return { name: "look" };
        case PHASE.RESULT:
            return state.order.actions.includes("print") ? { name: "print" } : { name: "next" };
        case PHASE.UNFINISHED:
            return unfinishedAction(state.order, cardIn);
        default:
            return null;
    }
}

/**
 * The way back, on Escape. What it costs is said beside it: before money is taken nothing, afterwards the order stays
 * open until the rules let it end.
 *
 * A write that waits for a silent terminal may be left to itself: the terminal tells Odoo its outcome. What waits for
 * money elsewhere is not ended by going back: its customer may be standing there.
 *
 * @param {Object} state
 * @param {{reachable: boolean, terminal: number}} around whether the terminal answers, and Odoo's id of it
 * @returns {{name: string}|null}
 */
export function backAction(state, { reachable, terminal }) {
    if (state.phase === PHASE.WRITING && !reachable) {
        return { name: "leave" };
    }
    if (state.busy) {
        return null;
    }
    switch (state.phase) {
        case PHASE.BILLS:
            return { name: "leaveBills" };
        case PHASE.CUSTOMER:
        case PHASE.RESULT:
        case PHASE.UNFINISHED:
            return { name: "next" };
        case PHASE.PAYING:
            return toCents(state.order.paid) === 0 &&
                state.order.actions.includes("cancel") &&
                !isElsewhere(state.order, terminal)
                ? { name: "cancel" }
                : { name: "next" };
        default:
            return null;
    }
}
