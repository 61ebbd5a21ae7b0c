from . import arrear_collect, cash_count, reading_wizard, terminal_reason, terminal_revocation
