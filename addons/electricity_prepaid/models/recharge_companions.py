"""What a money card carries to its meter beside the purchase: tariff sets, and the command to reconnect."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from odoo import models

from ..core.card_image import VALID
from ..core.cpu_fields import UPDATE_FLAGS
from ..core.cpu_tariff_set import CsgTariffSet, GdwTariffSet
from .card_drivers import is_cpu

NO_TIME = "0" * 10
CURRENT_SET, BACKUP_SET, RECONNECT = 3, 4, 5
"""Files (SFI) of a CPU card: docs/protocol/card-layout-cpu.md."""
SEND_CURRENT = 0x05
SEND_BACKUP = 0x0A
"""Update flags: rates and ladder of the current set, of the backup set."""
_SETS = {"gdw1365": (GdwTariffSet, 32), "csg2015": (CsgTariffSet, 12)}
"""Tariff set and number of rates by driver."""
RECONNECT_DAYS = 30
"""How long a reconnect command on a card may be used."""


@dataclass(frozen=True)
class Companions:
    """What goes on the card beside the image.

    :param flag: update flag of the parameters
    :param switch_time: when the backup set begins, ``"YYMMDDhhmm"``
    :param files: {SFI: bytes}
    :param version: the newest ``electricity.tariff.version`` that the card carries, or None
    """

    flag: int = 0
    switch_time: str = NO_TIME
    files: dict = field(default_factory=dict)
    version: object = None

    def as_values(self):
        """Return the fields of the order that remember it."""
        return {
            "card_files": {str(sfi): data.hex() for sfi, data in self.files.items()} or False,
            "sent_version_id": self.version.id if self.version else False,
        }


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _companions(self, facts, op, reading):
        """Return what the write carries beside the purchase; nothing on memory cards.

        An opening gives the meter everything. Later the card carries what the meter does not have: the tariff in force,
        and the next one with the day on which it begins.

        :param facts: of the account
        :param op: ``open``, ``purchase`` or ``replace``
        :param reading: of the card that will be written
        :return: :class:`Companions`
        """
        if not is_cpu(facts.driver):
            return Companions()
        tariff = self.electricity_account_id.tariff_id
        current, following = tariff._version_on(facts.day), tariff._version_after(facts.day)
        sent = self.installation_id.sent_version_id
        sent_from = sent.valid_from if sent and sent.tariff_id == tariff else None
        opening = op == "open"
        files, flag = {}, UPDATE_FLAGS[op]
        if current and (opening or sent_from is None or sent_from < current.valid_from):
            files[CURRENT_SET] = self._tariff_set(facts.driver, current)
            flag |= SEND_CURRENT
        if opening or (following and (sent_from is None or sent_from < following.valid_from)):
            files[BACKUP_SET] = self._tariff_set(facts.driver, following or current, following)
            flag |= SEND_BACKUP
        switch_time = _switch_time(following) if BACKUP_SET in files else NO_TIME
        if not opening and self._may_have_tripped(facts, reading):
            files[RECONNECT] = self._reconnect_command(facts, op, reading)
        newest = following if BACKUP_SET in files and following else current
        carried = {CURRENT_SET, BACKUP_SET} & files.keys()
        return Companions(flag, switch_time, files, newest if carried else None)

    def _tariff_set(self, driver, version, begins=None):
        """Return the bytes of a tariff set: a single price stands in every rate.

        :param version: ``electricity.tariff.version``
        :param begins: the version whose first day is the switch time of the set, if it is a backup set
        """
        kind, rates = _SETS[driver]
        price = int((Decimal(f"{version.price:.6f}") * 10000).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return kind(rates=(price,) * rates, switch_time=_switch_time(begins)).encode()

    def _may_have_tripped(self, facts, reading):
        """Tell whether a csg2015 meter may have cut the supply: its money was at or under the second alarm."""
        writeback = reading.image.writeback
        if facts.driver != "csg2015" or writeback.state != VALID:
            return False
        return bool(writeback.overused) or writeback.remaining <= facts.alarm2

    def _reconnect_command(self, facts, op, reading):
        """Return the 16 bytes of a reconnect command, encrypted by the key service for this card."""
        zone = ZoneInfo(self.company_id.electricity_zone())
        deadline = bytes.fromhex(f"{datetime.now(zone) + timedelta(days=RECONNECT_DAYS):%y%m%d%H%M%S}")
        keys = self.env["electricity.keyring"].load_card_keys()
        version = reading.snapshot.memory[10] if op == "purchase" else keys.current(facts.driver)
        uses = self.env["electricity.key.use"]
        return uses.reconnect(self, reading.terminal, (facts.driver, version, reading.image.serial), deadline)


def _switch_time(version):
    """Return the first minute of a tariff version as ``"YYMMDDhhmm"``; zeros without one."""
    return f"{datetime.combine(version.valid_from, time.min):%y%m%d%H%M}" if version else NO_TIME
