"""The service killed at every step of a write, on the real PC/SC stack: one receipt that tells the truth."""

import contextlib
import time

import httpx
import pytest

from hw_proxy import audit
from hw_proxy.crashpoints import POINTS
from hw_proxy.journal import Journal
from hw_proxy.receipts import claims_of
from tests.hw_proxy.real import RealTerminal

pytestmark = pytest.mark.hardware


@pytest.fixture
def terminal(pcsc, tmp_path):
    """A paired terminal that runs."""
    made = RealTerminal(tmp_path, pcsc)
    made.pair()
    yield made
    made.close()


def until_dead(terminal):
    """Wait until the service has ended."""
    end = time.monotonic() + 10
    while terminal.process.is_running():
        assert time.monotonic() < end, "the service does not end"
        time.sleep(0.02)


def send_to_a_dying_service(terminal, order, sealed):
    """Send an order to a service that kills itself at it, perhaps before it answers.

    :return: the job, which is known from the order
    """
    with contextlib.suppress(httpx.TransportError):
        terminal.ask("write", {"order": order, "sealed": sealed})
    until_dead(terminal)
    return claims_of(order)["jti"]


def audited(terminal):
    """The journal's problems and open intents."""
    path = next((terminal.folder / "data").glob("journal-*.sqlite"))
    with Journal.open_read_only(path) as journal:
        return audit.problems(journal), journal.open_intents()


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_every_step_leaves_one_receipt_that_tells_the_truth(terminal, point):
    terminal.start(crash_at=point)
    terminal.ready()
    chip = terminal.insert()
    before = chip.image()
    order, sealed = terminal.order()
    job = send_to_a_dying_service(terminal, order, sealed)
    terminal.start()
    terminal.ready()
    if point == "before_intent":
        assert terminal.call(f"jobs/{job}").json()["code"] == "P-112"
        assert chip.image() == before
        assert terminal.odoo.acknowledged() == 0
    else:
        receipt = terminal.wait(job)
        expected = "written" if point in ("after_outcome", "after_push") else "unknown"
        assert (receipt["outcome"], receipt["seq"]) == (expected, 1)
        terminal.until(lambda: terminal.ask("status")["journal"]["unacknowledged"] == 0)
        assert terminal.odoo.acknowledged() == 1
    assert audited(terminal) == ([], [])


def test_a_kill_between_intent_and_outcome_is_answered_once_only(terminal):
    terminal.start(crash_at="after_code")
    terminal.ready()
    terminal.insert()
    order, sealed = terminal.order()
    job = send_to_a_dying_service(terminal, order, sealed)
    terminal.start()
    first = terminal.wait(job)
    terminal.process.kill()
    terminal.start()
    assert terminal.wait(job) == first
    assert terminal.ask("status")["journal"]["seq"] == 1
    assert terminal.write(order, sealed) == first


def test_the_signed_time_survives_a_restart_without_odoo(terminal):
    terminal.start()
    terminal.ready()
    terminal.odoo.broken = (503, {"code": "", "message": "down"})
    terminal.process.kill()
    terminal.start()
    assert terminal.ask("status")["clock"]["kind"] == "signed"


def test_a_crash_point_without_testing_is_refused(terminal):
    terminal.config.write_text(terminal.config.read_text().replace("testing = true", "testing = false"))
    done = terminal.command("run", env={"PATH": "/usr/bin:/bin", "HW_PROXY_CRASH_AT": "after_intent"})
    assert done.returncode == 1
    assert "testing = true" in done.stderr


def test_a_signal_lets_a_write_that_has_begun_end(terminal):
    terminal.start()
    terminal.ready()
    chip = terminal.insert()
    chip.write_times = True
    order, sealed = terminal.order()
    job = terminal.ask("write", {"order": order, "sealed": sealed})["job"]
    terminal.until(lambda: terminal.ask(f"jobs/{job}")["step"] != "check")
    terminal.process.child.terminate()
    until_dead(terminal)
    assert terminal.process.child.returncode == 0
    terminal.start()
    assert terminal.wait(job)["outcome"] == "written"


def test_a_signal_ends_the_service_at_once_although_a_page_listens(terminal):
    terminal.start()
    terminal.ready()
    with terminal.listen() as lines:
        assert next(lines) == "event: status"
        started = time.monotonic()
        terminal.process.child.terminate()
        until_dead(terminal)
    assert time.monotonic() - started < 5
