"""Making the kiosks of a preview: each whole or not at all, a few in one transaction, so that many show progress."""

import logging
import time

import psycopg2
from odoo import Command, models
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import RACES, sentence
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

SECONDS = 2.0
"""After which one transaction makes no further kiosk; the page asks for the next ones."""
OPEN = ("new", "present")


class ElectricityKioskSetup(models.TransientModel):
    _inherit = "electricity.kiosk.setup"

    def action_make(self):
        """Open the page that makes the kiosks and shows their pairing codes once."""
        self._check_may()
        if self.state != "preview":
            raise UserError(self.env._("Look at the preview first."))
        return {
            "type": "ir.actions.client",
            "tag": "kiosk_hw.provisioning",
            "name": self.env._("Set Up Kiosks"),
            "params": {"setup": self.id},
        }

    def make_some(self):
        """Make the next kiosks of the preview, for some seconds.

        :return: ``rows``, those that were dealt with now (:meth:`_answer`); ``done``, ``total`` and ``left``, numbers;
            ``minutes`` for which the codes work
        """
        self._check_may()
        # Two windows with one preview: the second one goes on where the first ended.
        self.env.cr.execute(SQL("SELECT id FROM electricity_kiosk_setup WHERE id = %s FOR UPDATE", self.id))
        self.line_ids.invalidate_recordset(["state"])
        rows, until = [], time.monotonic() + SECONDS
        for line in self.line_ids.filtered(lambda line: line.state in OPEN):
            if rows and time.monotonic() > until:
                break
            self._make(line.sudo())
            rows.append(self._answer(line))
        left = len(self.line_ids.filtered(lambda line: line.state in OPEN))
        if not left and not rows:
            rows = [self._answer(line, with_code=False) for line in self.line_ids]
        total = len(self.line_ids)
        return {
            "rows": rows,
            "wrong": [self._answer(line) for line in self.line_ids.filtered(lambda line: line.state == "wrong")],
            "done": total - left,
            "total": total,
            "left": left,
            "minutes": int(self.code_lifetime),
        }

    def new_codes(self):
        """Make new pairing codes for the kiosks that are not paired yet; the ones before are void.

        :return: ``rows`` of all kiosks that were made or were there (:meth:`_answer`)
        """
        self._check_may()
        lines = self.line_ids.filtered(lambda line: line.state in ("made", "kept"))
        return {"rows": [self._answer(line) for line in lines], "minutes": int(self.code_lifetime)}

    def _answer(self, line, with_code=True):
        """Return what the page shows of a line. Its pairing code is in this answer only: nothing keeps it."""
        code, problem = None, line.problem or None
        if with_code and line.state in ("made", "kept"):
            try:
                code = self._pairing_code(self._own_terminal(line))
            except Refusal as refusal:
                problem = f"{sentence(self.env, refusal.code, **refusal.params)} ({refusal.code})"
        return {
            "id": line.id,
            "line": line.line,
            "code": line.code,
            "name": line.name,
            "place": line.place or None,
            "state": line.state,
            "terminal_state": line.terminal_id.sudo().state or None,
            "problem": problem,
            "pairing_code": code,
        }

    def _own_terminal(self, line):
        """Return the terminal of a line as superuser.

        :raises AccessError: when it is another company's; the company of the preview may have been changed since
        """
        terminal = line.sudo().terminal_id
        if terminal and terminal.company_id != self.company_id:
            raise AccessError(
                self.env._("This terminal belongs to another company. Nothing was made: begin the preview again.")
            )
        return terminal

    def _pairing_code(self, terminal):
        return terminal.new_pairing_code(int(self.code_lifetime)) if terminal.state in ("draft", "pairing") else None

    def _make(self, line):
        """Make one kiosk, whole or not at all; whatever fails is kept on its line."""
        if line.state == "present":
            self._own_terminal(line)
            line.state = "kept"
            return
        try:
            with self.env.cr.savepoint():
                config = self._make_kiosk(line)
        except RACES:
            # Odoo runs the whole request again.
            raise
        except (UserError, AccessError, psycopg2.Error) as error:
            _logger.warning("kiosk %s could not be set up: %s", line.code, error)
            self.env.invalidate_all()
            text = error.args[0] if isinstance(error, UserError) else self.env._("The database refused it.")
            line.write({"state": "failed", "problem": text})
            return
        line.write({"state": "made", "terminal_id": config.electricity_terminal_id.id, "problem": False})

    def _make_kiosk(self, line):
        """Make everything that a kiosk is.

        :return: its ``pos.config``, as superuser
        """
        company = self.company_id
        env = self.with_company(company).sudo().env
        values = {"name": line.name, "takes_notes": self.takes_notes, "kind": "kiosk"}
        terminal = self._own_terminal(line).with_env(env)
        if terminal:
            if not terminal.active or terminal.kiosk_config_ids or terminal.state not in ("draft", "pairing"):
                raise UserError(
                    self.env._(
                        "The terminal was changed since the preview and was left alone. Begin the preview again."
                    )
                )
            terminal.write(values)
        else:
            terminal = env["electricity.terminal"].create({**values, "code": line.code, "company_id": company.id})
        template = self.template_config_id.sudo().with_env(env)
        if template and template.company_id != company:
            raise UserError(self.env._("“%(kiosk)s” belongs to another company.", kiosk=template.name))
        # A card terminal is built into one kiosk.
        further = template.payment_method_ids.filtered(
            lambda method: not method.is_cash_count and method.kiosk_kind != "bank_card"
        )
        values = {
            "name": line.name,
            "company_id": company.id,
            "electricity_terminal_id": terminal.id,
            "kiosk_advance_product_id": self._product().id,
            "payment_method_ids": [Command.set((self._make_cash_method(env, line) | further).ids)],
            "module_pos_hr": False,
        }
        texts = {"kiosk_place": line.place, "kiosk_next_place": line.next_place, "kiosk_phone": line.phone}
        values |= {name: text for name, text in texts.items() if text}
        if template:
            return template.copy(values | {"kiosk_notice": False})
        return env["pos.config"].create(values)

    def _make_cash_method(self, env, line):
        """Return a payment method for notes with a cash journal of its own."""
        difference = self.difference_account_id.id
        name = self.env._("Notes %(code)s", code=line.code)
        journal = env["account.journal"].create(
            {
                "name": name,
                "code": line.journal_code,
                "type": "cash",
                "company_id": self.company_id.id,
                "default_account_id": self._make_notes_account(env, name).id,
                "profit_account_id": difference,
                "loss_account_id": difference,
                "show_on_dashboard": False,
            }
        )
        return env["pos.payment.method"].create(
            {"name": journal.name, "journal_id": journal.id, "company_id": self.company_id.id}
        )
