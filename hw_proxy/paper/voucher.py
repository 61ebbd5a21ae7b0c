"""Vouchers: what a customer takes home while money is in and Odoo cannot be reached, or does not take it for the order.

A voucher names a tender and is worth nothing itself: its code is the terminal's signed statement about the notes,
which Odoo takes once, whoever brings it (docs/protocol, section 1, "tender").
"""

from __future__ import annotations

import base64
import io
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import qrcode
import qrcode.image.svg

from hw_proxy.errors import JournalError, Refusal
from hw_proxy.notes.book import Tender
from hw_proxy.paper.codes import NO_MORE_COPIES, NO_PRINTER
from hw_proxy.paper.order import Line
from hw_proxy.receipts import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hw_proxy.terminal import Terminal

OFFERED = 15 * 60_000
"""ms after the statement in which the terminal shows its voucher by itself."""
MOST_PRINTS = 4
MOST_SHOWN = 4
TEXTS = (
    "本次业务未能办完，款项已安全收下，已清点并记录在案。如未到账，请凭本凭证到营业厅办理。",
    "This could not be finished; your money is safe: it is counted and on record. If it is not in your account, bring "
    "this voucher to the service hall.",
)
"""True whether Odoo credits it to the account, or has it as money of nobody: the paper cannot know."""
_RECENT = 20
_NUMBER = 12
_NAMES = uuid.UUID("6d3c9a4e-0c6b-4d0e-9d36-3a6f6d6c1f57")
"""Namespace of the print jobs of vouchers."""


def number(jti: str) -> str:
    """A voucher's number as people read and type it: the first twelve digits of the tender's name."""
    digits = jti.replace("-", "")[:_NUMBER].upper()
    return "-".join(digits[start : start + 4] for start in range(0, _NUMBER, 4))


class Vouchers:
    """The vouchers of one terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def open(self, hand_out: bool, recharge: str | None = None) -> dict[str, object]:
        """What the terminal's own page shows.

        :param hand_out: whether somebody stands there whose notes are not with the order: then statements of the latest
            payment that Odoo has not acknowledged become vouchers. Who paid before had Odoo's receipt and has gone:
            that money is brought by the terminal, and is not on paper in another's hand.
        :param recharge: an order of which the page could not bring the statements; if it is that of the latest payment,
            those become vouchers that Odoo has acknowledged, too: it may hold them as money of nobody.
        :return: ``collecting``: null, or the recharge and cents of a payment that is not over; ``vouchers``; ``again``:
            whether there is one that was put away and that the card which paid takes out once more
        :raises Refusal: P-110.
        """
        terminal, now = self._terminal, self._terminal.clock.now_ms()
        try:
            recent = {tender.jti: tender for tender in terminal.cash.book.recent(_RECENT) if tender.token is not None}
            waiting = terminal.cash.book.last_waiting(_RECENT)
            latest = self._latest_payment(recent.values())
            for tender in recent.values():
                is_latest = tender.recharge == latest and tender.at > now - OFFERED
                if hand_out and is_latest and (tender.jti in waiting or tender.recharge == recharge):
                    terminal.prints.book.hand_out(tender.jti, now)
            shown = [each for each in terminal.prints.book.shown(now - OFFERED) if each.tender in recent]
            vouchers = [self._voucher(recent[each.tender], each.tender not in waiting) for each in shown[-MOST_SHOWN:]]
            again = bool(self._payers_of_those_put_away())
        except JournalError as error:
            raise Refusal("P-110") from error
        return {"collecting": self._collecting(), "vouchers": vouchers, "again": again}

    def again(self) -> dict[str, object]:
        """Take out once more what was put away, for the card that paid it: nobody else sees it.

        :return: ``shown``: how many there are for the card in the reader
        :raises Refusal: P-110, or why the card cannot be read.
        """
        book = self._terminal.prints.book
        try:
            payers = self._payers_of_those_put_away()
            card = self._terminal.card_in_reader() if payers else None
            own = [tender for tender, payer in payers.items() if payer == card]
            for tender in own:
                book.take_out(tender)
        except JournalError as error:
            raise Refusal("P-110") from error
        return {"shown": len(own)}

    def _payers_of_those_put_away(self) -> dict[str, str]:
        """The cards that paid those vouchers which could still be shown: {tender: digest}."""
        terminal = self._terminal
        put_away = terminal.prints.book.put_away_since(terminal.clock.now_ms() - OFFERED)
        if not put_away:
            return {}
        recharges = {tender.jti: tender.recharge for tender in terminal.cash.book.recent(_RECENT) if tender.token}
        payers = {jti: terminal.cash.payer(recharges[jti]) for jti in put_away if jti in recharges}
        return {jti: card for jti, card in payers.items() if card is not None}

    def _latest_payment(self, tenders: Iterable[Tender]) -> str | None:
        """The recharge for which notes were taken last."""
        collecting = self._collecting()
        if collecting:
            return str(collecting["recharge"])
        latest = max(tenders, key=lambda tender: tender.at, default=None)
        return latest.recharge if latest else None

    def _collecting(self) -> dict[str, object] | None:
        shown = self._terminal.cash.going_on()
        return {"recharge": shown["recharge"], "total": shown["total"]} if shown and shown["total"] else None

    def _voucher(self, tender: Tender, arrived: bool) -> dict[str, object]:
        jti, claims = tender.jti, claims_of(tender.token)
        return {
            "tender": jti,
            "number": number(jti),
            "total": tender.total,
            "moment": self._moment(tender),
            "notes": claims["notes"],
            "uncertain": [note["denomination"] for note in claims.get("uncertain", [])],
            "arrived": arrived,
            "print": self._printed(jti),
            "qr": svg(tender.token),
        }

    def _printed(self, jti: str) -> dict[str, object] | None:
        """State of the last print of a voucher, or none when it was not printed yet."""
        handed = self._terminal.prints.book.handed_out(jti)
        return self._terminal.prints.state(_job(jti, handed.prints)) if handed and handed.prints else None

    def print(self, jti: object, again: bool) -> dict[str, object]:
        """Print a voucher: the first time by itself, further ones when somebody asks.

        :param jti: the tender's, untrusted.
        :param again: one more than there are; without it a voucher that was printed, or tried, is only answered.
        :return: as :meth:`hw_proxy.paper.desk.PrintDesk.state`
        :raises Refusal: P-112 no such voucher, A-406, A-407, P-110.
        """
        terminal = self._terminal
        try:
            handed = terminal.prints.book.handed_out(jti) if isinstance(jti, str) else None
            tender = next((each for each in terminal.cash.book.recent(_RECENT) if each.jti == jti), None)
            if handed is None or handed.done or tender is None or tender.token is None:
                raise Refusal("P-112")
            if terminal.prints.printer is None:
                raise Refusal(NO_PRINTER)
            if handed.prints and not again:
                return terminal.prints.state(_job(tender.jti, handed.prints))
            if handed.prints >= MOST_PRINTS:
                raise Refusal(NO_MORE_COPIES)
            count = terminal.prints.book.count_print(tender.jti)
        except JournalError as error:
            raise Refusal("P-110") from error
        lines = self.lines(tender, copy=count - 1)
        return terminal.prints.start(_job(tender.jti, count), lines)

    def put_away(self) -> None:
        """The customer has gone.

        :raises Refusal: P-110.
        """
        try:
            self._terminal.prints.book.put_away()
        except JournalError as error:
            raise Refusal("P-110") from error

    def _moment(self, tender: Tender) -> str:
        """When the notes were stated, with the offset: a clerk compares it with receipts of another clock."""
        name = self._terminal.config.kiosk.zone
        moment = datetime.fromtimestamp(tender.at / 1000, UTC).astimezone(ZoneInfo(name) if name else None)
        return moment.strftime("%Y-%m-%d %H:%M:%S %z")

    def lines(self, tender: Tender, copy: int) -> tuple[Line, ...]:
        """A voucher on paper, in both languages.

        :param copy: 0 for the first print.
        """
        terminal, claims = self._terminal, claims_of(tender.token)
        phone = terminal.config.kiosk.phone
        lines, notes = [Line("title", "收款凭证 Voucher")], []
        if copy:
            lines.append(Line("box", f"副本 Copy {copy}"))
        for note in claims["notes"]:
            worth, count = note["denomination"], note["count"]
            notes.append(Line("pair", f"{count} × ¥{yuan(worth)}", f"¥{yuan(worth * count)}"))
        for note in claims.get("uncertain", []):
            notes.append(Line("pair", "待清点 Uncertain", f"¥{yuan(note['denomination'])}"))
        lines += [
            Line("pair", "终端 Terminal", terminal.identity.pairing.name),
            Line("pair", "凭证号 Number", number(tender.jti)),
            Line("pair", "时间 Time", self._moment(tender)),
            Line("rule"),
            *notes,
            Line("total", "已收 Received", f"¥{yuan(tender.total)}"),
            Line("rule"),
            *(Line("text", text) for text in TEXTS),
            Line("qr", tender.token),
        ]
        if phone:
            lines.append(Line("heading", f"服务电话 Help line {phone}"))
        return tuple(lines)


def yuan(cents: int) -> str:
    """An amount for people: "1,234.50"."""
    return f"{cents // 100:,}.{cents % 100:02d}"


def _job(jti: str, count: int) -> str:
    return str(uuid.uuid5(_NAMES, f"{jti}/{count}"))


def svg(text: str) -> str:
    """A QR code as a data URI."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=4)
    code.add_data(text)
    file = io.BytesIO()
    code.make_image(image_factory=qrcode.image.svg.SvgPathImage).save(file)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
