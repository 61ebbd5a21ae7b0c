from . import (
    test_kiosk_login,
    test_kiosk_rights,
    test_kiosk_sale,
    test_kiosk_setup,
    test_pos_config,
    test_projection,
    test_rollover,
    test_translation,
)
