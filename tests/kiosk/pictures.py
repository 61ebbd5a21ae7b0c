"""The kiosk's pictures in docs/img, from a demo, as its customers see them in both languages; ``script/pictures``."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser
from stack.demo_kiosk import KIOSK_SLOT
from stack.odoo import run
from stack.processes import wait_until

from simulators.client import BenchClient
from simulators.payment.client import PaymentClient
from tests.kiosk.kiosk_page import KioskBrowser

BUYER, BUYERS_METER, DEBTOR = "000000000114", "200000000114", "000000000103"
DEBTORS_NUMBER, DEBTORS_DIGITS = "100000000103", "0103"
SCREEN = {"width": 1080, "height": 1920}
LYING = {"width": 1920, "height": 1080}
NOTE = 5_000
SETTLES = 500
ENGLISH, CHINESE = "en_US", "zh_CN"
IN_CHINESE = {"kiosk-services", "kiosk-amount", "kiosk-choose", "kiosk-paying", "kiosk-done"}
ON_A_LYING_SCREEN = {"kiosk-amount", "kiosk-confirm", "kiosk-paying", "kiosk-receipt-code"}
ENDINGS = {ENGLISH: "", CHINESE: "-zh"}
WORDS = {
    ENGLISH: {"back": "Back", "cancel": "Cancel", "next": "Next"},
    CHINESE: {"back": "返回", "cancel": "取消", "next": "下一步"},
}
BEFORE = """
env.company.kiosk_account_check = "phone"
env.cr.commit()
"""
NAMES = {
    ENGLISH: (
        ("100000000114", "Yang Xue", "52 Dongge Road, Room 1102"),
        ("100000000103", "Zhang Min", "5 Chaoyang Lane, Room 301"),
    ),
    CHINESE: (("100000000114", "杨雪", "东葛路52号1102室"), ("100000000103", "张敏", "朝阳里5号301室")),
}
NAMED = """
for number, name, address in {names}:
    account = env["electricity.account"].search([("name", "=", number)])
    account.partner_id.name = name
    account.supply_address = address
env.cr.commit()
"""
NOTICE = """
kiosk = env["pos.config"].search([("electricity_terminal_id.code", "=", "K11")])
kiosk.kiosk_notice = "The note acceptor is being serviced until eleven."
kiosk.with_context(lang="zh_CN").kiosk_notice = "纸币器正在维护，预计十一点恢复。"
env.cr.commit()
"""
COUNTS_DOWN = 90_000
LINK = """
order = env["electricity.recharge"].search([("state", "=", "written")], order="id desc", limit=1)
print("LINK", order.with_context(lang="{language}").receipt_link())
"""


class KioskPhotographer:
    """A customer at the demo's kiosk who is photographed.

    :param demo: started
    :param browser: Chromium
    :param folder: where the pictures go
    """

    def __init__(self, demo, browser: Browser, folder: Path):
        self.demo, self.browser, self.folder = demo, browser, folder
        self.bench, self.phone = BenchClient(demo.simulators.url), PaymentClient(demo.payment.control)
        self.language = ENGLISH

    def take_all(self) -> None:
        """Take every picture, in English and Chinese."""
        run("shell", f"--database={self.demo.name}", "--no-http", stdin=BEFORE)
        for self.language in (ENGLISH, CHINESE):
            script = NAMED.format(names=NAMES[self.language])
            run("shell", f"--database={self.demo.name}", "--no-http", stdin=script)
            context, page = self._open()
            self.file(page)
            self.without_card(page)
            self.sale(page)
            self.receipt(page)
            context.close()
        self.language = ENGLISH
        context, page = self._open()
        self.without_its_card(page)
        self.end_of_patience(page)
        self.voucher(page)
        context.close()
        run("shell", f"--database={self.demo.name}", "--no-http", stdin=NOTICE)
        context, page = self._open()
        self.take(page.reads("until eleven"), "kiosk-out-of-service")
        context.close()

    def _open(self):
        self.bench.do("pull", slot=KIOSK_SLOT)
        context = self.browser.new_context(viewport=SCREEN, has_touch=True)
        page = KioskBrowser(context.new_page(), self.demo.kiosk.url)
        return context, page.start()

    def words(self, name: str) -> str:
        """What stands on a key in this visit's language."""
        return WORDS[self.language][name]

    def take(self, page: KioskBrowser, name: str) -> KioskBrowser:
        """Take one picture, when what moves has come to rest; in Chinese those that the documentation shows."""
        if self.language == CHINESE and name not in IN_CHINESE:
            return page
        page.page.wait_for_timeout(SETTLES)
        page.fits().picture(self.folder / f"{name}{ENDINGS[self.language]}.png")
        if self.language == ENGLISH and name in ON_A_LYING_SCREEN:
            page.page.set_viewport_size(LYING)
            page.page.wait_for_timeout(SETTLES)
            page.fits().picture(self.folder / f"{name}-lying.png")
            page.page.set_viewport_size(SCREEN)
        return page

    def insert(self, serial: str) -> None:
        """Put a card into the kiosk's reader."""
        self.bench.do("insert", card=serial, slot=KIOSK_SLOT)

    def pull(self, page: KioskBrowser) -> None:
        """Take the card out of the kiosk's reader, and give the page time to see it."""
        self.bench.do("pull", slot=KIOSK_SLOT)
        page.page.wait_for_timeout(4 * SETTLES)

    def put_in(self) -> None:
        """Put a note in, and wait until it is in the box."""
        before = self.bench.state()["notes"]["total"]
        self.bench.do("note", cents=NOTE)
        wait_until(lambda: self.bench.state()["notes"]["total"] > before, 20, "the note in the box", interval=0.1)

    # -- what is photographed --------------------------------------------------------------------------------------

    def file(self, page: KioskBrowser) -> None:
        """The first screens, and a customer's file."""
        self.take(page, "kiosk-attract")
        self.take(page.choose(self.language), "kiosk-services")
        self.insert(BUYER)
        self.take(page.want("file").sees("file"), "kiosk-file")
        self.pull(page.press(self.words("back")).sees("services"))

    def without_card(self, page: KioskBrowser) -> None:
        """A customer who has the account's number only, and owes something."""
        self.take(page.want("arrears").sees("identify"), "kiosk-identify")
        for typed in (DEBTORS_NUMBER, DEBTORS_DIGITS):
            for digit in typed:
                page.touch(f"[data-key='{digit}']")
            page.press(self.words("next"))
        page.sees("bills")
        self.take(page, "kiosk-bills").press(self.words("back")).sees("services")

    def sale(self, page: KioskBrowser) -> None:
        """A purchase, with each way to pay it."""
        self.insert(BUYER)
        self.take(page.want("buy").sees("amount"), "kiosk-amount")
        self.take(page.touch("[data-amount='100.00']").sees("confirm"), "kiosk-confirm")
        self.take(page.touch(".o_kiosk_primary").sees("choose_payment"), "kiosk-choose")
        page.touch("[data-way=qr]").sees("qr").page.locator(".o_kiosk_qr img").wait_for()
        self.take(page, "kiosk-qr").press(self.words("cancel")).sees("choose_payment")
        page.touch("[data-way=bank_card]").sees("bank_card").page.locator(".o_kiosk_time", has_text=":").wait_for()
        self.take(page, "kiosk-bank-card").press(self.words("cancel")).sees("choose_payment")
        page.touch("[data-way=notes]").sees("paying").page.locator(".o_kiosk_second").wait_for()
        self.put_in()
        self.take(page.reads("1 ×"), "kiosk-paying")
        self.put_in()
        page.sees("done", seconds=60).page.locator("[data-receipt=printed]").wait_for()
        self.take(page, "kiosk-done")
        self._end(page)

    def _end(self, page):
        page.touch(".o_kiosk_primary")
        self.bench.do("pull", slot=KIOSK_SLOT)
        page.sees("attract")
        self.bench.do("carry", card=BUYER, meter=BUYERS_METER)

    def receipt(self, page: KioskBrowser) -> None:
        """A receipt as a code, because there is no paper; and what the phone shows."""
        self.bench.do("printer-paper", paper="out")
        self.take(page.choose(self.language).want("buy").sees("card"), "kiosk-card")
        self.insert(BUYER)
        page.sees("amount").touch("[data-amount='50.00']").sees("confirm").touch(".o_kiosk_primary")
        page.sees("choose_payment").touch("[data-way=qr]").sees("qr").page.locator(".o_kiosk_qr img").wait_for()
        self.phone.pay(self.phone.waiting("qr")["reference"])
        page.sees("done", seconds=60).page.locator(".o_kiosk_code_for_phone img").wait_for()
        self.take(page, "kiosk-receipt-code")
        self._end(page)
        self.bench.do("printer-mend")
        if self.language == ENGLISH:
            self._phone()

    def _phone(self):
        script = LINK.format(language=self.language)
        told = run("shell", f"--database={self.demo.name}", "--no-http", stdin=script).stdout
        context = self.browser.new_context(viewport={"width": 412, "height": 892}, device_scale_factor=2)
        phone = context.new_page()
        phone.goto(told.split("LINK ", 1)[1].split()[0])
        phone.screenshot(path=self.folder / "kiosk-phone.png")
        context.close()

    def without_its_card(self, page: KioskBrowser) -> None:
        """A purchase whose card is out when all is paid: it is asked for, written, and taken with the receipt."""
        self.insert(BUYER)
        page.choose(self.language).want("buy").sees("amount").touch("[data-amount='100.00']").sees("confirm")
        page.touch(".o_kiosk_primary").sees("choose_payment").touch("[data-way=notes]").sees("paying")
        page.page.locator(".o_kiosk_second").wait_for()
        self.put_in()
        page.touch(".o_kiosk_help").page.locator("[role=dialog]").wait_for()
        self.take(page, "kiosk-help").press("Close")
        self.bench.do("pull", slot=KIOSK_SLOT)
        page.reads("put your card back in meanwhile")
        self.put_in()
        self.take(page.sees("put_back"), "kiosk-put-back")
        self.bench.do("fault", card=BUYER, kind="slow", seconds=0.6)
        self.insert(BUYER)
        page.page.locator(".o_kiosk_now:nth-child(2)").wait_for(timeout=60_000)
        page.fits().picture(self.folder / "kiosk-writing.png")
        self.bench.do("clear-faults", card=BUYER)
        page.sees("done", seconds=60).page.locator("[data-receipt=printed]").wait_for()
        self.take(page.touch(".o_kiosk_primary").sees("take"), "kiosk-take")
        self.bench.do("pull", slot=KIOSK_SLOT)
        page.sees("attract")
        self.bench.do("carry", card=BUYER, meter=BUYERS_METER)

    def end_of_patience(self, page: KioskBrowser) -> None:
        """Nobody touches anything: the last seconds are counted down."""
        page.choose(self.language).page.locator(".o_kiosk_countdown").wait_for(timeout=COUNTS_DOWN)
        page.picture(self.folder / "kiosk-countdown.png")
        page.press("I need more time").press("Leave").sees("attract")

    def voucher(self, page: KioskBrowser) -> None:
        """Odoo goes away while a note is in: the terminal's own page has the voucher."""
        page.choose(self.language).want("buy").sees("card")
        self.insert(BUYER)
        page.sees("amount").touch("[data-amount='100.00']").sees("confirm").touch(".o_kiosk_primary")
        page.sees("choose_payment").touch("[data-way=notes]").sees("paying").page.locator(".o_kiosk_second").wait_for()
        self.put_in()
        self.demo.odoo.kill()
        page.touch(".o_kiosk_keys .o_kiosk_second")
        page.page.locator(".voucher .print", has_text="is printed").wait_for(timeout=90_000)
        page.page.wait_for_timeout(SETTLES)
        page.picture(self.folder / "kiosk-voucher.png")
        self.demo.odoo.start()
        self.bench.do("pull", slot=KIOSK_SLOT)
