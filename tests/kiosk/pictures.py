"""Takes the pictures of the kiosk in docs/img; run by hand: ``script/test tests/kiosk/pictures.py``.

Look at each before it is committed.
"""

import pytest
from stack.odoo import run
from stack.paths import ROOT

from tests.browser.counter_page import CounterPage

IMAGES = ROOT / "docs" / "img"


@pytest.mark.parametrize("language,ending", [("en_US", ""), ("zh_CN", "-zh")])
def test_pictures(kiosk, world, customer, language, ending):
    world.admin.call("electricity.account", "write", [customer.account_id], {"supply_address": "Minzu Avenue 12"})
    page = kiosk(1080, 1920)
    if not ending:
        page.picture(IMAGES / "kiosk-attract.png")
    page.choose(language).picture(IMAGES / f"kiosk-services{ending}.png")
    page.want("file").sees("card")
    if not ending:
        page.picture(IMAGES / "kiosk-card.png")
    world.insert(customer)
    page.sees("file").picture(IMAGES / f"kiosk-file{ending}.png")
    page.press({"": "Back", "-zh": "返回"}[ending]).want("buy").sees("amount").picture(
        IMAGES / f"kiosk-amount{ending}.png"
    )
    page.touch("[data-amount='100.00']").sees("confirm").picture(IMAGES / f"kiosk-confirm{ending}.png")
    page.touch(".o_kiosk_primary").sees("paying")
    page.page.locator(".o_kiosk_second").wait_for()
    world.note_acceptor.insert(5_000)
    page.reads("1 ×").picture(IMAGES / f"kiosk-paying{ending}.png")
    world.note_acceptor.insert(5_000)
    page.sees("done", seconds=60).picture(IMAGES / f"kiosk-done{ending}.png")


FLEET = """
env["ir.module.module"]._load_module_terms(["electricity_prepaid", "kiosk_hw"], ["zh_CN"])
from datetime import timedelta
from odoo import fields
now = fields.Datetime.now()
places = [
    ("Chaoyang Plaza", "K01", "Shopping centre", 22.8176, 108.3155, 0, None, 640, 410),
    ("Railway Station", "K02", "Station hall", 22.8273, 108.3091, 0, "2", 873, 120),
    ("University", "K03", "Canteen 2", 22.8381, 108.2879, 0, "3", 1000, 300),
    ("Wuxiang", "K04", "Service hall", 22.7532, 108.3836, 3, None, 220, 80),
    ("Airport", "K05", "Arrivals", 22.6083, 108.1722, 0, None, 150, 500),
]
kinds = {"2": "cash_near_full", "3": "cash_full"}
for name, code, place, lat, lon, hours, level, pieces, used in places:
    terminal = env["electricity.terminal"].create({
        "name": name, "code": code, "place": place, "latitude": lat, "longitude": lon, "takes_notes": True,
        "roll_receipts": 600, "responsible_id": env.ref("base.user_admin").id,
    })
    terminal.write({
        "state": "active", "last_heartbeat": now + timedelta(minutes=5) - timedelta(hours=hours), "version": "0.1.0",
        "box_level": pieces, "roll_used": used, "roll_changed_at": now, "alarm_level": level or False,
        "alarm_count": 1 if level else 0, "is_silent": bool(hours),
        "box_full_at": now + timedelta(days=1 + (1000 - pieces) // 90), "roll_out_at": now + timedelta(days=2),
    })
    if level:
        env["electricity.terminal.alarm"].create({
            "terminal_id": terminal.id, "company_id": terminal.company_id.id, "kind": kinds[level], "severity": level,
            "code": "T-305" if level == "2" else "T-304", "device_name": "", "opened_at": now - timedelta(hours=2),
        })
    for back in range(5):
        env["electricity.terminal.day"].create({
            "terminal_id": terminal.id, "company_id": terminal.company_id.id, "currency_id": terminal.currency_id.id,
            "day": (now - timedelta(days=back)).date(), "cards": 40 + back, "purchases": 31 - back, "energy": 4100.5,
            "amount_notes": 2150.0 + 10 * back, "amount_total": 2150.0 + 10 * back,
            "notes_100": 20, "writes": 31 - back,
            "write_seconds": 2.4, "failures": back % 2, "uptime": 99.8 - back,
        })
env.cr.commit()
"""


@pytest.mark.parametrize("language,ending", [("en_US", ""), ("zh_CN", "-zh")])
def test_pictures_of_the_fleet(world, browser, language, ending):
    if not ending:
        run("shell", f"--database={world.database}", "--no-http", stdin=FLEET)
        world.user("photographer", "group_supervisor")
    (user,) = world.admin.call("res.users", "search", [("login", "=", "photographer")])
    world.admin.call("res.users", "write", [user], {"lang": language})
    context = browser.new_context(viewport={"width": 1440, "height": 800}, timezone_id="Asia/Shanghai")
    page = CounterPage(context.new_page(), world.odoo.url)
    page.log_in("photographer")
    shown = page.page
    for path, selector, name in (
        ("electricity-terminals", ".o_kanban_record", "fleet-kanban"),
        ("electricity-terminals?view_type=list", ".o_data_row", "fleet-list"),
        ("electricity-terminals?view_type=terminal_map", ".o_terminal_point", "fleet-map"),
        (f"electricity-terminals/{world.terminal.id}", ".o_form_view .o_data_row", "fleet-form"),
        ("electricity-alarms", ".o_data_row", "fleet-alarms"),
        ("action-electricity_prepaid.action_terminal_day", ".o_data_row", "fleet-days"),
    ):
        shown.goto(f"{world.odoo.url}/odoo/{path}")
        shown.locator(selector).first.wait_for()
        shown.wait_for_timeout(700)
        shown.screenshot(path=IMAGES / f"{name}{ending}.png")
    context.close()


def test_pictures_of_ways_to_pay(kiosk, world, customer, phone):
    world.insert(customer)
    page = kiosk().choose().want("buy").sees("amount").touch("[data-amount='100.00']").sees("confirm")
    page.press("Pay").sees("choose_payment").picture(IMAGES / "kiosk-choose.png")
    page.touch("[data-way=qr]").sees("qr").page.locator(".o_kiosk_qr img").wait_for()
    page.picture(IMAGES / "kiosk-qr.png").press("Cancel").sees("choose_payment")
    page.touch("[data-way=bank_card]").sees("bank_card").reads("Time left").picture(IMAGES / "kiosk-bank-card.png")
    # The next kiosk would go on with it.
    page.press("Cancel").sees("choose_payment")
