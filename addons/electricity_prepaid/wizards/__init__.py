from . import cash_count
from . import reading_wizard
from . import terminal_reason
