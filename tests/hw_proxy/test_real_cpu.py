"""Processor cards on the real PC/SC stack, sold through the service's interface, taken by their simulated meters."""

import pytest

from hw_proxy import tokens
from simulators.cpu_issue import blank_card, issue
from simulators.cpu_kinds import KINDS
from simulators.keys import CpuMasters
from simulators.money_meter import MoneyMeter
from simulators.sam import Sam
from simulators.vpcd import VpcdSlot
from tests.hw_proxy.cpu_support import CUSTOMER, METER, SERIAL, image
from tests.hw_proxy.demo_suite import CURRENT, MASTERS
from tests.hw_proxy.real import IdentityView, RealTerminal

pytestmark = pytest.mark.hardware

UTILITY = CpuMasters({version: keys for version, keys in MASTERS.items() if version}, CURRENT)
AMOUNT = 12_345


@pytest.fixture(scope="module", params=["central", "module"])
def real(request, pcsc, tmp_path_factory):
    """A running, paired terminal whose keys are the central service's, or in a module in the second reader."""
    extra = '[sam]\nreader = "Virtual PCD 00 01"\n' if request.param == "module" else ""
    made = RealTerminal(tmp_path_factory.mktemp("terminal"), pcsc, extra=extra)
    made.module = None
    second = VpcdSlot(pcsc.port + 1)
    if extra:
        made.module = Sam(dict.fromkeys(KINDS, UTILITY))
        second.insert(made.module)
    made.pair()
    made.start()
    made.ready()
    yield made
    made.close()
    if extra:
        second.pull()


@pytest.fixture(autouse=True)
def fresh(real):
    """Leave no card behind, and no trouble."""
    real.odoo.desk.asked.clear()
    yield
    real.odoo.desk.trouble = lambda _claims: None
    if real.slot.card is not None:
        real.slot.pull()
    real.until(lambda: real.reader()["state"] == "empty")


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    """Which kind of card."""
    return KINDS[request.param]


@pytest.fixture
def meter(kind):
    """A meter for it, not opened."""
    return MoneyMeter(METER, kind, UTILITY)


def next_purchase(memory, count=2):
    """The image after a purchase: type and flag in the parameters, wallet, empty write-back."""
    wanted = bytearray(memory)
    wanted[16 + 5], wanted[16 + 42] = 0, 2
    wanted[16 + 43] = sum(wanted[17:59]) % 256
    wanted[61:69] = AMOUNT.to_bytes(4, "big") + count.to_bytes(4, "big")
    wanted[69:] = bytes(len(wanted) - 69)
    return bytes(wanted)


def order(real, wanted, snapshot=None, **changes):
    """An order for the card as the service reads it, to become ``wanted(memory)``."""
    snapshot = snapshot or real.snapshot()
    memory = bytes.fromhex(snapshot["card"]["memory"])
    after = wanted(memory)
    write = {
        "count": int.from_bytes(after[65:69], "big"),
        "quantity": int.from_bytes(after[61:65], "big"),
        "image": after.hex(),
        "files": {},
    }
    values = {
        "psc": None,
        "card": {"serial": memory[:8].hex(), "issue": 0, "driver": snapshot["driver"]},
        "expect": {"count": int.from_bytes(memory[65:69], "big"), "digest": tokens.digest(memory)},
        "write": write,
        **changes,
    }
    return real.odoo.order(IdentityView(real.odoo), snapshot["ins"], memory, **values)


def result(receipt):
    return receipt["outcome"], receipt["code"]


def test_a_key_service_that_refuses_leaves_the_card_as_it_was(real, kind, meter):
    if real.module is not None:
        real.module.uses = 0
    real.odoo.desk.trouble = lambda _claims: (403, {"code": "K-104", "message": "quota"})
    card, _opened = issue(SERIAL, CUSTOMER, meter, UTILITY)
    before = card.image()
    real.insert(card)
    receipt = real.write(*order(real, next_purchase))
    assert result(receipt) == ("not_written", "K-107" if real.module else "K-104")
    assert card.image() == before
    assert (card.external_tries, card.mac_tries) == (6, 6)
    if real.module is not None:
        real.module.uses = 10_000


def test_a_card_whose_keys_are_not_the_utility_s_is_not_written(real, kind, meter):
    card, _opened = issue(SERIAL, CUSTOMER, meter, UTILITY)
    card._keys = type(card._keys).transport(bytes(8))
    real.insert(card)
    assert result(real.write(*order(real, next_purchase))) == ("not_written", "K-105")
    assert (card.external_tries, card.mac_tries) == (6, 6)


@pytest.mark.parametrize("byte", [44, 52, 100])
def test_a_pull_in_the_write_is_unknown_and_the_card_is_credited_once_after_the_re_write(real, kind, meter, byte):
    card, _opened = issue(SERIAL, CUSTOMER, meter, UTILITY)
    real.insert(card)
    card.faults.arm("pull", bytes=byte)
    assert result(real.write(*order(real, next_purchase))) == ("unknown", "C-202")
    assert not meter.insert(card).credited
    real.insert(card)
    assert result(real.write(*order(real, next_purchase, op="rewrite"))) == ("written", None)
    real.pull()
    assert meter.insert(card).credited
    assert meter.credits[1:] == [(2, AMOUNT)]


def test_a_purchase_is_written_and_credited_with_the_least_commands(real, kind, meter):
    card, _opened = issue(SERIAL, CUSTOMER, meter, UTILITY)
    real.insert(card)
    snapshot = real.snapshot()
    before = real.slot.apdus
    uses = real.module.uses if real.module else None
    receipt = real.write(*order(real, next_purchase, snapshot))
    assert result(receipt) == ("written", None)
    # Image in three files, three commands of the authentication, three files each under a challenge, the image again.
    assert real.slot.apdus - before == 3 + 3 + 3 * 2 + 3
    assert (
        receipt["after"]["memory"]
        == card.image().hex()
        == next_purchase(bytes.fromhex(snapshot["card"]["memory"])).hex()
    )
    asked = 1 + 3
    if real.module:
        assert (uses - real.module.uses, real.odoo.desk.asked) == (asked, [])
    else:
        assert len(real.odoo.desk.asked) == asked
    real.pull()
    assert meter.insert(card).credited
    assert meter.credits[1:] == [(2, AMOUNT)]


def test_a_blank_card_is_opened_with_new_keys_and_taken_by_its_meter(real, kind, meter):
    card = blank_card(kind, SERIAL)
    real.insert(card)
    wanted = image(kind.driver, AMOUNT, 1, None, CURRENT, card_type=1, flag=0x8F)
    receipt = real.write(*order(real, lambda _memory: wanted, op="open"))
    assert result(receipt) == ("written", None)
    assert (card.key_version, card.image()) == (CURRENT, wanted)
    real.pull()
    assert meter.insert(card).credited
    assert meter.credits == [(1, AMOUNT)]


def test_the_module_s_reader_is_no_customers_reader(real):
    names = [reader["name"] for reader in real.ask("status")["readers"]]
    assert ("Virtual PCD 00 01" in names) == (real.module is None)
