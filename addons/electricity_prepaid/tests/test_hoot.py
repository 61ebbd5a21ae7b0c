"""Run the unit tests of our JavaScript (static/tests) in the browser."""

from odoo.tests import HttpCase, tagged


def suite_id(name):
    """Return Hoot's id of a suite: the hash of its name, as ``odoo/addons/web/tests/test_js.py`` builds it."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


def only_failures(message):
    """Hoot reports failures itself; whatever else is logged does not end the run."""
    return "[HOOT]" not in message


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    def test_every_unit_test_of_our_javascript_passes(self):
        suite = suite_id("@electricity_prepaid")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=280,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=only_failures,
        )
