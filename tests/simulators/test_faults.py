"""Faults are armed by name and refuse what they do not know."""

from __future__ import annotations

import pytest

from simulators.faults import KINDS, Faults, UnknownFault


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("burn", {}),
        ("pull", {"byte": 3}),
        ("pull", {"bytes": -1}),
        ("pull", {"bytes": "3"}),
        ("pull", {"bytes": True}),
        ("pull", {"inside": 1}),
        ("pull", {"bytes": 1.5}),
    ],
)
def test_unknown_or_malformed_faults_are_refused_and_arm_nothing(kind, parameters):
    faults = Faults()
    with pytest.raises(UnknownFault):
        faults.arm(kind, **parameters)
    assert faults.armed() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_armed_and_taken_back(kind):
    faults = Faults()
    faults.arm(kind)
    assert faults.armed()
    faults.disarm(kind)
    assert faults.armed() == {}


def test_silence_ends_after_its_commands():
    faults = Faults()
    faults.arm("silent", seconds=2, apdus=2)
    assert [faults.take_delay() for _ in range(3)] == [2, 2, 0]
    assert not faults.is_silent()


def test_pull_at_the_third_command():
    faults = Faults()
    faults.arm("pull_at_apdu", apdu=3)
    assert [faults.take_apdu() for _ in range(4)] == [False, False, True, False]
