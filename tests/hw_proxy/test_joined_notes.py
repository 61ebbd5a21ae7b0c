"""Driver, device and cash desk together: whatever goes wrong, what is stated is what lies in the box."""

import contextlib
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hw_proxy.errors import Refusal
from hw_proxy.journal import Journal
from hw_proxy.notes.book import NoteBook
from hw_proxy.notes.collector import DOUBT, Collector
from hw_proxy.notes.id003 import TRIES
from hw_proxy.notes.id003_control import Control
from hw_proxy.notes.id003_frames import Command, Message
from hw_proxy.receipts import claims_of
from simulators.notes.acceptor import NoteAcceptor
from tests.hw_proxy.test_collector import CLOCK, IDENTITY, RECHARGE, order_for

POLL = 0.15
POINTS = ("accepting", "escrow", "stacking", "sensor", "acked", "rejecting", "returning")
FAULTS = st.sampled_from(
    [
        ("lost", {}),
        ("unheard", {}),
        ("unheard_ack", {}),
        ("lost", {"times": 3}),
        ("jam_acceptor", {"at": "accepting"}),
        ("jam_acceptor", {"at": "stacking"}),
        ("jam_stacker", {"at": "before"}),
        ("jam_stacker", {"at": "after"}),
        ("pause", {"at": "stacking"}),
        ("cheated", {}),
        ("silent", {}),
        *(("power_loss", {"at": at, "forgets": forgets}) for at in POINTS for forgets in (False, True)),
        ("power_loss", {"at": "stacking", "slips": True}),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.sampled_from([1000, 2000, 5000, 10000])),
        st.tuples(st.just("fault"), FAULTS),
        st.tuples(st.just("poll"), st.integers(1, 25)),
        st.sampled_from(["mend", "restart", "open", "confirm"]).map(lambda name: (name, None)),
    ),
    max_size=25,
)


class _Driver:
    """The control of the ID-003 driver at a simulated device, without line and thread."""

    def __init__(self, acceptor):
        self.acceptor, self.control, self.silent = acceptor, Control(), 0
        self.tell = None

    def open(self, denominations):
        self.control.open(denominations)

    def close(self):
        self.control.close()

    def stack(self):
        self.control.way.stack()

    def give_back(self):
        self.control.way.give_back()

    def ask(self, message):
        answer = self.acceptor.answer(message.code, message.data)
        faults = self.acceptor.faults
        return None if answer is None or faults.count("lost") or faults.count("garbled") else Message(*answer)

    def poll(self):
        answer = self.ask(Message(Command.STATUS_REQUEST))
        self.silent = 0 if answer is not None else self.silent + 1
        if answer is not None:
            events = self.control.see(answer)
        else:
            events = self.control.cut("silent") if self.silent == TRIES else []
        for event in events:
            self.tell(event)
        if answer is None:
            return
        for _command in range(8):
            wanted = self.control.next()
            if wanted is None or not self.control.answered(wanted, self.ask(wanted)):
                return


class _Desk:
    """One kiosk's cash desk; a restart leaves it nothing but its journal."""

    def __init__(self, folder):
        self.path, self.acceptor, self.now = folder / "journal.sqlite", NoteAcceptor(), 1000.0
        self.begin()

    def begin(self):
        self.journal = Journal(self.path, IDENTITY.pairing.terminal)
        self.book = NoteBook(IDENTITY, self.journal, CLOCK)
        self.driver = _Driver(self.acceptor)
        self.collector = Collector(self.book, self.driver, self.now)
        self.driver.tell = lambda event: self.collector.handle(event, self.now)

    def restart(self, _none=None):
        self.journal.close()
        self.begin()

    def poll(self, times=1):
        for _time in range(times):
            self.driver.poll()
            self.now += POLL
            self.collector.tick(self.now)

    def open(self, _none=None):
        with contextlib.suppress(Refusal):
            self.collector.open(order_for(most=10_000_000), self.now)

    def confirm(self, _none=None):
        with contextlib.suppress(Refusal):
            self.collector.confirm(RECHARGE, self.now)

    def insert(self, denomination):
        self.acceptor.insert(denomination)

    def fault(self, chosen):
        name, values = chosen
        self.acceptor.faults.arm(name, **values)

    def mend(self, _none=None):
        self.acceptor.faults.clear()
        self.acceptor.power_on()
        self.acceptor.mend()

    def stated(self):
        """What the tenders say: counted, and uncertain."""
        counted, doubt = Counter(), Counter()
        for tender in self.book.recent(10_000):
            claims = claims_of(tender.token)
            for note in claims["notes"]:
                counted[note["denomination"]] += note["count"]
            doubt.update(note["denomination"] for note in claims.get("uncertain", []))
        return counted, doubt


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_what_is_stated_is_what_lies_in_the_box(steps):
    with tempfile.TemporaryDirectory() as folder:
        desk = _Desk(Path(folder))
        desk.open()
        desk.poll(8)
        for name, value in steps:
            getattr(desk, name)(value)
        for _time in range(2):
            desk.mend()
            desk.poll(250)
        desk.confirm()
        desk.poll(40)
        desk.now += DOUBT + 100
        desk.poll(10)
        counted, doubt = desk.stated()
        box = Counter({denomination: count for denomination, count in desk.acceptor.box.items() if count})
        desk.journal.close()
        assert not counted - box, "counted, but not there"
        assert not box - counted - doubt, "in the box, and not told"
