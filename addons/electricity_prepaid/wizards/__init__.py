from . import cash_count, cis_decision, reading_wizard, terminal_reason, terminal_revocation
