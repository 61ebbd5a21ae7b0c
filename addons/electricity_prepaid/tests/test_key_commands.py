"""``odoo electricity_keys``: what an operator does to keys, and what is refused."""

import json
import os

from odoo.tests import tagged

from ..core import keyring
from ..core.card_keys import SoftwareCardKeys
from .common import CounterCase


@tagged("post_install", "-at_install", "electricity")
class TestKeyCommands(CounterCase):
    def setUp(self):
        super().setUp()
        self.cards_path = os.environ["ELECTRICITY_CARD_KEYS"]
        for path in (self.ring_path, self.cards_path):
            with open(path, encoding="utf-8") as file:
                self.addCleanup(self._put_back, path, file.read())

    def _put_back(self, path, content):
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)

    def keys(self, action, good=True, **options):
        text, well = self.env["electricity.keyring"].command(action, **options)
        self.assertEqual(well, good, text)
        return text

    def recorded(self):
        rows = self.env["electricity.key.use"].search([("actor", "!=", False)], order="id")
        return [(row.op, row.driver or None, row.version or None) for row in rows]

    def ring_now(self):
        return keyring.load(self.ring_path)

    def test_init_adds_what_is_missing_and_overwrites_nothing(self):
        with open(self.cards_path, encoding="utf-8") as file:
            content = json.load(file)
        old = content["sle4442_demo"]
        self._put_back(self.cards_path, json.dumps({"sle4442_demo": old}))
        text = self.keys("init")
        self.assertIn("DEMO CARD KEYS", text)
        with open(self.cards_path, encoding="utf-8") as file:
            completed = json.load(file)
        self.assertEqual(completed["sle4442_demo"], old)
        self.assertEqual(sorted(completed), sorted(content))
        self.assertEqual(self.recorded(), [("made", driver, None) for driver in ("csg2015", "gdw1365", "sle4428_demo")])
        self.assertIn("left as it is", self.keys("init"))

    def test_a_rotation_waits_for_the_terminals_that_sell(self):
        old = self.ring_now().active
        self.keys("rotate")
        announced = self.ring_now().announced
        self.assertIn("T01", self.keys("show"))
        self.assertIn("T01", self.keys("activate", good=False))
        self.assertEqual(self.ring_now().active, old)
        self.terminal.sudo().known_kids = f"{old.kid} {announced.kid}"
        self.assertIn("known to every terminal", self.keys("show"))
        self.keys("activate")
        self.assertEqual(self.ring_now().active, announced)
        self.assertEqual([op for op, _driver, _version in self.recorded()], ["rotation", "activation"])

    def test_a_rotation_can_be_forced_and_steps_come_in_order(self):
        self.keys("activate", good=False)
        self.keys("rotate")
        self.keys("rotate", good=False)
        self.keys("activate", force=True)
        self.keys("activate", good=False, force=True)

    def test_terminals_get_the_handovers_and_say_what_they_know(self):
        self.keys("rotate")
        ring = self.ring_now()
        beat = self.proxy.heartbeat()
        terminals = self.env["electricity.terminal"].sudo()
        answer = terminals.sync(beat, [], [ring.active.kid, ring.announced.kid])
        self.assertEqual(answer["handover"], list(ring.handovers))
        self.assertEqual(self.terminal.known_kids, f"{ring.active.kid} {ring.announced.kid}")
        for nonsense in (None, "x", 5, [5, None], ["x"], [["x" * 43]], ["\0" * 43]):
            terminals.sync(self.proxy.heartbeat(), [], nonsense)
            self.assertFalse(self.terminal.known_kids)

    def test_an_order_signed_before_a_rotation_is_taken_after_it(self):
        order, answer = self.authorized()
        self.keys("rotate")
        self.keys("activate", force=True)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(order.state, "written")

    def test_a_key_that_is_lost_is_replaced_without_a_handover(self):
        self.assertIn("Pair each terminal again", self.keys("replace"))
        self.assertEqual(self.ring_now().handovers, ())

    def test_versions_are_added_and_destroyed_with_a_reason(self):
        self.keys("add-version", good=False)
        self.keys("add-version", good=False, driver="sle4442_demo")
        self.keys("add-version", driver="csg2015")
        self.assertIn("csg2015 (versions 1, 2; new cards get 2)", self.keys("show"))
        self.keys("destroy", good=False, driver="csg2015", version=1)
        self.keys("destroy", good=False, driver="csg2015", version=2, reason="x")
        self.keys("destroy", good=False, driver="csg2015", version=9, reason="x")
        self.keys("destroy", good=False, driver="csg2015", reason="x")
        self.keys("destroy", good=False, reason="x")
        self.keys("destroy", driver="csg2015", version=1, reason="replaced")
        self.assertEqual(SoftwareCardKeys.load(self.cards_path).versions("csg2015"), [2])
        self.assertEqual(self.recorded(), [("version", "csg2015", 2), ("destroyed", "csg2015", 1)])
        use = self.env["electricity.key.use"].search([("op", "=", "destroyed")])
        self.assertEqual((use.note, bool(use.actor)), ("replaced", True))

    def test_everything_is_destroyed_and_nothing_comes_back(self):
        self.keys("add-version", driver="gdw1365")
        text = self.keys("destroy", all=True, reason="the end")
        self.assertEqual(text.count("destroyed."), 5)
        self.assertEqual(SoftwareCardKeys.load(self.cards_path).drivers(), [])
        self.assertIn("drivers none", self.keys("init"))

    def test_a_terminal_is_revoked_with_a_reason(self):
        self.keys("revoke", good=False, terminal="T01")
        self.keys("revoke", good=False, terminal="nobody", reason="x")
        self.keys("revoke", terminal="T01", reason="stolen")
        self.assertFalse(self.terminal.sudo().ed25519)
        self.assertEqual(self.recorded(), [("revocation", None, None)])
        self.keys("revoke", good=False, terminal="T01", reason="again")

    def test_no_command_prints_a_key(self):
        with open(self.cards_path, encoding="utf-8") as file:
            masters = [entry["master"] for entry in json.load(file).values() if "master" in entry]
        spoken = "".join(self.keys(action) for action in ("init", "show", "rotate"))
        for secret in (*masters, self.ring_now().active.d, self.ring_now().announced.d):
            self.assertNotIn(secret, spoken)
