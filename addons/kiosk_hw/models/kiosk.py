"""What a kiosk's page may ask. Everything it may do is here: its user has no right on any model."""

import functools
import inspect
import time

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes, money, pages
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import FOR_CUSTOMER, as_engine, refused
from odoo.modules.module import get_manifest

from . import kiosk_trail
from .kiosk_masking import masked

LANGUAGES = ("zh_CN", "en_US")
"""Languages of the page, in the order in which they are offered, as far as they are installed."""


def kiosk_call(method):
    """Make a public method of :class:`ElectricityKiosk` answer as docs/protocol §4 says, to a kiosk's user only.

    The method runs as superuser and gets the caller's kiosk first, which it cannot choose: whatever it does is about
    the terminal of that kiosk. Its answer speaks to a customer, what it stores or posts to staff; the order beside a
    refusal is masked here, whoever refused. Each call leaves a step of the visit that the page names
    (:mod:`.kiosk_trail`).
    """

    names_order = "uuid" in inspect.signature(method).parameters

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        page = self.with_context(**{FOR_CUSTOMER: True})
        config = page.env.user.kiosk_config()
        if not config:
            return refused(page.env, Refusal(codes.S_NOT_PERMITTED))
        order = kwargs.get("uuid", args[0] if args else None) if names_order else None
        with kiosk_trail.following(self.env, config, method.__name__, order) as step:
            try:
                answer = {"ok": True, **method(as_engine(page), config, *args, **kwargs)}
            except Refusal as refusal:
                answer = masked(refused(page.env, refusal), config.electricity_terminal_id)
            step.ends(answer)
        return answer

    call.is_kiosk_call = True
    return call


class ElectricityKiosk(models.AbstractModel):
    """The calls of a kiosk's page."""

    _name = "electricity.kiosk"
    _description = "Kiosk"

    @api.model
    @kiosk_call
    def start(self, config, page=None):
        """Return what the page needs to start.

        :param page: version of the page that is open, for the operator
        :return: ``terminal``, ``token`` for it or None, ``problems`` (codes), ``phone``, ``currency``,
            ``ways`` (to pay, besides notes), ``notes_problem`` (code of why it takes no notes now, or None),
            ``quick_amounts`` and ``notes`` that are taken (decimal strings), ``scanner`` (it has one),
            ``account_check`` (what is asked beside an account number, None: none are taken), ``orders`` (of this kiosk,
            that still wait for money), ``languages`` (code and name) and ``texts``: for each language
            ``notice``, ``place``, ``next_place`` and ``codes``
        """
        terminal = config.electricity_terminal_id
        terminal.note_page(page)
        # Whoever was identified here has gone: the page asks this only while nobody stands before it.
        self.env["electricity.kiosk.identification"]._end_open(config)
        problems, token = [], None
        try:
            ring = self.env["electricity.keyring"].load_for_sale()
            terminal.check_active()
            token = pages.issue(ring, terminal.uuid, self.env.uid, int(time.time()))
        except Refusal as refusal:
            problems.append(refusal.code)
        installed = dict(self.env["res.lang"].get_installed())
        languages = [code for code in LANGUAGES if code in installed] or [self.env.lang]
        currency = config.company_id.currency_id
        return {
            "terminal": terminal._as_answer(),
            "token": token,
            "problems": problems,
            "phone": config.kiosk_phone or None,
            "orders": self._orders_being_paid(terminal),
            "quick_amounts": config.company_id.quick_amounts(),
            "notes": [money.format_cents(cents) for cents in config.company_id.notes_taken()],
            "ways": self._ways(config),
            "notes_problem": codes.A_BOX_LEAVING if terminal.takes_notes and terminal.is_box_leaving else None,
            "scanner": config.kiosk_scanner,
            "account_check": config.company_id.kiosk_account_check or None,
            "currency": {"symbol": currency.symbol, "position": currency.position},
            "languages": [
                {"code": code, "name": installed[code].split(" / ")[-1].partition(" (")[0]} for code in languages
            ],
            "texts": {code: self._texts(config.with_context(lang=code)) for code in languages},
        }

    @api.model
    @api.private
    def page_version(self):
        """Return the version of the kiosk's page, as a browser gets it that loads it now."""
        return get_manifest("kiosk_hw")["version"]

    @api.model
    def _texts(self, config):
        """Return what a kiosk says in the language of its context."""
        return {
            "notice": config.kiosk_notice or None,
            "place": config.kiosk_place or None,
            "next_place": config.kiosk_next_place or None,
            "codes": codes.catalogue(config.env.lang, for_customer=True),
        }
