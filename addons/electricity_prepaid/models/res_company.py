from urllib.parse import urlsplit

from odoo import api, fields, http, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..core import collects, money
from ..core.errors import Refusal


class ResCompany(models.Model):
    """What a power company decides about its counters."""

    _inherit = "res.company"

    electricity_clerk_cash_limit = fields.Monetary(
        "Clerk's Cash Limit",
        default=10000.0,
        help="Most cash that a clerk may enter for one recharge. 0 means no limit.",
        prefetch="electricity",
    )
    electricity_smallest_coin = fields.Monetary(
        "Smallest Coin",
        default=0.1,
        help="Cash is taken and handed out in multiples of it; what is smaller stays in the customer's balance.",
        prefetch="electricity",
    )
    electricity_issuer = fields.Integer(
        "Card Issuer Number", default=1, help="Written on new cards, 0 to 65535.", prefetch="electricity"
    )
    electricity_quick_amounts = fields.Char(
        "Quick Amounts",
        default="50,100,200,300,500,1000",
        help="Buttons of the counter, separated by commas.",
        prefetch="electricity",
    )

    electricity_note_denominations = fields.Char(
        "Notes Taken",
        default="1,5,10,20,50,100",
        help="What terminals with a note acceptor take, separated by commas.",
        prefetch="electricity",
    )
    electricity_notes_limit = fields.Monetary(
        "Most Notes for One Order",
        default=5000.0,
        help="A terminal gives back what would be more. 0 means no limit.",
        prefetch="electricity",
    )
    electricity_receipt_url = fields.Char(
        "Address for Receipts",
        help="Where phones reach this server, such as https://receipts.example.com; empty: the system's own address.",
        prefetch="electricity",
    )

    _electricity_smallest_coin_positive = models.Constraint(
        "CHECK (electricity_smallest_coin > 0)", "The smallest coin is worth more than nothing."
    )
    _electricity_issuer_range = models.Constraint(
        "CHECK (electricity_issuer BETWEEN 0 AND 65535)", "The card issuer number lies between 0 and 65535."
    )

    @api.constrains("electricity_quick_amounts")
    def _check_electricity_quick_amounts(self):
        for company in self:
            try:
                company.quick_amounts()
            except Refusal as refusal:
                raise ValidationError(
                    self.env._("Quick amounts are numbers separated by commas, such as 50,100,200.")
                ) from refusal

    @api.constrains("electricity_note_denominations")
    def _check_electricity_note_denominations(self):
        for company in self:
            try:
                company.notes_taken()
            except Refusal as refusal:
                raise ValidationError(
                    self.env._("Notes are different numbers separated by commas, such as 10,20,50,100.")
                ) from refusal

    @api.constrains("electricity_receipt_url")
    def _check_electricity_receipt_url(self):
        for company in self:
            url = urlsplit(company.electricity_receipt_url or "https://receipts.example.com")
            if url.scheme not in ("http", "https") or not url.hostname:
                raise ValidationError(
                    self.env._("The address for receipts must look like https://receipts.example.com.")
                )

    @api.private
    def receipt_address_problem(self):
        """Return the sentence that says why phones find no receipt at this company's address, or None.

        A phone sends no more than the address: that alone has to tell the server which database is meant. It cannot be
        in the link, as Odoo looks for it there on its own pages only.
        """
        self.ensure_one()
        host = urlsplit(self.electricity_receipt_url or self.get_base_url()).netloc
        if http.db_list(force=True, host=host) == [self.env.cr.dbname]:
            return None
        return self.env._(
            "This server does not know by the address “%(host)s” that this database is meant, so receipts on phones "
            "end at “not found”. Choose an address of its own for this database and set dbfilter to it "
            "(docs/operations.md), unless the web server before Odoo names the database with X-Odoo-Database.",
            host=host,
        )

    @api.private
    def quick_amounts(self):
        """Return the amounts of the counter's buttons as decimal strings."""
        self.ensure_one()
        parts = (part.strip() for part in (self.electricity_quick_amounts or "").split(","))
        return [money.format_cents(money.parse_amount(part)) for part in parts if part]

    @api.private
    def notes_taken(self):
        """Return the notes that terminals take, in cents, smallest first.

        :raises Refusal: S-104
        """
        self.ensure_one()
        return collects.parse_denominations(self.electricity_note_denominations)

    @api.private
    def coin_cents(self):
        """Return the smallest coin of the counters' cash, in cents."""
        self.ensure_one()
        return max(1, money.to_cents(self.electricity_smallest_coin))

    @api.private
    @ormcache("self.id")
    def electricity_zone(self):
        """Return the name of the time zone in which the company's days begin and end.

        Cached, because every sale asks; ``res.partner`` forgets it when a zone changes.
        """
        return self.partner_id.tz or "UTC"
