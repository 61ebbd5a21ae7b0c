"""The operator's screens beside a running kiosk: they follow it without being reloaded, and close it from afar."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.counter_page import CounterPage

LONG = 30_000
STOP_POLLING = "() => { for (let timer = 1; timer < 100000; timer++) { clearInterval(timer); } }"


@pytest.fixture
def operator(world, browser):
    """A technician's browser at the overview of terminals."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai")
    page = CounterPage(context.new_page(), world.odoo.url)
    if not world.admin.call("res.users", "search", [("login", "=", "fleet")]):
        world.user("fleet", "group_technician")
    page.log_in("fleet")
    page.page.goto(f"{world.odoo.url}/odoo/electricity-terminals")
    yield page.page
    context.close()
    assert page.errors == []


def picture(page, name):
    """Take a picture where somebody wants to look at one."""
    folder = os.environ.get("PREPAID_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_the_map_follows_a_kiosk_by_itself_and_closes_it_when_the_visit_is_over(world, operator, kiosk):
    position = {"latitude": 22.8176, "longitude": 108.3155, "place": "Shopping centre"}
    world.admin.call("electricity.terminal", "write", [world.terminal.id], position)
    operator.locator(".o_switch_view.o_terminal_map").click()
    point = operator.locator(".o_terminal_point", has_text="Counter 1")
    expect(point).to_have_attribute("data-state", "ok", timeout=LONG)
    picture(operator, "fleet-map")

    world.note_acceptor.take_box()
    expect(point).to_have_attribute("data-state", "critical", timeout=LONG)
    expect(point).to_contain_text("Critical")
    picture(operator, "fleet-map-critical")

    page = kiosk().choose()
    page.page.evaluate(STOP_POLLING)
    point.click()
    form = operator.locator(".o_form_view.o_action")
    expect(form).to_contain_text("Cash Box Open", timeout=LONG)
    picture(operator, "fleet-form")
    world.note_acceptor.put_box()
    operator.get_by_role("button", name="Take Out of Service").click()
    dialog = operator.locator(".modal")
    expect(dialog).to_contain_text("Will Close")
    expect(dialog.locator("[name=text_zh] input")).to_have_value("本终端正在清钞，几分钟后恢复服务。")
    picture(operator, "fleet-out")
    dialog.get_by_role("button", name="Take Out of Service").click()
    expect(form).to_contain_text("Customers read", timeout=LONG)

    page.sees("services")
    page.press("Leave").reads("being emptied", "Out of service")
    operator.get_by_role("button", name="Back in Service").click()
    page.sees("attract").reads("Touch to begin", seconds=10)
    operator.go_back()
    expect(point).not_to_have_attribute("data-state", "out", timeout=LONG)
