"""A note acceptor as a thing of the world: its slot, its escrow, its box. It outlives the service that drives it.

``drive`` is the driver of one life of the service: the interface of ``hw_proxy.notes.acceptor``, without a thread. What
is told is told in the call that moves a note, as a driver does that tells before it confirms to its device.
"""

from hw_proxy.notes.acceptor import Event, Kind, Position


class NoteMachine:
    """The device. ``box`` and ``out`` hold denominations in cents; ``held`` lies in escrow, ``way`` behind it."""

    def __init__(self):
        self.box = []
        self.out = []
        self.held = None
        self.way = None
        self.wanted = None
        self.untold = []
        self.takes = frozenset()
        self.commands = []
        self.driver = None
        self.stacks_by_itself = False

    def drive(self, name="machine"):
        """The driver of a new life of the service."""
        self.driver = Driver(self, name)
        return self.driver

    # -- people --------------------------------------------------------------------------------------------------

    def insert(self, denomination, late=False):
        """Push a note in.

        :param late: it is drawn in although the acceptor was told to close at that moment.
        """
        if self.held is not None or self.way is not None or (denomination not in self.takes and not late):
            self.out.append(denomination)
            self.tell(Event(Kind.REJECTED, denomination))
            return
        self.held = denomination
        self.tell(Event(Kind.ESCROW, denomination))

    def move(self):
        """Let the note go where it was told to go, and say so."""
        if self.wanted == "stack" or (self.wanted == "back" and self.stacks_by_itself):
            self.wanted, self.way, self.held = None, self.held, None
            self.arrive()
        elif self.wanted == "back":
            self.wanted, back, self.held = None, self.held, None
            self.out.append(back)
            self.say(Event(Kind.RETURNED, back))
        self.settle()

    def arrive(self):
        """The note behind the sensor falls into the box."""
        note, self.way = self.way, None
        self.box.append(note)
        self.say(Event(Kind.STACKED, note))

    def settle(self):
        """Say that nothing is on its way, when nothing is."""
        if self.held is None and self.way is None:
            self.tell(Event(Kind.READY if self.takes else Kind.CLOSED))

    def lose_power(self, where):
        """The power goes while a note is on its way, and comes back with another driver's life.

        :param where: ``fell``, the note is in the box and nobody was told; ``sensor``, it lies behind the sensor;
            ``escrow``, it still lies before it; ``pulled``, somebody pulled it out meanwhile.
        """
        note, wanted = self.held, self.wanted
        self.wanted, self.takes, self.untold = None, frozenset(), []
        if wanted != "stack" and where != "pulled":
            where = "escrow"
        if note is None or where == "escrow":
            return
        self.held = None
        if where == "fell":
            self.box.append(note)
        elif where == "sensor":
            self.way = note
        else:
            self.out.append(note)

    def power_up(self):
        """Say where a note lies, then bring it to its end."""
        if self.way is not None:
            self.box.append(self.way)
            self.way = None
            self.tell(Event(Kind.POWER_UP, position=Position.STACKER))
        elif self.held is not None:
            self.tell(Event(Kind.POWER_UP, position=Position.ESCROW))
            self.move()
        else:
            self.tell(Event(Kind.POWER_UP, position=Position.NONE))
        self.settle()

    def resume(self):
        """The device never lost its power; the service's new life hears what it has not confirmed."""
        untold, self.untold = self.untold, []
        for event in untold:
            self.say(event)
        if self.held is not None:
            self.tell(Event(Kind.ESCROW, self.held))
            self.move()
        self.settle()

    # -- telling -------------------------------------------------------------------------------------------------

    def say(self, event):
        """Tell what the device keeps until it is confirmed."""
        self.untold.append(event)
        if self.tell(event):
            self.untold.remove(event)

    def tell(self, event):
        """Tell, and say whether anybody heard it."""
        if self.driver is None or self.driver.hear is None:
            return False
        self.driver.hear(event)
        return True


class Driver:
    """One life's driver."""

    def __init__(self, machine, name):
        self.machine = machine
        self.name = name
        self.hear = None

    def start(self, tell):
        self.hear = tell

    def open(self, denominations):
        self.machine.commands.append("open")
        self.machine.takes = frozenset(denominations)

    def close(self):
        self.machine.commands.append("close")
        self.machine.takes = frozenset()

    def stack(self):
        self.machine.commands.append("stack")
        if self.machine.held is not None:
            self.machine.wanted = "stack"

    def give_back(self):
        self.machine.commands.append("back")
        if self.machine.held is not None:
            self.machine.wanted = "back"

    def stop(self):
        self.hear = None
