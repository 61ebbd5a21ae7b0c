"""Takes the pictures of the kiosk in docs/img; run by hand: ``script/test tests/kiosk/pictures.py``.

Look at each before it is committed.
"""

import pytest
from stack.paths import ROOT

IMAGES = ROOT / "docs" / "img"


@pytest.mark.parametrize("language,ending", [("en_US", ""), ("zh_CN", "-zh")])
def test_pictures(kiosk, world, customer, language, ending):
    world.admin.call("electricity.account", "write", [customer.account_id], {"supply_address": "Minzu Avenue 12"})
    page = kiosk(1080, 1920)
    if not ending:
        page.picture(IMAGES / "kiosk-attract.png")
    page.choose(language).picture(IMAGES / f"kiosk-services{ending}.png")
    page.want("file").sees("card")
    if not ending:
        page.picture(IMAGES / "kiosk-card.png")
    world.insert(customer)
    page.sees("file").picture(IMAGES / f"kiosk-file{ending}.png")
    page.press({"": "Back", "-zh": "返回"}[ending]).want("buy").sees("amount").picture(
        IMAGES / f"kiosk-amount{ending}.png"
    )
    page.touch("[data-amount='100.00']").sees("confirm").picture(IMAGES / f"kiosk-confirm{ending}.png")
    page.touch(".o_kiosk_primary").sees("paying")
    page.page.locator(".o_kiosk_second").wait_for()
    world.note_acceptor.insert(5_000)
    page.reads("1 ×").picture(IMAGES / f"kiosk-paying{ending}.png")
    world.note_acceptor.insert(5_000)
    page.sees("done", seconds=60).picture(IMAGES / f"kiosk-done{ending}.png")
