import { Refusal } from "@electricity_prepaid/counter/counter_server";
import { OperationDialog } from "@electricity_prepaid/counter/operation_dialog";
import { advanceTime, animationFrame, Deferred, describe, expect, press, queryOne, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, makeDialogMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

// The web client's own services ask for them.
defineMailModels();
describe.current.tags("desktop");

const CUSTOMER = { name: "Wang Fang", account: "330100000001", meter: "330100200001", balance: "0.00", available: "0.00" };
const FIELD = "#o_ec_first";
const ASK_AFTER = 250;

function allowed(values = {}) {
    return { allowed: true, customer: CUSTOMER, takes_money: true, last_in_meter: true, count: 3, ...values };
}

function refused(code) {
    return allowed({ allowed: false, code, message: "Not this one." });
}

/** A session that answers the first quote at once, and the others when the test says so. */
class SlowSession {
    flow = { quote: { customer: CUSTOMER } };
    first = allowed();
    setup = { currency: { symbol: "¥", position: "before" } };
    asked = [];
    searches = [];

    quoteOperation(op, account, amount) {
        const answer = this.asked.length ? new Deferred() : this.first;
        this.asked.push({ amount, answer });
        return answer;
    }

    async operate(op, account, amount) {
        expect.step(`operate ${amount}`);
    }

    async answer(quote) {
        const { answer } = this.asked.at(-1);
        if (quote instanceof Error) {
            answer.reject(quote);
        } else {
            answer.resolve(quote);
        }
        await animationFrame();
    }
}

async function mountDialog(session, op) {
    const env = await makeDialogMockEnv();
    const props = { session, op, close: () => expect.step("close") };
    await mountWithCleanup(OperationDialog, { env, noMainContainer: true, props });
}

async function dialogAfterFirstQuote(first = allowed()) {
    const session = new SlowSession();
    session.first = first;
    await mountDialog(session, "replace");
    return session;
}

/** The dialog to open an account, after an account was found and chosen that may not be opened. */
async function dialogAfterRefusedAccount() {
    const session = new SlowSession();
    session.first = refused("S-124");
    onRpc("electricity.account", "search_read", ({ kwargs }) => {
        session.searches.push(kwargs.domain);
        const found = { name: CUSTOMER.account, partner_id: [1, CUSTOMER.name], supply_address: "", state: "active" };
        return [{ id: 1, ...found }];
    });
    await mountDialog(session, "open");
    await contains("#o_ec_account").edit("wang", { confirm: false });
    await advanceTime(ASK_AFTER);
    await animationFrame();
    await press("Enter");
    await animationFrame();
    return session;
}

async function type(text) {
    await contains(FIELD).edit(text, { confirm: false });
}

test("a refused amount may be emptied and typed anew without losing a digit", async () => {
    const session = await dialogAfterFirstQuote();
    await type("0.5");
    await advanceTime(ASK_AFTER);
    await session.answer(refused("S-105"));
    expect(".o_ec_danger").toHaveCount(1);
    await contains(FIELD).clear({ confirm: false });
    expect(FIELD).toHaveCount(1);
    expect(FIELD).toBeFocused();
    await press("1");
    await press("0");
    await press("0");
    await animationFrame();
    expect(queryOne(FIELD).value).toBe("100");
});

test("Enter waits for the quote of the amount that is typed", async () => {
    const session = await dialogAfterFirstQuote();
    await type("100");
    await press("Enter");
    await animationFrame();
    expect.verifySteps([]);
    await advanceTime(ASK_AFTER);
    expect(session.asked.at(-1).amount).toBe("100.00");
    await press("Enter");
    await animationFrame();
    expect.verifySteps([]);
    expect("button.o_ec_begin_operation").toHaveAttribute("disabled");
    await session.answer(allowed());
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["operate 100.00", "close"]);
});

test("a late quote for another amount decides nothing", async () => {
    const session = await dialogAfterFirstQuote();
    await type("100");
    await advanceTime(ASK_AFTER);
    const first = session.asked.at(-1);
    await type("200");
    first.answer.resolve(allowed());
    await animationFrame();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([]);
});

test("a quote that failed is asked again by Enter, and never taken for an answer", async () => {
    const session = await dialogAfterFirstQuote();
    await type("100");
    await advanceTime(ASK_AFTER);
    await session.answer(new Refusal({ code: "S-101", message: "Busy." }));
    const asked = session.asked.length;
    await press("Enter");
    await animationFrame();
    expect(session.asked.length).toBe(asked + 1);
    expect.verifySteps([]);
});

test("accounts are offered for opening only while they were never opened", async () => {
    const session = await dialogAfterRefusedAccount();
    const unopened = [["state", "in", ["draft", "active"]], ["purchase_count", "=", 0]];
    const named = ["|", ["name", "ilike", "wang"], ["partner_id.name", "ilike", "wang"]];
    expect(session.searches).toEqual([[...unopened, ...named]]);
});

for (const key of ["Escape", "Backspace"]) {
    test(`${key} leads from a refused account back to the search`, async () => {
        await dialogAfterRefusedAccount();
        expect(".o_ec_danger").toHaveText(/S-124/);
        expect(FIELD).toHaveCount(0);
        expect(".o_ec_search_again").toBeFocused();
        await press(key);
        await animationFrame();
        expect("#o_ec_account").toBeFocused();
        expect(".o_ec_danger").toHaveCount(0);
        expect(queryOne("#o_ec_account").value).toBe("wang");
        expect.verifySteps([]);
    });
}

test("money that the open purchase holds is not shown as free", async () => {
    const open_order = { serial: "R1", held: "100.00" };
    await dialogAfterFirstQuote(
        allowed({ takes_money: false, open_order, customer: { ...CUSTOMER, balance: "100.00" } })
    );
    expect(".o_ec_held").toHaveText(/100\.00 is held by this purchase/);
});

test("money that is approved to be paid out is not shown as free", async () => {
    await dialogAfterFirstQuote(allowed({ customer: { ...CUSTOMER, balance: "100.00", available: "20.00" } }));
    expect(".o_ec_held").toHaveText(/80\.00 is reserved otherwise/);
});
