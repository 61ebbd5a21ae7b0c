"""The running service: one process per data directory."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from pathlib import Path

import uvicorn
from fastapi import APIRouter

from hw_proxy import __version__, crashpoints, logs
from hw_proxy.api.app import build
from hw_proxy.cards.registry import DIALECTS, CardRegistry
from hw_proxy.config import Config
from hw_proxy.devices.pcsc import PcscInterface
from hw_proxy.devices.switches import Switches
from hw_proxy.devices.ups import Ups
from hw_proxy.errors import ConfigError
from hw_proxy.files import make_private_dir
from hw_proxy.keys import Identity
from hw_proxy.kiosk.routes import build as kiosk_routes
from hw_proxy.monitor import Monitor
from hw_proxy.notes.acceptor import Acceptor
from hw_proxy.notes.make import make as make_acceptor
from hw_proxy.notify import keep_alive
from hw_proxy.pos.face import PosFace
from hw_proxy.pos.routes import build as pos_routes
from hw_proxy.pusher import Pusher, make_client
from hw_proxy.supervisor import Supervised
from hw_proxy.terminal import Terminal
from hw_proxy.vendor.cards import VendorCards
from hw_proxy.vendor.description import load_folder

logger = logging.getLogger(__name__)

PAIRING_POLL = 1.0
# Seconds without a look of the monitor, which looks four times a second, after which the service counts as hung.
SILENCE = 20.0


class Service:
    """Starts the terminal as soon as it is paired, and the HTTP interface at once.

    :param acceptor: a note acceptor, not started yet, in the place of the configuration's.
    :raises ConfigError: the description of a maker's library is wrong.
    """

    def __init__(self, config: Config, acceptor: Acceptor | None = None) -> None:
        self.config = config
        self._acceptor = acceptor or make_acceptor(config.notes)
        self.terminal: Terminal | None = None
        self.pos: PosFace | None = PosFace(config) if config.pos.enabled or config.kiosk.enabled else None
        self._libraries = load_folder(Path(config.vendor.folder))
        self._vendor: VendorCards | None = None
        self.monitor: Monitor | None = None
        self._stopping = threading.Event()

    def is_alive(self) -> bool:
        """Whether what looks after everything else still does."""
        return self.monitor is None or self.monitor.silent_for < SILENCE

    def start(self) -> None:
        """Start the terminal, or wait for the pairing on a thread.

        :raises ConfigError: a stored file is damaged.
        :raises JournalError: the journal cannot be opened.
        """
        Supervised("signs of life", lambda: keep_alive(self.is_alive, self._stopping), self._stopping).start()
        if not self._start_terminal():
            logger.warning("This terminal is not paired yet: run hw-proxy pair.")
            Supervised("pairing", self._wait_for_pairing, self._stopping).start()

    def _wait_for_pairing(self) -> None:
        while self.terminal is None and not self._stopping.wait(PAIRING_POLL):
            self._start_terminal()
        self._stopping.wait()

    def _start_terminal(self) -> bool:
        identity = Identity.load(self.config)
        if identity is None:
            return False
        terminal = Terminal(self.config, identity)
        self._vendor = VendorCards.make(self._libraries, self.config, identity, terminal.journal)
        registry = CardRegistry(self.config.dialect_of, self._vendor)
        interface = PcscInterface(registry, terminal.reader_changed, self.config.is_ours)
        terminal.interfaces.append(interface)
        Supervised("pcsc", interface.watch, terminal.stopping).start()
        self.monitor = Monitor(terminal)
        Supervised("monitor", self.monitor.run, terminal.stopping).start()
        pusher = Pusher(terminal, make_client(terminal))
        Supervised("pusher", pusher.run, terminal.stopping).start()
        self._start_acceptor(terminal)
        self._start_devices(terminal)
        self.terminal = terminal
        logger.info("terminal %s (%s)", identity.pairing.name, identity.pairing.terminal)
        return True

    def _start_acceptor(self, terminal: Terminal) -> None:
        if self._acceptor is not None:
            terminal.devices.append(self._acceptor)
            terminal.cash.start(self._acceptor)

    def _start_devices(self, terminal: Terminal) -> None:
        switches = Switches(self.config.switches, terminal.device_changed, terminal.stopping)
        if switches.all:
            terminal.devices += switches.all
            Supervised("switches", switches.run, terminal.stopping).start()
        if self.config.ups.name:
            ups = Ups(self.config.ups, terminal.device_changed, terminal.stopping)
            terminal.devices.append(ups)
            Supervised("power supply", ups.run, terminal.stopping).start()
        if self.pos is not None:
            terminal.devices += self.pos.devices()
            terminal.prints.printer = self.pos.printer
            self.pos.on_print = terminal.prints.count
            self.pos.scans.heard = lambda code: terminal.events.publish("scan", {"code": code})

    def stop(self) -> None:
        """End everything after the work that has begun."""
        self._stopping.set()
        if self.pos is not None:
            self.pos.close()
        if self.terminal is not None:
            self.terminal.close()
        elif self._acceptor is not None:
            self._acceptor.stop()
        if self._vendor is not None:
            self._vendor.stop()


class _Server(uvicorn.Server):
    """Ends the event streams before uvicorn waits for them, and lets a write that has begun end."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: object) -> None:
        """A signal to end.

        uvicorn's own handler raises the signal again after the server has stopped, which would kill a write half-way.
        """
        if self._service.terminal is not None:
            self._service.terminal.stopping.set()
        if self._service.pos is not None:
            self._service.pos.stopping.set()
        self.force_exit = self.should_exit
        self.should_exit = True


def run(config: Config, acceptor: Acceptor | None = None) -> None:
    """Serve until a signal ends the process.

    :param acceptor: a note acceptor, not started yet, in the place of the configuration's.
    :raises ConfigError: the directory cannot be used, another service runs on it, or a stored file is damaged.
    :raises JournalError: the journal cannot be opened.
    """
    try:
        make_private_dir(config.data_dir)
        lock = _lock(config.data_dir / "lock")
        logs.set_up(config.log_level, config.log_file)
        crashpoints.arm(config.testing)
    except OSError as error:
        raise ConfigError(f"The directory {config.data_dir} cannot be used: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"{error}.") from error
    for rule in config.readers:
        if rule.dialect not in DIALECTS:
            raise ConfigError(f"readers: there is no dialect {rule.dialect!r}; there are: {', '.join(DIALECTS)}.")
    service = Service(config, acceptor)
    try:
        logger.info("hw-proxy %s on %s:%d", __version__, config.listen.host, config.listen.port)
        service.start()
        server = _Server(
            uvicorn.Config(
                build(config, lambda: service.terminal, *_more_routes(config, service)),
                host=config.listen.host,
                port=config.listen.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            ),
            service,
        )
        server.run()
    finally:
        service.stop()
        os.close(lock)


def _more_routes(config: Config, service: Service) -> list[APIRouter]:
    """What this installation serves beside ``/v1``."""
    routers = [pos_routes(service.pos)] if service.pos and config.pos.enabled else []
    if config.kiosk.enabled:
        routers.append(kiosk_routes(config, lambda: service.terminal))
    return routers


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise ConfigError(f"Another hw-proxy runs on {path.parent}. Stop it first.") from error
    return descriptor
