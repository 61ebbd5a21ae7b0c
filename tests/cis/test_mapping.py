"""Types → XML → types, through real calls: what one side says is what the other side hears, whatever it is."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prepaid_addon.cis import Settings, connect
from prepaid_addon.cis.adapters import ADAPTERS
from prepaid_addon.core import cis_types as types

from tests.cis import samples
from tests.cis.peers import CONTENT_TYPES, PEERS
from tests.cis.samples import OK
from tests.cis.server import Reply, Server

VARIANTS = [("standard", "1.1"), ("standard", "1.2"), ("cents", "1.1")]


class World:
    """A connected adapter, and a peer that notes the question and answers what the test says."""

    def __init__(self, server, adapter, soap):
        self.peer = PEERS[adapter]()
        self.soap = soap
        server.answer = self._answer
        self.system = connect(Settings(adapter, server.url, soap, username="u", password="p", log=lambda record: None))

    def _answer(self, request):
        name, self.heard = self.peer.question(request.body)
        return Reply(self.peer.answer(name, self.answer, self.soap), content_type=CONTENT_TYPES[self.soap])

    def ask(self, answer, method, *subject):
        """Return the adapter's answer, after comparing what the peer heard."""
        self.answer = answer
        told = getattr(self.system, method)(*subject)
        assert self.heard == subject
        return told


@pytest.fixture(params=VARIANTS, ids=lambda variant: "-".join(variant))
def world(request):
    with Server() as server:
        yield World(server, *request.param)


def any_of(**strategies):
    """Run a test on any values; the world is shared by them."""
    limits = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    return lambda test: limits(given(**strategies)(test))


def test_every_adapter_is_tried():
    assert {adapter for adapter, _soap in VARIANTS} == set(ADAPTERS)


@any_of(file=samples.CUSTOMERS, by=st.sampled_from(types.CUSTOMER_KEYS), number=samples.ACCOUNTS)
def test_a_customer_file_arrives_whole(world, file, by, number):
    asked = getattr(file, f"{by}_no") or number
    answer = types.CustomerAnswer(OK, file)
    assert world.ask(answer, "query_customer", by, asked) == answer


@any_of(owed=samples.arrears())
def test_arrears_arrive_to_the_cent(world, owed):
    answer = types.ArrearsAnswer(OK, owed)
    assert world.ask(answer, "query_arrears", owed.account_no) == answer


@any_of(payment=samples.PAYMENTS, data=st.data())
def test_a_payment_and_its_booking_arrive_to_the_cent(world, payment, data):
    own = {"serial": payment.serial, "account_no": payment.account_no, "amount": payment.amount}
    answer = types.PaymentAnswer(OK, data.draw(samples.bookings(**own)))
    assert world.ask(answer, "submit_payment", payment) == answer


@any_of(payment=samples.PAYMENTS, data=st.data())
def test_a_duplicate_of_another_content_is_handed_over(world, payment, data):
    answer = types.PaymentAnswer(types.Result("11004"), data.draw(samples.bookings(serial=payment.serial)))
    assert world.ask(answer, "submit_payment", payment) == answer


@any_of(serial=samples.SERIALS, data=st.data())
def test_a_booked_and_reversed_payment_is_told(world, serial, data):
    taken_back = data.draw(samples.maybe(samples.reversals(original_serial=serial)))
    answer = types.BookedAnswer(OK, data.draw(samples.bookings(serial=serial)), taken_back)
    assert world.ask(answer, "query_payment", serial) == answer


@any_of(reversal=samples.REVERSALS, code=st.sampled_from(["1001", "11004", "11007"]), data=st.data())
def test_a_reversal_arrives_to_the_cent(world, reversal, code, data):
    own = {"original_serial": reversal.original_serial}
    if code != "11007":
        own["serial"] = reversal.serial
    answer = types.ReversalAnswer(types.Result(code), data.draw(samples.reversals(**own)))
    assert world.ask(answer, "reverse_payment", reversal) == answer


@any_of(since=samples.MOMENTS, page=st.integers(1, 1000), answer=samples.CHANGES)
def test_changed_customer_files_arrive_whole(world, since, page, answer):
    assert world.ask(answer, "list_customer_changes", since, page) == answer


@any_of(page=samples.PAGES, answer=samples.COMPARISONS)
def test_a_day_and_its_comparison_arrive_whole(world, page, answer):
    assert world.ask(answer, "reconcile", page) == answer


@any_of(result=samples.RESULTS)
def test_a_refusal_is_an_answer(world, result):
    for method, subject, answer in (
        ("query_customer", ("account", samples.ACCOUNT), types.CustomerAnswer(result)),
        ("query_arrears", (samples.ACCOUNT,), types.ArrearsAnswer(result)),
        ("submit_payment", (samples.PAYMENT,), types.PaymentAnswer(result)),
        ("query_payment", (samples.PAYMENT.serial,), types.BookedAnswer(result)),
        ("reverse_payment", (samples.REVERSAL,), types.ReversalAnswer(result)),
    ):
        assert world.ask(answer, method, *subject) == answer
