"""The counter screen in a real browser, by the keys and words that a clerk uses."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

SCREEN = ".o_electricity_counter"
PICTURES = os.environ.get("PREPAID_PICTURES")
"""Folder for screenshots; without it none are taken, so that a test run leaves the checkout as it was."""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SETTLE = 0.45
"""The screen ignores an Enter this soon after the step before."""

COUNT_PRINTS = """() => {
    window.printed = 0;
    const found = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "contentWindow");
    Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", {
        get() {
            const inner = found.get.call(this);
            inner.print = () => { window.printed += 1; };
            return inner;
        },
    });
}"""


class CounterPage:
    """One tab with the counter.

    :param page: a page of a context that is logged in
    :param url: address of Odoo
    """

    def __init__(self, page: Page, url: str):
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def log_in(self, login: str) -> None:
        """Log in as a user whose password is the login, as the form of Odoo's page does, but without drawing it."""
        request, address = self.page.context.request, f"{self.url}/web/login"
        token = TOKEN.search(request.get(address).text())[1]
        form = {"login": login, "password": login, "csrf_token": token}
        answer = request.post(address, form=form, max_redirects=0)
        assert answer.status == 303, f"{login} was not let in"

    def open(self) -> CounterPage:
        """Open the counter, or reload it."""
        self.page.goto(f"{self.url}/odoo/electricity-counter")
        self.page.wait_for_selector(SCREEN, timeout=60_000)
        self.page.evaluate(COUNT_PRINTS)
        return self

    def second_tab(self) -> CounterPage:
        """The same browser with one more tab of the counter."""
        return CounterPage(self.page.context.new_page(), self.url).open()

    def reopened(self) -> CounterPage:
        """The same browser after this tab was closed."""
        context = self.page.context
        self.page.close()
        return CounterPage(context.new_page(), self.url).open()

    # -- what it shows ---------------------------------------------------------------------------------------------

    def is_in(self, phase: str, timeout: float = 20) -> CounterPage:
        """Wait until the screen rests in a phase of counter_flow."""
        self.page.wait_for_selector(f'{SCREEN}[data-phase="{phase}"][data-busy=""]', timeout=timeout * 1000)
        return self

    def shows(self, text: str, where: str = SCREEN) -> CounterPage:
        """Wait until a part of the screen has this text."""
        expect(self.page.locator(where)).to_contain_text(text, timeout=15_000)
        return self

    def offers(self, step: str) -> CounterPage:
        """Wait until the big button names this next step."""
        expect(self.page.locator(".o_ec_primary")).to_have_attribute("data-step", step, timeout=15_000)
        return self

    @property
    def prints(self) -> int:
        """How often a receipt was sent to the printer since the page was opened."""
        return self.page.evaluate("window.printed")

    @property
    def receipt_url(self) -> str:
        """Address of the receipt that was printed last."""
        return self.page.locator("iframe.o_electricity_receipt_frame").evaluate("frame => frame.src")

    def overflow(self) -> bool:
        """Whether the page can be scrolled sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    def cut_off(self, parts: str) -> list[str]:
        """Return the texts of those parts of the screen that do not fit into their boxes."""
        script = "parts => parts.filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.innerText)"
        return self.page.locator(parts).evaluate_all(script)

    def picture(self, name: str) -> None:
        """Take a screenshot when screenshots are wanted."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"counter-{name}.png")

    # -- what a clerk does -----------------------------------------------------------------------------------------

    def type(self, text: str) -> CounterPage:
        """Type into the field that has the focus, once one has it."""
        self.page.wait_for_function("document.activeElement?.matches('input, textarea, [contenteditable]')")
        self.page.keyboard.type(text)
        return self

    def press(self, key: str) -> CounterPage:
        """Press a key without waiting."""
        self.page.keyboard.press(key)
        return self

    def hammer(self, key: str, times: int) -> CounterPage:
        """Press a key many times within a moment, however busy this machine is."""
        event = "new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})"
        script = f"([key, times]) => {{ while (times--) document.activeElement.dispatchEvent({event}); }}"
        self.page.evaluate(script, [key, times])
        return self

    def enter(self) -> CounterPage:
        """Confirm the next step, at a person's speed."""
        time.sleep(SETTLE)
        return self.press("Enter")

    def sell(self, amount: str) -> CounterPage:
        """From the read card to the result, paid to the cent."""
        self.is_in("customer").type(amount)
        self.offers("begin").enter()
        self.is_in("paying").offers("tender").enter()
        return self
