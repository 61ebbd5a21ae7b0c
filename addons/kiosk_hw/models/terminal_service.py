"""Taking kiosks out of service from afar, with a message to customers, and back in."""

import contextlib
import re

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.terminal import PROTECTED

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,7}")

REASONS = [("emptying", "Being Emptied"), ("fault", "Out of Order"), ("other", "Another Reason")]
TEXTS = {
    "emptying": {
        "en_US": "This terminal is being emptied. It will be back in a few minutes.",
        "zh_CN": "本终端正在清钞，几分钟后恢复服务。",
    },
    "fault": {
        "en_US": "This terminal is out of order. We are already looking after it.",
        "zh_CN": "本终端发生故障，我们正在处理。",
    },
    "other": {"en_US": "", "zh_CN": ""},
}
"""What customers read, by reason and language of the page."""
AT_WORK = {"door_open", "cash_open"}
"""Alarms that mean nothing while somebody empties the box."""


OWN = {"is_out", "out_reason", "out_by_id", "out_since", "out_until", "page_version", "prints_wait"}


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"
    _guarded = PROTECTED | {"issues_cpu_cards"} | OWN
    _protected = PROTECTED | OWN

    is_out = fields.Boolean(
        "Out of Service",
        compute="_compute_is_out",
        store=True,
        prefetch="beat",
        help="Its page tells customers that it is not in service, and offers nothing.",
    )
    out_reason = fields.Selection(REASONS, readonly=True, copy=False, prefetch="beat")
    out_by_id = fields.Many2one("res.users", "Taken Out By", readonly=True, copy=False, prefetch=False)
    out_since = fields.Datetime(readonly=True, copy=False, prefetch=False)
    out_until = fields.Datetime("Back On", readonly=True, copy=False, index="btree_not_null", prefetch=False)
    out_text = fields.Char("Shown to Customers", compute="_compute_out_text")
    page_version = fields.Char(
        readonly=True, copy=False, prefetch=False, help="Of the kiosk's page that is open there."
    )
    page_is_behind = fields.Boolean("Page Behind", compute="_compute_page_is_behind")

    @api.depends("kiosk_config_ids.kiosk_notice")
    def _compute_is_out(self):
        for terminal in self:
            terminal.is_out = bool(terminal.sudo().kiosk_config_ids.filtered("kiosk_notice"))

    @api.depends("is_out")
    @api.depends_context("lang")
    def _compute_out_text(self):
        for terminal in self:
            terminal.out_text = terminal.sudo().kiosk_config_ids[:1].kiosk_notice

    @api.depends("page_version")
    def _compute_page_is_behind(self):
        ours = self.env["electricity.kiosk"].page_version()
        for terminal in self:
            terminal.page_is_behind = bool(terminal.page_version and terminal.page_version != ours)

    @api.private
    def note_page(self, version):
        """Record which version of the page is open, when it is another than before.

        :param version: untrusted
        """
        self.ensure_one()
        if not isinstance(version, str) or not _VERSION.fullmatch(version) or version == self.page_version:
            return
        with contextlib.suppress(Refusal):
            # Busy: the page asks again in a moment.
            self.take()
            self.page_version = version

    def _fleet_state(self):
        state = super()._fleet_state()
        return "out" if self.is_out and state in ("ok", "warning", "critical") else state

    def _expected_alarms(self):
        expected = super()._expected_alarms()
        at_work = (self.is_out and self.out_reason == "emptying") or self.sudo().is_box_leaving
        return expected | AT_WORK if at_work else expected

    def action_open_out_of_service(self):
        """Open the window that takes these terminals out of service."""
        self._check_group("group_technician", "group_supervisor")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Out of Service"),
            "res_model": "electricity.kiosk.out",
            "view_mode": "form",
            "target": "new",
            "context": {"default_terminal_ids": self.ids},
        }

    @api.private
    def take_out(self, reason, texts, until=None):
        """Take kiosks out of service. A visit that has begun ends first; then their pages say the text at once.

        :param reason: one of :data:`REASONS`
        :param texts: {language code: what customers read}; languages that are not installed are left out
        :param until: when they come back by themselves, UTC, or None
        :return: those that are kiosks
        """
        self._check_group("group_technician", "group_supervisor")
        kiosks = self.sudo().filtered("kiosk_config_ids")
        installed = dict(self.env["res.lang"].get_installed())
        spoken = {code: text for code, text in texts.items() if code in installed and text}
        words = dict(kiosks._fields["out_reason"]._description_selection(self.env))
        for terminal in kiosks:
            config = terminal.kiosk_config_ids[:1]
            # In the source language first: it stands for every language without a text of its own.
            for code in sorted(spoken, key=lambda code: code != "en_US"):
                config.with_context(lang=code).kiosk_notice = spoken[code]
            terminal.write(
                {
                    "out_reason": reason,
                    "out_by_id": self.env.uid,
                    "out_since": fields.Datetime.now(),
                    "out_until": until or False,
                    "alarm_check_at": fields.Datetime.now(),
                }
            )
            terminal.message_post(
                body=self.env._(
                    "Taken out of service (%(reason)s): %(text)s",
                    reason=words[reason],
                    text=spoken.get(self.env.lang) or next(iter(spoken.values()), ""),
                ),
                author_id=self.env.user.partner_id.id,
            )
        kiosks._tell_screens()
        return kiosks

    def action_back_in_service(self):
        """Take these kiosks back into service."""
        self._check_group("group_technician", "group_supervisor")
        self._take_back(self.env._("Back in service."))

    def _take_back(self, message):
        kiosks = self.sudo().filtered("is_out")
        for terminal in kiosks:
            terminal.kiosk_config_ids.kiosk_notice = False
            terminal.write(
                {"out_reason": False, "out_by_id": False, "out_since": False, "out_until": False}
                | {"alarm_check_at": fields.Datetime.now()}
            )
            terminal.message_post(body=message, author_id=self.env.user.partner_id.id)
        kiosks._tell_screens()

    @api.model
    def _cron_back_in_service(self):
        """Take back those whose time has come."""
        due = self.sudo().search([("out_until", "<=", fields.Datetime.now()), ("is_out", "=", True)])
        for terminal in due:
            text = self.env._("Back in service: the planned time has come.")
            terminal._apart(lambda terminal=terminal, text=text: terminal._take_back(text))
