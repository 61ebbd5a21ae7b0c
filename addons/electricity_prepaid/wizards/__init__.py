from . import (
    arrear_collect,
    cash_count,
    cis_day_bring,
    cis_decision,
    reading_wizard,
    terminal_reason,
    terminal_revocation,
)
