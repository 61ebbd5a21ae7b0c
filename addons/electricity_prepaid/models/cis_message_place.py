"""Under which serial, and on which day, a message stands in the other books when people put it there."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import cis_days
from ..core.cis_delivery import S_DONE
from ..core.cis_results import SETTLE_DONE


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    there_name = fields.Char(
        "Stands There As",
        readonly=True,
        index="btree_not_null",
        help="Serial under which it was done there by hand: the persons who settled it, or the comparison of its day,"
        " name it so.",
    )
    proposed_there_name = fields.Char("Serial There", readonly=True)
    proposed_there_day = fields.Date("Day There", readonly=True)

    def _check_place(self, serial, day):
        """Refuse a place in the other books at which this message cannot be.

        :param serial: that a person named
        :param day: accounting day there
        :raises UserError: the serial is none, or another message's; the day is to come
        """
        self.ensure_one()
        if not cis_days.SERIAL.fullmatch(serial):
            raise UserError(
                self.env._(
                    "“%(serial)s” is no serial of the marketing system: it has 8 to 40 letters, digits and hyphens."
                    " Nothing was changed. Copy it from the record there, or leave it empty.",
                    serial=serial,
                )
            )
        other = self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.id),
                "|",
                ("name", "=", serial),
                ("there_name", "=", serial),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "Serial %(serial)s stands for recharge %(recharge)s already. Nothing was changed. Compare both"
                    " records there.",
                    serial=serial,
                    recharge=other.recharge_id.name,
                )
            )
        if day > self.recharge_id._company_today():
            raise UserError(self.env._("The day on which it counts there cannot be to come. Nothing was changed."))

    def _approved_place(self):
        """Return the columns that say where the approved decision found this message, empty when it does not say.

        :raises UserError: it cannot be there any more
        """
        self.ensure_one()
        if self.proposed_action != SETTLE_DONE or not self.proposed_there_name:
            return {}
        day = self.proposed_there_day or self.accounting_date
        self._check_place(self.proposed_there_name, day)
        return {"there_name": self.proposed_there_name, "accounting_date": day}

    @api.private
    def stands_there(self, serial, day):
        """Settle a message that a day's comparison shows in the other books; ours name it so from then on.

        :param serial: under which it stands there
        :param day: on which it counts there
        """
        self.ensure_one()
        message = self.sudo()
        if serial != message.name or day != message.accounting_date:
            message.write({"there_name": serial, "accounting_date": day})
        message.settle_reconciled(True)

    @api.model
    def _settled_without_name(self, company, day, missing):
        """Return the payments that two persons found in the other books without saying under which serial.

        :param company: one ``res.company``
        :param day: that is compared
        :param missing: serials that are only here on that day
        :return: payments of the day that are not there under their own serial, and payments of earlier days that were
            closed there without them
        """
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "payment"),
                ("state", "=", S_DONE),
                ("proposed_action", "=", SETTLE_DONE),
                ("approved_by_id", "!=", False),
                ("there_name", "=", False),
                "|",
                "&",
                ("accounting_date", "=", day),
                ("name", "in", list(missing)),
                "&",
                ("accounting_date", "<", day),
                ("result", "=", cis_days.CLOSED),
            ]
        )
