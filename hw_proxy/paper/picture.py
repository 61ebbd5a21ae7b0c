"""A receipt as a picture: for printers that know no Chinese, and with letters that look alike on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont

from hw_proxy.errors import ConfigError
from hw_proxy.paper.order import Line

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)
"""Where the fonts with Chinese characters of Debian, Ubuntu, Fedora and Arch lie."""
# Of the width of a line on 80 mm; a narrower roll gets smaller letters, down to what can be read.
_SIZES = {"title": 30, "heading": 26, "box": 26, "text": 22, "pair": 22, "total": 30, "small": 18, "small_pair": 18}
_FULL_WIDTH = 512
_SMALLEST = 16
_GAP = 6
_RULE = 10
_QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""
_LARGEST_QR = 300
"""Dots, for short codes; longer ones take what they need."""
_LEAST_DOTS = 3
"""Dots of a module: below that a phone does not read it from thermal paper."""


def font_file(wanted: str) -> str:
    """The file of the font that receipts are printed with.

    :param wanted: ``printer.font``; empty: the first of :data:`FONTS` that is there.
    :raises ConfigError: there is none.
    """
    found = wanted or next((path for path in FONTS if Path(path).is_file()), "")
    if not found or not Path(found).is_file():
        raise ConfigError(
            "printer.font: there is no font with Chinese characters. Install fonts-noto-cjk, or name one."
        )
    return found


def render(lines: Iterable[Line], width: int, font: str) -> Image.Image:
    """A picture of a receipt, black on white.

    :param width: dots.
    :param font: file, as :func:`font_file` says.
    :raises ConfigError: the font cannot be used.
    """
    try:
        parts = [_part(line, width, font) for line in lines]
    except OSError as error:
        raise ConfigError(f"printer.font: {font} cannot be used: {error}.") from error
    paper = Image.new("1", (width, sum(part.height for part in parts) + _GAP * len(parts)), 1)
    top = 0
    for part in parts:
        paper.paste(part, ((width - part.width) // 2, top))
        top += part.height + _GAP
    return paper


def _part(line: Line, width: int, font: str) -> Image.Image:
    if line.kind == "rule":
        return _rule(width)
    if line.kind == "qr":
        return _qr(line.text, width)
    letters = _letters(font, max(_SMALLEST, _SIZES[line.kind] * width // _FULL_WIDTH))
    if line.kind in ("pair", "total", "small_pair"):
        return _pair(line, width, letters)
    framed = line.kind == "box"
    centred = framed or line.kind in ("title", "heading")
    return _block(list(_wrapped(line.text, width - 16, letters)), width, letters, centred, framed)


@lru_cache(maxsize=16)
def _letters(font: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, size)


def _rule(width: int) -> Image.Image:
    part = Image.new("1", (width, _RULE), 1)
    draw = ImageDraw.Draw(part)
    for left in range(0, width, 12):
        draw.line((left, _RULE // 2, left + 7, _RULE // 2), fill=0, width=2)
    return part


def _block(
    rows: list[str], width: int, letters: ImageFont.FreeTypeFont, centred: bool, framed: bool = False
) -> Image.Image:
    step = _step(letters)
    part = Image.new("1", (width, step * len(rows) + (8 if framed else 0)), 1)
    draw = ImageDraw.Draw(part)
    if framed:
        draw.rectangle((2, 0, width - 3, part.height - 1), outline=0, width=3)
    for number, row in enumerate(rows):
        left = (width - letters.getlength(row)) / 2 if centred else 0
        draw.text((left, number * step + (4 if framed else 0)), row, font=letters, fill=0)
    return part


def _pair(line: Line, width: int, letters: ImageFont.FreeTypeFont) -> Image.Image:
    """A label at the left, its value at the right: in one row where both fit, else below each other."""
    gap = letters.getlength("  ")
    if letters.getlength(line.text) + gap + letters.getlength(line.value) <= width:
        part = Image.new("1", (width, _step(letters)), 1)
        draw = ImageDraw.Draw(part)
        draw.text((0, 0), line.text, font=letters, fill=0)
        draw.text((width - letters.getlength(line.value), 0), line.value, font=letters, fill=0)
        return part
    labels = list(_wrapped(line.text, width, letters))
    values = list(_wrapped(line.value, width, letters))
    step = _step(letters)
    part = Image.new("1", (width, step * (len(labels) + len(values))), 1)
    draw = ImageDraw.Draw(part)
    for number, row in enumerate(labels):
        draw.text((0, number * step), row, font=letters, fill=0)
    for number, row in enumerate(values, len(labels)):
        draw.text((width - letters.getlength(row), number * step), row, font=letters, fill=0)
    return part


def _step(letters: ImageFont.FreeTypeFont) -> int:
    ascent, descent = letters.getmetrics()
    return ascent + descent


def _wrapped(text: str, width: float, letters: ImageFont.FreeTypeFont) -> Iterator[str]:
    """Rows that fit: broken at spaces, and between Chinese characters."""
    row = ""
    for word in words_of(text):
        if row and letters.getlength(row + word.rstrip()) > width:
            yield row.rstrip()
            row = ""
        while letters.getlength(word) > width and len(word) > 1:
            fits = next(n for n in range(len(word), 0, -1) if n == 1 or letters.getlength(word[:n]) <= width)
            yield word[:fits]
            word = word[fits:]
        row += word
    yield row.rstrip()


def words_of(text: str) -> Iterator[str]:
    """Pieces of a text between which a row may end: words with the space behind them, single Chinese characters."""
    word = ""
    for letter in text:
        if ord(letter) >= 0x2E80:
            # Punctuation stays with what is before it.
            if letter in "，。、；：！？）》” ":
                word += letter
                continue
            if word:
                yield word
            word = letter
        elif word and (ord(word[-1]) >= 0x2E80 or (word[-1] == " " and letter != " ")):
            yield word
            word = letter
        else:
            word += letter
    if word:
        yield word


def _qr(text: str, width: int) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    modules = code.modules_count + 2 * _QUIET
    dots = max(_LEAST_DOTS, min(_LARGEST_QR, width) // modules)
    code.box_size = max(1, min(dots, width // modules))
    return code.make_image().get_image().convert("1")
