"""A figure with its reference, and how figures are shown."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value beside its reference.

    :param name: what was measured, such as ``recharge``
    :param figure: ours, in ``unit``
    :param reference: the reference's, in ``unit``
    :param ratio: figure / reference; for paired runs the median of the pairs' ratios
    :param unit: ``ms``, ``APDUs`` …
    :param limit: the ratio that must not be exceeded, or None
    :param note: what the reference is
    """

    name: str
    figure: float
    reference: float
    ratio: float
    unit: str
    note: str
    limit: float | None = None


def paired(name: str, pairs: list[tuple[float, float]], note: str, limit: float | None, unit: str = "ms") -> Figure:
    """Make a figure of runs that took turns: medians, and the median of the ratios pair by pair.

    :param pairs: (ours, reference) in seconds
    """
    ours, reference = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / other for mine, other in pairs)
    return Figure(name, round(ours, 2), round(reference, 2), round(ratio, 3), unit, note, limit)


def table(figures: list[Figure]) -> str:
    """A table for people."""
    lines = [f"{'name':<14}{'figure':>11}{'reference':>12}{'ratio':>8}{'limit':>8}  unit; reference"]
    for each in figures:
        limit = "" if each.limit is None else f"{each.limit:g}"
        numbers = f"{each.figure:>11g}{each.reference:>12g}{each.ratio:>8g}{limit:>8}"
        lines.append(f"{each.name:<14}{numbers}  {each.unit}; {each.note}")
    return "\n".join(lines)


def json_lines(figures: list[Figure]) -> str:
    """One JSON object a line, with at least ``name``, ``figure``, ``reference`` and ``ratio``."""
    return "".join(json.dumps(asdict(each)) + "\n" for each in figures)
