"""The policy that ``hw-proxy kiosk-setup`` writes, in a real Chromium that finds it where a kiosk's does."""

import http.server
import json
import os
import threading

import pytest
from playwright.sync_api import Error, sync_playwright

from hw_proxy.config import parse
from hw_proxy.kiosk import setup
from tests.browser.conftest import CHROMIUM


class Site(http.server.ThreadingHTTPServer):
    """A web server that stands for Odoo, or for somebody else, on a free port of this machine."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Pages)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>here</h1>")

    def log_message(self, *_arguments):
        """Nothing is told."""


@pytest.fixture
def sites():
    odoo, other = Site(), Site()
    yield odoo, other
    for site in (odoo, other):
        site.shutdown()
        site.server_close()


@pytest.fixture
def page(sites, tmp_path):
    """A page of a Chromium with the policy of a kiosk whose Odoo is the first site, in a file system of its own.

    Without the line that forbids developer tools: they are what a test drives a browser by.
    """
    odoo, _other = sites
    config = parse({"odoo": {"url": odoo.url}, "kiosk": {"enabled": True}}, tmp_path)
    for file in setup.files(config, "kiosk", False):
        file.write(tmp_path / "root")
    written = tmp_path / "root" / setup.POLICY
    policy = json.loads(written.read_text(encoding="utf-8"))
    assert policy.pop("DeveloperToolsAvailability") == setup.DISALLOWED
    written.write_text(json.dumps(policy), encoding="utf-8")
    private = "unshare --mount" if os.geteuid() == 0 else "unshare --map-root-user --mount"
    wrapper = tmp_path / "chromium"
    folder = tmp_path / "root" / "etc" / "chromium"
    wrapper.write_text(
        f'#!/bin/sh\nexec {private} sh -c \'mount --bind {folder} /etc/chromium && exec {CHROMIUM} "$@"\' sh "$@"\n',
        encoding="ascii",
    )
    wrapper.chmod(0o755)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wrapper, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_the_kiosks_browser_goes_to_its_odoo_and_nowhere_else(page, sites):
    odoo, other = sites
    page.goto(odoo.url)
    assert page.locator("h1").inner_text() == "here"
    for address in (other.url, "file:///etc/passwd"):
        with pytest.raises(Error, match="BLOCKED_BY_ADMINISTRATOR"):
            page.goto(address)
