"""The reference of bench ``card``: the same APDUs by pyscard, on twins of card and module, in readers of their own."""

import time

from stack.processes import wait_until
from stack.terminal import READER

from simulators.cpu_card import CpuCard
from simulators.sam_family import SAM_DRIVER
from simulators.vpcd import VpcdSlot

# ISO/IEC 7816-3 without PPS, as these answers to reset ask for none: 372 clocks of 3.5712 MHz a bit, 12 bits a byte.
_PROCESSOR = 12 * 372 / 3_571_200
# Data sheets: at most 50 kHz, 8 clocks a byte (SLE4442, SLE4428); the I2C bus in its standard mode, 100 kHz, 9 clocks.
_SYNCHRONOUS = 8 / 50_000
_I2C = 9 / 100_000
_BYTE_SECONDS = {
    "sle4442_demo": _SYNCHRONOUS,
    "sle4428_demo": _SYNCHRONOUS,
    "at24_demo": _I2C,
    "gdw1365": _PROCESSOR,
    "csg2015": _PROCESSOR,
}
_CHALLENGE = "0084"


def line_time(driver, command, answer):
    """Spend the time that a command takes on the line between reader and card.

    To a processor card goes the whole command; a memory chip gets a short command of the reader's own and the data.
    """
    time.sleep(_BYTE_SECONDS[driver] * (len(command) + len(answer)))


class TwinCard(CpuCard):
    """A processor card that repeats the challenges of another, so that the same cryptograms are right."""

    challenges = ()

    def _get_challenge(self, apdu, challenge):
        super()._get_challenge(apdu, challenge)
        self._challenge = self.challenges.pop(0)
        return self._challenge + b"\x90\x00"


class Bare:
    """Two readers without hw_proxy.

    :param port: of the first
    :param module: saved security module for the second
    :param bench: the workbench that knows families and keys
    """

    def __init__(self, port, module, bench):
        self._slots = [VpcdSlot(port + number) for number in range(2)]
        for slot in self._slots:
            slot.on_apdu = self._line
        self._driver = next(iter(_BYTE_SECONDS))
        self._slots[1].insert(bench.family(SAM_DRIVER).restore(module, True))
        self._module = self._connect(1)

    def close(self):
        """Empty the readers."""
        self._module.release()
        self._slots[1].pull()

    def run(self, driver, kind, saved, sent, before, image):
        """Send the APDUs to a twin and return the seconds of those from ``before`` on.

        :param driver: of the card
        :param kind: the card's class
        :param saved: the card before the purchase
        :param sent: (slot, command, answer), beginning with the card's insertion
        :param image: the card after the purchase; the twin must have become the same
        """
        cpu = kind is CpuCard
        twin = (TwinCard if cpu else kind).from_dict(saved, write_times=True)
        if cpu:
            twin.challenges = [answer[:-2] for _slot, command, answer in sent if command.hex().startswith(_CHALLENGE)]
        self._driver = driver
        self._slots[0].insert(twin)
        connections = (self._connect(0), self._module)
        for slot, command, _answer in sent[:before]:
            connections[slot].transmit(list(command))
        begin = time.perf_counter()
        for slot, command, _answer in sent[before:]:
            connections[slot].transmit(list(command))
        seconds = time.perf_counter() - begin
        connections[0].release()
        self._slots[0].pull()
        if twin.image() != image:
            raise RuntimeError("the repeated purchase did not make the same card")
        return seconds

    def _line(self, command, answer):
        line_time(self._driver, command, answer)

    def _connect(self, number):
        from smartcard.System import readers

        wait_until(lambda: len(readers()) > number, 10, "the readers of the second card service")
        reader = next(each for each in readers() if str(each) == READER.format(number))
        connection = reader.createConnection()
        wait_until(lambda: _connected(connection), 10, "the twin in its reader")
        return connection


def _connected(connection):
    from smartcard.Exceptions import CardConnectionException, NoCardException

    try:
        connection.connect()
    except (NoCardException, CardConnectionException):
        return False
    return True
