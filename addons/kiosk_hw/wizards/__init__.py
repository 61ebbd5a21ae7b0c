from . import kiosk_setup, kiosk_setup_accounts, kiosk_setup_line, kiosk_setup_make
