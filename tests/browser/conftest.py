"""One point of sale and one browser for all browser tests; each test has a customer and a login session of its own."""

import pytest
from playwright.sync_api import sync_playwright
from stack.cis import CisProcess
from stack.world import World

from tests.browser.counter_page import CounterPage

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def marketing(stack, tmp_path_factory):
    """The utility's marketing system; nobody asks it before a company has a connection."""
    return stack.start(CisProcess(tmp_path_factory.mktemp("marketing") / "books"))


@pytest.fixture(scope="session")
def world(stack, odoo_database, pcsc, marketing, tmp_path_factory):
    """The point of sale with one terminal, the browser's files generated beforehand."""
    folder, secret = tmp_path_factory.mktemp("world"), marketing.environment_of_odoo
    return World(stack, folder, odoo_database(assets=True), pcsc, terminals=1, environment=secret)


@pytest.fixture
def customer(world):
    """A new customer; the readers are empty and without faults afterwards."""
    yield world.customer()
    world.clear_slots()
    world.terminal.wait_for_card("empty")


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    with sync_playwright() as playwright:
        # The sandbox needs rights that containers lack; the only pages are our own.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(world, browser):
    """Open the counter as a user: ``visit(login="clerk", width=1280, height=720)`` → CounterPage.

    Fails the test when a page had a JavaScript error.
    """
    contexts, pages = [], []

    def open_counter(login="clerk", width=1280, height=720, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = CounterPage(context.new_page(), world.odoo.url)
        pages.append(page)
        page.log_in(login)
        return page.open()

    yield open_counter
    for context in contexts:
        context.close()
    assert [error for page in pages for error in page.errors] == []


@pytest.fixture
def counter(visit):
    """The counter in one tab, opened by the clerk, whose shift is open."""
    return visit().is_in("idle")
