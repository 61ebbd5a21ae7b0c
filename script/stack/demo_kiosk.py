"""The demo's kiosk: set up as a person does it, with the window of Odoo, and a card service of its own at reader 2."""

import json

from stack.demo_boxes import boxes_script

TERMINAL = "K11"
PHONE = "95598"
READER = "Virtual PCD 00 0{}"
COUNTER_SLOT, KIOSK_SLOT = 0, 1
LOCALIZATION = "l10n_cn"

CHART = """
company = env.ref("base.main_company")
company.country_id = env.ref("base.cn")
env["account.chart.template"].try_loading("cn", company=company, install_demo=False)
env.cr.commit()
"""
"""Gives the demo's company the Chinese chart of accounts, once for every copy of the database."""

SET_UP = """
if not env["pos.config"].search([("electricity_terminal_id.code", "=", {terminal!r})]):
    setup = env["electricity.kiosk.setup"].create({{
        "company_id": company.id,
        "kind": "list",
        "rows": {row!r},
    }})
    setup.action_preview()
    while setup.make_some()["left"]:
        pass
    assert setup.line_ids.mapped("state") == ["made"], setup.line_ids.mapped("problem")
    kiosk = env["pos.config"].search([("electricity_terminal_id.code", "=", {terminal!r})])
    kiosk.with_context(lang="zh_CN").write({{"kiosk_place": "江南大道18号营业厅门口", "kiosk_next_place": "朝阳路5号"}})
env["electricity.terminal"].search([("code", "=", {terminal!r})]).proxy_url = {proxy_url!r}
provider = env["payment.provider"].search(
    [("code", "=", "electricity_gateway"), ("company_id", "=", company.id)], limit=1
)
provider.write({{
    "electricity_gateway_url": {gateway!r},
    "electricity_gateway_merchant": {merchant!r},
    "electricity_gateway_secret": "DEMO",
    "state": "test",
}})
methods = env["pos.payment.method"]
if not methods.search([("kiosk_provider_id", "=", provider.id)]):
    journal = env["account.journal"].create({{"name": "Payment service", "code": "PAYSV", "type": "bank"}})
    ways = {{"name": "QR code", "kiosk_kind": "qr"}}, {{
        "name": "Bank card", "kiosk_kind": "bank_card", "kiosk_card_terminal": {terminal!r},
        "use_payment_terminal": "electricity_gateway",
    }}
    same = {{"company_id": company.id, "journal_id": journal.id, "kiosk_provider_id": provider.id}}
    made = methods.create([{{**way, **same}} for way in ways])
    kiosk = env["pos.config"].search([("electricity_terminal_id.code", "=", {terminal!r})])
    kiosk.payment_method_ids += made
"""
"""Runs where ``company`` is known. The kiosk is paired afterwards, as the counter's terminal is."""


def setup_script(proxy_url, gateway, merchant):
    """Return what an Odoo shell does to have the kiosk, with notes, QR codes, bank cards, and boxes from before.

    :param proxy_url: where the browser finds the kiosk's hw_proxy
    :param gateway: address of the payment gateway
    :param merchant: our name there
    """
    row = "; ".join((TERMINAL, "Kiosk 1", "Entrance of the hall, 18 Jiangnan Avenue", "5 Chaoyang Road", PHONE))
    kiosk = SET_UP.format(terminal=TERMINAL, row=row, proxy_url=proxy_url, gateway=gateway, merchant=merchant)
    return kiosk + boxes_script(TERMINAL)


def section_readers(slot):
    """Return the line of a configuration by which a card service keeps to one of the virtual readers."""
    return f"only_readers = {json.dumps([READER.format(slot)])}\n"


def sections(odoo_port, notes, printer):
    """Return the sections that make a card service that of the kiosk.

    The kiosk's browser reaches Odoo by another name of this machine: so it has a login of its own, and whoever is
    logged in at Odoo in the same browser stays so.

    :param odoo_port: HTTP port
    :param notes: serial device of the note acceptor
    :param printer: TCP port of the receipt printer
    """
    return (
        f'[kiosk]\nenabled = true\nurl = "http://localhost:{odoo_port}"\nphone = "{PHONE}"\nzone = "Asia/Shanghai"\n'
        f'[notes]\ndevice = "{notes}"\n'
        f'[printer]\nkind = "network"\nhost = "127.0.0.1"\nport = {printer}\nwidth = 384\n'
    )
