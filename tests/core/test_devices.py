"""The devices of a terminal in its heartbeat: what is read, what is refused, and what counts as a change."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import devices, heartbeats, tokens
from prepaid_core.devices import Device
from prepaid_core.errors import Refusal

from hw_proxy.device_report import report
from tests.core.test_tokens import DB, TERMINAL, TERMINAL_KEY, heartbeat_claims

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol"
ENTRY = {"kind": "printer", "name": "receipt printer", "state": "ready", "code": None, "detail": {"paper": "low"}}
ANYTHING = st.sampled_from([None, True, -1, 7, 2**60, 0.5, "", "low", "ups", "Door", "A-104", "\0", "x" * 90, [1], {}])


def schema():
    return jsonschema.Draft202012Validator(json.loads((PROTOCOL / "heartbeat.schema.json").read_text(encoding="utf-8")))


def read(**changes):
    return heartbeats.verify(
        tokens.sign(tokens.HEARTBEAT, heartbeat_claims(**changes), TERMINAL_KEY), TERMINAL, DB
    ).devices


def test_a_terminal_that_does_not_tell_its_devices_is_heard():
    assert read() is None


@pytest.mark.parametrize(
    "entries",
    [
        None,
        {},
        [[]],
        [{**ENTRY, "more": 1}],
        [{key: value for key, value in ENTRY.items() if key != "code"}],
        [ENTRY, ENTRY],
        [{**ENTRY, "name": str(number)} for number in range(devices.MOST + 1)],
        *(
            [{**ENTRY, name: value}]
            for name, value in (
                ("kind", "Printer"),
                ("kind", ""),
                ("kind", "x" * 17),
                ("name", ""),
                ("name", "x" * 65),
                ("name", "zero\0"),
                ("state", None),
                ("state", "<b>"),
                ("code", "broken"),
                ("code", 1),
                ("detail", None),
                ("detail", {"Paper": "low"}),
                ("detail", {"paper": None}),
                ("detail", {"paper": True}),
                ("detail", {"charge": -1}),
                ("detail", {"charge": 1.5}),
                ("detail", {"charge": 2**53}),
                ("detail", {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
            )
        ),
    ],
)
def test_a_forged_claim_is_refused(entries):
    with pytest.raises(Refusal) as refusal:
        read(devices=entries)
    assert refusal.value.code == "P-104"
    # A schema tells neither a name that comes twice nor one that cannot be printed.
    if entries != [ENTRY, ENTRY] and "\\u0000" not in json.dumps(entries):
        assert not schema().is_valid(heartbeat_claims(devices=entries))


def test_a_kind_of_device_that_is_not_known_yet_is_no_fault():
    (device,) = read(devices=[{**ENTRY, "kind": "drone_port", "state": "hovering"}])
    assert (device.filed_kind, device.steady) == ("other", "unknown")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["kind", "name", "state", "code", "charge", "paper", "x", "Y"]),
            ANYTHING,
        ),
        max_size=5,
    )
)
def test_whatever_devices_say_odoo_takes_what_the_terminal_makes_of_it(statuses):
    claim = json.loads(json.dumps(report(statuses)))
    schema().validate(heartbeat_claims(devices=claim))
    assert len(read(devices=claim)) == len(claim)


@given(st.permutations(range(4)))
def test_the_order_in_which_devices_are_told_is_no_change(order):
    told = [Device("door", str(number), "closed") for number in range(4)]
    assert devices.digest(told[number] for number in order) == devices.digest(told)


def test_what_every_customer_changes_is_no_change():
    pairs = [
        (Device("reader", "r", "empty"), Device("reader", "r", "error", "C-103")),
        (Device("notes", "n", "closed"), Device("notes", "n", "busy")),
        (Device("ups", "u", "line", None, {"charge": 97}), Device("ups", "u", "line", None, {"charge": 91})),
    ]
    for before, after in pairs:
        assert devices.digest([before]) == devices.digest([after])


def test_what_the_operator_wants_to_know_is_a_change():
    told = [
        Device("reader", "r", "empty"),
        Device("reader", "r", "absent", "P-107"),
        Device("reader", "r", "error", "P-108"),
        Device("notes", "r", "fault", "A-102"),
        Device("notes", "r", "fault", "A-104"),
        Device("printer", "r", "ready", None, {"paper": "low"}),
        Device("printer", "r", "ready", None, {"paper": "enough"}),
        Device("ups", "r", "battery", None, {"charge": 80}),
        Device("ups", "r", "battery", None, {"charge": 69}),
    ]
    assert len({devices.digest([device]) for device in told}) == len(told)


def test_an_old_terminal_has_its_readers():
    (reader,) = devices.of_readers([("Reader", "card"), ("", "empty")])
    assert (reader.key, reader.steady) == (("reader", "Reader"), "ready")
