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
