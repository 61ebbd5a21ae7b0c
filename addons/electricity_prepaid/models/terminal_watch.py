"""Watching terminals: devices and alarms from heartbeats, silence from a cron, and who is told of it."""

import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import alarms, devices
from ..core.errors import Refusal
from .answers import QUIET, RACES
from .ir_websocket import CHANNEL

_logger = logging.getLogger(__name__)

CRON = "electricity_prepaid.ir_cron_watch_terminals"
ACTIVITY = "electricity_prepaid.mail_activity_terminal_alarm"
SINCE = "electricity_prepaid.terminals_watched_since"
"""Parameter: when the watch went on after it had been down; terminals count as silent from then on."""
DOWN = timedelta(minutes=4)
"""A watch that was not run for so long was down, and the terminals could not be heard either."""
SETTLING = timedelta(minutes=2)
"""After that, until every terminal has had the time to be heard again."""
STORM = 10
"""Critical terminals of one run that one person is called for one by one; more of them make one activity."""
AT_ONCE = 500
"""Terminals that one run of the cron judges in one transaction."""


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    device_ids = fields.One2many("electricity.terminal.device", "terminal_id", readonly=True)
    alarm_ids = fields.One2many("electricity.terminal.alarm", "terminal_id", readonly=True)
    open_alarm_ids = fields.One2many(
        "electricity.terminal.alarm", "terminal_id", domain=[("closed_at", "=", False)], readonly=True
    )
    alarm_count = fields.Integer("Open Alarms", readonly=True, copy=False, aggregator="sum", prefetch="beat")
    alarm_level = fields.Selection(
        [(alarms.INFO, "Info"), (alarms.WARNING, "Warning"), (alarms.CRITICAL, "Critical")],
        "Worst Alarm",
        readonly=True,
        copy=False,
        prefetch="beat",
    )
    alarm_check_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null", prefetch="beat")
    is_silent = fields.Boolean("Silent", readonly=True, copy=False, prefetch="beat")
    clock_is_wrong = fields.Boolean(readonly=True, copy=False, prefetch="beat")
    device_digest = fields.Char(readonly=True, copy=False, prefetch="beat")
    devices_iat = fields.Integer(readonly=True, copy=False, aggregator=None, prefetch="beat")
    has_alarm_activity = fields.Boolean(readonly=True, copy=False, prefetch="beat")
    called_with_id = fields.Many2one(
        "electricity.terminal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        prefetch="beat",
        help="The terminal whose activity stands for this one, too.",
    )

    @api.private
    def note_devices(self, beat, now):
        """Take what a heartbeat says of the devices. Nothing is asked or written while nothing has changed.

        The row is locked by the caller.

        :param beat: a verified ``core.heartbeats.Heartbeat``
        :param now: seconds by our clock
        """
        told = devices.of_readers(beat.readers) if beat.devices is None else beat.devices
        digest = devices.digest(told)
        moment = fields.Datetime.now()
        is_due = self.is_silent or (self.alarm_check_at and self.alarm_check_at <= moment)
        # An older heartbeat that comes late, or is played back, must not undo what a newer one said.
        news = {}
        if digest != self.device_digest and beat.iat >= (self.devices_iat or 0):
            news = {"device_digest": digest, "devices_iat": min(beat.iat, now)}
        is_due = is_due or self.clock_is_wrong != (abs(self.clock_skew) > alarms.WRONG_CLOCK)
        # This transaction carries receipts and money; they must not be lost with what is seen of a door.
        work = partial(self._take_devices, told if news else None, news, moment)
        if (news or is_due) and self._apart(work):
            self._tell_screens()

    def _take_devices(self, told, news, moment):
        """Take the devices that a heartbeat told, when they are new, and judge.

        :return: whether there is anything new to see
        """
        rows = None
        if told is not None:
            rows = self.env["electricity.terminal.device"].take_told(self, told, moment)
            self.write(news)
        return self.judge(moment, rows) or rows is not None

    @api.private
    def judge(self, now, rows=None):
        """Open and close the alarms of this terminal. The row is locked by the caller.

        :param now: the moment, UTC
        :param rows: its devices as ``rows_of`` returns them; None: they are read
        :return: whether there is anything new to see
        """
        self.ensure_one()
        devices_now = self.env["electricity.terminal.device"].rows_of(self) if rows is None else rows
        opened = self._opened()
        conditions, device_codes = self._conditions(now, devices_now)
        changes = alarms.decide(conditions, [alarm for alarm, _severity in opened], now)
        if changes:
            self._apply(changes, device_codes, now)
        severities = [severity for alarm, severity in opened if alarm.id not in changes.closes]
        severities += [alarms.RULES[key.kind].severity for key, _since in changes.opens]
        silent = self._silent_since(now) is not None
        values = {
            "alarm_level": max(severities, default=False),
            "alarm_count": len(severities),
            "alarm_check_at": changes.again or False,
            "is_silent": silent,
            "clock_is_wrong": abs(self.clock_skew) > alarms.WRONG_CLOCK,
        }
        news = {name: value for name, value in values.items() if self[name] != value}
        if news:
            self.write(news)
        if self.has_alarm_activity != (self.alarm_level == alarms.CRITICAL):
            # People are told by the cron: a heartbeat neither waits nor fails for mails and activities.
            self.env.ref(CRON).sudo()._trigger()
        return bool(changes.opens or changes.closes or "is_silent" in news)

    def _opened(self):
        """Return the open alarms: [(``core.alarms.Opened``, severity)]."""
        self.env["electricity.terminal.alarm"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, kind, device_kind, device_name, calm_since, severity FROM electricity_terminal_alarm"
                " WHERE terminal_id = %s AND closed_at IS NULL",
                self.id,
            )
        )
        return [
            (alarms.Opened(number, alarms.Key(kind, device or "", name), calm), severity)
            for number, kind, device, name, calm, severity in rows
        ]

    def _silent_since(self, now):
        """Return when a terminal that ought to be heard was last heard of, None when it is heard."""
        if self.state not in ("active", "quarantined") or not self.active:
            return None
        last = self.last_heartbeat or self.paired_at
        since = None if self.is_silent else self._watched_since()
        if last and since:
            last = max(last, since)
        return last if last and (now - last).total_seconds() > alarms.RULES["offline"].raise_after else None

    @api.model
    def _watched_since(self):
        """Return from when on silence counts, None when the watch was never down."""
        return fields.Datetime.to_datetime(self.env["ir.config_parameter"].sudo().get_param(SINCE)) or None

    @api.model
    def _notice_return(self):
        """Notice that Odoo itself was down: nobody could be heard, which is no terminal's fault."""
        now = fields.Datetime.now()
        # Of the last run that ended; a cron cannot be written while it runs.
        last = self.env.ref(CRON).sudo().lastcall
        if last and now - last > DOWN:
            self.env["ir.config_parameter"].sudo().set_param(SINCE, fields.Datetime.to_string(now + SETTLING))

    def _conditions(self, now, rows):
        """Return what is wrong now, {``core.alarms.Key``: since when}, and {device's key: its code}."""
        if self.state not in ("active", "quarantined") or not self.active:
            # Nobody is called for a terminal that is not in use.
            return {}, {}
        found, device_codes = {}, {}
        expected = self._expected_alarms()
        for kind, name, state, code, paper, since in rows:
            device_codes[kind, name] = code
            for alarm in alarms.of_device(kind, state, code, paper):
                if alarm not in expected:
                    found[alarms.Key(alarm, kind, name)] = since
        by_device = {key.kind for key in found}
        knows_paper = any(paper for *_others, paper, _since in rows)
        silent = self._silent_since(now)
        own = alarms.of_terminal(
            now, silent_since=silent, clock_error=self.clock_skew, **self._level_facts(knows_paper)
        )
        boxes = {"cash_full", "cash_near_full"}
        for kind, since in own.items():
            if not (kind in boxes and "cash_full" in by_device):
                found[alarms.Key(kind, "", "")] = since
        return found, device_codes

    def _expected_alarms(self):
        """Return the kinds of alarm that call nobody at present, because somebody is at work there."""
        return set()

    def _apply(self, changes, device_codes, now):
        model = self.env["electricity.terminal.alarm"].sudo()
        model.create(
            [
                {
                    "terminal_id": self.id,
                    "company_id": self.company_id.id,
                    "kind": key.kind,
                    "severity": alarms.RULES[key.kind].severity,
                    "code": alarms.RULES[key.kind].code,
                    "device_kind": key.device or False,
                    "device_name": key.name,
                    "device_code": device_codes.get((key.device, key.name)) or False,
                    "opened_at": since,
                }
                for key, since in changes.opens
            ]
        )
        for ids, values in (
            (changes.closes, {"closed_at": now}),
            (changes.calms, {"calm_since": now}),
            (changes.stirs, {"calm_since": False}),
        ):
            if ids:
                model.browse(ids).write(values)

    def _tell_screens(self):
        """Let the open screens of the operator know that something about these terminals has changed."""
        for company, terminals in self.grouped("company_id").items():
            self.env["bus.bus"]._sendone((company, CHANNEL), CHANNEL, {"ids": terminals.ids})

    # -- what time alone changes ------------------------------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Find silent terminals, judge those whose time has come, and tell people of critical alarms. Never raises."""
        terminals = self.sudo().with_context(**QUIET)
        terminals._notice_return()
        due = terminals.browse(terminals._due())
        for done, terminal in enumerate(due, 1):
            terminal._apart(terminal._judge_locked)
            if done % 50 == 0 and not self.env["ir.cron"]._commit_progress(0):
                return
        crossed = terminals.search(
            [
                "|",
                "&",
                ("alarm_level", "=", alarms.CRITICAL),
                ("has_alarm_activity", "=", False),
                "&",
                ("alarm_level", "!=", alarms.CRITICAL),
                ("has_alarm_activity", "=", True),
            ],
            limit=AT_ONCE,
        )
        over = crossed.filtered(lambda terminal: terminal.alarm_level != alarms.CRITICAL)
        for terminal in over:
            terminal._apart(terminal._end_call)
        for (_company, user), called in (crossed - over).grouped(_responsible).items():
            many = len(called) > STORM
            for group in [called] if many else called:
                group[:1]._apart(partial(group._call, user))
            if not self.env["ir.cron"]._commit_progress(0):
                return

    @api.model
    def _due(self):
        """Return the ids of terminals that have fallen silent, or that something about is due."""
        self.flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM electricity_terminal
                 WHERE alarm_check_at <= %(now)s
                    OR (is_silent IS NOT TRUE AND active AND state IN ('active', 'quarantined')
                        AND GREATEST(COALESCE(last_heartbeat, paired_at), %(since)s)
                            < %(now)s - make_interval(secs => %(silence)s))
                    OR (alarm_count > 0 AND NOT (active AND state IN ('active', 'quarantined')))
                 ORDER BY id LIMIT %(most)s
                """,
                now=now,
                silence=alarms.RULES["offline"].raise_after,
                since=self._watched_since(),
                most=AT_ONCE,
            )
        )
        return [number for (number,) in rows]

    def _judge_locked(self):
        try:
            self.take()
        except Refusal:
            # A heartbeat is being taken: it judges by itself.
            return
        self.invalidate_recordset()
        if self.judge(fields.Datetime.now()):
            self._tell_screens()

    def _apart(self, work):
        """Do something for terminals; what fails is logged and keeps no other from it.

        :return: what it returns, None when it failed
        """
        try:
            with self.env.cr.savepoint():
                return work()
        except RACES:
            _logger.info("terminals %s are looked at again later: somebody else writes to them", self.ids)
        except Exception:
            _logger.exception("terminals %s could not be looked after", self.ids)
        return None

    def _call(self, user):
        """Schedule one activity about these terminals with critical alarms, at the first of them.

        One activity a terminal, however many alarms; and one for all when a storm takes many at once.

        :param user: whom
        """
        first = self[:1]
        if len(self) > 1:
            texts = self.with_context(lang=user.lang).env
            summary = texts._("%(count)s terminals have critical alarms", count=len(self))
            note = ", ".join(self.mapped("name"))
        else:
            worst = first.open_alarm_ids.filtered(lambda alarm: alarm.severity == alarms.CRITICAL)
            words = dict(worst._fields["kind"]._description_selection(first.with_context(lang=user.lang).env))
            kinds = ", ".join(dict.fromkeys(words[alarm.kind] for alarm in worst))
            summary, note = f"{first.name}: {kinds}", ""
        first.activity_schedule(ACTIVITY, summary=summary, note=note, user_id=user.id)
        self.has_alarm_activity = True
        (self - first).called_with_id = first

    def _end_call(self):
        """End the activity of a terminal without critical alarms; those that it stood for are called for anew."""
        self.activity_feedback([ACTIVITY], feedback=self.env._("The alarms are over."))
        self.write({"has_alarm_activity": False, "called_with_id": False})
        others = self.search([("called_with_id", "=", self.id)])
        if others:
            others.write({"has_alarm_activity": False, "called_with_id": False})
            self.env.ref(CRON).sudo()._trigger()

    def _technician(self):
        group = self.env.ref("electricity_prepaid.group_technician", raise_if_not_found=False)
        users = group.all_user_ids if group else self.env["res.users"]
        fitting = users.filtered(lambda user: user.active and self.company_id in user.company_ids)
        # Administrators are technicians, too; whoever is nothing else comes first.
        return fitting.sorted(lambda user: (user.has_group("electricity_prepaid.group_administrator"), user.id))[:1]


def _responsible(terminal):
    """Return the company of a terminal and the user who is called when it has a critical alarm."""
    return terminal.company_id, terminal.responsible_id or terminal._technician() or terminal.env.user
