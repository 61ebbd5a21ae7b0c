import { Refusal } from "@electricity_prepaid/counter/counter_server";
import { OperationDialog } from "@electricity_prepaid/counter/operation_dialog";
import { advanceTime, animationFrame, Deferred, describe, expect, press, queryOne, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, makeDialogMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";

// The web client's own services ask for them.
defineMailModels();
describe.current.tags("desktop");

const CUSTOMER = { name: "Wang Fang", account: "330100000001", meter: "330100200001", balance: "0.00" };
const FIELD = "#o_ec_first";
const ASK_AFTER = 250;

function allowed(values = {}) {
    return { allowed: true, customer: CUSTOMER, takes_money: true, last_in_meter: true, count: 3, ...values };
}

function refused(code) {
    return allowed({ allowed: false, code, message: "Not this amount." });
}

/** A session that answers the first quote at once, and the others when the test says so. */
class SlowSession {
    flow = { quote: { customer: CUSTOMER } };
    setup = { currency: { symbol: "¥", position: "before" } };
    asked = [];

    quoteOperation(op, account, amount) {
        const answer = this.asked.length ? new Deferred() : allowed();
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

async function dialogAfterFirstQuote() {
    const session = new SlowSession();
    const env = await makeDialogMockEnv();
    await mountWithCleanup(OperationDialog, {
        env,
        noMainContainer: true,
        props: { session, op: "replace", close: () => expect.step("close") },
    });
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
