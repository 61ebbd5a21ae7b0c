"""A short soak: idle hours and sales leave the service as large as they found it (the long one: script/bench soak)."""

import pytest

from bench.figures import Figure
from bench.soak import RSS_LIMIT, Size, Soak, figures

pytestmark = pytest.mark.hardware


def over(found: list[Figure]) -> list[str]:
    return [each.name for each in found if each.ratio > each.limit]


def test_a_growing_service_is_noticed():
    small = Size(rss=50_000_000, fds=20, threads=10)
    grown = Size(rss=int(50_000_000 * RSS_LIMIT) + 1_000_000, fds=21, threads=11)
    assert over(figures(small, small, "x")) == []
    assert over(figures(small, grown, "x")) == ["soak.idle.rss", "soak.idle.fds", "soak.idle.threads"]


def test_hours_and_sales_leak_neither_memory_nor_handles(pcsc, tmp_path):
    soak = Soak(tmp_path, pcsc)
    try:
        soak.sell(40)
        soak.idle(3600)
        before = soak.size()
        soak.idle(2 * 3600)
        soak.sell(60)
        after = soak.size()
    finally:
        soak.close()
    assert over(figures(before, after, "2 hours and 60 sales")) == [], (before, after)
