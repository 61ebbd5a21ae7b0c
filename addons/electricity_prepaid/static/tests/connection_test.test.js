import "@electricity_prepaid/backoffice/connection_test";
import { animationFrame, Deferred, describe, expect, queryAll, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

// The web client's own services ask for them.
defineMailModels();
describe.current.tags("desktop");

const MESSAGE = "Asking City. Without an answer this ends after about 20 seconds.";
const TEST = {
    type: "ir.actions.client",
    tag: "electricity_prepaid.connection_test",
    params: { connection: 7, message: MESSAGE },
};
const RESULT = {
    type: "ir.actions.client",
    tag: "display_notification",
    params: { type: "danger", sticky: true, message: "There was no answer in time (M-206)" },
};

/** Start the test of connection 7, whose answer the returned Deferred gives. */
async function start() {
    const answer = new Deferred();
    onRpc("electricity.cis.connection", "test_now", ({ args }) => {
        expect.step(`ask ${JSON.stringify(args)}`);
        return answer;
    });
    await mountWithCleanup(WebClient);
    const done = getService("action").doAction(TEST);
    await animationFrame();
    return { answer, done };
}

test("while nobody answers the screen says what is waited for and how long", async () => {
    const { answer, done } = await start();
    expect.verifySteps(["ask [[7]]"]);
    expect(".o_blockUI").toHaveText(MESSAGE);
    answer.resolve(RESULT);
    await done;
    await animationFrame();
    expect(".o_blockUI").toHaveCount(0);
    expect(".o_notification").toHaveText(RESULT.params.message);
});

test("a test that fails itself leaves the screen free", async () => {
    const { answer, done } = await start();
    expect(queryAll(".o_blockUI")).toHaveLength(1);
    answer.reject(new Error("gone"));
    await expect(done).rejects.toThrow();
    await animationFrame();
    expect(".o_blockUI").toHaveCount(0);
    expect.verifySteps(["ask [[7]]"]);
});
