import { lastSale } from "@electricity_prepaid/counter/words";
import { describe, expect, test } from "@odoo/hoot";
import { patchTranslations } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

function row(values = {}) {
    return { uuid: "u", op: "purchase", electricity_account_id: [7, "330100000001"], amount: 50, quantity_text: false, ...values };
}

test("a last sale without energy says what it was", () => {
    patchTranslations();
    expect(String(lastSale(row({ op: "arrears" })).quantity)).toBe("Arrears");
    expect(String(lastSale(row({ op: "replace" })).quantity)).toBe("Replace the card");
    expect(lastSale(row()).quantity).toBe("");
});

test("a last sale shows what went on the card", () => {
    const sale = lastSale(row({ quantity_text: "80.00 kWh" }));
    expect(sale).toEqual({ uuid: "u", account: "330100000001", amount: "50.00", quantity: "80.00 kWh" });
});
