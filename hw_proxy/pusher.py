"""The sure courier: receipts and heartbeats to Odoo, acknowledgements back (docs/protocol, section 2)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hw_proxy import __version__, crashpoints, handover, tokens
from hw_proxy.clock import Clock
from hw_proxy.errors import ConfigError, JournalError, TokenError
from hw_proxy.keys import Identity, Pairing
from hw_proxy.odoo import OdooClient, OdooError
from hw_proxy.state import STATES
from hw_proxy.terminal import Terminal
from hw_proxy.trail import Report

logger = logging.getLogger(__name__)

BATCH = 50
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
PAGE_FIRST = 0.2
"""Seconds that a new receipt is left to the page, the fast courier: both at once would wait for the same rows."""
_PRUNE_EVERY = 3_600_000
_CLOCK_STEP = 500
_BUSY = "S-101"
# As many as Odoo takes in a heartbeat.
_MOST_READERS = 16


@dataclass(frozen=True)
class Ack:
    """A genuine acknowledgement of our heartbeat.

    ``now`` in ms; ``head``: hash of the receipt numbered ``ack``; ``refused``: position of a receipt as sent → code;
    ``tenders``: cash session → its last statement that Odoo has without a hole, by sequence and ``jti``;
    ``takes_trail``: whether Odoo takes a trail, and ``trail``: the ``jti`` of the report that it has taken; ``prints``:
    print orders beside it, each signed by itself, not looked at yet.
    """

    now: int
    ack: int
    head: str
    epoch: int
    state: str
    origins: list[str]
    sent: float
    received: float
    refused: dict[int, str]
    pairing: Pairing
    tenders: dict[str, tuple[int, str | None]]
    takes_trail: bool = False
    trail: object = None
    prints: object = None


@dataclass(frozen=True)
class Load:
    """What one call carries beside the heartbeat: receipts, statements about notes, the cash sessions to answer, and a
    report of the trail."""

    receipts: list[str]
    tenders: list[str]
    sessions: list[str]
    trail: Report | None = None


def exchange(
    client: OdooClient, identity: Identity, clock: Clock, heartbeat: dict[str, object], load: Load, epoch: int
) -> Ack:
    """Send one heartbeat and check its acknowledgement.

    :param heartbeat: claims beside ``iss``, ``aud``, ``iat`` and ``nonce``.
    :param epoch: highest epoch seen; an acknowledgement with a lower one is refused.
    :raises OdooError: unreachable, refused, or the acknowledgement is not genuine.
    """
    pairing = identity.pairing
    nonce = secrets.token_urlsafe(24)
    claims = {
        "iss": pairing.terminal,
        "aud": pairing.iss,
        "iat": clock.now_ms() // 1000,
        "nonce": nonce,
        **heartbeat,
    }
    signed = tokens.sign(identity.keys.signing, "heartbeat+jwt", claims)
    body = {"heartbeat": signed, "receipts": load.receipts, "kids": pairing.kids}
    # Named also when it is empty: only who takes a trail answers to it.
    body["trail"] = load.trail.token if load.trail else None
    if load.sessions:
        body.update(tenders=load.tenders, sessions=load.sessions)
    sent = clock.ticks()
    answer = client.post("/electricity/terminal/sync", body)
    received = clock.ticks()
    try:
        pairing = handover.learn(pairing, answer.get("handover"))
        ack = tokens.verify(answer.get("ack"), "ack+jwt", pairing.issuer, pairing.terminal)
        tokens.require(
            ack,
            nonce=lambda value: value == nonce,
            now=tokens.is_uint(1 << 50),
            ack=tokens.is_uint(1 << 50),
            head=tokens.is_text(),
            epoch=lambda value: type(value) is int and value >= epoch,
            state=lambda value: value in STATES,
            origins=lambda value: isinstance(value, list),
        )
        tenders = tenders_of(ack)
    except TokenError as error:
        raise OdooError(f"its acknowledgement is not genuine: {error}") from error
    _log_refused("statement about notes", answer.get("tenders"), len(load.tenders))
    refused = {}
    results = answer.get("results")
    for position, result in enumerate(results[: len(load.receipts)] if isinstance(results, list) else []):
        if isinstance(result, dict) and result.get("code"):
            refused[position] = str(result["code"])
    said = (ack["now"], ack["ack"], ack["head"], ack["epoch"], ack["state"], list(ack["origins"]))
    kept = handover.settle(pairing, tokens.kid_of(answer["ack"]), ack["now"])
    trail = ("trail" in ack, ack.get("trail"))
    return Ack(*said, sent, received, refused, kept, tenders, *trail, answer.get("prints"))


def tenders_of(ack: dict[str, object]) -> dict[str, tuple[int, str | None]]:
    """What an acknowledgement says of cash sessions: each with the sequence and the ``jti`` of its last statement that
    is stored without a hole. Nothing is said where nothing was asked.

    :raises TokenError: malformed.
    """
    rows = ack.get("tenders", [])
    if not isinstance(rows, list):
        raise TokenError("form", "claim tenders")
    said = {}
    for row in rows:
        if not isinstance(row, dict):
            raise TokenError("form", "claim tenders")
        tokens.require(
            row,
            session=tokens.is_text(64),
            seq=tokens.is_uint(1 << 50),
            jti=lambda value: value is None or tokens.is_uuid(value),
        )
        said[row["session"]] = (row["seq"], row["jti"])
    return said


def _log_refused(what: str, results: object, sent: int) -> None:
    for result in results[:sent] if isinstance(results, list) else []:
        if isinstance(result, dict) and result.get("code"):
            level = logging.INFO if result["code"] == _BUSY else logging.WARNING
            logger.log(level, "Odoo answers %s to the %s %s", result["code"], what, result.get("jti"))


class Pusher:
    """Synchronises with Odoo: at the start, when wanted, every 20 s otherwise; backs off while it fails."""

    def __init__(self, terminal: Terminal, client: OdooClient) -> None:
        self._terminal = terminal
        self._client = client
        self._pause = FIRST_PAUSE
        self._last_prune = 0

    def run(self) -> None:
        """Work until the terminal stops."""
        terminal = self._terminal
        while not terminal.stopping.is_set():
            terminal.push_wanted.clear()
            if self.sync():
                self._pause = FIRST_PAUSE
                if terminal.push_wanted.wait(terminal.config.odoo.interval):
                    terminal.stopping.wait(PAGE_FIRST)
            else:
                terminal.stopping.wait(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def sync(self) -> bool:
        """Synchronise once, as long as there is progress.

        :return: whether Odoo answered.
        """
        terminal = self._terminal
        before = (terminal.odoo.reachable, terminal.clock.kind(), terminal.odoo.state)
        try:
            while self._once():
                pass
            reachable = True
        except OdooError as error:
            if terminal.odoo.reachable or terminal.odoo.last_sync is None:
                logger.warning("Odoo: %s", error)
            reachable = False
        except JournalError as error:
            logger.error("synchronising with Odoo: %s", error)
            reachable = False
        terminal.odoo.reachable = reachable
        if before != (reachable, terminal.clock.kind(), terminal.odoo.state):
            terminal.events.publish("status", terminal.status())
        return reachable

    def _once(self) -> bool:
        terminal = self._terminal
        journal = terminal.journal
        acknowledged = journal.acknowledged()
        waiting = journal.waiting(limit=BATCH)
        statements = terminal.cash.book.waiting(BATCH)
        load = Load(
            [stored.token for stored in waiting],
            [tender.token for tender in statements],
            terminal.cash.book.sessions(),
            self._report() if terminal.odoo.takes_trail else None,
        )
        ack = exchange(
            self._client,
            terminal.identity,
            terminal.clock,
            heartbeat_of(terminal),
            load,
            terminal.odoo.epoch,
        )
        if waiting:
            crashpoints.reach("after_push")
        if statements:
            crashpoints.reach("tender_after_push")
        self._take(ack)
        terminal.errands.take(ack.prints)
        for position, code in ack.refused.items():
            # The attempt is the name by which the journal, and Odoo's screens, find it.
            attempt = waiting[position].attempt
            if code == _BUSY:
                logger.info("Odoo was busy when the receipt of attempt %s came: it will be sent again", attempt)
            else:
                logger.warning("Odoo refused the receipt of attempt %s: %s", attempt, code)
        left = journal.head()[0] > ack.ack
        moved = len(statements) == BATCH and terminal.cash.book.waiting(1) != statements[:1]
        more = self._take_trail(ack, load.trail)
        # What was refused would only be refused once more.
        return (left and journal.acknowledged() != acknowledged) or moved or (more and not ack.refused)

    def _take(self, ack: Ack) -> None:
        terminal = self._terminal
        expected = terminal.clock.now_ms() if terminal.clock.kind() == "signed" else None
        if terminal.clock.trust(ack.now, ack.sent, ack.received):
            now = terminal.clock.now_ms()
            if expected is None or abs(now - expected) > _CLOCK_STEP:
                terminal.journal.put("clock", terminal.clock.dump() or "")
        terminal.odoo.raise_epoch(ack.epoch)
        terminal.odoo.take(ack.state, ack.origins)
        self._take_keys(ack.pairing)
        for session, (seq, jti) in ack.tenders.items():
            fault = terminal.cash.book.acknowledge(session, seq, jti)
            if fault is not None:
                logger.error("no notes are taken in that session: %s", fault)
        try:
            terminal.journal.acknowledge(ack.ack, ack.head)
            terminal.odoo.journal_fault = None
        except JournalError as error:
            terminal.odoo.journal_fault = str(error)
            raise
        finally:
            terminal.odoo.last_sync = terminal.clock.now_ms()
        self._prune()

    def _report(self) -> Report | None:
        """What Odoo lacks of the trail; none also when it cannot be read, which is logged."""
        with _trail_only():
            return self._terminal.trail.report(self._terminal.odoo.epoch)
        return None

    def _take_trail(self, ack: Ack, report: Report | None) -> bool:
        """Note what Odoo has of the trail; whether to call once more with the rest of it."""
        terminal = self._terminal
        before, terminal.odoo.takes_trail = terminal.odoo.takes_trail, ack.takes_trail
        if report is not None and ack.trail != report.jti:
            logger.warning("Odoo has not taken what became of %d notes and writes: it is sent again", len(report.rows))
            return False
        learnt = ack.takes_trail and not before
        with _trail_only():
            if report is not None:
                terminal.trail.told(report, ack.epoch)
            return (learnt or report is not None) and terminal.trail.report(terminal.odoo.epoch) is not None
        return False

    def _take_keys(self, pairing: Pairing) -> None:
        terminal = self._terminal
        if pairing == terminal.identity.pairing:
            return
        logger.info("Odoo signs with %s; keys taken: %s", pairing.kid, ", ".join(pairing.kids))
        terminal.identity = replace(terminal.identity, pairing=pairing)
        try:
            pairing.save(terminal.config.pairing_file)
        except OSError as error:
            # The handover comes again with the next acknowledgement after a restart.
            logger.error("the new key of Odoo could not be stored: %s", error)

    def _prune(self) -> None:
        now = self._terminal.clock.now_ms()
        if now - self._last_prune < _PRUNE_EVERY:
            return
        self._last_prune = now
        old = now - self._terminal.config.limits.keep_days * 86_400_000
        with _trail_only():
            self._terminal.trail.prune(old)
        count = self._terminal.journal.prune(old)
        if count:
            logger.info("%d old receipts and statements were shortened", count)


@contextmanager
def _trail_only() -> Iterator[None]:
    """What cannot be read or stored of the trail is logged: it keeps nothing else back, there or here."""
    try:
        yield
    except JournalError as error:
        logger.error("the trail is not told to Odoo for now: %s", error)


def heartbeat_of(terminal: Terminal) -> dict[str, object]:
    """Claims of a heartbeat that tell how the terminal is."""
    seq, head = terminal.journal.head()
    statuses = [reader.status for reader in terminal.readers()][:_MOST_READERS]
    ends = terminal.errands.ends()
    # Only who asked for prints is told of them: an Odoo from before refuses the claim.
    more: dict[str, object] = {"prints": ends} if ends else {}
    return {
        **more,
        "seq": seq,
        "head": head,
        "epoch": terminal.odoo.epoch,
        "clk": terminal.clock.kind(),
        "wall": terminal.clock.wall_ms(),
        "version": __version__,
        "readers": [{"name": status.name, "state": status.state} for status in statuses],
        "unresolved": terminal.journal.counts().unresolved,
        "devices": terminal.device_report(),
    }


def make_client(terminal: Terminal) -> OdooClient:
    """Client for the server of the configuration.

    :raises ConfigError: no address.
    """
    if not terminal.config.odoo.url:
        raise ConfigError("odoo.url is missing in the configuration file.")
    return OdooClient(terminal.config.odoo)
