"""A code before a scanner at a serial line: from the line through the terminal to the customer's screen."""

import os

import pytest

from tests.hw_proxy.pos_devices import pty_pair
from tests.kiosk.test_identity import printed, without_card
from tests.kiosk.test_purchase import TAKES

__all__ = ["without_card"]


@pytest.fixture
def serial_scanner(world):
    """The kiosk's terminal has a scanner at a serial line; ``serial_scanner(text)`` holds a code before it."""
    line, device = pty_pair()
    before = world.terminal.extra
    world.terminal.use(f'{before}[pos]\nenabled = true\n[scanner]\ndevice = "{device}"\n')
    yield lambda text: os.write(line, f"{text}\r".encode())
    world.terminal.use(before)
    os.close(line)


def tampered(code):
    """A code with another signature."""
    return f"{code[:-10]}{'A' if code[-10] != 'A' else 'B'}{code[-9:]}"


def test_a_customer_code_before_a_serial_scanner_opens_the_file(kiosk, world, without_card, serial_scanner):
    world.clerk.call("electricity.account", "action_issue_customer_code", [without_card.account_id])
    issued = [("electricity_account_id", "=", without_card.account_id)]
    (code,) = world.admin.call("electricity.customer.code", "search_read", issued, ["uuid"])
    page = kiosk().choose().want("file").sees("identify").reads("customer code")
    genuine = printed(world, code["uuid"])
    serial_scanner(without_card.customer_no)
    page.reads("The last four digits of your phone number", seconds=TAKES)
    serial_scanner(tampered(genuine))
    page.reads("K-151", seconds=TAKES)
    serial_scanner(genuine)
    page.sees("file", seconds=TAKES).reads("C****", without_card.customer_no[-4:])
    page.press("Finish").sees("attract")
