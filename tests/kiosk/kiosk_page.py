"""The kiosk's screen, as the person before it uses it."""

import re

from playwright.sync_api import expect

from tests.kiosk.layout import wrong_with

SECOND = 1000
ENGLISH = re.compile(r"[A-Za-z]{4,}")
NAMES = {"Alipay", "Customer", "Minzu", "Avenue"}
"""Words of customers' names and addresses, and of companies."""


class KioskBrowser:
    """The browser of a kiosk.

    :param page: an open page of the browser
    :param proxy_url: where the terminal's own first page is
    """

    def __init__(self, page, proxy_url):
        self.page, self.proxy_url = page, proxy_url
        self.errors = []
        #: What each screen that was seen has said.
        self.said = {}
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def start(self, screen="attract"):
        """Switch on: the terminal's first page, which logs in and leads to the kiosk and its first screen.

        A voucher that somebody before has left there is put away.
        """
        self.page.goto(f"{self.proxy_url}/kiosk")
        voucher = self.page.locator("#keys .primary")
        either = self.page.locator(f".o_kiosk[data-screen={screen}]").or_(voucher).first
        expect(either).to_be_visible(timeout=60 * SECOND)
        if voucher.count():
            voucher.tap()
        return self.sees(screen, seconds=60)

    def sees(self, screen, seconds=20):
        """Wait for a screen, all of which can be read and touched."""
        expect(self.page.locator(f".o_kiosk[data-screen={screen}]")).to_be_visible(timeout=seconds * SECOND)
        return self.fits()

    def fits(self):
        """Nothing of what is shown is cut off, on top of something else, or too small."""
        shown = self.page.locator(".o_kiosk")
        screen, text = shown.get_attribute("data-screen"), shown.inner_text()
        self.said[screen] = self.said.get(screen, "") + text
        assert wrong_with(self.page) == [], f"the screen {screen}"
        return self

    def english(self):
        """Return the English words on screens that were seen since the language was chosen, by screen."""
        found = {screen: set(ENGLISH.findall(text)) - NAMES for screen, text in self.said.items()}
        return {screen: words for screen, words in found.items() if words and screen != "attract"}

    def ends(self, kind, seconds=30):
        """Wait for how it ended: "good", "bad" or "plain"."""
        expect(self.page.locator(f".o_kiosk_message.o_kiosk_{kind}")).to_be_visible(timeout=seconds * SECOND)
        return self.fits()

    def reads(self, *texts, seconds=20):
        """Wait until the screen says each of these."""
        for text in texts:
            expect(self.page.locator(".o_kiosk")).to_contain_text(text, timeout=seconds * SECOND)
        return self

    def touch(self, selector):
        """Touch something."""
        self.page.locator(selector).tap()
        return self

    def choose(self, language="en_US"):
        """Choose a language on the attract screen."""
        return self.touch(f"[data-language={language}]").sees("services")

    def want(self, service):
        """Choose a service."""
        return self.touch(f"[data-service={service}]")

    def press(self, text):
        """Touch a key by what stands on it."""
        self.page.get_by_role("button", name=text, exact=True).tap()
        return self

    def key(self, *names):
        """Press keys of the keypad."""
        for name in names:
            self.page.keyboard.press(name)
        return self

    def picture(self, path):
        """Take a picture of the whole screen."""
        self.page.screenshot(path=path)
        return self
