import { besideAmount, changeOf, fromCents, isAmountPrefix, parseAmount, reservedCents, toCents } from "@electricity_prepaid/counter/amounts";
import { describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

test("what is no amount is refused", () => {
    for (const text of ["", ".", "-5", "1e3", "1.234", "1,000", "5 0", "abc", "1234567890"]) {
        expect(parseAmount(text)).toBe(null);
    }
});

test("an amount becomes a decimal string with two decimals", () => {
    expect(parseAmount(" 100 ")).toBe("100.00");
    expect(parseAmount("0.5")).toBe("0.50");
    expect(parseAmount("7.")).toBe("7.00");
});

test("full-width digits of Chinese input methods count", () => {
    expect(parseAmount("１２．５")).toBe("12.50");
    expect(parseAmount("１２。５")).toBe("12.50");
});

test("what a money card carries is not shown a second time beside its amount", () => {
    const yuan = { symbol: "¥", position: "before" };
    expect(besideAmount({ amount: "1100.00", quantity: "¥ 1100.00" }, yuan)).toBe("");
    expect(besideAmount({ amount: "100.00", quantity: "182.38 kWh" }, yuan)).toBe("182.38 kWh");
    expect(besideAmount({ amount: "0.00", quantity: "¥ 100.00" }, yuan)).toBe("¥ 100.00");
});

test("a third decimal cannot be typed", () => {
    expect(isAmountPrefix("12.34")).toBe(true);
    expect(isAmountPrefix("12.345")).toBe(false);
    expect(isAmountPrefix("")).toBe(true);
});

test("cents are exact where floats are not", () => {
    expect(toCents("1.15")).toBe(115);
    expect(toCents("4.35")).toBe(435);
    expect(toCents("-0.01")).toBe(-1);
    expect(fromCents(-1)).toBe("-0.01");
});

test("change is never negative", () => {
    expect(changeOf("150.00", "100.00")).toBe("50.00");
    expect(changeOf("20.00", "100.00")).toBe("0.00");
});

test("what is reserved otherwise is told by the order, and without one by the customer", () => {
    const customer = { balance: "100.00", available: "20.00" };
    expect(reservedCents({ reserved: "15.00" }, customer)).toBe(1500);
    expect(reservedCents(undefined, customer)).toBe(8000);
    expect(reservedCents(undefined, undefined)).toBe(0);
});
