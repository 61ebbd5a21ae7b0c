"""A kiosk's money in the books: each tender of its terminal becomes one order of its point of sale, paid the same way.

The tender is the money, recorded first and whatever happens; the order only shows it to Odoo's accounting.
"""

import logging

import psycopg2
from odoo import Command, api, fields, models
from odoo.addons.electricity_prepaid.models.answers import QUIET
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

CRON = "kiosk_hw.ir_cron_project"
BATCH = 500
"""Tenders of one kiosk in one transaction, some ten seconds."""
NOTES = ("terminal_cash", "box_count")
"""Kinds of tenders that are notes in a terminal's box."""
KINDS = (*NOTES, "qr", "bank_card")
"""Of tenders that a kiosk's point of sale books."""
_WITHOUT_ORDER = [
    ("kind", "in", KINDS),
    "|",
    ("direction", "=", "in"),
    ("kind", "not in", NOTES),
    ("amount", ">", 0),
    ("pos_order_id", "=", False),
]
"""Of what went out, money that went back through a provider: notes are handed back out of a counter's drawer."""
FAILURES = (UserError, psycopg2.Error)
"""What may keep a tender from its order: a setting, a lock, a race, a constraint of the database."""
_AT_ONCE = 50
"""Orders that are made in one go. Made by themselves, three quarters of the work would be looking up the same."""


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    pos_order_id = fields.Many2one(
        "pos.order",
        "Kiosk Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        prefetch=False,
        help="The order of the kiosk's point of sale by which this money reaches the books.",
    )

    _pos_order_once = models.UniqueIndex(
        "(pos_order_id) WHERE pos_order_id IS NOT NULL", "This order belongs to another tender."
    )
    _waiting_index = models.Index("(terminal_id, occurred_at) WHERE pos_order_id IS NULL AND kind <> 'cash'")

    @api.model
    @api.private
    def waiting_domain(self, terminals):
        """Return the domain of the money of terminals that has no order yet.

        Uncertain notes alone are no money; notes that were handed back did not come out of the box.

        :param terminals: ``electricity.terminal``
        """
        return [("terminal_id", "in", terminals.ids), *_WITHOUT_ORDER]

    @api.model
    def _homeless_domain(self, companies):
        """Return the domain of the money of which nobody knows at which kiosk it was paid, and that has no order yet.

        :param companies: ``res.company``
        """
        domain = fields.Domain("terminal_id", "=", False) & fields.Domain(_WITHOUT_ORDER)
        # The point of sale could not book another currency.
        return domain & fields.Domain.OR(
            [("company_id", "=", company.id), ("currency_id", "=", company.currency_id.id)] for company in companies
        )

    @api.model
    def _cron_project(self):
        """Make the missing orders of all kiosks. Never raises."""
        # A kiosk that was archived may still have money that arrives late.
        configs = self.env["pos.config"].sudo().with_context(active_test=False)
        configs = configs.search([("electricity_terminal_id", "!=", False)])
        domain = self.waiting_domain(configs.electricity_terminal_id)
        waiting = {terminal.id for (terminal,) in self.sudo()._read_group(domain, ["terminal_id"])}
        homeless = self.sudo()._read_group(self._homeless_domain(configs.company_id), ["company_id"])
        companies = {company.id for (company,) in homeless}
        configs = configs.filtered(
            lambda config: (
                config.electricity_terminal_id.id in waiting
                or (config.company_id.id in companies and config.books_homeless())
            )
        )
        more = False
        for done, config in enumerate(configs, 1):
            made = self._project(config)
            more = more or made == BATCH
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(configs) - done):
                break
        if more:
            self.env.ref(CRON)._trigger()

    @api.model
    def _project(self, config, problems=None):
        """Make the missing orders of one kiosk, oldest tender first, at most :data:`BATCH`.

        Whatever fails is logged, stays for the next time, and keeps no other from it.

        :param config: one ``pos.config`` with a terminal
        :param problems: list that takes what failed, for whoever waits for the orders
        :return: how many orders were made
        """
        problems = [] if problems is None else problems
        config = config.sudo().with_company(config.company_id)
        domain = fields.Domain(self.waiting_domain(config.electricity_terminal_id))
        if config.books_homeless():
            domain |= self._homeless_domain(config.company_id)
        tenders = self.sudo().search(domain, order="occurred_at, id", limit=BATCH)
        if not tenders:
            return 0
        try:
            with self.env.cr.savepoint():
                if not config._has_open_session():
                    config.open_kiosk_session()
        except FAILURES as error:
            _logger.warning("kiosk %s has no session for its money: %s", config.name, error)
            problems.append(error)
            return 0
        made = 0
        for start in range(0, len(tenders), _AT_ONCE):
            some = tenders[start : start + _AT_ONCE]
            # One that cannot be made keeps no other from it: then each is made by itself.
            made += some._try_pos_orders(config) or sum(each._try_pos_orders(config, problems) for each in some)
        return made

    def _try_pos_orders(self, config, problems=None):
        """Make the orders of these tenders, all or none.

        :param config: one ``pos.config``, as superuser
        :param problems: list that takes what kept them from it, which is logged then
        :return: how many were made
        """
        try:
            with self.env.cr.savepoint():
                self._make_pos_orders(config)
        except FAILURES as error:
            if problems is not None:
                _logger.warning("tender %s of kiosk %s has no order yet: %s", self[:1].uuid, config.name, error)
                problems.append(error)
            return 0
        return len(self)

    def _make_pos_orders(self, config):
        """Make the orders of these tenders in the open session of their kiosk.

        :param config: one ``pos.config``, as superuser
        :raises UserError: when the settings do not fit, or the session is not open or in use
        """
        problem = config._advance_problem()
        if problem:
            raise UserError(problem)
        if self.currency_id != config.currency_id:
            raise UserError(self.env._("The kiosk's cash journal has another currency than the money."))
        methods = {kind: config.booking_method_of(kind).id for kind in set(self.mapped("kind"))}
        if not all(methods.values()):
            raise UserError(self.env._("The kiosk has no payment method any more for this kind of money."))
        session = config._take_open_session()
        orders = config.env["pos.order"].sudo().with_context(**QUIET)
        orders = orders.create([tender._pos_order_values(config, session) for tender in self])
        for tender, order in zip(self, orders, strict=True):
            order.add_payment(
                {
                    "pos_order_id": order.id,
                    "payment_method_id": methods[tender.kind],
                    "amount": tender.signed_amount,
                    "payment_date": tender.occurred_at,
                }
            )
            order.action_pos_order_paid()
            tender.sudo().pos_order_id = order

    def _pos_order_values(self, config, session):
        """Return the fields of the order of this tender."""
        product = config.kiosk_advance_product_id
        line = {
            "product_id": product.id,
            "full_product_name": product.display_name,
            "qty": 1 if self.direction == "in" else -1,
            "price_unit": self.amount,
            "price_subtotal": self.signed_amount,
            "price_subtotal_incl": self.signed_amount,
            "tax_ids": [Command.clear()],
        }
        return {
            "uuid": self.uuid,
            "session_id": session.id,
            "company_id": config.company_id.id,
            "user_id": config.kiosk_user_id.id,
            "partner_id": self.electricity_account_id.partner_id.id,
            "date_order": self.occurred_at,
            "lines": [Command.create(line)],
            "amount_total": self.signed_amount,
            "amount_tax": 0,
            "amount_paid": 0,
            "amount_return": 0,
        }
