"""The stock point of sale of Odoo 19, unchanged, in a real browser, with the service as its hardware proxy."""

import contextlib
import os

import pytest
from playwright.sync_api import expect
from stack.odoo import run
from stack.page import OdooSession
from stack.processes import free_ports, wait_until
from stack.proxy import ProxyProcess

from tests.hw_proxy.pos_devices import CUT, PULSE, RASTER, FakePrinter, pty_pair

pytestmark = pytest.mark.browser

SETUP = """
env["account.chart.template"].try_loading("generic_coa", company=env.company, install_demo=False)
journal = env["account.journal"].create({"name": "Till", "type": "bank", "code": "TILL"})
method = env["pos.payment.method"].create({"name": "Card", "journal_id": journal.id})
config = env["pos.config"].create({
    "name": "Till", "payment_method_ids": [(6, 0, method.ids)], "is_posbox": True, "proxy_ip": "%s",
    "iface_print_via_proxy": True, "iface_scan_via_proxy": True, "iface_cashdrawer": True,
})
config = config.with_user(env.ref("base.user_admin"))
config.open_ui()
config.current_session_id.set_opening_control(0, "")
env["ir.config_parameter"].set_param("point_of_sale.use_lna", False)
env.cr.commit()
"""

STATUS = "posmodel.hardwareProxy.connectionInfo.status"
PRINTER = "posmodel.hardwareProxy.connectionInfo.drivers.printer?.status"
PRINT = """async () => {
    const receipt = document.createElement("div");
    receipt.className = "pos-receipt";
    receipt.innerHTML = "<h1>Receipt</h1><p>A line of text</p>".repeat(5);
    return await posmodel.hardwareProxy.printer.printReceipt(receipt);
}"""


class Till:
    """The open point of sale and its devices."""

    def __init__(self, page, proxy, printer, scanner):
        self.page, self.proxy, self.printer, self.scanner = page, proxy, printer, scanner

    def until(self, expression, wanted, seconds=30):
        self.page.wait_for_function(f"{expression} === {wanted!r}", timeout=seconds * 1000)

    def print(self):
        """What the stock client makes of printing."""
        return self.page.evaluate(PRINT)


@pytest.fixture(scope="module")
def till(stack, odoo_database, odoo_factory, browser, tmp_path_factory):
    """A point of sale in the browser whose proxy is the service, unpaired, with a network printer and a scanner."""
    folder = tmp_path_factory.mktemp("till")
    printer = FakePrinter()
    scanner, name = pty_pair()
    port = free_ports(1)
    database = odoo_database(modules=["point_of_sale"])
    run("shell", f"--database={database}", "--no-http", stdin=SETUP % f"http://127.0.0.1:{port}")
    odoo = odoo_factory(database)
    (folder / "hw-proxy.toml").write_text(
        f'data_dir = "data"\n[listen]\nport = {port}\norigins = ["{odoo.url}"]\n[pos]\nenabled = true\n'
        f'[printer]\nkind = "network"\nhost = "127.0.0.1"\nport = {printer.port}\n[scanner]\ndevice = "{name}"\n',
        encoding="utf-8",
    )
    proxy = stack.start(ProxyProcess(folder / "hw-proxy.toml", port))
    admin = OdooSession(odoo.url, database, "admin", "admin")
    (config,) = admin.call("pos.config", "search", [("name", "=", "Till")])
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{odoo.url}/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.wait_for_url("**/odoo**", timeout=120_000)
    page.goto(f"{odoo.url}/pos/ui/{config}", timeout=120_000)
    page.wait_for_function("window.posmodel && posmodel.hardwareProxy", timeout=120_000)
    yield Till(page, proxy, printer, scanner)
    context.close()
    printer.close()
    with contextlib.suppress(OSError):
        os.close(scanner)


def test_the_point_of_sale_connects_and_shows_its_devices(till):
    till.until(STATUS, "connected")
    till.until(PRINTER, "connected")
    till.until("posmodel.hardwareProxy.connectionInfo.drivers.scanner?.status", "connected")


def test_a_printer_without_paper_is_reported_and_nothing_is_printed(till):
    till.printer.received = b""
    till.printer.answers[4] = 0x72
    answer = till.print()
    assert answer["successful"] is False
    assert RASTER not in till.printer.received
    till.until(PRINTER, "disconnected")
    till.printer.answers[4] = 0x12


def test_a_receipt_is_printed_as_the_point_of_sale_renders_it(till):
    till.printer.received = b""
    assert till.print()["successful"] is True
    wait_until(lambda: CUT in till.printer.received, 10, "the receipt is not cut")
    assert till.printer.received.count(RASTER) >= 1
    assert len(till.printer.received) > 1000


def test_the_cash_drawer_stays_shut(till):
    till.printer.received = b""
    till.page.evaluate("posmodel.hardwareProxy.openCashbox('test')")
    assert till.print()["successful"] is True
    wait_until(lambda: CUT in till.printer.received, 10, "the receipt is not cut")
    assert PULSE not in till.printer.received


def test_a_scanned_code_reaches_the_point_of_sale(till):
    till.page.evaluate("""() => {
        window.scanned = [];
        const reader = posmodel.barcodeReader;
        const scan = reader.scan.bind(reader);
        reader.scan = (code) => { if (code) window.scanned.push(code); return scan(code); };
    }""")
    os.write(till.scanner, b"5901234123457\r\n")
    till.page.wait_for_function("window.scanned.length === 1", timeout=10_000)
    assert till.page.evaluate("window.scanned") == ["5901234123457"]
    expect(till.page.locator(".o_notification_manager")).to_contain_text("5901234123457", timeout=10_000)


def test_the_point_of_sale_finds_the_service_again_after_a_restart(till):
    # Without the scanner: the stock client asks for codes in a loop that freezes the page while it is disconnected.
    till.page.evaluate("posmodel.barcodeReader.disconnectFromProxy()")
    till.proxy.stop()
    till.until(STATUS, "disconnected")
    till.proxy.start()
    till.until(STATUS, "connected")
    assert till.print()["successful"] is True
