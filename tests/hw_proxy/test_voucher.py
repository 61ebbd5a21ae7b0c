"""Vouchers: Odoo is away, notes are in, and the customer takes the terminal's word home, on paper or as a picture."""

import re
import time
from dataclasses import replace

import pytest

from hw_proxy.config import Kiosk as KioskSettings
from hw_proxy.errors import Refusal
from hw_proxy.paper.voucher import MOST_PRINTS, OFFERED, TEXTS, Vouchers, number
from hw_proxy.receipts import claims_of
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.print_support import Printing
from tests.hw_proxy.support import FakeCard, card_memory
from tests.hw_proxy.test_cash import OTHER, RECHARGE, Kiosk


class VoucherKiosk(Kiosk):
    """A kiosk whose page stands before somebody who has put notes in."""

    def __init__(self, folder, server):
        super().__init__(folder, server)
        settings = KioskSettings(enabled=True, phone="95598", zone="Asia/Shanghai")
        self.bench.terminal.config = replace(self.bench.config, kiosk=settings)
        self.printing = Printing(self.bench)

    @property
    def vouchers(self):
        return Vouchers(self.bench.terminal)

    def shown(self, hand_out=True):
        return self.vouchers.open(hand_out)["vouchers"]

    def paid(self, *notes):
        """Pay and confirm; the tender's name."""
        self.open()
        self.pay(*notes)
        self.confirm()
        *_before, tender = self.state()["tenders"]
        return claims_of(tender)["jti"]

    def print(self, jti, again=False):
        return self.printing.ended(self.vouchers.print(jti, again)["job"])


@pytest.fixture
def kiosk(tmp_path):
    server = FakeServer()
    made = VoucherKiosk(tmp_path, server)
    yield made
    made.printing.close()
    made.bench.close()
    server.close()


def test_money_that_odoo_lacks_becomes_a_voucher_that_names_it(kiosk):
    jti = kiosk.paid(5000, 2000, 5000)
    (voucher,) = kiosk.shown()
    assert (voucher["tender"], voucher["number"], voucher["total"]) == (jti, number(jti), 12_000)
    assert voucher["notes"] == [{"denomination": 2000, "count": 1}, {"denomination": 5000, "count": 2}]
    assert not voucher["arrived"] and voucher["print"] is None
    assert voucher["qr"].startswith("data:image/svg+xml;base64,")


def test_while_odoo_answers_nothing_is_handed_out(kiosk):
    kiosk.paid(5000)
    assert kiosk.shown(hand_out=False) == []


def test_money_of_the_one_before_is_not_handed_out_while_notes_of_the_next_go_in(kiosk):
    kiosk.paid(5000)
    kiosk.open(OTHER)
    kiosk.pay(2000)
    assert kiosk.shown() == []
    kiosk.good("confirm", {"recharge": OTHER})
    kiosk.machine.settle()
    assert [voucher["total"] for voucher in kiosk.shown()] == [2000]


def test_what_odoo_has_becomes_none(kiosk):
    kiosk.paid(5000)
    assert kiosk.push()
    assert kiosk.shown() == []


def test_what_odoo_holds_for_nobody_becomes_one_when_the_page_names_its_order(kiosk):
    jti = kiosk.paid(5000)
    assert kiosk.push()
    (voucher,) = kiosk.vouchers.open(True, RECHARGE)["vouchers"]
    assert (voucher["tender"], voucher["total"], voucher["arrived"]) == (jti, 5000, True)
    assert kiosk.print(jti) == ("printed", None)
    (paper,) = kiosk.printing.device.take_slips()
    (code,) = paper.codes()
    assert kiosk.bench.claims(code, "tender+jwt")["jti"] == jti
    said = " ".join(paper.text().split())
    assert "counted and on record" in said and "bring this voucher" in said
    assert "by itself" not in said and "自动" not in "".join(TEXTS), "it is in no account until somebody assigns it"
    kiosk.vouchers.put_away()
    assert kiosk.vouchers.open(True, RECHARGE)["vouchers"] == [], "who comes next does not see it"


def test_a_page_that_goes_on_by_itself_gets_none_by_naming_an_order(kiosk):
    kiosk.paid(5000)
    assert kiosk.push()
    assert kiosk.vouchers.open(False, RECHARGE)["vouchers"] == []


def test_an_order_whose_payer_has_gone_gets_none_by_its_name(kiosk):
    kiosk.paid(5000)
    assert kiosk.push()
    assert kiosk.vouchers.open(True, OTHER)["vouchers"] == []
    kiosk.open(OTHER)
    kiosk.pay(2000)
    assert kiosk.vouchers.open(True, RECHARGE)["vouchers"] == []


def test_after_a_long_time_without_odoo_the_latest_payment_still_has_one(kiosk):
    for _payment in range(21):
        kiosk.open(OTHER)
        kiosk.pay(2000)
        kiosk.good("confirm", {"recharge": OTHER})
        kiosk.machine.settle()
    latest = kiosk.paid(5000)
    (voucher,) = kiosk.shown()
    assert (voucher["tender"], voucher["arrived"]) == (latest, False)


def test_a_voucher_that_was_handed_out_stays_and_says_when_the_money_has_arrived(kiosk):
    kiosk.paid(5000)
    kiosk.shown()
    kiosk.push()
    (voucher,) = kiosk.shown(hand_out=False)
    assert voucher["arrived"]
    assert len(kiosk.server.tenders) == 1


def test_a_voucher_on_paper_carries_the_statement_that_odoo_takes(kiosk):
    jti = kiosk.paid(5000)
    kiosk.shown()
    assert kiosk.print(jti) == ("printed", None)
    (paper,) = kiosk.printing.device.take_slips()
    (code,) = paper.codes()
    assert kiosk.bench.claims(code, "tender+jwt")["jti"] == jti
    assert "50.00" in paper.text() and number(jti) in paper.text() and "95598" in paper.text()
    assert "Copy" not in paper.text()


def test_a_page_that_asks_twice_gets_one_paper_and_a_person_who_asks_gets_copies(kiosk):
    jti = kiosk.paid(5000)
    kiosk.shown()
    assert kiosk.print(jti) == kiosk.print(jti)
    for _each in range(MOST_PRINTS - 1):
        kiosk.print(jti, again=True)
    with pytest.raises(Refusal) as refused:
        kiosk.vouchers.print(jti, True)
    assert refused.value.code == "A-407"
    papers = kiosk.printing.device.take_slips()
    assert ["Copy" in paper.text() for paper in papers] == [False, True, True, True]


def test_without_paper_the_screen_has_the_code(kiosk):
    jti = kiosk.paid(5000)
    kiosk.printing.device.set_paper("out")
    kiosk.shown()
    assert kiosk.print(jti) == ("not_printed", "A-401")
    (voucher,) = kiosk.shown()
    assert voucher["print"]["state"] == "not_printed" and voucher["qr"]


@pytest.mark.parametrize("jti", [None, "x", "00000001-0000-4000-8000-000000000009"])
def test_nobody_prints_what_was_not_handed_out(kiosk, jti):
    with pytest.raises(Refusal) as refused:
        kiosk.vouchers.print(jti, False)
    assert refused.value.code == "P-112"


def test_a_tender_that_was_not_handed_out_is_not_printed_either(kiosk):
    with pytest.raises(Refusal):
        kiosk.vouchers.print(kiosk.paid(5000), False)


def test_who_comes_next_does_not_see_it(kiosk):
    jti = kiosk.paid(5000)
    kiosk.shown()
    kiosk.vouchers.put_away()
    assert kiosk.shown() == []
    with pytest.raises(Refusal):
        kiosk.vouchers.print(jti, True)


class TestShownAgain:
    """A voucher that was put away comes back to whoever puts in the card that paid it, and to nobody else."""

    @pytest.fixture
    def put_away(self, kiosk):
        """The name of a tender whose voucher was put away; the card that paid it lies in the reader."""
        kiosk.bench.terminal.snapshot("n")
        jti = kiosk.paid(5000)
        kiosk.shown()
        kiosk.vouchers.put_away()
        return jti

    def test_to_another_card_or_none_nothing_is_shown(self, kiosk, put_away):
        kiosk.bench.pull()
        with pytest.raises(Refusal) as refused:
            kiosk.vouchers.again()
        assert refused.value.code == "C-201"
        kiosk.bench.insert(FakeCard(card_memory(issue=2)))
        assert kiosk.vouchers.again() == {"shown": 0}
        assert kiosk.shown() == []
        with pytest.raises(Refusal):
            kiosk.vouchers.print(put_away, True)

    def test_to_the_card_that_paid_it_is_shown_and_printed(self, kiosk, put_away):
        assert kiosk.vouchers.open(True)["again"]
        kiosk.bench.pull()
        kiosk.bench.insert(FakeCard())
        assert kiosk.vouchers.again() == {"shown": 1}
        (voucher,) = kiosk.shown()
        assert voucher["tender"] == put_away
        assert kiosk.print(put_away, again=True) == ("printed", None)
        assert not kiosk.vouchers.open(True)["again"]

    def test_after_a_while_it_is_offered_to_nobody(self, kiosk, put_away):
        later = kiosk.bench.terminal.clock.now_ms() + OFFERED + 1000
        kiosk.bench.terminal.clock = type("Later", (), {"now_ms": lambda _self: later, "stamp": None})()
        assert not kiosk.vouchers.open(True)["again"]
        assert kiosk.vouchers.again() == {"shown": 0}

    def test_without_a_card_in_the_reader_when_it_was_paid_it_is_offered_to_nobody(self, kiosk):
        kiosk.bench.terminal.snapshot("n")
        kiosk.bench.pull()
        kiosk.paid(5000)
        kiosk.shown()
        kiosk.vouchers.put_away()
        assert not kiosk.vouchers.open(True)["again"]
        kiosk.bench.insert(FakeCard())
        assert kiosk.vouchers.again() == {"shown": 0}


def test_nor_who_comes_much_later(kiosk):
    kiosk.paid(5000)
    kiosk.shown()
    clock = kiosk.bench.terminal.clock
    later = clock.now_ms() + OFFERED + 1000
    kiosk.bench.terminal.clock = type("Later", (), {"now_ms": lambda _self: later})()
    assert kiosk.shown() == []
    kiosk.bench.terminal.clock = clock


def test_a_payment_that_is_not_over_is_shown_and_can_be_ended(kiosk):
    kiosk.open()
    kiosk.pay(5000)
    told = kiosk.vouchers.open(True)
    assert told == {"collecting": {"recharge": RECHARGE, "total": 5000}, "vouchers": [], "again": False}
    kiosk.confirm()
    assert [voucher["total"] for voucher in kiosk.shown()] == [5000]


def test_after_a_restart_the_voucher_is_there_and_printed_once(kiosk):
    jti = kiosk.paid(5000)
    kiosk.shown()
    kiosk.print(jti)
    kiosk.restart()
    assert kiosk.shown(hand_out=False)[0]["print"]["state"] == "printed"
    assert Vouchers(kiosk.bench.terminal)._printed(jti) == kiosk.shown(hand_out=False)[0]["print"]


def test_a_voucher_has_the_companys_time_on_paper_and_screen_not_the_machines(kiosk, monkeypatch):
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    try:
        jti = kiosk.paid(5000)
        (voucher,) = kiosk.shown()
        kiosk.print(jti)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert voucher["moment"].endswith("+0800")
    (paper,) = kiosk.printing.device.take_slips()
    assert voucher["moment"][:16] in paper.text()


def test_without_a_zone_the_offset_says_whose_time_it_is(kiosk):
    config = kiosk.bench.terminal.config
    kiosk.bench.terminal.config = replace(config, kiosk=replace(config.kiosk, zone=""))
    kiosk.paid(5000)
    (voucher,) = kiosk.shown()
    assert re.search(r" [+-]\d{4}$", voucher["moment"])
