"""A receipt on the customer's phone: public to whoever has the link, masked, and found by no search engine."""

from odoo import http
from odoo.http import request

from ..core.rate import RateLimit
from ..models.recharge_receipt_link import PATH

LANGUAGES = ("zh_CN", "en_US")
LIMIT = RateLimit(per_minute=30, burst=30)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
}


class ReceiptController(http.Controller):
    """The page behind the code on a kiosk's screen."""

    @http.route(f"{PATH}<string:token>", type="http", auth="public", methods=["GET"], sitemap=False, save_session=False)
    def receipt(self, token, lang=None, **_others):
        """Show one receipt, in either language."""
        if not LIMIT.allow(request.httprequest.remote_addr):
            return request.make_response("", headers=list(HEADERS.items()), status=429)
        orders = request.env["electricity.recharge"]
        installed = dict(request.env["res.lang"].sudo().get_installed())
        known = [code for code in LANGUAGES if code in installed]
        language = lang if lang in known else (known or ["en_US"])[0]
        order = orders.receipt_of_link(token).with_context(lang=language)
        values = {
            "title": order.env._("Receipt"),
            "lang": language.replace("_", "-"),
            "others": [{"code": code, "name": installed[code].split(" / ")[-1]} for code in known if code != language],
            "lines": order.receipt_lines(hidden=True) if order else [],
            "qr": request.env["report.electricity_prepaid.receipt"].sudo()._qr,
        }
        views = request.env["ir.ui.view"].sudo().with_context(lang=language)
        page = views._render_template("electricity_prepaid.receipt_page", values)
        return request.make_response(page, headers=list(HEADERS.items()), status=200 if order else 404)
