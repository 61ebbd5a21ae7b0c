from . import cash_count, reading_wizard, terminal_reason, terminal_revocation, try_wizard
