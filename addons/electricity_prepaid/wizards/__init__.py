from . import arrear_collect, cash_count, cis_decision, reading_wizard, terminal_reason, terminal_revocation
