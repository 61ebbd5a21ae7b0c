from . import (
    cash_box_count,
    cash_box_explain,
    cash_box_note,
    kiosk_setup,
    kiosk_setup_accounts,
    kiosk_setup_line,
    kiosk_setup_make,
    out_of_service,
    payout_propose,
)
