from . import (
    arrear_collect,
    cash_count,
    cis_day_bring,
    cis_decision,
    payout_propose,
    reading_wizard,
    tender_assign,
    terminal_reason,
    terminal_revocation,
    try_wizard,
    voucher_check,
)
