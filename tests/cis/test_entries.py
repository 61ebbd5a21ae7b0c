"""A page of customer files: each is read by itself, and what is wrong with one is told without losing the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree
from prepaid_addon.cis import Settings, connect
from prepaid_addon.core import cis_types as types
from prepaid_addon.core.cis_types import Unreachable, UnreadableFile

from tests.cis.peers import CONTENT_TYPES, PEERS
from tests.cis.samples import OK
from tests.cis.server import Reply

UNTIL = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
NUMBERS = [f"33010000000{each}" for each in range(1, 5)]
FILES = tuple(types.CustomerFile(number, "N", "A", "active", "residential", "card") for number in NUMBERS)
LIST = {"standard": "ListCustomerChanges", "cents": "getChangedConsumers"}


@pytest.fixture(params=["standard", "cents"])
def adapter(request):
    return request.param


@pytest.fixture
def page(server, adapter):
    """Return a caller: it answers a page that ``spoil`` has changed, and returns what the adapter tells of it.

    ``spoil`` gets the entries, and a setter of a value by the adapter's own name of it.
    """
    peer = PEERS[adapter]()

    def bring(spoil, answer=None):
        answer = answer or types.ChangesAnswer(OK, 1, UNTIL, FILES)
        root = etree.fromstring(peer.answer(LIST[adapter], answer))
        spoil([each for each in root.iter() if etree.QName(each).localname in ("customer", "cons")])
        content = etree.tostring(root, xml_declaration=True, encoding="utf-8")
        server.answer = lambda _request: Reply(content, content_type=CONTENT_TYPES["1.1"])
        system = connect(Settings(adapter, server.url, username="u", password="p", log=records.append))
        return system.list_customer_changes(UNTIL, 1)

    records = []
    bring.records = records
    return bring


def put(entry, standard, cents, value):
    """Set a value of an entry, or take it out with None."""
    child = next((each for each in entry if etree.QName(each).localname == standard), None)
    if child is None:
        entry.attrib.pop(cents)
        if value is not None:
            entry.set(cents, value)
    elif value is None:
        entry.remove(child)
    else:
        child.text = value


def spoilt_by(*places, **change):
    names = {"status": ("status", "status"), "number": ("accountNo", "consNo")}

    def spoil(entries):
        for place in places:
            for name, value in change.items():
                put(entries[place], *names[name], value)

    return spoil


def without(*places):
    return tuple(file for place, file in enumerate(FILES) if place not in places)


def test_one_that_the_schema_forbids_is_told_with_its_account(page):
    found = page(spoilt_by(1, status="moved"))
    assert found == types.ChangesAnswer(OK, 1, UNTIL, without(1), (UnreadableFile(2, "schema", NUMBERS[1]),))
    assert page.records[-1]["unreadable"] == 1


@pytest.mark.parametrize("number", [None, "12", "<&>", "3301000000011"])
def test_one_whose_account_cannot_be_told_is_told_without(page, number):
    found = page(spoilt_by(2, number=number))
    assert (found.customers, found.unreadable) == (without(2), (UnreadableFile(3, "schema"),))


def test_the_account_of_one_that_names_two_is_not_guessed(page, adapter):
    def spoil(entries):
        again = etree.fromstring(etree.tostring(entries[0][0])) if adapter == "standard" else None
        if again is None:
            entries[0].append(etree.fromstring(f"<consNo xmlns='urn:x'>{NUMBERS[3]}</consNo>"))
        else:
            again.text = NUMBERS[3]
            entries[0].insert(1, again)

    found = page(spoil)
    # What a later version adds at an end is left out, so the second number of that kind is no fault.
    told = (UnreadableFile(1, "schema"),) if adapter == "standard" else ()
    assert found.unreadable == told


def test_all_of_a_page_may_be_unreadable(page):
    found = page(spoilt_by(0, 1, 2, 3, status="moved"))
    assert (found.customers, [each.position for each in found.unreadable]) == ((), [1, 2, 3, 4])
    assert [each.account_no for each in found.unreadable] == NUMBERS


def test_something_foreign_among_the_files_is_not_lost_unseen(page):
    def spoil(entries):
        entries[1].tag = f"{entries[1].tag}s"

    found = page(spoil)
    assert (found.customers, found.unreadable) == (without(1), (UnreadableFile(2, "schema", NUMBERS[1]),))


def test_what_a_later_version_adds_to_a_file_makes_it_no_worse(page):
    def spoil(entries):
        for entry in entries:
            etree.SubElement(entry, f"{{{etree.QName(entry).namespace}}}laterOn").text = "x"
        put(entries[3], "status", "status", "moved")

    assert page(spoil).customers == without(3)


def test_a_page_with_more_files_than_allowed_is_unreadable_as_a_whole(page):
    many = tuple(replace(FILES[0], account_no=f"{number:012d}") for number in range(1000))

    def spoil(entries):
        entries[0].addprevious(etree.fromstring(etree.tostring(entries[0])))

    with pytest.raises(Unreachable) as caught:
        page(spoil, types.ChangesAnswer(OK, 1, UNTIL, many))
    assert caught.value.kind == "invalid"


def test_a_page_without_what_is_around_the_files_is_unreadable_as_a_whole(page):
    def spoil(entries):
        parent = entries[0].getparent()
        for each in list(parent):
            if etree.QName(each).localname in ("pages", "pageCnt"):
                parent.remove(each)
        put(entries[0], "status", "status", "moved")

    with pytest.raises(Unreachable) as caught:
        page(spoil)
    assert caught.value.kind == "invalid"


@pytest.mark.parametrize("adapter", ["cents"])
def test_a_value_without_a_meaning_spoils_its_file_only(page, adapter):
    def spoil(entries):
        entries[0].set("status", "9")
        entries[1].set("chgTime", "20261399250000")
        entries[3].set("consNo", "?")

    found = page(spoil)
    assert found.customers == FILES[2:3]
    assert found.unreadable == (
        UnreadableFile(1, "schema", NUMBERS[0]),
        UnreadableFile(2, "value", NUMBERS[1]),
        UnreadableFile(4, "schema"),
    )
