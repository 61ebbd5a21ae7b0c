"""Codes of what is wrong with a receipt on paper (docs/codes.md, family A)."""

NO_PAPER = "A-401"
NOT_READY = "A-402"
UNCERTAIN = "A-403"
NOT_CUT = "A-404"
NOT_GENUINE = "A-405"
NO_PRINTER = "A-406"
NO_MORE_COPIES = "A-407"
