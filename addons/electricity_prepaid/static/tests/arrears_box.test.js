import { ArrearsBox } from "@electricity_prepaid/counter/arrears_box";
import { PHASE } from "@electricity_prepaid/counter/counter_flow";
import { describe, expect, queryText, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

// The web client's own services ask for them.
defineMailModels();
describe.current.tags("desktop");

const BILL = { receivable_id: "B1", month: "2025-12", due: "504.31", late_fee: "24.01", status: "open", age: "d30" };

async function show(state, total, bills = []) {
    const arrears = { total, late_fee: "0.00", paid_here: "0.00", advance: "0.00", as_of: "2026-01-05 02:00:00", bills };
    const quote = { marketing: { state, warnings: [], arrears } };
    const session = { flow: { phase: PHASE.CUSTOMER, busy: null, quote }, setup: { currency: { symbol: "¥" } } };
    await mountWithCleanup(ArrearsBox, { props: { session, onPay() {}, onRefresh() {} } });
}

test("silence promises nothing: an old answer is grey and says since when", async () => {
    await show("down", "0.00");
    expect(".o_ec_success").toHaveCount(0);
    expect(".o_ec_badge.o_ec_muted").toHaveText("Nothing was owed then");
    expect(queryText(".o_ec_as_of")).toInclude("last known at");
});

test("an old sum is grey", async () => {
    await show("down", "216.50");
    expect(".o_ec_arrears_sum.o_ec_arrears_old").toHaveCount(1);
});

test("a fresh answer that nothing is owed is green", async () => {
    await show("up", "0.00");
    expect(".o_ec_badge.o_ec_success").toHaveText("Nothing is owed");
    expect(queryText(".o_ec_as_of")).toInclude("as of");
});

test("a late fee is said to be in the sum of its bill, not to come on top", async () => {
    await show("up", "504.31", [BILL]);
    expect(queryText(".o_ec_bill_fee")).toInclude("incl. late fee");
    expect(queryText(".o_ec_bill_fee")).toInclude("24.01");
});
