"""A receipt on the customer's phone: public to whoever has the link, masked, and found by no search engine."""

from odoo import http
from odoo.http import request

from ..core.rate import RateLimit
from ..models.recharge_receipt_link import PATH

LANGUAGES = ("zh_CN", "en_US")
LIMIT = RateLimit(per_minute=300, burst=300)
"""For links that are right. Many phones have one address: a mobile network's, or that of a market with one line."""
MISSES = RateLimit(per_minute=30, burst=30)
"""For those that are not: nobody guesses one."""
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
        orders = request.env["electricity.recharge"]
        installed = dict(request.env["res.lang"].sudo().get_installed())
        known = [code for code in LANGUAGES if code in installed]
        language = lang if lang in known else (known or ["en_US"])[0]
        order = orders.receipt_of_link(token).with_context(lang=language)
        too_often = not (LIMIT if order else MISSES).allow(request.httprequest.remote_addr)
        values = {
            "title": order.env._("Receipt"),
            "lang": language.replace("_", "-"),
            "others": [{"code": code, "name": installed[code].split(" / ")[-1]} for code in known if code != language],
            "too_often": too_often,
            "lines": order.receipt_lines(hidden=True) if order and not too_often else [],
            "qr": request.env["report.electricity_prepaid.receipt"].sudo()._qr,
        }
        views = request.env["ir.ui.view"].sudo().with_context(lang=language)
        page = views._render_template("electricity_prepaid.receipt_page", values)
        status = 429 if too_often else 200 if order else 404
        return request.make_response(page, headers=list(HEADERS.items()), status=status)
