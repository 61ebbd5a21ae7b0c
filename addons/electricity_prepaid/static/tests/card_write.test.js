import { CardWrite } from "@electricity_prepaid/counter/card_write";
import { describe, expect, test, tick } from "@odoo/hoot";

describe.current.tags("headless");

const RUNNING = { state: "running", step: "write", receipt: null };

function cardWrite(job) {
    const server = {
        async confirm(receipts) {
            expect.step(receipts);
            return { results: [{}], orders: [{ uuid: "sale", state: "written" }] };
        },
    };
    return new CardWrite({ server, terminal: () => ({ job }), onStep: () => {} });
}

test("the receipt that the terminal tells is delivered without asking for it", async () => {
    const write = cardWrite(async () => RUNNING);
    const outcome = write.follow("sale", "attempt");
    await tick();
    write.hear({ job: "another", state: "done", receipt: "foreign" });
    write.hear({ job: "attempt", state: "running", receipt: null });
    write.hear({ job: "attempt", state: "done", receipt: "receipt" });
    expect((await outcome).state).toBe("written");
    expect.verifySteps([["receipt"]]);
});

test("an end without a receipt is asked for at once", async () => {
    const answers = [RUNNING, { state: "done", step: "done", receipt: "asked" }];
    const write = cardWrite(async () => answers.shift());
    const outcome = write.follow("sale", "attempt");
    await tick();
    write.hear({ job: "attempt", state: "done", receipt: null });
    expect((await outcome).state).toBe("written");
    expect.verifySteps([["asked"]]);
});
