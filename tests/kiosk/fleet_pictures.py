"""The pictures of fleet and cash boxes in docs/img, from a demo with six more kiosks; ``script/pictures``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from stack.odoo import run
from stack.page import OdooSession

from tests.browser.counter_page import CounterPage

SIZE = {"width": 1440, "height": 860}
SETTLES = 800
LOGINS = ("supervisor", "cash", "cash2", "admin")
LANGUAGES = (("en_US", ""), ("zh_CN", "-zh"))
COUNTED = (12, 8, 3, 8)
"""Notes of 100, 50, 20 and 10 yuan that are typed in the count."""
ROLL = {"width": 330, "height": 900}
KIOSKS = """
from datetime import timedelta
from odoo import fields

now = fields.Datetime.now()
company = env.company
rows = "\\n".join((
    "K21; Minzu Hospital; Entrance, ground floor",
    "K22; East Station; Departures",
    "K23; Xixiangtang Market; Gate 3",
    "K24; Binhu Road; Service point",
    "K25; Jiangnan Bus Station; Hall",
    "K26; Market Street; Beside the post office",
))
setup = env["electricity.kiosk.setup"].create({"company_id": company.id, "kind": "list", "rows": rows})
setup.action_preview()
while setup.make_some()["left"]:
    pass
assert set(setup.line_ids.mapped("state")) == {"made"}, setup.line_ids.mapped("problem")

def terminal(code):
    return env["electricity.terminal"].search([("code", "=", code)])

conditions = (
    ("K21", 22.7921, 108.4012, 0, None, 640, 410), ("K22", 22.8385, 108.3822, 0, "2", 873, 120),
    ("K23", 22.8462, 108.2385, 0, "3", 1000, 300), ("K24", 22.7935, 108.2561, 3, None, 220, 80),
    ("K25", 22.7604, 108.3107, 0, None, 150, 500), ("K26", 22.8190, 108.3560, 0, None, 310, 220),
)
kinds = {"2": ("cash_near_full", "T-305"), "3": ("cash_full", "T-304")}
for code, latitude, longitude, hours, level, pieces, used in conditions:
    one = terminal(code)
    one.place = one.kiosk_config_ids.kiosk_place
    one.write({
        "latitude": latitude, "longitude": longitude, "roll_receipts": 600, "takes_notes": True,
        "responsible_id": env.ref("base.user_admin").id,
    })
    one.write({
        "state": "active", "last_heartbeat": now + timedelta(minutes=20) - timedelta(hours=hours), "version": "0.1.0",
        "box_level": pieces, "roll_used": used, "roll_changed_at": now, "alarm_level": level or False,
        "alarm_count": 1 if level else 0, "is_silent": bool(hours),
        "box_full_at": now + timedelta(days=1 + (1000 - pieces) // 90), "roll_out_at": now + timedelta(days=2),
    })
    if level:
        kind, alarm = kinds[level]
        env["electricity.terminal.alarm"].create({
            "terminal_id": one.id, "company_id": company.id, "kind": kind, "severity": level, "code": alarm,
            "device_name": "", "opened_at": now - timedelta(hours=2),
        })
    for back in range(1, 5):
        env["electricity.terminal.day"].create({
            "terminal_id": one.id, "company_id": company.id, "currency_id": one.currency_id.id,
            "day": (now - timedelta(days=back)).date(), "cards": 40 + back, "purchases": 31 - back, "energy": 4100.5,
            "amount_notes": 2150.0 + 10 * back, "amount_total": 2150.0 + 10 * back, "notes_100": 20,
            "writes": 31 - back, "write_seconds": 2.4, "failures": back % 2, "uptime": 99.8 - back, "is_watched": True,
        })
for code, latitude, longitude in (("K11", 22.8021, 108.3290), ("T01", 22.8035, 108.3350)):
    terminal(code).write({"latitude": latitude, "longitude": longitude})
env.cr.commit()
"""
BOXES = """
import time, uuid
from datetime import timedelta
from odoo import fields
from odoo.addons.electricity_prepaid.core.tenders import TenderStatement

users = {login: env["res.users"].search([("login", "=", login)]) for login in ("technician", "cash")}
users["second"] = users["cash"].with_context(no_reset_password=True).create({
    "name": "Carla Cash", "login": "cash2", "password": "cash2", "tz": "Asia/Shanghai",
    "group_ids": [(6, 0, users["cash"].group_ids.ids)],
})
env["account.account"].create({"name": "Cash shortages", "code": "660190", "account_type": "expense"})
numbers = {}

def terminal(code):
    found = env["electricity.terminal"].search([("code", "=", code)])
    if not found.cash_box_id:
        found.kiosk_config_ids.open_kiosk_session()
    return found

def put_in(code, notes, uncertain=()):
    one = terminal(code)
    session = one.box_session()
    numbers[session] = numbers.get(session, 0) + 1
    name = str(uuid.uuid4())
    doubtful = tuple((cents, int(time.time() * 1000)) for cents in uncertain)
    worth = sum(cents * pieces for cents, pieces in notes.items())
    signed = TenderStatement(
        name, int(time.time()), str(uuid.uuid4()), session, numbers[session], tuple(notes.items()), worth, doubtful
    )
    env["electricity.recharge"].browse()._take_statement(one, signed, name, pushed=True)

def take_out(code):
    one = terminal(code)
    box = one.cash_box_id
    box.put_in_at = fields.Datetime.now() - timedelta(days=6)
    box.with_user(users["technician"]).action_take_out()
    box.leaving_at = fields.Datetime.now() - timedelta(minutes=2)
    box.with_user(users["technician"]).action_out()
    one.invalidate_recordset()
    return box

put_in("K21", {10000: 12, 5000: 7, 2000: 3, 1000: 8, 500: 4, 100: 9}, uncertain=(5000, 5000))
put_in("K26", {10000: 31, 5000: 11, 1000: 4})
put_in("K25", {10000: 4, 5000: 2})
take_out("K21")
take_out("K26").with_user(users["cash"]).confirm_count({"10000": 30, "5000": 11, "1000": 4})
put_in("K21", {10000: 2, 2000: 1})
put_in("K26", {5000: 5})
env.cr.commit()
"""


class FleetPhotographer:
    """Staff of the demo who look after kiosks and their cash boxes.

    :param demo: started
    :param browser: Chromium
    :param folder: where the pictures go
    """

    def __init__(self, demo, browser: Browser, folder: Path):
        self.demo, self.browser, self.folder = demo, browser, folder
        self.ending = ""

    def take_all(self) -> None:
        """Take every picture, in English and Chinese."""
        self._run(KIOSKS)
        self._run(BOXES)
        for language, self.ending in LANGUAGES:
            admin = OdooSession(self.demo.odoo.url, self.demo.name, "admin", "admin")
            users = admin.call("res.users", "search", [("login", "in", LOGINS)])
            admin.call("res.users", "write", users, {"lang": language})
            with self._visit("supervisor") as page:
                self.fleet(page)
            with self._visit("cash") as page:
                self.count(page)
            with self._visit("cash2") as page:
                self.slip(page)
            if not self.ending:
                with self._visit("admin") as page:
                    self.set_up(page)

    def _run(self, script):
        run("shell", f"--database={self.demo.name}", "--no-http", stdin=script)

    @contextmanager
    def _visit(self, login: str) -> Iterator[Page]:
        context = self.browser.new_context(viewport=SIZE, timezone_id="Asia/Shanghai")
        counter = CounterPage(context.new_page(), self.demo.odoo.url)
        counter.log_in(login)
        yield counter.page
        context.close()

    def take(self, page: Page, name: str) -> None:
        """Take one picture, when what moves has come to rest."""
        page.wait_for_timeout(SETTLES)
        page.screenshot(path=self.folder / f"{name}{self.ending}.png")

    def show(self, page: Page, path: str, selector: str = ".o_data_row, .o_view_nocontent") -> Page:
        """Open a page of Odoo and wait for something on it."""
        page.goto(f"{self.demo.odoo.url}/odoo/{path}")
        page.locator(selector).first.wait_for()
        return page

    # -- what is photographed --------------------------------------------------------------------------------------

    def fleet(self, page: Page) -> None:
        """Terminals on their map, and a box with short money."""
        path = "electricity-terminals?view_type=terminal_map"
        self.take(self.show(page, path, ".o_terminal_point"), "fleet-map")
        self._open_box(page, "K26")
        self.take(page, "box-short")

    def _open_box(self, page, code):
        self.show(page, "action-kiosk_hw.cash_box_action_to_do")
        page.locator(".o_data_row", has_text=code).first.locator("td[name=name], td.o_list_many2one").first.click()
        page.wait_for_selector(".o_form_view")

    def count(self, page: Page) -> None:
        """What the box holds, as it is typed by who counts."""
        self._open_box(page, "K21")
        page.locator("button[name=action_count]:visible").first.click()
        page.wait_for_selector(".modal .o_data_row")
        for row, pieces in enumerate(COUNTED):
            page.locator(".modal .o_data_row td[name=pieces]").nth(row).click()
            page.locator(".modal td[name=pieces] input").fill(str(pieces))
            page.keyboard.press("Tab")
        self.take(page, "box-count")

    def slip(self, page: Page) -> None:
        """The slip of a counted box."""
        self._open_box(page, "K26")
        found = page.url.rstrip("/").rpartition("/")[2]
        page.set_viewport_size(ROLL)
        page.goto(f"{self.demo.odoo.url}/report/html/kiosk_hw.cash_box_slip/{found}?paper=roll")
        page.screenshot(path=self.folder / f"box-slip-roll{self.ending}.png", full_page=True)

    def set_up(self, page: Page) -> None:
        """The window that sets up kiosks."""
        page.goto(f"{self.demo.odoo.url}/odoo/action-kiosk_hw.kiosk_setup_action")
        page.wait_for_selector(".o_form_view")
        self.take(page, "kiosk-setup")
