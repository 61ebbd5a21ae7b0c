"""``hw-proxy doctor``: checks what a terminal needs, and says what to do."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

from smartcard import scard

from hw_proxy import __version__, audit, sam
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardBusy, CardError
from hw_proxy.clock import Clock
from hw_proxy.config import Config
from hw_proxy.devices.switches import Switches
from hw_proxy.devices.ups import Ups
from hw_proxy.errors import ConfigError, JournalError
from hw_proxy.journal import Journal
from hw_proxy.key_client import KeyRefused
from hw_proxy.keys import Identity
from hw_proxy.notes.book import NoteReader
from hw_proxy.notes.id003 import probe
from hw_proxy.odoo import OdooClient, OdooError
from hw_proxy.paper.picture import font_file
from hw_proxy.pos.printer import ReceiptPrinter
from hw_proxy.pos.scanner import AVAILABLE as SERIAL_AVAILABLE
from hw_proxy.pusher import Ack, Load, exchange
from hw_proxy.tokens import digest
from hw_proxy.vendor import check as vendor

OK, WARN, FAIL = "OK", "WARN", "FAIL"
PCSCD_SOCKET = Path(os.environ.get("PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm"))
LOW_USES = 1000
CLOCK_TOLERANCE_MS = 60_000


@dataclass(frozen=True)
class Finding:
    """One line of the answer: ``OK``, ``WARN`` or ``FAIL``, and what to do when it is not OK."""

    level: str
    subject: str
    text: str
    advice: str = ""


def examine(config: Config) -> list[Finding]:
    """Every check, in the order in which to repair. Changes nothing; asks Odoo once, with a heartbeat."""
    findings = [
        *_directory(config),
        *_disk(config),
        *_card_service(config),
        *_module(config),
        *_port(config),
        *_pos(config),
        *_notes(config),
        *_surroundings(config),
    ]
    try:
        identity = Identity.load(config)
    except ConfigError as error:
        return [*findings, Finding(FAIL, "pairing", str(error), "Run hw-proxy pair with a new code from Odoo.")]
    if identity is None:
        advice = "Make a pairing code on the terminal's form in Odoo, then run hw-proxy pair. (T-101)"
        return [*findings, Finding(FAIL, "pairing", "this terminal is not paired", advice)]
    pairing = identity.pairing
    findings.append(Finding(OK, "pairing", f"{pairing.name} ({pairing.terminal}), key of Odoo {pairing.kid}"))
    if pairing.url != config.odoo.url:
        advice = "Right when the server has moved; else set odoo.url back, or pair again."
        findings.append(Finding(WARN, "pairing", f"was made with {pairing.url}, not {config.odoo.url}", advice))
    journal, heartbeat, epoch = _journal(config, identity)
    return [*findings, *journal, *_libraries(config, identity), *_odoo(config, identity, heartbeat, epoch)]


def _libraries(config: Config, identity: Identity) -> list[Finding]:
    advice = "hw-proxy vendor check FILE says more; hw-proxy vendor release ID ends a quarantine."
    try:
        with Journal.open_read_only(config.journal_file(identity.pairing.terminal)) as journal:
            rows = list(vendor.descriptions(Path(config.vendor.folder), journal))
    except ConfigError as error:
        return [Finding(FAIL, "library", str(error), "The service does not start with it: repair or remove it.")]
    except JournalError:
        # The journal has a finding of its own.
        return []
    return [Finding(OK if works else FAIL, "library", text, "" if works else advice) for works, text in rows]


def _directory(config: Config) -> list[Finding]:
    directory = config.data_dir
    if not directory.is_dir():
        advice = "Start the service or run hw-proxy pair once as the user of the service."
        return [Finding(FAIL, "directory", f"{directory} does not exist", advice)]
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        advice = f"Run as the user of the service, or give it the directory: chown hw-proxy {directory}."
        return [Finding(FAIL, "directory", f"{directory} cannot be read and written", advice)]
    findings = []
    wanted = [(directory, 0o700), *((path, 0o600) for path in (config.keys_file, config.pairing_file) if path.exists())]
    for path, mode in wanted:
        found = stat.S_IMODE(path.stat().st_mode)
        if found & ~mode:
            advice = f"Run chmod {mode:o} {path}: others can read it."
            findings.append(Finding(FAIL, "rights", f"{path} has mode {found:04o}", advice))
    return findings or [Finding(OK, "rights", f"{directory} is private")]


def _disk(config: Config) -> list[Finding]:
    try:
        free = shutil.disk_usage(config.data_dir).free
    except OSError as error:
        return [Finding(FAIL, "disk", f"cannot be measured: {error.strerror}", "See directory.")]
    limit = config.limits.min_free_bytes
    text = f"{free // 1_000_000} MB free"
    if free < limit:
        advice = "Free some space: no card is written without room for the journal. (P-110)"
        return [Finding(FAIL, "disk", text, advice)]
    if free < 10 * limit:
        return [Finding(WARN, "disk", text, "Free some space soon.")]
    return [Finding(OK, "disk", text)]


def _card_service(config: Config) -> list[Finding]:
    if PCSCD_SOCKET.exists() and not os.access(PCSCD_SOCKET, os.R_OK | os.W_OK):
        advice = "Let the user of the service use it (polkit rule org.debian.pcsc-lite.access_pcsc)."
        return [Finding(FAIL, "card service", f"{PCSCD_SOCKET} may not be used by this user", advice)]
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if result != scard.SCARD_S_SUCCESS:
        advice = "Start it: systemctl enable --now pcscd.socket. Install the package pcscd when it is missing. (P-108)"
        return [Finding(FAIL, "card service", "pcscd does not answer", advice)]
    result, names = scard.SCardListReaders(context, [])
    scard.SCardReleaseContext(context)
    if result != scard.SCARD_S_SUCCESS or not names:
        advice = "Plug the reader in; look for it with lsusb, and for its driver in the package libccid. (P-107)"
        return [Finding(OK, "card service", "pcscd answers"), Finding(FAIL, "reader", "there is none", advice)]
    registry = CardRegistry(config.dialect_of)
    readers = (f"{name} (dialect {registry.dialect_of(name).id})" for name in names)
    return [Finding(OK, "card service", "pcscd answers"), Finding(OK, "reader", ", ".join(readers))]


def _module(config: Config) -> list[Finding]:
    pattern = config.sam.reader
    if not pattern:
        return []
    subject = "security module"
    try:
        # The module is held by whoever uses it, which is the service while that runs.
        connection = sam.connect(pattern)
    except CardBusy:
        return [Finding(OK, subject, "in use by the service")]
    except CardError as error:
        advice = "Put it into the reader that sam.reader names, or take the section [sam] out. (K-107)"
        return [Finding(FAIL, subject, str(error), advice)]
    module = sam.SecurityModule(lambda: connection)
    try:
        left = module.uses_left()
    except KeyRefused as error:
        return [Finding(FAIL, subject, str(error), "Replace the module. (K-107)")]
    finally:
        module.close()
    if left < LOW_USES:
        return [Finding(WARN if left else FAIL, subject, f"{left} uses left", "Order a new module in time. (K-107)")]
    return [Finding(OK, subject, f"{left} uses left")]


def _port(config: Config) -> list[Finding]:
    host, port = config.listen.host, config.listen.port
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(f"GET /v1/status HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
            # Status line and body may arrive in pieces.
            answer = b""
            while len(answer) < 4096 and (piece := connection.recv(4096)):
                answer += piece
    except OSError:
        try:
            with socket.create_server((host, port)):
                return [Finding(WARN, "service", "does not run", "Start it: systemctl start hw-proxy.")]
        except OSError as error:
            advice = "Set listen.host and listen.port to an address of this machine."
            return [Finding(FAIL, "service", f"{host}:{port} cannot be used: {error.strerror}", advice)]
    # Without an origin the service refuses with its own code, which nobody else does.
    if b"P-10" in answer:
        return [Finding(OK, "service", f"runs on {host}:{port}")]
    advice = "Stop the other program, or set listen.port here and the proxy's address in Odoo."
    return [Finding(FAIL, "service", f"another program answers on {host}:{port}", advice)]


def _pos(config: Config) -> list[Finding]:
    if not (config.pos.enabled or config.kiosk.enabled):
        return []
    findings = []
    if config.pos.enabled and not config.listen.origins and Identity.load(config) is None:
        advice = "Name the point of sale in listen.origins, such as https://pos.example.com, or pair. (P-101)"
        findings.append(Finding(WARN, "point of sale", "no page may use it", advice))
    if config.printer.kind:
        findings.append(_printer(config))
        if config.kiosk.enabled and config.printer.text == "image":
            findings.append(_font(config))
    if config.scanner.device:
        findings.append(_scanner(config))
    what = "point of sale" if config.pos.enabled else "kiosk"
    return findings or [Finding(OK, what, "served, without printer and scanner")]


def _font(config: Config) -> Finding:
    try:
        return Finding(OK, "receipts", f"printed with {font_file(config.printer.font)}")
    except ConfigError as error:
        return Finding(FAIL, "receipts", str(error), 'Or set printer.text = "gb18030". (A-402)')


def _printer(config: Config) -> Finding:
    device = config.printer.device
    if device and Path(device).exists() and not os.access(device, os.W_OK):
        advice = f"Put the service's user into the group of {device}, and see hw-proxy-devices.conf. (P-116)"
        return Finding(FAIL, "printer", f"{device} may not be used by this user", advice)
    printer = ReceiptPrinter(config.printer)
    try:
        state = printer.ask()
    finally:
        printer.close()
    if not state.ready:
        advice = "Check cable, paper and cover, and the section [printer]. (P-116)"
        return Finding(FAIL, "printer", state.message, advice)
    if state.paper == "low":
        return Finding(WARN, "printer", "ready, its paper is near its end", "Put a new roll in.")
    return Finding(OK, "printer", "ready, has paper" if state.told else "takes receipts, does not tell its paper")


def _scanner(config: Config) -> Finding:
    return _serial("scanner", config.scanner.device)


def _serial(subject: str, device: str) -> Finding:
    if not SERIAL_AVAILABLE:
        advice = "Install it: pip install prepaid-hw-proxy[serial]."
        return Finding(FAIL, subject, "the package pyserial is missing", advice)
    if not Path(device).exists():
        return Finding(WARN, subject, f"{device} is not there", "Plug it in; it is found by itself.")
    if not os.access(device, os.R_OK | os.W_OK):
        advice = f"Put the service's user into the group of {device}, and see hw-proxy-devices.conf."
        return Finding(FAIL, subject, f"{device} may not be used by this user", advice)
    return Finding(OK, subject, device)


def _notes(config: Config) -> list[Finding]:
    if not config.notes.device:
        return []
    subject = "note acceptor"
    found = _serial(subject, config.notes.device)
    if found.level != OK:
        return [found]
    try:
        said = probe(config.notes.device)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return [Finding(OK, subject, f"{found.text}, in use by the service")]
        return [Finding(FAIL, subject, f"{found.text}: {error}", "Check the adapter and its driver.")]
    if said is None:
        advice = "Check its power, its cable, and that its switches say ID-003 at 9600 bits per second. (A-101)"
        return [Finding(FAIL, subject, f"{found.text} does not answer", advice)]
    return [Finding(OK, subject, f"{found.text} answers: {said}")]


def _surroundings(config: Config) -> list[Finding]:
    findings = []
    never = threading.Event()
    switches = Switches(config.switches, lambda status: None, never)
    for switch in switches.all:
        state = switch.read()
        advice = f"Check {switch.rule.device} and its line {switch.rule.line}." if state == "unknown" else ""
        findings.append(Finding(WARN if advice else OK, switch.rule.name, state, advice))
    switches.close()
    if config.ups.name:
        ups = Ups(config.ups, lambda status: None, never)
        ups.look()
        advice = "" if ups.state != "unknown" else f"Start upsd, and compare ups.name with upsc -l {config.ups.host}."
        findings.append(Finding(WARN if ups.state != "line" else OK, "power supply", ups.state, advice))
    return findings


def _journal(config: Config, identity: Identity) -> tuple[list[Finding], dict[str, object], int]:
    epoch = identity.pairing.epoch
    path = config.journal_file(identity.pairing.terminal)
    heartbeat: dict[str, object] = {"seq": 0, "head": digest(identity.pairing.terminal), "unresolved": 0}
    if not path.exists():
        advice = "It is made at the first start of the service."
        return [Finding(WARN, "journal", "there is none yet", advice)], heartbeat, epoch
    try:
        with Journal.open_read_only(path) as journal:
            problems = audit.problems(journal)
            if problems:
                advice = "Stop selling here, keep the file, pair as a new terminal. The cards' next readings decide."
                return [Finding(FAIL, "journal", problem, advice) for problem in problems], heartbeat, epoch
            counts = journal.counts()
            cash = _cash(NoteReader(journal))
            seq, head = journal.head()
            epoch = max(epoch, int(journal.get("epoch") or 0))
    except (JournalError, OSError) as error:
        return [Finding(FAIL, "journal", str(error), "Repair the disk, or its rights. (P-110)")], heartbeat, epoch
    heartbeat = {"seq": seq, "head": head, "unresolved": counts.unresolved}
    text = f"whole, {counts.seq} receipts, {counts.unacknowledged} not in Odoo yet, {counts.unresolved} unresolved"
    if counts.unresolved >= config.limits.max_unresolved:
        advice = "Bring the network up, so that Odoo learns of them. (T-105)"
        return [Finding(FAIL, "journal", text, advice), *cash], heartbeat, epoch
    level, advice = (WARN, "They go to Odoo by themselves when it answers.") if counts.unacknowledged else (OK, "")
    return [Finding(level, "journal", text, advice), *cash], heartbeat, epoch


def _cash(book: NoteReader) -> list[Finding]:
    recent, undecided, waiting = book.recent(1), book.undecided(), book.unacknowledged()
    if not recent and not undecided:
        return []
    faults = [fault for fault in map(book.fault, book.sessions()) if fault]
    if faults:
        advice = "No notes are taken in that cash session: begin a new one, tell the administrator. (A-205)"
        return [Finding(FAIL, "cash", fault, advice) for fault in faults]
    text = f"{waiting} statements about notes not in Odoo yet, {len(undecided)} notes whose end is not certain"
    if undecided:
        return [Finding(WARN, "cash", text, "The acceptor tells at its next start where its note lies.")]
    return [Finding(WARN if waiting else OK, "cash", text, "They go to Odoo by themselves." if waiting else "")]


def _odoo(config: Config, identity: Identity, heartbeat: dict[str, object], epoch: int) -> list[Finding]:
    clock = Clock()
    claims = {
        **heartbeat,
        "epoch": epoch,
        "clk": clock.kind(),
        "wall": clock.wall_ms(),
        "version": __version__,
        "readers": [],
    }
    try:
        client = OdooClient(config.odoo)
        try:
            ack = exchange(client, identity, clock, claims, Load([], [], []), epoch)
        finally:
            client.close()
    except ConfigError as error:
        return [Finding(FAIL, "Odoo", str(error), "Correct the configuration file.")]
    except OdooError as error:
        advice = "Check network, address and certificate; when Odoo refuses, look at the terminal's form there."
        missing = "no signed time without Odoo, so no card is written (P-109)"
        return [Finding(FAIL, "Odoo", str(error), advice), Finding(WARN, "time", missing, "See Odoo.")]
    return [_state(ack), *_time(clock, ack)]


def _state(ack: Ack) -> Finding:
    if ack.state == "active":
        return Finding(OK, "Odoo", f"answers in {int((ack.received - ack.sent) * 1000)} ms, terminal active, key right")
    code = "T-102" if ack.state == "quarantined" else "T-103"
    return Finding(FAIL, "Odoo", f"the terminal is {ack.state}", f"Ask the administrator in Odoo why. ({code})")


def _time(clock: Clock, ack: Ack) -> list[Finding]:
    if not clock.trust(ack.now, ack.sent, ack.received):
        return [Finding(FAIL, "time", "Odoo answers too slowly to tell the time", "Improve the network. (P-109)")]
    difference = clock.wall_ms() - clock.now_ms()
    text = f"signed by Odoo; this machine's clock differs by {difference / 1000:+.1f} s"
    if abs(difference) > CLOCK_TOLERANCE_MS:
        advice = "Sales use the signed time, but set the clock: timedatectl set-ntp true. (T-104)"
        return [Finding(WARN, "time", text, advice)]
    return [Finding(OK, "time", text)]
