"""What a decision must know of an account's meter, tariff and customer, in one query."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import SQL

from ..core import limits, money, tariff
from .card_drivers import CENTS, KWH, unit_of

MODELS = (
    "electricity.account",
    "electricity.meter",
    "electricity.meter.installation",
    "electricity.meter.model",
    "electricity.tariff",
    "electricity.tariff.version",
    "res.partner",
)


@dataclass(frozen=True)
class Facts:
    """Master data as they are at a decision.

    :param day: today at the company
    :param customer_name: for the order and its receipt
    :param meter_no: number of the current meter, empty without one
    :param generation: of the current installation
    :param driver: the card driver of the meter's model, empty without a meter
    :param unit: what its cards carry: ``kwh`` or ``cents``
    :param limits: ``core.limits.Limits``; the hoard limit is in the unit of the card
    :param alarm1: first alarm, kWh or cents
    :param alarm2: second alarm, kWh or cents
    :param tariff: ``core.tariff.TariffSpec`` in force today, or None
    :param ct: ratio of the current transformers
    :param pt: ratio of the voltage transformers
    :param user_type: as the meter knows it
    """

    day: date
    customer_name: str
    meter_no: str
    generation: int
    driver: str
    unit: str
    limits: limits.Limits
    alarm1: int
    alarm2: int
    tariff: tariff.TariffSpec | None
    ct: int = 1
    pt: int = 1
    user_type: int = 0

    @property
    def price(self):
        """Price per kWh, tax included."""
        return self.tariff.price


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    @api.private
    def facts_for_sale(self):
        """Return the account's :class:`Facts`, or None for no account.

        By hand and not through seven records: a sale asks twice, and this is most of what it reads.
        """
        if not self:
            return None
        day = datetime.now(ZoneInfo(self.company_id.electricity_zone())).date()
        for name in MODELS:
            self.env[name].flush_model()
        row = self.env.execute_query_dict(
            SQL(
                """
                SELECT partner.name AS customer_name, meter.name AS meter_no, installation.generation,
                       installation.ct_ratio, installation.pt_ratio, installation.user_type, model.driver,
                       model.min_amount, model.max_amount, model.step_amount, model.hoard_limit_energy,
                       model.purchases_per_day, model.alarm1_energy, model.alarm2_energy,
                       model.hoard_limit_money, model.alarm1_money, model.alarm2_money,
                       tariff.kind, version.price, version.valid_from
                  FROM electricity_account account
                  JOIN res_partner partner ON partner.id = account.partner_id
             LEFT JOIN electricity_meter_installation installation ON installation.id = account.installation_id
             LEFT JOIN electricity_meter meter ON meter.id = account.meter_id
             LEFT JOIN electricity_meter_model model ON model.id = meter.model_id
             LEFT JOIN electricity_tariff tariff ON tariff.id = account.tariff_id
             LEFT JOIN LATERAL (
                       SELECT price, valid_from FROM electricity_tariff_version
                        WHERE tariff_id = tariff.id AND valid_from <= %s
                     ORDER BY valid_from DESC LIMIT 1) version ON TRUE
                 WHERE account.id = %s
                """,
                day,
                self.id,
            )
        )[0]
        spec = None
        if row["price"] is not None:
            spec = tariff.TariffSpec(
                kind=row["kind"], price=Decimal(f"{row['price']:.6f}"), version=str(row["valid_from"])
            )
        unit = unit_of(self.env, row["driver"]) if row["driver"] else KWH
        money_card = unit == CENTS
        return Facts(
            day=day,
            customer_name=row["customer_name"] or "",
            meter_no=row["meter_no"] or "",
            generation=row["generation"] or 0,
            driver=row["driver"] or "",
            unit=unit,
            limits=limits.Limits(
                minimum=money.to_cents(row["min_amount"]),
                maximum=money.to_cents(row["max_amount"]),
                step=money.to_cents(row["step_amount"]),
                hoard=money.to_cents(row["hoard_limit_money"])
                if money_card
                else money.to_centi_kwh(row["hoard_limit_energy"]),
                per_day=row["purchases_per_day"] or 0,
            ),
            alarm1=money.to_cents(row["alarm1_money"]) if money_card else int(row["alarm1_energy"] or 0),
            alarm2=money.to_cents(row["alarm2_money"]) if money_card else int(row["alarm2_energy"] or 0),
            tariff=spec,
            ct=row["ct_ratio"] or 1,
            pt=row["pt_ratio"] or 1,
            user_type=row["user_type"] or 0,
        )
