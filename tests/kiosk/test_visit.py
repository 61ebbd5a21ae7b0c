"""A customer alone before the kiosk: a real browser, Odoo, hw_proxy and virtual reader."""

from playwright.sync_api import expect


def test_the_kiosk_logs_in_by_itself_and_offers_both_languages(kiosk):
    page = kiosk()
    page.reads("自助购电终端", "Electricity kiosk", "95598")
    assert not page.page.locator(".pos-topheader, .o_main_navbar").count()


def test_who_has_a_card_sees_the_file_and_nothing_that_names_the_customer(kiosk, world, customer):
    page = kiosk().choose().want("file").sees("card")
    world.insert(customer)
    page.sees("file").reads("Balance", "C****", customer.customer_no[-4:], "What is owed is not known")
    text = page.page.locator(".o_kiosk").inner_text()
    assert customer.customer_no not in text and customer.meter_no not in text
    page.press("Finish").sees("take")
    world.pull()
    page.sees("attract")


def test_chinese_is_chinese_on_every_screen(kiosk, world, customer):
    page = kiosk().choose("zh_CN")
    page.want("file").sees("card")
    world.insert(customer)
    page.sees("file")
    page.touch(".o_kiosk_help")
    expect(page.page.locator("[role=dialog]")).to_be_visible()
    page.fits()
    assert page.english() == {}


def test_a_card_that_is_taken_out_takes_its_file_with_it(kiosk, world, customer):
    page = kiosk().choose().want("file").sees("card")
    world.insert(customer)
    page.sees("file")
    world.pull()
    page.sees("attract")
    expect(page.page.locator(".o_kiosk")).not_to_contain_text(customer.customer_no[-4:])


def test_a_purchase_that_is_paid_but_not_written_is_written_here(kiosk, world, customer):
    counter = world.terminals[1].counter()
    world.insert(customer, 1)
    counter.begin("50.00")
    counter.pay_cash("50.00")
    world.pull(1)
    page = kiosk().choose()
    world.insert(customer)
    page.want("rewrite").ends("good").reads("Your card is written", "kWh")
    page.press("Finish").sees("take")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_card_with_nothing_to_write_says_so(kiosk, world, customer):
    world.insert(customer)
    kiosk().choose().want("rewrite").ends("plain").reads("Nothing is to be written")


def test_a_strange_card_is_named_with_its_code(kiosk, world):
    world.bench.blank_card("388888888881")
    world.bench.insert("388888888881", 0)
    world.terminal.wait_for_card()
    kiosk().choose().want("file").ends("bad").reads("C-102")


def test_help_says_where_to_call_and_who_one_is(kiosk):
    page = kiosk().choose()
    page.touch(".o_kiosk_help").reads("Help line: 95598", "E2E1")
    page.press("Close").sees("services")


def test_without_its_reader_the_kiosk_says_why_and_stays(kiosk, world):
    page = kiosk().choose()
    world.pcsc.kill()
    page.reads("P-108")
    assert page.page.locator("[data-service=file]").is_disabled()
    world.restart_pcsc()
    expect(page.page.locator("[data-service=file]")).to_be_enabled(timeout=20_000)


def test_out_of_service_is_said_in_words_and_ends_by_itself(kiosk, world):
    page = kiosk()
    (config,) = world.admin.call("pos.config", "search", [("name", "=", "Kiosk 1")])
    world.admin.call("pos.config", "write", [config], {"kiosk_notice": "Closed for a moment."})
    world.admin.call("pos.config", "write", [config], {"kiosk_notice": "暂时停用。"}, context={"lang": "zh_CN"})
    page.reads("Closed for a moment.", seconds=40).fits()
    page.reads("Out of service", "call 95598", "暂停服务", "暂时停用。", "拨打服务热线：95598")
    world.admin.call("pos.config", "write", [config], {"kiosk_next_place": "Gate 2"})
    page.reads("Another kiosk: Gate 2", seconds=40)
    world.admin.call("pos.config", "write", [config], {"kiosk_notice": False, "kiosk_next_place": False})
    page.sees("attract", seconds=40).reads("Touch to begin", seconds=40)


def test_while_odoo_is_away_the_terminals_own_page_says_so_and_goes_on_when_it_is_back(kiosk, world):
    page = kiosk()
    world.odoo.kill()
    page.page.goto(f"{world.terminal.url}/kiosk")
    expect(page.page.locator("body")).to_contain_text("Out of service", timeout=60_000)
    expect(page.page.locator("body")).to_contain_text("暂停服务")
    expect(page.page.locator("#code")).to_have_text("P-117")
    page.key("*")
    for said in ("Money already paid is safe", "95598", "E2E1", "P-117"):
        expect(page.page.locator("#help")).to_contain_text(said)
    page.key("1")
    expect(page.page.locator("#help")).to_be_hidden()
    page.touch("#help-key")
    expect(page.page.locator("#help")).to_be_visible()
    expect(page.page.locator("#help")).to_be_hidden(timeout=60_000)
    world.odoo.start()
    page.sees("attract", seconds=90)
