"""Every memory card on the real PC/SC stack, in a virtual reader that imitates an ACS and then an OMNIKEY one."""

import pytest

from tests.hw_proxy.real import RealTerminal
from tests.hw_proxy.simulated import KINDS
from tests.hw_proxy.support import SERIAL

pytestmark = [pytest.mark.hardware, pytest.mark.usefixtures("empty_reader")]

CONFIGURATION = {"acs": "", "omnikey": '[[readers]]\nname = "Virtual PCD *"\ndialect = "omnikey"\n'}


@pytest.fixture(scope="module", params=CONFIGURATION)
def real(request, pcsc, tmp_path_factory):
    """A running, paired terminal whose reader imitates one family."""
    made = RealTerminal(tmp_path_factory.mktemp("terminal"), pcsc, extra=CONFIGURATION[request.param])
    made.slot.dialect = request.param
    made.pair()
    made.start()
    made.ready()
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def order(real, kind, **changes):
    card = {"serial": SERIAL, "issue": 1, "driver": kind.driver.id}
    return real.order(psc=kind.psc(SERIAL), card=card, **changes)


def test_a_card_pulled_in_the_write_is_repaired_and_credited_once(real, kind):
    chip, meter = kind.card(SERIAL)
    real.insert(chip)
    written = order(real, kind)
    chip.faults.arm("pull", bytes=25, inside=True)
    receipt = real.write(*written)
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-202")
    real.until(lambda: real.reader()["state"] == "empty")
    assert meter.insert(chip).credited == 0
    real.insert(chip)
    assert real.write(*order(real, kind, op="rewrite"))["outcome"] == "written"
    real.pull()
    meter.insert(chip)
    assert meter.credits == [(1, 10_000), (2, 5_000)]


def test_a_sale_is_written_read_back_and_credited_once(real, kind):
    chip, meter = kind.card(SERIAL)
    real.insert(chip)
    snapshot = real.snapshot()
    assert (snapshot["driver"], snapshot["atr"]) == (kind.driver.id, kind.chip.ATR.hex())
    assert snapshot["card"]["memory"] == chip.image()[:256].hex()
    assert snapshot["card"]["tries"] == kind.driver.chip.tries
    receipt = real.write(*order(real, kind, snapshot=snapshot))
    assert (receipt["outcome"], receipt["after"]["memory"]) == ("written", chip.image()[:256].hex())
    real.pull()
    assert meter.insert(chip).credited == 5_000
    assert meter.insert(chip).credited == 0


def test_a_reader_of_the_other_family_shows_an_error_and_not_a_card(real, kind):
    before = real.slot.dialect
    real.slot.dialect = next(name for name in CONFIGURATION if name != before)
    try:
        chip, _meter = kind.card(SERIAL)
        real.slot.insert(chip)
        real.until(lambda: real.reader()["state"] == "error")
        assert real.reader()["code"] == "C-206"
        assert chip.intact
    finally:
        real.slot.dialect = before
