"""Receipts as a customer reads them: labels with amounts, which have to add up."""

import re

AMOUNT = re.compile(r"\d[\d,]*\.\d\d")
HELD = ("Held for this purchase", "Held for these bills", "Reserved otherwise")


class ReceiptChecks:
    """For tests that have an order."""

    def receipt_text(self, order, **options):
        lines = order.receipt_lines(**options)
        return "\n".join(f"{line.get('text', '')} {line.get('value', '')}".strip() for line in lines)

    def rows(self, order):
        """Return {label: cents} of the lines with an amount of money."""
        rows = {}
        for line in order.receipt_lines():
            found = AMOUNT.search(line.get("value", ""))
            if found and "kWh" not in line["value"]:
                rows[line["text"]] = round(float(found[0].replace(",", "")) * 100)
        return rows

    def assertAddsUp(self, order):
        """Check line by line: what was there and came in is what was bought, handed back, held and left."""
        rows = self.rows(order)

        def of(*labels):
            # What no row says is nothing.
            return sum(rows.get(label, 0) for label in labels)

        bought = 0
        if order.receipt_stage() == "ended":
            bought = rows["Amount"] - of("Kept as balance", "Not taken from your money")
        came = of("Balance before", "Paid now", "Received", "Taken back")
        self.assertEqual(came, bought + of("Handed back", "Balance", "Free balance", *HELD), rows)
        return rows
