"""The counter screen on real parts and a simulated card: whole sales, and everything that interrupts one."""

import pytest

pytestmark = pytest.mark.browser


def put_in(world, customer):
    world.bench.insert(customer.serial, 0)


def take_out(world):
    world.bench.pull(0)


def slow_write(world, customer, seconds=0.15):
    """Make every command of the card take long enough to do something meanwhile."""
    world.bench.fault(customer.serial, "slow", seconds=seconds)


def only_order(world, customer):
    (order,) = world.orders(customer)
    return order


def tenders(world, customer):
    domain = [("electricity_account_id", "=", customer.account_id)]
    return world.admin.call("electricity.tender", "search_read", domain, ["amount", "received", "change"])


def test_a_whole_sale_needs_the_keyboard_alone(world, customer, counter):
    counter.picture("idle")
    put_in(world, customer)
    counter.is_in("customer").shows(customer.customer_no, ".o_ec_customer")
    counter.press("F2").offers("begin").shows("182.38", ".o_ec_breakdown")
    counter.picture("amount")
    counter.enter().is_in("paying").type("150").shows("50.00", ".o_ec_change")
    counter.picture("cash")
    counter.enter().is_in("result").shows("182.38", ".o_ec_sale").shows("50.00", ".o_ec_change")
    counter.picture("result")
    counter.offers("print").enter().is_in("idle").shows(customer.customer_no, ".o_ec_customer")
    assert counter.prints == 1
    (tender,) = tenders(world, customer)
    assert (tender["amount"], tender["received"], tender["change"]) == (100.0, 150.0, 50.0)
    assert world.carry(customer).credited == 18238
    world.check_books(customer)


def test_the_next_card_needs_no_key_after_a_result(world, customer, counter):
    put_in(world, customer)
    counter.sell("20").is_in("result")
    take_out(world)
    other = world.customer()
    put_in(world, other)
    counter.is_in("customer").shows(other.customer_no, ".o_ec_customer")


def test_enter_pressed_many_times_acts_once(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("30").offers("begin").enter().hammer("Enter", 6)
    counter.is_in("paying").enter().hammer("Enter", 6)
    counter.is_in("result")
    assert counter.prints == 0
    assert only_order(world, customer)["state"] == "written"
    assert [tender["amount"] for tender in tenders(world, customer)] == [30.0]


def test_a_held_enter_key_does_not_run_through_the_sale(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("30").offers("begin")
    counter.page.wait_for_timeout(500)
    for _repeat in range(10):
        counter.page.keyboard.down("Enter")
        counter.page.wait_for_timeout(120)
    counter.page.keyboard.up("Enter")
    counter.is_in("paying")
    assert tenders(world, customer) == []
    counter.press("Escape").is_in("result")
    assert only_order(world, customer)["state"] == "cancelled"


def test_a_reload_while_paying_finds_the_order(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("40").offers("begin").enter().is_in("paying")
    counter.open().is_in("paying").shows("40.00", ".o_ec_sale").shows(customer.customer_no, ".o_ec_customer")
    counter.enter().is_in("result")
    assert only_order(world, customer)["state"] == "written"


def test_a_reload_after_the_money_asks_for_no_more_money(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("40").offers("begin").enter().is_in("paying")
    take_out(world)
    world.terminal.wait_for_card("empty")
    counter.enter().shows("C-201", ".o_ec_customer").offers("authorize")
    counter.open().is_in("paying").offers("authorize")
    put_in(world, customer)
    world.terminal.wait_for_card()
    counter.enter().is_in("result")
    assert [tender["amount"] for tender in tenders(world, customer)] == [40.0]


def test_a_reload_while_the_card_is_written_shows_the_result(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("50").offers("begin").enter().is_in("paying")
    slow_write(world, customer)
    counter.enter().page.wait_for_selector('[data-phase="writing"]')
    counter.picture("writing")
    counter.open().is_in("result", 60).shows("91.19", ".o_ec_sale")
    assert only_order(world, customer)["state"] == "written"


def test_closing_the_page_while_the_card_is_written_loses_nothing(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("50").offers("begin").enter().is_in("paying")
    slow_write(world, customer)
    counter.enter().page.wait_for_selector('[data-phase="writing"]')
    again = counter.reopened().is_in("result", 60)
    again.shows(customer.customer_no, ".o_ec_customer")
    assert only_order(world, customer)["state"] == "written"


def test_a_second_tab_shows_the_same_order(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("60").offers("begin").enter().is_in("paying")
    other = counter.second_tab().is_in("paying").shows("60.00", ".o_ec_sale")
    other.enter().is_in("result")
    counter.page.bring_to_front()
    counter.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    counter.is_in("result")
    assert [tender["amount"] for tender in tenders(world, customer)] == [60.0]


def test_a_card_pulled_while_it_is_written_is_written_again(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("50").offers("begin").enter().is_in("paying")
    world.bench.fault(customer.serial, "pull", bytes=25)
    counter.enter().is_in("unfinished", 60).shows("50.00", ".o_ec_sale")
    counter.picture("pulled")
    put_in(world, customer)
    counter.offers("rewrite").picture("rewrite")
    counter.enter().is_in("result").shows("91.19", ".o_ec_sale")
    assert [tender["amount"] for tender in tenders(world, customer)] == [50.0]
    assert world.carry(customer).credited == 9119
    world.check_books(customer)


def test_a_purchase_that_the_meter_did_not_take_is_written_again(world, customer, counter):
    meter = world.bench.meter(customer.meter_no)
    hoard, meter.state.hoard_limit = meter.state.hoard_limit, 1
    put_in(world, customer)
    counter.sell("20").is_in("result").press("Escape").is_in("idle")
    world.pull()
    assert world.carry(customer).error == 21
    meter.state.hoard_limit = hoard
    put_in(world, customer)
    counter.offers("rewrite").shows("The card must be written again", ".o_ec_sale")
    counter.enter().is_in("result").offers("print")
    assert [tender["amount"] for tender in tenders(world, customer)] == [20.0]
    world.pull()
    assert world.carry(customer).credited == 3647
    world.check_books(customer)


def test_an_unfinished_order_greets_the_clerk_who_comes_back(world, customer, counter, visit):
    put_in(world, customer)
    counter.is_in("customer").type("50").offers("begin").enter().is_in("paying")
    world.bench.fault(customer.serial, "pull", bytes=5)
    counter.enter().is_in("unfinished", 60)
    counter.page.close()
    again = visit().is_in("unfinished").shows(customer.customer_no, ".o_ec_customer")
    put_in(world, customer)
    again.offers("rewrite").enter().is_in("result")
    world.carry(customer)
    world.check_books(customer)


def test_other_customers_are_served_while_an_order_waits(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("50").offers("begin").enter().is_in("paying")
    world.bench.fault(customer.serial, "pull", bytes=25)
    counter.enter().is_in("unfinished", 60).press("Escape").is_in("idle").shows(customer.customer_no, ".o_ec_open")
    other = world.customer()
    put_in(world, other)
    counter.sell("20").is_in("result")
    take_out(world)
    put_in(world, customer)
    counter.offers("rewrite").enter().is_in("result")
    assert only_order(world, customer)["state"] == "written"


def test_a_blank_card_is_explained_and_sells_nothing(world, customer, counter):
    world.bench.blank_card("399999999999")
    world.bench.insert("399999999999", 0)
    counter.shows("This card is blank").picture("blank")
    assert counter.page.locator(".o_ec_primary").is_disabled()


def test_a_card_that_the_meter_has_not_seen_is_refused_with_its_code(world, customer, counter):
    put_in(world, customer)
    counter.sell("20").is_in("result").press("Escape").is_in("idle").enter()
    counter.shows("C-108", ".o_ec_problem")
    assert len(world.orders(customer)) == 1


def test_an_amount_over_the_limit_can_be_corrected(world, customer, counter):
    limits = {"min_amount": 10, "max_amount": 500, "step_amount": 10}
    before = world.admin.call("electricity.meter.model", "read", [world.meter_model], list(limits))[0]
    world.admin.call("electricity.meter.model", "write", [world.meter_model], limits)
    put_in(world, customer)
    counter.is_in("customer").type("700").shows("S-106", ".o_ec_sale")
    counter.press("Backspace").press("Backspace").press("Backspace").type("55").shows("S-107", ".o_ec_sale")
    counter.press("Backspace").type("0").offers("begin")
    world.admin.call("electricity.meter.model", "write", [world.meter_model], {name: before[name] for name in limits})


def test_only_two_decimals_can_be_typed(world, customer, counter):
    put_in(world, customer)
    counter.is_in("customer").type("1a2.345-e")
    assert counter.page.input_value("#o_ec_amount") == "12.34"


def test_a_reprint_is_a_copy_and_no_sale(world, customer, counter):
    put_in(world, customer)
    counter.sell("20").is_in("result").enter().is_in("idle")
    counter.page.locator(".o_ec_row", has_text=customer.customer_no).get_by_role("button").click()
    counter.page.wait_for_function("window.printed === 2")
    sheet = counter.page.context.new_page()
    sheet.goto(counter.receipt_url)
    assert "Copy 1" in sheet.inner_text("body")
    assert customer.customer_no in sheet.inner_text("body")
    assert len(world.orders(customer)) == 1


def test_the_search_shows_purchases_and_reserves_nothing(world, customer, counter):
    second = world.customer()
    put_in(world, second)
    counter.sell("20").is_in("result").press("Escape").is_in("idle")
    both = second.customer_no[:2]
    counter.press("/").type(both).page.wait_for_selector(".o_ec_search button.o_ec_row:nth-of-type(2)")
    counter.type(second.customer_no.removeprefix(both)).press("Enter").shows("20.00", ".o_ec_search")
    counter.shows(second.customer_no, ".o_ec_search .o_ec_facts")
    counter.picture("search")
    counter.press("Escape").is_in("idle")
    assert len(world.orders(second)) == 1


def test_enter_belongs_to_the_counter_that_was_opened_by_the_menu(world, visit):
    world.user("menu-clerk", "group_clerk")
    page = visit("menu-clerk").is_in("idle").page
    page.goto(f"{world.odoo.url}/odoo")
    page.locator(".o_navbar_apps_menu button").click()
    page.get_by_role("menuitem", name="Electricity").click()
    page.wait_for_selector('.o_electricity_counter[data-phase="idle"][data-busy=""]')
    page.wait_for_selector('[data-step="openShift"]')
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    page.wait_for_selector("#o_ec_opening")


def test_a_shift_is_opened_counted_and_closed_with_its_difference(world, customer, visit):
    world.user("shift-clerk", "group_clerk")
    counter = visit("shift-clerk").is_in("idle").offers("openShift")
    counter.enter().page.wait_for_selector("#o_ec_opening")
    put_in(world, customer)
    # A card that goes in meanwhile leaves the keyboard to the window.
    counter.is_in("customer").type("200").press("Enter").page.wait_for_selector(".modal", state="detached")
    counter.sell("50").is_in("result").press("Escape").is_in("idle")
    counter.press("F9").page.wait_for_selector("#o_ec_pieces_10000")
    counter.type("2").press("Enter").type("0").shows("200.00", ".o_ec_count tfoot")
    counter.picture("count")
    counter.page.click(".o_ec_close_shift")
    counter.shows("Short by", ".modal").shows("50.00", ".modal")
    counter.press("Escape").offers("openShift")


def test_a_silent_terminal_is_told_and_comes_back_by_itself(world, customer, counter):
    world.terminal.process.stop()
    counter.shows("does not answer", ".o_ec_card")
    world.terminal.process.start()
    world.terminal.wait_for_odoo()
    put_in(world, customer)
    counter.is_in("customer", 30).shows(customer.customer_no, ".o_ec_customer")


def test_a_terminal_that_dies_in_the_write_leaves_an_order_that_can_be_finished(world, customer, counter):
    world.terminal.crash_at("after_block_1")
    put_in(world, customer)
    counter.is_in("customer", 30).type("50").offers("begin").enter().is_in("paying").enter()
    counter.shows("does not answer", ".o_ec_card")
    world.terminal.revive()
    counter.is_in("unfinished", 60).offers("rewrite").enter().is_in("result", 60)
    world.carry(customer)
    world.check_books(customer)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_screen_fits_without_scrolling_sideways(world, customer, visit, width, height):
    counter = visit(width=width, height=height).is_in("idle")
    put_in(world, customer)
    counter.is_in("customer").type("100").offers("begin")
    assert not counter.overflow()
    box = counter.page.locator(".o_ec_primary").bounding_box()
    assert box["y"] + box["height"] <= height
    counter.picture(f"{width}")


def test_a_chinese_clerk_reads_chinese(world, customer, visit):
    language = world.admin.call("res.lang", "search", [("code", "=", "zh_CN")], context={"active_test": False})
    wizard = world.admin.call("base.language.install", "create", [{"lang_ids": [(6, 0, language)]}])[0]
    world.admin.call("base.language.install", "lang_install", [wizard])
    clerk = world.user("zh-clerk", "group_clerk")
    world.admin.call("res.users", "write", [clerk.uid], {"lang": "zh_CN"})
    world.terminal.counter(clerk).open_shift("0.00")
    counter = visit("zh-clerk").is_in("idle")
    put_in(world, customer)
    counter.is_in("customer").shows("户号", ".o_ec_customer").type("100").offers("begin")
    counter.picture("zh")
    counter.enter().is_in("paying").enter().is_in("result")
    counter.picture("zh-result")
