"""A thief with the session of a kiosk, and a customer of another place: what he may learn or change of that one."""

import base64
import re
import uuid
from contextlib import contextmanager
from unittest.mock import patch

from odoo import sql_db
from odoo.addons.electricity_prepaid.core import keyring
from odoo.tools import SQL

from .common import KioskCase

VICTIM = "Qvictim"
"""Stands in every text about the other customer."""
MATE = "Qmate"
"""Stands in every text about who lent the thief a card: even the card's own kiosk says nobody's data in full."""
SIGNED = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]*")
"""A token: its second part is what it says."""


def _readable(body):
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode(errors="replace")


class StolenCase(KioskCase):
    """Two kiosks. The thief has the session of the first, and is a customer there; the victim is one of the second.

    The victim has a balance, a purchase that is written, and one whose terminal has not told yet that it wrote it. The
    thief has a card that was lent: its purchase goes on at the second kiosk, whose acceptor waits for notes.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_terminal = cls.env["electricity.terminal"].create(
            {"name": f"{VICTIM} terminal", "code": "T02", "takes_notes": True}
        )
        cls.terminal.takes_notes = True
        cls.other_proxy = type(cls.proxy)(cls.other_terminal, cls.database_uuid)
        cls.other_config = cls._make_kiosk(cls.other_terminal, f"{VICTIM} kiosk", "KSKU")
        cls.other_kiosk = cls._page_of(cls.other_config)
        cls.victim, cls.victims_card = cls._make_account("970000000001", "970000000101", "970000000201")
        cls.victim.partner_id.write(
            {"name": f"{VICTIM} Wang", "street": f"{VICTIM} road", "phone": "+86 139 9700 0009"}
        )
        cls.victim.supply_address = f"{VICTIM} avenue 7"
        cls.victim.sudo().book("correction", 50_000)
        cls.mate, cls.mates_card = cls._make_account("980000000001", "980000000101", "980000000201")
        cls.mate.partner_id.name = f"{MATE} Li"
        cls.mate.supply_address = "1 Test Road, Room 908172"
        cls.written = cls._bought_by_victim("20.00", write=True)
        cls.victims_card.insert_in_meter()
        cls.paid = cls._bought_by_victim("30.00", write=False)
        answer = cls.other_kiosk.authorize(cls.paid.uuid, cls._victims_reading())
        cls.unbrought = cls.other_proxy.write(cls.victims_card, answer["write_order"])
        cls.thief_user = cls.config.kiosk_user_id
        cls.other_config.open_kiosk_session()
        cls.config.open_kiosk_session()
        cls.payment = cls._payment_of_victim()
        cls.secrets = cls._secrets()
        cls.env.flush_all()

    @classmethod
    def _bought_by_victim(cls, amount, write):
        order_uuid = str(uuid.uuid4())
        assert cls.other_kiosk.begin(order_uuid, cls._victims_reading(), amount)["ok"]
        if write:
            answer = cls.other_kiosk.authorize(order_uuid, cls._victims_reading())
            cls.other_kiosk.confirm([cls.other_proxy.write(cls.victims_card, answer["write_order"])])
        return cls.env["electricity.recharge"].search([("uuid", "=", order_uuid)])

    @classmethod
    def _payment_of_victim(cls):
        """Return a payment by QR code that goes on at the other kiosk."""
        return cls.env["payment.transaction"].create(
            {
                "reference": uuid.uuid4().hex,
                "provider_id": cls.env["payment.provider"].search([], limit=1).id,
                "payment_method_id": cls.env.ref("payment.payment_method_unknown").id,
                "amount": 30,
                "currency_id": cls.company.currency_id.id,
                "partner_id": cls.victim.partner_id.id,
                "electricity_recharge_id": cls.paid.id,
                "electricity_terminal_id": cls.other_terminal.id,
            }
        )

    @classmethod
    def _victims_reading(cls):
        return cls.other_proxy.snapshot(cls.victims_card, cls.other_kiosk.new_nonce()["nonce"])

    @classmethod
    def _secrets(cls):
        """Return what no answer to the thief may contain."""
        parameters = cls.env["ir.config_parameter"].sudo()
        return {
            VICTIM,
            MATE,
            "Room 908172",
            cls.mate.name,
            cls.mate.meter_id.name,
            cls.mate.card_id.name,
            cls.victim.name,
            cls.victim.meter_id.name,
            cls.victim.card_id.name,
            cls.victim.partner_id.phone,
            cls.other_config.access_token,
            parameters.get_param("database.secret"),
            cls.clerk.login,
            cls.written.name,
            cls.paid.name,
        }

    def secrets_in(self, told):
        """Return the secrets that a text has, in the clear or within what was signed."""
        told += "".join(_readable(body) for body in SIGNED.findall(told))
        return {secret for secret in self.secrets if secret in told}

    def assertTellsNothing(self, told, what):
        """Check that what the thief was told has nothing of anybody else."""
        found = self.secrets_in(told)
        self.assertFalse(found, f"{what} tells {found}: {told[:400]}")

    def rows(self):
        """Return what must stay as it is: the sums of all money and energy, and the rows of the victim."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT sum(money), sum(energy), (SELECT count(*) FROM electricity_recharge_attempt),"
            " (SELECT sum(balance) FROM electricity_account), (SELECT sum(amount) FROM electricity_tender),"
            " (SELECT count(*) FROM pos_order), (SELECT count(*) FROM account_move), (SELECT count(*) FROM pos_payment)"
            " FROM electricity_ledger_entry"
        )
        sums = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT (to_jsonb(a) - 'version' - 'write_date')::text FROM electricity_account a WHERE id = %s"
            " UNION ALL SELECT to_jsonb(p)::text FROM res_partner p WHERE id = %s"
            " UNION ALL SELECT (to_jsonb(r) - 'write_date')::text FROM electricity_recharge r"
            " WHERE electricity_account_id = %s UNION ALL SELECT to_jsonb(t)::text FROM electricity_terminal t"
            " WHERE id = %s",
            (self.victim.id, self.victim.partner_id.id, self.victim.id, self.other_terminal.id),
        )
        return sums, sorted(self.env.cr.fetchall())

    @contextmanager
    def writes(self):
        """Yield a list of the statements that change the database meanwhile."""
        found = []
        execute = sql_db.Cursor.execute

        def watched(cursor, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else str(query)
            if text.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
                found.append(text.strip()[:160])
            return execute(cursor, query, *args, **kwargs)

        with patch.object(sql_db.Cursor, "execute", watched):
            yield found

    def _identifying_loot(self):
        """Return the same for who is known without a card: tokens that hold elsewhere, or held before."""
        self.company.kiosk_account_check = "phone"
        number = self.victim.name
        ended = self.kiosk.identify(str(uuid.uuid4()), number, "0009")["token"]
        self.kiosk.end_visit()
        elsewhere = self.other_kiosk.identify(str(uuid.uuid4()), number, "0009")["token"]
        return {
            "visit": [str(uuid.uuid4()), "nonsense", None],
            "text": [number, self.written.name, "EQ1.nonsense", "nonsense", None],
            "digits": ["0000", "nonsense", {"a": 1}, None],
            "token": [elsewhere, ended, "nonsense", None],
            "who": [
                {"token": elsewhere},
                {"token": ended},
                {"token": None},
                {"snapshot": self.reading()},
                {"snapshot": self._victims_reading()},
                {"snapshot": None},
                "nonsense",
            ],
            "bills": [[], [{"receivable_id": "B1", "amount": "10.00"}], "nonsense", None],
        }

    def loot(self):
        """Return what a thief may have by the name of a parameter: things of others, stale ones, forged ones, and what
        is rightly his own.

        Readings are made when they are used: a nonce lives for two minutes.
        """
        stranger = keyring.SigningKey.generate()
        used = self.reading()
        self.assertTrue(self.kiosk.begin(str(uuid.uuid4()), used, "10.00")["ok"])
        lent = str(uuid.uuid4())
        reading = self.other_proxy.snapshot(self.mates_card, self.other_kiosk.new_nonce()["nonce"])
        self.assertTrue(self.other_kiosk.begin(lent, reading, "10.00")["ok"])
        self.assertTrue(self.other_kiosk.collect(lent)["ok"])
        stale = self.kiosk.new_nonce()["nonce"]
        self.env["electricity.snapshot"].search([("nonce", "=", stale)]).sudo().expires_at = "2020-01-01 00:00:00"
        loot = self._identifying_loot()
        loot["who"].append({"snapshot": self.reading(self.mates_card)})
        return {
            **loot,
            "new_uuid": [self.paid.uuid, str(uuid.uuid4()), "nonsense", None],
            "uuid": [self.paid.uuid, self.written.uuid, lent, str(uuid.uuid4()), "nonsense", None, 7, {"a": 1}],
            "snapshot": [
                self.reading(),
                used,
                self.proxy.snapshot(self.victims_card, stale),
                self.other_proxy.snapshot(self.victims_card, self.kiosk.new_nonce()["nonce"]),
                self._victims_reading(),
                self.proxy.snapshot(self.victims_card, self.kiosk.new_nonce()["nonce"], key=stranger),
                None,
                "nonsense",
            ],
            "entries": [
                [["screen", "amount"], ["error", "x" * 5000]],
                [["screen", self.victim.id]],
                [["money", "100.00"]],
                [["key", "digit"]] * 500,
                {"a": 1},
                None,
            ],
            "page": ["19.0", "x" * 5000, {"a": 1}, 7, None],
            "job": [str(uuid.uuid4()), "nonsense", None],
            "reference": [self.payment.reference, uuid.uuid4().hex, "nonsense", None],
            "kind": ["qr", "cash", None],
            "amount": ["10.00", "-10.00", "1e9", None],
            "statement": [
                self.other_proxy.tender(self.paid.uuid, {10_000: 1}, seq=90),
                self.proxy.tender(self.paid.uuid, {10_000: 1}, key=stranger, seq=91),
                {"kind": "cash", "received": "100.00"},
                None,
            ],
            "receipts": [
                [self.unbrought],
                [self.proxy.heartbeat()],
                ["nonsense"],
                "nonsense",
                [],
            ],
        }
