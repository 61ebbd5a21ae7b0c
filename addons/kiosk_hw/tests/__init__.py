from . import (
    test_cash_box,
    test_cash_box_books,
    test_cash_box_property,
    test_cash_box_rights,
    test_kiosk_login,
    test_kiosk_rights,
    test_kiosk_sale,
    test_kiosk_setup,
    test_pos_config,
    test_projection,
    test_rollover,
    test_translation,
)
