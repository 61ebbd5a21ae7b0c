"""The connection to the marketing system: circuit, health, rights, and what the test button says."""

import os
import socket
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..cis.settings import TIMEOUTS
from ..core.cis_circuit import TOLERATED
from ..core.cis_types import BookedAnswer, Result, Unreachable
from ..models import cis_connection_check, cis_connection_health

OK = Result("1003")


class StubSystem:
    """A marketing system that answers what it was told to."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = 0
        self.asked = []

    def query_payment(self, _subject):
        """Answer, or fail."""
        return self._answer("query_payment")

    def reconcile(self, _page):
        """Answer, or fail."""
        return self._answer("reconcile")

    def query_customer(self, _by, _number):
        """Answer, or fail."""
        return self._answer("query_customer")

    def _answer(self, operation):
        self.calls += 1
        self.asked.append(operation)
        answer = self.answer(operation) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


@tagged("post_install", "-at_install", "electricity")
class TestCisConnection(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.env["electricity.cis.connection"].create(
            {
                "name": "City",
                "url": "http://127.0.0.1:9/soap",
                "username": "kiosk",
                "secret_name": "unit_test",
            }
        )

    def setUp(self):
        super().setUp()
        self.patch(cis_connection_health, "NOTED_EVERY", -1)

    def speaks(self, answer):
        """Let the marketing system answer, or fail, and return it."""
        system = StubSystem(answer)
        self.patch(type(self.connection), "_system", lambda connection: system)
        return system

    def ask(self):
        """Return the answer, or how it failed. Not by assertRaises, which would take back what was noted."""
        try:
            return self.connection.ask("query_payment", "R1234567890")
        except Unreachable as failure:
            return failure

    def fail(self, kind="timeout", times=1):
        system = self.speaks(Unreachable(kind, "planted"))
        for _ in range(times):
            self.assertEqual(self.ask().kind, kind)
        return system

    def test_failures_in_a_row_pause_it_and_the_next_call_is_not_made(self):
        system = self.fail(times=TOLERATED)
        self.assertEqual(self.connection.circuit_state, "open")
        failure = self.ask()
        self.assertEqual((failure.kind, failure.sent), ("circuit", False))
        self.assertEqual(system.calls, TOLERATED)

    def test_after_the_pause_one_probe_is_made_and_its_answer_closes_the_circuit(self):
        self.fail(times=TOLERATED)
        self.connection.circuit_until = "2020-01-01"
        self.speaks(BookedAnswer(Result("1003")))
        self.ask()
        self.assertEqual((self.connection.circuit_state, self.connection.failures), ("closed", 0))
        self.assertTrue(self.connection.last_success_at)

    def test_a_probe_under_way_keeps_others_out(self):
        self.fail(times=TOLERATED)
        self.connection.circuit_until = "2020-01-01"
        self.connection._admit()
        self.assertEqual(self.connection.circuit_state, "half_open")
        with self.assertRaises(Unreachable):
            self.connection._admit()

    def paused(self):
        """Let the circuit be open, and its pause over."""
        self.fail(times=TOLERATED)
        self.connection.circuit_until = "2020-01-01"

    def test_a_comparison_does_not_try_an_open_circuit_but_a_short_question_before_it(self):
        self.paused()
        states = []
        system = self.speaks(lambda operation: states.append(self.connection.circuit_state) or BookedAnswer(OK))
        self.connection.ask("reconcile", None)
        self.assertEqual(system.asked, ["query_payment", "reconcile"])
        self.assertEqual(states, ["half_open", "closed"], "a clerk's call is not refused while a comparison takes long")

    def test_a_comparison_is_not_begun_while_the_short_question_brings_no_answer(self):
        self.paused()
        system = self.speaks(Unreachable("timeout"))
        with self.assertRaises(Unreachable), self.cr.savepoint():
            self.connection.ask("reconcile", None)
        self.assertEqual(system.asked, ["query_payment"])

    def test_a_comparison_asks_nothing_else_while_the_circuit_is_closed(self):
        system = self.speaks(BookedAnswer(OK))
        self.connection.ask("reconcile", None)
        self.assertEqual(system.asked, ["reconcile"])

    def test_a_bug_in_the_client_leaves_the_turn_to_the_next_one(self):
        for call in (
            lambda: self.connection.ask("query_payment", "R1"),
            lambda: self.connection.ask_about("card", "1"),
        ):
            self.paused()
            self.speaks(ValueError("planted"))
            try:
                call()
                self.fail("the bug is not hidden")
            except ValueError:
                self.assertEqual(self.connection.circuit_state, "open")
            self.speaks(BookedAnswer(OK))
            self.ask()
            self.assertEqual(self.connection.circuit_state, "closed")

    def test_a_fault_of_one_message_pauses_nothing(self):
        self.fail("fault", times=TOLERATED + 1)
        self.assertEqual(self.connection.circuit_state, "closed")
        self.assertEqual(self.connection.last_failure_kind, "fault")

    def test_content_that_cannot_be_right_is_one_customers_affair(self):
        self.fail("invalid", times=TOLERATED + 1)
        self.assertEqual((self.connection.circuit_state, self.connection.failures), ("closed", 0))

    def test_whoever_answers_a_probe_in_any_way_is_there(self):
        for kind in ("fault", "mismatch", "invalid"):
            with self.subTest(kind=kind):
                self.fail(times=TOLERATED)
                self.connection.circuit_until = "2020-01-01"
                self.fail(kind)
                self.assertEqual((self.connection.circuit_state, self.connection.failures), ("closed", 0))

    def test_a_probe_that_was_not_made_leaves_the_turn_to_the_next_one(self):
        self.fail(times=TOLERATED)
        self.connection.circuit_until = "2020-01-01"
        self.fail("unsendable")
        self.assertEqual(self.connection.circuit_state, "open")
        self.speaks(BookedAnswer(Result("1003")))
        self.ask()
        self.assertEqual(self.connection.circuit_state, "closed")

    def test_an_operation_that_is_none_is_a_bug(self):
        with self.assertRaises(ValueError):
            self.connection.ask("_secrets")

    def test_passwords_do_not_travel_over_plain_http(self):
        for url in ("http://marketing.example.com/soap", "ftp://127.0.0.1/", "https://user:pw@example.com/", "soap"):
            with self.assertRaises(ValidationError):
                self.connection.url = url

    def test_the_name_of_a_secret_is_a_plain_word(self):
        with self.assertRaises(ValidationError):
            self.connection.secret_name = "../etc/passwd"

    def test_a_company_has_one_active_connection_and_finds_it(self):
        company = self.connection.company_id
        self.assertEqual(self.env["electricity.cis.connection"]._for_company(company), self.connection)
        self.connection.active = False
        self.assertFalse(self.env["electricity.cis.connection"]._for_company(company))

    def test_an_archived_connection_is_not_used_whatever_the_caller_asks_for(self):
        company = self.connection.company_id
        self.connection.active = False
        connections = self.env["electricity.cis.connection"].with_context(active_test=False)
        self.assertFalse(connections._for_company(company))

    def test_the_database_keeps_one_active_connection_a_company(self):
        self.env.cr.execute(
            "SELECT 1 FROM pg_indexes"
            " WHERE tablename = 'electricity_cis_connection' AND indexdef LIKE '%UNIQUE%active%'"
        )
        self.assertTrue(self.env.cr.fetchone())

    def test_supervisors_see_how_it_is_doing_and_change_nothing(self):
        user = new_test_user(self.env, "cis-supervisor", groups="electricity_prepaid.group_supervisor")
        connection = self.connection.with_user(user)
        self.assertEqual(connection.circuit_state, "closed")
        with self.assertRaises(AccessError):
            connection.policy = "sell_and_queue"
        for test in (connection.action_test, connection.test_now):
            with self.assertRaises(AccessError):
                test()

    def test_nobody_sets_the_health_by_hand(self):
        user = new_test_user(self.env, "cis-administrator", groups="electricity_prepaid.group_administrator")
        with self.assertRaises(AccessError):
            self.connection.with_user(user).circuit_state = "closed"

    def told(self):
        action = self.connection.test_now()["params"]
        return action["type"], action["message"]

    def test_the_button_says_that_it_works(self):
        self.speaks(BookedAnswer(Result("1003")))
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            self.connection.url = f"http://127.0.0.1:{server.getsockname()[1]}/soap"
            kind, message = self.told()
        self.assertEqual(kind, "success")
        self.assertIn("City", message)

    def test_the_button_says_first_how_long_it_waits(self):
        system = self.speaks(BookedAnswer(Result("1003")))
        action = self.connection.action_test()
        self.assertEqual(action["params"]["connection"], self.connection.id)
        limit = cis_connection_check.PATIENCE + TIMEOUTS["query_payment"]
        self.assertIn(f"about {limit:.0f} seconds", action["params"]["message"])
        self.assertEqual(system.calls, 0, "nobody is asked before the person knows")

    def test_the_button_says_of_a_name_that_none_can_be_that_it_is_unknown(self):
        self.speaks(BookedAnswer(Result("1003")))
        self.connection.url = "https://marketing..example.com/soap"
        self.assertIn("M-201", self.told()[1])

    def test_the_button_tells_a_closed_port_from_an_unknown_name(self):
        self.speaks(BookedAnswer(Result("1003")))
        self.assertIn("M-202", self.told()[1])
        with patch.object(socket, "getaddrinfo", side_effect=socket.gaierror()):
            self.assertIn("M-201", self.told()[1])

    def test_a_password_goes_to_no_address_that_the_server_did_not_release(self):
        secret = {"ELECTRICITY_CIS_SECRET_UNIT_TEST": "planted", "ELECTRICITY_CIS_HOSTS_UNIT_TEST": "city.example"}
        with patch.dict(os.environ, secret), patch.object(socket, "create_connection") as connect:
            self.connection.url = "https://elsewhere.example/soap"
            kind, message = self.told()
            self.assertEqual(kind, "danger")
            self.assertIn("M-213", message)
            self.assertIn("elsewhere.example", message)
            self.assertEqual(self.ask().kind, "configuration")
            connect.assert_not_called()
            self.connection.url = "https://city.example/soap"
            self.assertEqual(self.connection._secrets().password, "planted")
            os.environ["ELECTRICITY_CIS_COMPANIES_UNIT_TEST"] = str(self.connection.company_id.id + 1)
            self.assertIn("M-213", self.told()[1])

    def test_the_button_says_that_the_password_is_missing(self):
        with patch.dict(os.environ):
            os.environ.pop("ELECTRICITY_CIS_SECRET_UNIT_TEST", None)
            kind, message = self.told()
        self.assertEqual(kind, "danger")
        self.assertIn("M-207", message)
        self.assertIn("unit_test", message)
