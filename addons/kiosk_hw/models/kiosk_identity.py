"""Who a kiosk's page speaks for: the card in its reader, or an account that was identified in this visit."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal

from . import kiosk_trail
from .kiosk import kiosk_call
from .kiosk_masking import masked


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def identify(self, config, visit, text, digits=None):
        """Identify an account without its card. It opens the file and paying in, never the writing of a card.

        :param visit: uuid of this visit, made by the page
        :param text: account number, serial of a receipt, or customer code
        :param digits: what the customer knows beside it; not needed with a customer code
        :return: ``token``, for :meth:`arrears`, :meth:`begin_arrears` and :meth:`file_of` in this visit
        """
        tries = self.env["electricity.kiosk.identification"]
        token = tries._identify(config, visit, text, digits)
        if not token:
            # Nobody types another number only to hear that it is not taken.
            tries._check_visit(config, visit, text)
            # One answer for every reason: it must not tell which accounts there are.
            raise Refusal(codes.K_NOT_IDENTIFIED)
        return {"token": token}

    @api.model
    @kiosk_call
    def end_visit(self, config):
        """End what was identified: the customer leaves."""
        self.env["electricity.kiosk.identification"]._end_open(config)
        return {}

    @api.model
    @kiosk_call
    def file_of(self, config, token):
        """Return the file, latest purchases and bills of an account that was identified in this visit.

        :param token: of :meth:`identify`
        :return: what :meth:`file` answers, without what only a card says
        """
        account = self._account_before(config, {"token": token})
        return {
            **self._facts_of(account, config.electricity_terminal_id),
            "marketing": self._sale()._marketing_answer(account),
            "purchases": self._purchases(account),
            "bills": self._bills(account),
        }

    def _account_before(self, config, who):
        """Return the account of the customer who stands before a kiosk.

        :param who: {``snapshot``: the terminal's signed reading, compact} or {``token``: of :meth:`identify`}
        :raises Refusal: K-153, P-104, the codes of a reading, C-106 a card without an account
        """
        if not isinstance(who, dict):
            raise Refusal(codes.P_MALFORMED)
        if "token" in who:
            account = self.env["electricity.kiosk.identification"]._account_of_token(config, who["token"])
            kiosk_trail.saw(account=account.name)
            return account
        quote = self._sale().quote(config.electricity_terminal_id.id, who.get("snapshot"))
        account = self._account_of(config, quote) if quote["ok"] else None
        if not account:
            raise Refusal(quote["code"] or codes.C_NOT_REGISTERED, **quote["params"])
        return account

    @api.model
    def _facts_of(self, account, terminal):
        """Return what the page shows of a customer, masked, in the form of a quote."""
        order = self._sale()._open_order(account)
        last = self._sale()._last_purchase(account)
        facts = account.facts_for_sale()
        customer = self._sale()._customer_facts(account, facts)
        shown = {"open_order": order and order._status() or None, "last_purchase": last, "inserted": None}
        return masked({**shown, "customer": customer}, terminal)
