"""Who asks too often waits; others do not."""

from prepaid_core.rate import MOST_CALLERS, RateLimit


def test_a_burst_ends_and_comes_back_with_time():
    now = [0.0]
    limit = RateLimit(per_minute=60, burst=2, ticks=lambda: now[0])
    assert [limit.allow("a") for _each in range(3)] == [True, True, False]
    assert limit.allow("b")
    now[0] = 1.0
    assert [limit.allow("a") for _each in range(2)] == [True, False]


def test_it_forgets_the_oldest_callers_only():
    limit = RateLimit(per_minute=1, burst=1, ticks=lambda: 0.0)
    for caller in range(MOST_CALLERS + 1):
        assert limit.allow(caller)
    assert not limit.allow(MOST_CALLERS) and limit.allow(0)
