"""The ``hw-proxy`` command: ``run``, ``pair``, ``doctor``, ``kiosk-setup``, ``journal``, ``vendor``."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hw_proxy import __version__, audit, doctor, service
from hw_proxy.config import DEFAULT_FILE, Config, load
from hw_proxy.errors import ConfigError, JournalError, PairingError
from hw_proxy.journal import Journal
from hw_proxy.keys import Pairing
from hw_proxy.kiosk import setup as kiosk
from hw_proxy.notes.book import NoteReader
from hw_proxy.odoo import OdooClient
from hw_proxy.pairing import pair
from hw_proxy.receipts import claims_of
from hw_proxy.vendor import check as vendor
from hw_proxy.vendor import states
from hw_proxy.vendor.check import CheckFailed
from hw_proxy.vendor.process import DEFAULT_USER


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    :return: exit code: 0 fine, 1 something is wrong, 2 wrong use.
    """
    options = _parser().parse_args(arguments)
    try:
        config = load(options.config) if options.config is not None else None
        return options.work(config, options)
    except (ConfigError, PairingError, JournalError, CheckFailed) as error:
        _say(f"hw-proxy: {error}", sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hw-proxy", description="Card readers of a prepaid-electricity terminal, behind one local HTTP interface."
    )
    parser.add_argument("--version", action="version", version=f"hw-proxy {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, default=DEFAULT_FILE, help="configuration file (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("run", parents=[common], help="serve until stopped").set_defaults(work=_run)
    pairing = commands.add_parser("pair", parents=[common], help="pair with Odoo by the code that Odoo shows once")
    pairing.add_argument("code", nargs="?", help="AB12-CD34-EF56-GH78; asked for when missing")
    pairing.add_argument(
        "--replace",
        action="store_true",
        help="pair as a new terminal although receipts of the old one are not all in Odoo",
    )
    pairing.set_defaults(work=_pair)
    commands.add_parser(
        "doctor", parents=[common], help="check reader, rights, time, disk, journal and Odoo, and say what to do"
    ).set_defaults(work=_doctor)
    _kiosk_parser(commands, common)
    journal = commands.add_parser("journal", parents=[common], help="look into the journal")
    journal.add_argument("what", nargs="?", choices=("list", "verify", "show"), default="list")
    journal.add_argument("attempt", nargs="?", help="with show: the order's jti")
    journal.set_defaults(work=_journal)
    _vendor_parser(commands, common)
    return parser


def _kiosk_parser(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "kiosk-setup",
        parents=[common],
        help="print, write or check the files by which this machine shows the kiosk and nothing else",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help="put the files in place")
    what.add_argument("--check", action="store_true", help="say what differs on this machine; exits 1 if anything does")
    parser.add_argument("--desktop", action="store_true", help="the machine has a desktop with an automatic login")
    parser.add_argument(
        "--user", default=kiosk.DEFAULT_USER, help="who the browser runs as without a desktop (default: %(default)s)"
    )
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the file system begins (default: /)")
    parser.set_defaults(work=_kiosk_setup)


def _vendor_parser(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("vendor", help="look at makers' libraries")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", parents=[common], help="the libraries of this terminal and how they do").set_defaults(
        work=_vendor_list
    )
    checking = actions.add_parser("check", help="load one library, call what is safe and print what it found")
    checking.add_argument("file", type=Path, help="the description, a TOML file")
    checking.add_argument("--reader", help="PC/SC name of a reader with a card: the card is read, never written")
    checking.add_argument("--user", default=DEFAULT_USER, help="whose rights it gets (default: %(default)s)")
    checking.set_defaults(work=_vendor_check, config=None)
    releasing = actions.add_parser("release", parents=[common], help="let a quarantined library work again")
    releasing.add_argument("library", help="its id")
    releasing.set_defaults(work=_vendor_release)
    forgetting = actions.add_parser(
        "forget", parents=[common], help="drop what the last write left for a card's next one (V-107)"
    )
    forgetting.add_argument("library", help="its id")
    forgetting.add_argument("card", help="the card's number")
    forgetting.set_defaults(work=_vendor_forget)


def _run(config: Config, _options: argparse.Namespace) -> int:
    service.run(config)
    return 0


def _pair(config: Config, options: argparse.Namespace) -> int:
    code = options.code or input("Pairing code shown in Odoo: ")
    client = OdooClient(config.odoo)
    try:
        paired = pair(config, code, client, options.replace)
    finally:
        client.close()
    _say(f"Paired as {paired.name} ({paired.terminal}) with {config.odoo.url}.")
    _say(f"Odoo's key: {paired.kid}. Compare it with the one that `odoo electricity_keys show` prints.")
    _say("A service that was paired before must be restarted; one that waits for its pairing starts by itself.")
    return 0


def _doctor(config: Config, _options: argparse.Namespace) -> int:
    findings = doctor.examine(config)
    for finding in findings:
        _say(f"{finding.level:<4}  {finding.subject}: {finding.text}")
        if finding.advice:
            _say(f"      -> {finding.advice}")
    return 1 if any(finding.level == doctor.FAIL for finding in findings) else 0


def _kiosk_setup(config: Config, options: argparse.Namespace) -> int:
    files = kiosk.files(config, options.user, options.desktop)
    for warning in kiosk.warnings(config):
        _say(f"Note: {warning}", sys.stderr)
    missing = kiosk.missing_packages(options.root, options.desktop)
    if missing:
        _say(f"Note: the screen stays dark until this is installed: apt-get install {' '.join(missing)}", sys.stderr)
    if options.check:
        return _kiosk_check(files, options.root)
    for file in files:
        target = options.root / file.path
        if not options.write:
            _say(f"# {target}\n{file.content}")
            continue
        try:
            _say(f"{'written' if file.write(options.root) else 'unchanged'}  {target}")
        except OSError as error:
            _say(f"hw-proxy: {target} cannot be written: {error.strerror}. Run it as root.", sys.stderr)
            return 1
    return 0


def _kiosk_check(files: list[kiosk.SetupFile], root: Path) -> int:
    differs = False
    for file in files:
        difference = file.difference(root)
        differs = differs or bool(difference)
        _say(f"{'differs' if difference else 'as it should be'}  {root / file.path}")
        if difference:
            _say(difference)
    return 1 if differs else 0


def _journal(config: Config, options: argparse.Namespace) -> int:
    pairing = Pairing.load(config.pairing_file)
    if pairing is None:
        raise ConfigError("This terminal is not paired, so there is no journal.")
    with Journal.open_read_only(config.journal_file(pairing.terminal)) as journal:
        if options.what == "verify":
            problems = audit.problems(journal)
            for problem in problems:
                _say(problem)
            _say("The journal is damaged." if problems else "The journal is whole.")
            return 1 if problems else 0
        if options.what == "show":
            return _show(journal, options.attempt)
        counts = journal.counts()
        _say(f"{counts.seq} receipts, {counts.unacknowledged} not in Odoo yet, {counts.unresolved} unresolved")
        for stored in journal.recent():
            moment = datetime.fromtimestamp(stored.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
            _say(f"{stored.seq:>6}  {moment}  {stored.outcome:<11}  {stored.code or '-':<5}  {stored.attempt}")
        for intent in journal.open_intents():
            _say(f"  open  {intent.attempt}")
        _say_cash(NoteReader(journal))
        for at, text in journal.notes():
            moment = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
            _say(f"  note  {moment}  {text}")
    return 0


def _say_cash(book: NoteReader) -> None:
    for tender in book.recent():
        moment = datetime.fromtimestamp(tender.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        amount = f"{tender.total // 100}.{tender.total % 100:02}"
        _say(f"  cash  {moment}  {tender.session} {tender.seq}  {amount}  {tender.recharge}")
    for note in book.undecided():
        _say(f"  note in doubt  {note.denomination // 100}.{note.denomination % 100:02}  entry {note.number}")


def _show(journal: Journal, attempt: str | None) -> int:
    stored = journal.receipt(attempt or "")
    if stored is None:
        _say("The journal does not know this attempt.", sys.stderr)
        return 1
    if stored.token is None:
        _say(f"{stored.outcome}; the receipt was acknowledged by Odoo and shortened.")
        return 0
    for name, value in claims_of(stored.token).items():
        _say(f"{name:<10} {value}")
    return 0


def _vendor_list(config: Config, _options: argparse.Namespace) -> int:
    pairing = Pairing.load(config.pairing_file)
    folder = Path(config.vendor.folder)
    if pairing is None or not config.journal_file(pairing.terminal).exists():
        return _say_libraries(vendor.descriptions(folder, None), folder)
    with Journal.open_read_only(config.journal_file(pairing.terminal)) as journal:
        return _say_libraries(vendor.descriptions(folder, journal), folder)


def _say_libraries(rows: Iterable[tuple[bool, str]], folder: Path) -> int:
    known = list(rows)
    for works, text in known:
        _say(f"{'OK' if works else 'FAIL':<4}  {text}")
    if not known:
        _say(f"There are no descriptions in {folder}.")
    return 0 if all(works for works, _text in known) else 1


def _vendor_check(_config: Config | None, options: argparse.Namespace) -> int:
    with _log_kept_quiet("hw_proxy.vendor"):
        for line in vendor.check(options.file, options.reader, options.user):
            _say(line)
    _say("The library can be used.")
    return 0


@contextmanager
def _log_kept_quiet(name: str) -> Iterator[None]:
    """Keep a part of the service's log from saying a second time what the command answers."""
    log, nowhere = logging.getLogger(name), logging.NullHandler()
    log.addHandler(nowhere)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = True
        log.removeHandler(nowhere)


def _vendor_release(config: Config, options: argparse.Namespace) -> int:
    with _journal_of(config) as journal:
        vendor.release(Path(config.vendor.folder), journal, options.library)
        journal.note(_now_ms(), f"vendor release {options.library}")
    _say(f"{options.library} may work again.")
    return 0


def _vendor_forget(config: Config, options: argparse.Namespace) -> int:
    library, card = options.library, options.card.zfill(12)
    _say(f"The next write to card {card} will begin like a first one: {library} gets nothing of the write before.")
    _say("Right only when the maker's own program has brought the card in order, or says that it takes a first write.")
    _say("Nothing is written to a card now, and no money moves. What was stored is kept; see docs/vendor-libraries.md.")
    if _asked("Type the card's number again to go on: ").zfill(12) != card:
        _say("Not the same number. Nothing was changed.", sys.stderr)
        return 1
    with _journal_of(config) as journal:
        if not states.forget(journal, library, card, _now_ms()):
            _say(f"Nothing is stored here for card {card} of {library}. Nothing was changed.", sys.stderr)
            return 1
    _say(f"Forgotten. The next order for card {card} may be written.")
    return 0


def _asked(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""


@contextmanager
def _journal_of(config: Config) -> Iterator[Journal]:
    """The journal of this terminal, to be changed; the service may run meanwhile."""
    pairing = Pairing.load(config.pairing_file)
    if pairing is None:
        raise ConfigError("This terminal is not paired, so no library has worked yet.")
    journal = Journal(config.journal_file(pairing.terminal), pairing.terminal)
    try:
        yield journal
    finally:
        journal.close()


def _now_ms() -> int:
    return int(time.time() * 1000)


def _say(text: str, file: object = None) -> None:
    print(text, file=file or sys.stdout)
