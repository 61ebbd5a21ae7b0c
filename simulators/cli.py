"""The command line: run a bench, a marketing system or a payment gateway, or drive a running bench."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence

from .bench import Workbench
from .cis import cli as cis
from .client import DEFAULT_URL, BenchClient, BenchRefused, BenchUnreachable
from .families import FAMILIES, MEMORY_DRIVER
from .faults import KINDS
from .keys import CardKeys, KeyFileError
from .notes.faults import KINDS as NOTE_KINDS
from .payment import cli as payment
from .printer.device import PAPERS
from .printer.faults import KINDS as PRINTER_KINDS
from .server import DEFAULT_PORT, BenchServer
from .vpcd import DEFAULT_PORT as VPCD_PORT
from .vpcd import VpcdSlot


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :return: exit code: 0 done, 1 refused or unreachable, 2 wrong usage.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "serve":
            _serve(options)
        elif options.command == "cis":
            cis.serve(options)
        elif options.command == "payment":
            payment.serve(options)
        else:
            _drive(options)
    except (BenchRefused, BenchUnreachable, KeyFileError, cis.NoPassword, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulators",
        description="Simulated cards and meters on pcscd's virtual reader, a marketing system and a payment gateway.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands)
    text = "run a utility's marketing system until it is interrupted"
    cis.add_arguments(commands.add_parser("cis", help=text, description=text))
    text = "run a payment gateway, with phone and card terminal, until it is interrupted"
    payment.add_arguments(commands.add_parser("payment", help=text, description=text))

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--url", default=DEFAULT_URL, help="where the bench serves (default %(default)s)")
        return command

    show = add("show", "print slots, cards and meters")
    show.add_argument("--json", action="store_true", help="everything, as JSON")
    insert = add("insert", "put a card into the reader")
    insert.add_argument("card")
    insert.add_argument("--slot", type=int, default=0)
    pull = add("pull", "pull the card out of the reader, whatever it is doing")
    pull.add_argument("--slot", type=int, default=0)
    carry = add("carry", "take a card to a meter and back")
    carry.add_argument("card")
    carry.add_argument("meter")
    carry.add_argument(
        "--pull-after", type=int, metavar="BYTES", dest="pull_after_byte", help="pull it in the meter's write-back"
    )
    carry.add_argument("--inside", action="store_true", help="inside the next byte, which stays FF")
    _add_fault(add)
    clear = add("clear-faults", "disarm all faults of a card")
    clear.add_argument("card")
    consume = add("consume", "use energy at a meter")
    consume.add_argument("meter")
    consume.add_argument("kwh")
    issue = add("issue", "make a card that is opened and already known to its meter")
    issue.add_argument("serial")
    issue.add_argument("customer_no")
    issue.add_argument("meter_no")
    issue.add_argument("--quantity", default="100", help="first purchase, in kWh or yuan (default %(default)s)")
    blank = add("blank-card", "make a prepared card without a contract")
    blank.add_argument("serial")
    meter = add("meter", "make a meter that is not opened")
    meter.add_argument("meter")
    for command in (issue, blank, meter):
        command.add_argument(
            "--driver", default=MEMORY_DRIVER, choices=sorted(FAMILIES), help="kind of card (default %(default)s)"
        )
    _add_notes(add)
    _add_printer(add)
    add("baseline", "remember the bench as it is now, for reset")
    add("reset", "return to the baseline")
    return parser


def _add_notes(add) -> None:
    note = add("note", "hold notes to the slit of the acceptor")
    note.add_argument("cents", type=int, help="worth of one in cents; 0: a foreign note")
    note.add_argument("--pieces", type=int)
    fault = add("note-fault", "arm a fault in the note acceptor")
    fault.add_argument("kind", choices=sorted(NOTE_KINDS))
    fault.add_argument("--at", help="where in a note's way: of jam_acceptor, jam_stacker, pause, power_loss")
    for name, kind in (("slips", "power_loss"), ("forgets", "power_loss")):
        fault.add_argument(f"--{name}", action="store_true", default=None, help=f"of {kind}")
    for name, cast in (("times", int), ("seconds", float), ("code", int)):
        kinds = [kind for kind, parameters in NOTE_KINDS.items() if name in parameters]
        fault.add_argument(f"--{name}", type=cast, help=f"of {', '.join(kinds)}")
    mend = add("note-mend", "clear every fault and jam of the note acceptor")
    mend.add_argument("--into-box", action="store_true", default=None, help="a stuck note goes into the box")
    add("note-box-out", "take the cash box out and empty it")
    add("note-box-in", "put the cash box back")


def _add_printer(add) -> None:
    fault = add("printer-fault", "arm a fault in the receipt printer")
    fault.add_argument("kind", choices=sorted(PRINTER_KINDS))
    fault.add_argument("--rows", type=int, help="of paper_out, power_loss: rows of dots before it strikes")
    paper = add("printer-paper", "change the printer's roll")
    paper.add_argument("paper", choices=PAPERS)
    add("printer-mend", "clear every fault of the receipt printer, and put a new roll in")


def _add_serve(commands: argparse._SubParsersAction) -> None:
    serve = commands.add_parser("serve", help="run a bench until it is interrupted")
    serve.add_argument("--state", required=True, metavar="DIR", help="where cards and meters are kept")
    serve.add_argument("--keys", required=True, metavar="FILE", help="masters of the cards, the same as Odoo's")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help="of page and interface (default %(default)s)")
    serve.add_argument(
        "--slots",
        default=str(VPCD_PORT),
        metavar="PORT[,PORT]",
        help="ports of the virtual reader's slots (default %(default)s)",
    )
    serve.add_argument(
        "--notes", metavar="PATH", help="make a note acceptor here, a link to a serial device that speaks ID-003"
    )
    serve.add_argument(
        "--printer", type=int, metavar="PORT", help="make a receipt printer that speaks ESC/POS at this TCP port"
    )
    serve.add_argument("--reversed", action="store_true", help="wait for vpcd to connect instead of connecting to it")
    serve.add_argument("--write-times", action="store_true", help="spend the data sheet's EEPROM times")


def _add_fault(add) -> None:
    fault = add("fault", "arm a fault on a card")
    fault.add_argument("card")
    fault.add_argument("kind", choices=sorted(KINDS))
    fault.add_argument("--inside", action="store_true", default=None, help="pull: within the next byte, which stays FF")
    names = {"bytes": int, "apdu": int, "seconds": float, "apdus": int, "reads": int, "address": int, "mask": int}
    for name, cast in {**names, "writes": int}.items():
        kinds = [kind for kind, parameters in KINDS.items() if name in [parameter[0] for parameter in parameters]]
        fault.add_argument(f"--{name}", type=cast, help=f"of {', '.join(kinds)}")


def _serve(options: argparse.Namespace) -> None:
    slots = [VpcdSlot(int(port), reversed_mode=options.reversed) for port in options.slots.split(",")]
    bench = Workbench(
        options.state, CardKeys.load(options.keys), slots, options.write_times, options.notes, options.printer
    )
    server = BenchServer(bench, options.port)
    # Stopped from another thread: shutdown() waits for the loop that the signal has interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"bench at http://127.0.0.1:{server.port}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        bench.close()
        server.server_close()


def _drive(options: argparse.Namespace) -> None:
    client = BenchClient(options.url)
    arguments = {key: value for key, value in vars(options).items() if key not in ("command", "url", "json")}
    if options.command == "show":
        state = client.state()
        sys.stdout.write(json.dumps(state, indent=1, ensure_ascii=False) + "\n" if options.json else _summary(state))
        return
    answer = client.do(options.command, **arguments)
    display = answer.get("display")
    sys.stdout.write((display["en"] if display else "done") + "\n")


def _summary(state: dict) -> str:
    lines = [f"slot {slot['index']} (port {slot['port']}): {slot['card'] or 'empty'}" for slot in state["slots"]]
    for card in state["cards"]:
        purchase, back = card["purchase"], card["write_back"]
        bought = _amount(purchase.get("quantity", 0), card["unit"])
        count = f"count {purchase['count']}, {bought}" if "count" in purchase else purchase["state"]
        lines.append(f"card {card['name']}: {count}, write-back {back['state']}, tries {card['tries']}")
    for meter in state["meters"]:
        remaining = _amount(meter["remaining"], meter["unit"])
        opened = f"count {meter['count']}, remaining {remaining}" if meter["opened"] else "not opened"
        lines.append(f"meter {meter['meter_no']}: {opened}, {meter['balance_state']}")
    if state["notes"]:
        notes = state["notes"]
        lines.append(f"note acceptor {notes['device']}: {notes['state']}, ¥{notes['total'] / 100:,.2f} in the box")
    return "\n".join(lines) + "\n"


def _amount(quantity: int, unit: str) -> str:
    return f"{quantity / 100:,.2f} {'kWh' if unit == 'kwh' else 'yuan'}"
