"""What a kiosk's notes are booked to: a product for customer advances, and the session that takes them."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class PosConfig(models.Model):
    _inherit = "pos.config"

    kiosk_advance_product_id = fields.Many2one(
        "product.product",
        "Product for Advances",
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="What the kiosk's notes are booked to: a service without taxes, whose income account is the liability "
        "for customer advances (2203).",
    )

    @api.constrains("electricity_terminal_id", "kiosk_advance_product_id", "company_id", "default_fiscal_position_id")
    def _check_kiosk_advance_product(self):
        for config in self.filtered("electricity_terminal_id"):
            problem = config._advance_problem()
            if problem:
                raise ValidationError(problem)

    def _advance_problem(self):
        """Return the sentence that says why this kiosk's notes cannot be booked, or None."""
        self.ensure_one()
        config = self.sudo().with_company(self.company_id)
        product = config.kiosk_advance_product_id
        if not product:
            return self.env._("A kiosk has a product for customer advances: its notes are booked to that.")
        if product.type != "service" or product.taxes_id._filter_taxes_by_company(config.company_id):
            return self.env._(
                "“%(product)s” stands for the money in a kiosk's box, which is not sold yet: "
                "it has to be a service without taxes.",
                product=product.display_name,
            )
        account = product.product_tmpl_id.get_product_accounts(config.default_fiscal_position_id)["income"]
        if account.internal_group != "liability":
            return self.env._(
                "“%(product)s” would book the money in a kiosk's box to “%(account)s”. It is owed to the customer "
                "until energy is sold: choose a liability for customer advances (2203) as the income account "
                "of this product.",
                product=product.display_name,
                account=account.display_name or self.env._("no account"),
            )
        return None

    def _has_open_session(self):
        domain = [("config_id", "=", self.id), ("state", "=", "opened"), ("rescue", "=", False)]
        return bool(self.env["pos.session"].search_count(domain, limit=1))

    def _take_open_session(self):
        """Lock the open session of this kiosk for an order, without waiting.

        The row is updated, not only locked: a closing that began before fails, so that it never misses this order.

        :return: one ``pos.session``
        :raises UserError: when none is open, or it is in use
        """
        self.ensure_one()
        sessions = self.env["pos.session"]
        sessions.flush_model(["config_id", "state", "rescue"])
        self.env.cr.execute(
            SQL(
                "UPDATE pos_session SET state = state WHERE id IN"
                " (SELECT id FROM pos_session WHERE config_id = %s AND state = 'opened' AND rescue IS NOT TRUE"
                " ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) RETURNING id",
                self.id,
            ),
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        if not row:
            raise UserError(self.env._("The kiosk's session is not open, or is being closed."))
        return sessions.browse(row[0])
