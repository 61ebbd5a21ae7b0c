"""A day on which more went back through a payment service than came by it."""

from odoo import models
from odoo.addons.electricity_prepaid.core import money


class PosSession(models.Model):
    _inherit = "pos.session"

    def _create_combine_account_payment(self, payment_method, amounts, diff_amount):
        """Make a kiosk's outgoing payment as one, between the same two accounts as an incoming one.

        Odoo makes an incoming one and turns it round; in that it forgets the account of the service's money, and posts
        no entry.
        """
        if not self.config_id.sudo().electricity_terminal_id or money.to_cents(amounts["amount"]) >= 0:
            return super()._create_combine_account_payment(payment_method, amounts, diff_amount)
        receivable = self._get_receivable_account(payment_method)
        payment = (
            self.env["account.payment"]
            .with_context(pos_payment=True)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "amount": -amounts["amount"],
                    "journal_id": payment_method.journal_id.id,
                    "destination_account_id": receivable.id,
                    "memo": self.env._(
                        "Paid back by %(method)s at %(session)s", method=payment_method.name, session=self.name
                    ),
                    "pos_payment_method_id": payment_method.id,
                    "pos_session_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
        )
        account = payment_method.outstanding_account_id or payment._get_outstanding_account("inbound")
        payment.write({"force_outstanding_account_id": account.id, "destination_account_id": receivable.id})
        payment.action_post()
        if money.to_cents(diff_amount):
            self._apply_diff_on_account_payment_move(payment, payment_method, diff_amount)
        return payment.move_id.line_ids.filtered(lambda line: line.account_id == receivable)
