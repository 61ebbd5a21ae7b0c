"""Cash boxes in the books: out of the kiosk's point of sale, on the way to the vault, the difference on suspense."""

import logging

import psycopg2
from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import boxes, codes, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import sentence
from odoo.exceptions import AccessError, UserError

from .cash_box import COUNTED

_logger = logging.getLogger(__name__)

CRON = "kiosk_hw.ir_cron_book_boxes"
READS_BOOKS = "account.group_account_readonly,account.group_account_invoice"
BOX_FIELDS = {"cash_box_id", "cash_box_part", "cash_box_step"}
MOVED = {"amount", "journal_id", "pos_session_id", "company_id", "move_id"}
"""What a box's cash move is; changed, it would no longer be what was counted."""
FAILURES = (UserError, Refusal, psycopg2.Error)
"""What may keep a box from the books: a setting, a lock, a race, notes that are not in the kiosk's orders."""


class BoxMove(dict):
    """The ``extras`` of a cash move of a point of sale that is about a box; none that arrives by RPC is one.

    :param box: one ``electricity.cash.box``
    :param part: as of :func:`boxes.cash_moves`
    :param account: the counterpart
    """

    def __init__(self, box, part, account, text):
        super().__init__(translatedType=text)
        self.box, self.part, self.account = box, part, account


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    cash_box_id = fields.Many2one(
        "electricity.cash.box", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    cash_box_part = fields.Selection(
        [("transit", "On Its Way to the Vault"), ("long", "Long Money"), ("short", "Short Money")],
        readonly=True,
        copy=False,
    )
    cash_box_step = fields.Integer(readonly=True, copy=False, aggregator=None)

    _cash_box_once = models.UniqueIndex(
        "(cash_box_id, cash_box_part, cash_box_step) WHERE cash_box_id IS NOT NULL",
        "This cash box is in the books already.",
    )

    def _check_box_fields(self, vals):
        """Check that nobody but the server says which box a line belongs to, or changes what it moves.

        :raises AccessError: when it is somebody else
        """
        if self.env.su:
            return
        names = BOX_FIELDS & vals.keys()
        # A new record gets an empty value for each field that a copy or a form leaves out.
        if any(vals[name] for name in names) or (
            (names or MOVED & vals.keys()) and self.sudo().filtered("cash_box_id")
        ):
            raise AccessError(self.env._("What a cash box moves in the books is written with its count only."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.browse()._check_box_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_box_fields(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_no_box(self):
        if self.sudo().filtered("cash_box_id"):
            raise UserError(
                self.env._("This cash move is a cash box on its way to the vault: it stays, like the count of the box.")
            )


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.ondelete(at_uninstall=False)
    def _unlink_no_box(self):
        # The database deletes the line with its entry, and asks the line nothing.
        self.sudo().statement_line_ids._unlink_no_box()


class PosSession(models.Model):
    _inherit = "pos.session"

    def try_cash_in_out(self, _type, amount, reason, partner_id, extras):
        if not isinstance(extras, BoxMove) and self.config_id.sudo().electricity_terminal_id:
            raise UserError(
                self.env._(
                    "Nobody puts cash into a kiosk or takes it out but with its cash box. Nothing was booked: take the "
                    "box out and count it."
                )
            )
        return super().try_cash_in_out(_type, amount, reason, partner_id, extras)

    def _prepare_account_bank_statement_line_vals(self, session, sign, amount, reason, partner_id, extras):
        values = super()._prepare_account_bank_statement_line_vals(session, sign, amount, reason, partner_id, extras)
        if isinstance(extras, BoxMove):
            lines = extras.box.line_ids.filtered(lambda line: line.cash_box_part == extras.part)
            values.update(
                cash_box_id=extras.box.id,
                cash_box_part=extras.part,
                cash_box_step=len(lines) + 1,
                counterpart_account_id=extras.account.id,
            )
        return values


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    line_ids = fields.One2many(
        "account.bank.statement.line", "cash_box_id", "Cash Moves", readonly=True, groups=READS_BOOKS
    )
    is_booked = fields.Boolean("In the Books", readonly=True, help="All that is known of the box is in the books.")

    def _kiosk_config(self):
        """Return the point of sale whose notes went into this box, or an empty record.

        What is booked tells it first: the terminal may stand at another point of sale by now.
        """
        box = self.sudo()
        booked = box.line_ids.pos_session_id.config_id[:1]
        if booked:
            return booked
        tenders = self.env["electricity.tender"].sudo()
        tender = tenders.search([*box._notes_domain(), ("pos_order_id", "!=", False)], limit=1, order="id desc")
        if tender:
            return tender.pos_order_id.config_id
        configs = self.env["pos.config"].sudo().with_context(active_test=False)
        return configs.search([("electricity_terminal_id", "=", self.terminal_id.id)], limit=1)

    def _account_of(self, part, config):
        """Return the counterpart of a part of the box's moves.

        :raises Refusal: A-508
        """
        company = self.company_id
        journal = config.payment_method_ids.filtered("is_cash_count").journal_id
        accounts = {
            boxes.TRANSIT: company.kiosk_transit_account_id or company.transfer_account_id,
            boxes.LONG: journal.profit_account_id,
            boxes.SHORT: journal.loss_account_id,
        }
        if not accounts[part]:
            fields_ = {
                boxes.TRANSIT: (company, "kiosk_transit_account_id"),
                boxes.LONG: (journal, "profit_account_id"),
                boxes.SHORT: (journal, "loss_account_id"),
            }
            record, name = fields_[part]
            label = record.fields_get([name], ["string"])[name]["string"]
            raise Refusal(codes.A_BOX_NO_ACCOUNT, box=self.name, account=label)
        return accounts[part]

    def _book_soon(self, now=True):
        """Book this box, at once when that is possible, else by the job.

        :param now: False: leave it to the job
        """
        if not now or not self._try_book():
            self.env.ref(CRON).sudo()._trigger()

    def _try_book(self):
        """Book this box unless something keeps it from that; whatever does is logged, and the job tries again.

        :return: whether it is in the books
        """
        try:
            with self.env.cr.savepoint():
                self._book()
        except FAILURES as error:
            reason = error
            if isinstance(error, Refusal):
                reason = sentence(self.env, error.code, **error.params)
            _logger.warning("cash box %s is not in the books yet: %s", self.name, reason)
            return False
        return True

    def _book(self):
        """Bring this box into the books: what was recorded leaves the kiosk's cash, once.

        :raises Refusal: A-507 while its notes are not in the kiosk's orders, A-508, S-101
        :raises UserError: when the kiosk's session is not open or in use
        """
        if self.state not in COUNTED or self.is_booked:
            return
        tenders = self.env["electricity.tender"].sudo()
        config = self._kiosk_config()
        if config:
            # Before the lock: it may take seconds, and the kiosk goes on selling.
            tenders._project(config)
        self._fence()
        if self.state not in COUNTED or self.is_booked:
            return
        config = self._kiosk_config()
        if config:
            if tenders.search_count([*tenders.waiting_domain(self.terminal_id), *self._own_notes()], limit=1):
                raise Refusal(codes.A_BOX_NOT_BOOKED, box=self.name)
            self._move_cash(config.with_company(self.company_id))
        self.is_booked = True

    def _notes_domain(self):
        """Return the domain of this box's notes among the tenders of all terminals."""
        return [
            "|",
            ("cash_box_id", "=", self.id),
            "&",
            ("terminal_id", "=", self.terminal_id.id),
            ("statement_session", "=", self.session),
        ]

    def _own_notes(self):
        """Return the domain of the tenders whose notes are recorded in this box."""
        return ["|", ("cash_box_id", "=", self.id), ("statement_session", "=", self.session)]

    def _moves_left(self):
        """Return what is still to be moved out of the kiosk's cash account, as :func:`boxes.cash_moves`."""
        booked = {}
        for line in self.line_ids:
            booked[line.cash_box_part] = booked.get(line.cash_box_part, 0) + money.to_cents(line.amount)
        recorded = boxes.total(self._recorded()[self.id])
        return boxes.cash_moves(money.to_cents(self.counted), recorded, booked)

    def _check_booked(self):
        """Book this box again where the books do not say what was counted.

        :return: whether all that is known of it is in the books
        """
        if self.is_booked and self._kiosk_config() and self._moves_left():
            self.is_booked = False
            self._book_soon()
        return self.is_booked

    def _move_cash(self, config):
        moves = self._moves_left()
        if not moves:
            return
        if self.currency_id != config.currency_id:
            raise UserError(self.env._("The kiosk's cash journal has another currency than the money."))
        if not config._has_open_session():
            config.open_kiosk_session()
        session = config._take_open_session()
        words = dict(self.env["account.bank.statement.line"]._fields["cash_box_part"]._description_selection(self.env))
        for part, cents in moves:
            extras = BoxMove(self, part, self._account_of(part, config), words[part])
            amount = money.cents_to_float(abs(cents))
            session.try_cash_in_out("in" if cents > 0 else "out", amount, self.name, False, extras)
            self.invalidate_recordset(["line_ids"])

    @api.model
    def _cron_book(self):
        """Book the boxes that are not in the books yet, and let late notes reach theirs. Never raises."""
        self.env["electricity.tender"]._reach_boxes_again()
        waiting = self.sudo().search([("state", "in", COUNTED), ("is_booked", "=", False)], order="id")
        for done, box in enumerate(waiting, 1):
            box._try_book()
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(waiting) - done):
                break
