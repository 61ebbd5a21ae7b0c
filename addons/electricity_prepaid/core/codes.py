"""The catalogue of codes (``docs/protocol`` §5): one sentence each in English and Chinese.

A sentence says what happened, what it means for the money and what to do now. The terminal sends only the code;
whoever shows it takes the sentence from here.
"""

import string
from dataclasses import dataclass

from .codes_alarm import ALARM
from .codes_arrears import ARREARS
from .codes_box import BOX
from .codes_card import CARD
from .codes_cash import CASH
from .codes_customer import CUSTOMER
from .codes_identity import IDENTITY
from .codes_key import KEY
from .codes_marketing import MARKETING
from .codes_message import MESSAGE
from .codes_paper import PAPER
from .codes_provider import PROVIDER
from .codes_sale import SALE
from .codes_tender import TENDER
from .codes_terminal import TERMINAL
from .codes_vendor import VENDOR

A_SILENT = "A-101"
A_JAM_ACCEPTOR = "A-102"
A_JAM_STACKER = "A-103"
A_BOX_FULL = "A-104"
A_BOX_OPEN = "A-105"
A_PAUSED = "A-106"
A_CHEATED = "A-107"
A_FAILURE = "A-108"
A_UNCERTAIN = "A-109"
A_NONE = "A-110"
C_UNKNOWN_CHIP = "C-101"
C_BLANK = "C-102"
C_FOREIGN = "C-103"
C_LOCKED = "C-104"
C_DAMAGED = "C-105"
C_NOT_REGISTERED = "C-106"
C_REPLACED = "C-107"
C_NOT_INSERTED = "C-108"
C_OTHER_CUSTOMER = "C-109"
C_OTHER_METER = "C-110"
C_COUNT_DIFFERS = "C-111"
C_WRONG_GENERATION = "C-112"
C_IN_METER = "C-113"
C_TRIES_USED = "C-114"
C_NOT_BLANK = "C-115"
C_CARD_TYPE = "C-116"
C_COUNT_UNREADABLE = "C-117"
C_ANSWER_DAMAGED = "C-118"
C_ACCOUNT_CLOSED = "C-119"
C_NO_CARD = "C-201"
C_PULLED = "C-202"
C_OTHER_CONTENT = "C-203"
C_UNCHANGED = "C-204"
C_UNKNOWN = "C-205"
C_SILENT = "C-206"
C_CODE_REFUSED = "C-207"
O_INVALID = "O-101"
O_OTHER_KEY = "O-102"
O_OTHER_TERMINAL = "O-103"
O_OLDER_EPOCH = "O-104"
O_EXPIRED = "O-105"
O_CARD_LEFT = "O-106"
O_SEALED_FOREIGN = "O-107"
O_DRIVER_UNKNOWN = "O-108"
O_VOIDED = "O-109"
N_INVALID_SNAPSHOT = "N-101"
N_NONCE_UNKNOWN = "N-102"
N_SNAPSHOT_USED = "N-103"
N_SNAPSHOT_OLDER = "N-104"
R_INVALID_RECEIPT = "R-101"
R_GAP = "R-102"
R_FORK = "R-103"
R_ATTEMPT_UNKNOWN = "R-104"
S_BUSY = "S-101"
S_UUID_CONFLICT = "S-102"
S_OTHER_OPEN = "S-103"
S_AMOUNT_MALFORMED = "S-104"
S_UNDER_MINIMUM = "S-105"
S_OVER_MAXIMUM = "S-106"
S_STEP = "S-107"
S_HOARD = "S-108"
S_PER_DAY = "S-109"
S_NOT_PAID = "S-110"
S_ACCOUNT_INACTIVE = "S-111"
S_NOT_IN_STATE = "S-112"
S_RESERVATION_EXPIRED = "S-113"
S_MAY_NOT_CANCEL = "S-114"
S_NO_SUCH_ORDER = "S-115"
S_NOT_PERMITTED = "S-116"
S_NO_SHIFT = "S-117"
S_CLERK_LIMIT = "S-118"
S_NO_TARIFF = "S-119"
S_NOT_CARD = "S-120"
S_SECOND_PERSON = "S-121"
S_TENDER_INVALID = "S-122"
S_COIN = "S-123"
S_OPENED_ALREADY = "S-124"
S_PAYOUT_TOO_MUCH = "S-125"
S_PAYOUT_COIN = "S-126"
S_PAYOUT_DRAWER = "S-127"
S_PAYOUT_STATE = "S-128"
S_NOTES_GOING_IN = "S-129"
T_NOT_PAIRED = "T-101"
T_QUARANTINED = "T-102"
T_DISABLED = "T-103"
T_CLOCK = "T-104"
T_LIMITS = "T-105"
T_RESTORED = "T-106"
T_NO_KEY = "T-107"
T_PAIRING_WRONG = "T-108"
T_PAIRING_EXPIRED = "T-109"
T_OTHER_COMPANY = "T-110"
T_OFFLINE = "T-301"
T_READER_DOWN = "T-302"
T_NOTES_DOWN = "T-303"
T_CASH_FULL = "T-304"
T_CASH_NEAR_FULL = "T-305"
T_CASH_OPEN = "T-306"
T_PRINTER_DOWN = "T-307"
T_PAPER_OUT = "T-308"
T_PAPER_LOW = "T-309"
T_SCANNER_DOWN = "T-310"
T_DOOR_OPEN = "T-311"
T_ON_BATTERY = "T-312"
T_BATTERY_LOW = "T-313"
T_POWER_UNKNOWN = "T-314"
T_CLOCK_WRONG = "T-315"
T_DEVICE_DOWN = "T-316"
P_ORIGIN = "P-101"
P_HOST = "P-102"
P_TOKEN = "P-103"
P_MALFORMED = "P-104"
P_TOO_LARGE = "P-105"
P_TOO_MANY = "P-106"
P_READER_ABSENT = "P-107"
P_CARD_SERVICE_DOWN = "P-108"
P_NO_TIME = "P-109"
P_JOURNAL = "P-110"
P_PROXY_NOT_PAIRED = "P-111"
P_JOB_UNKNOWN = "P-112"
P_READER_BUSY = "P-113"
P_INTERNAL = "P-114"
P_UNREACHABLE = "P-115"
P_PRINTER = "P-116"
P_ODOO_AWAY = "P-117"
K_UNREACHABLE = "K-101"
K_ATTEMPT_NOT_LIVE = "K-102"
K_OTHER_BYTES = "K-103"
K_QUOTA = "K-104"
K_NOT_GENUINE = "K-105"
K_VERSION_UNKNOWN = "K-106"
K_MODULE = "K-107"
K_BLOCKED = "K-108"
K_PROVIDER = "K-109"
K_NO_ISSUER = "K-110"
K_NOT_IDENTIFIED = "K-151"
K_IDENTITY_LOCKED = "K-152"
K_IDENTITY_ENDED = "K-153"
K_IDENTITY_TRIES = "K-154"
K_IDENTITY_OFF = "K-155"
M_UNREACHABLE = "M-101"
M_MAY_NOT_BUY = "M-102"
M_COUNT_DIFFERS = "M-103"
M_ARREARS_FIRST = "M-104"
M_NO_CUSTOMER = "M-105"
M_CLOSED = "M-106"
M_COLLECTION_REFUSED = "M-107"
M_NO_PART_PAYMENT = "M-108"
M_NOT_INSERTED_THERE = "M-109"
M_OLD_CARD_THERE = "M-110"
M_FAULT_THERE = "M-111"
M_NOT_UNDERSTOOD = "M-112"
M_AMOUNT_DIFFERS = "M-113"
M_OTHER_CONTENT = "M-114"
M_REVERSAL_NO_FIT = "M-115"
M_LATER_DAY = "M-116"
M_OTHER_OPERATOR = "M-117"
M_REVERSED_THERE = "M-118"
M_CASH_REMITTED = "M-119"
M_RECONCILED = "M-120"
M_PAST_DAYS_ONLY = "M-121"
M_TOTALS_DIFFER = "M-122"
M_DETAILS_DIFFER = "M-123"
M_BOTH_DIFFER = "M-124"
M_NO_RECORD = "M-125"
M_NOT_CONFIRMED = "M-126"
M_CODE_UNKNOWN = "M-127"
M_ORIGINAL_OPEN = "M-128"
M_WRITTEN_AGAIN = "M-129"
M_NOT_NOW = "M-130"
M_PAYMENT_VANISHED = "M-131"
M_CLOSED_WITHOUT = "M-140"
M_UNSENDABLE = "M-141"
M_FILE_UNREADABLE = "M-142"
M_FILE_NOT_TAKEN = "M-143"
M_NAME_UNKNOWN = "M-201"
M_CONNECTION_REFUSED = "M-202"
M_TLS = "M-203"
M_CREDENTIALS = "M-204"
M_NOT_OUR_INTERFACE = "M-205"
M_NO_ANSWER = "M-206"
M_SET_UP = "M-207"
M_SERVER_ERROR = "M-208"
M_UNSAFE_ANSWER = "M-209"
M_LINE_BROKEN = "M-210"
M_PAUSED = "M-211"
M_PAGE_UNREADABLE = "M-212"
M_NOT_RELEASED = "M-213"
M_LOOKUP_NEEDED = "M-301"
M_BILLS_CHANGED = "M-302"
M_BILL_NOT_PAYABLE = "M-303"
M_NO_BILLS = "M-304"
M_SOLD_WITHOUT_ARREARS = "M-305"
M_ARREARS_UNREACHABLE = "M-306"
M_OTHER_METER_THERE = "M-307"
M_LOOKUP_REFUSED = "M-308"
M_BACK_PROPOSED = "M-309"
M_BACK_ON_ITS_WAY = "M-310"
M_BACK_REFUSED = "M-311"
V_MISSING = "V-101"
V_TIMEOUT = "V-102"
V_CRASHED = "V-103"
V_QUARANTINED = "V-104"
V_NONSENSE = "V-105"
V_ERROR = "V-106"
V_STATE_MISSING = "V-107"
V_STAFF_ONLY = "V-108"
A_COLLECT_INVALID = "A-201"
A_OTHER_COLLECTING = "A-202"
A_NOTHING_OPEN = "A-203"
A_MONEY_IN = "A-204"
A_CASH_JOURNAL = "A-205"
A_TENDER_GAP = "A-206"
A_TENDER_FORK = "A-207"
A_NO_NOTES = "A-208"
A_CASH_UNASSIGNED = "A-209"
A_SERVICE_AWAY = "A-301"
A_WAY_OFF = "A-302"
A_NO_WORD = "A-303"
A_PAYMENT_OPEN = "A-304"
A_AMOUNT_DIFFERS = "A-305"
A_CURRENCY_DIFFERS = "A-306"
A_PAYMENT_UNKNOWN = "A-307"
A_NOTICE_INVALID = "A-308"
A_NOT_PAID = "A-309"
A_SERVICE_REFUSED = "A-310"
A_PAID_LATE = "A-311"
A_REFUND_NOT_OFFERED = "A-312"
A_REFUND_TOO_MUCH = "A-313"
A_REFUND_NO_WORD = "A-314"
A_REFUND_REFUSED = "A-315"
A_REFUND_DIFFERS = "A-316"
A_REFUND_LATE = "A-317"
A_REFUND_COMING = "A-318"
A_DEMO_PROVIDER = "A-320"
A_NO_PAPER = "A-401"
A_PRINTER_NOT_READY = "A-402"
A_PRINT_UNCERTAIN = "A-403"
A_NOT_CUT = "A-404"
A_PRINT_INVALID = "A-405"
A_NO_PRINTER = "A-406"
A_NO_MORE_COPIES = "A-407"
A_NO_RECEIPT = "A-408"
A_VOUCHER_INVALID = "A-411"
A_VOUCHER_NOT_ARRIVED = "A-412"
A_BOX_LEAVING = "A-501"
A_SLIP_MISSING = "A-502"
A_BOX_TOO_EARLY = "A-503"
A_BOX_STATE = "A-504"
A_BOX_UNEXPLAINED = "A-505"
A_BOX_NOTES_OPEN = "A-506"
A_BOX_NOT_BOOKED = "A-507"
A_BOX_NO_ACCOUNT = "A-508"
A_BOX_LATE = "A-509"
A_BOX_TOO_MUCH = "A-510"
A_BOX_SAME_COUNTER = "A-511"
A_SLIP_UNDER_WAY = "A-512"
A_NO_SLIP_THERE = "A-513"
A_BOX_SWAPPED = "A-514"


#: Shown in place of a value that the caller did not give: an error message must not fail itself.
MISSING = "—"


@dataclass(frozen=True)
class Code:
    """One entry of the catalogue.

    :param id: such as ``"C-108"``
    :param key: the short English name, such as ``"not_inserted"``; the constant is family and key in capitals
    :param en: the English sentence with ``{placeholders}``
    :param zh: the Chinese sentence with the same placeholders
    """

    id: str
    key: str
    en: str
    zh: str


CATALOGUE = {
    row[0]: Code(*row)
    for row in (
        *ALARM,
        *ARREARS,
        *BOX,
        *CARD,
        *CASH,
        *IDENTITY,
        *KEY,
        *MARKETING,
        *MESSAGE,
        *PAPER,
        *PROVIDER,
        *SALE,
        *TENDER,
        *TERMINAL,
        *VENDOR,
    )
}


class _Values(dict):
    def __missing__(self, key):
        return MISSING


def _template(code, lang, for_customer=False):
    entry = CATALOGUE[code]
    en, zh = CUSTOMER.get(code, (entry.en, entry.zh)) if for_customer else (entry.en, entry.zh)
    return zh if str(lang or "").lower().startswith("zh") else en


def text(code, lang="en", *, for_customer=False, **params):
    """Return the sentence of a code.

    :param code: a code of the catalogue
    :param lang: ``"en"``, ``"zh"`` or an Odoo language such as ``"zh_CN"``; every other language gets English
    :param for_customer: what a customer alone at a kiosk is told (:mod:`.codes_customer`), instead of staff
    :param params: values for the placeholders, already formatted; a missing one is shown as a dash
    :raise KeyError: the code is not in the catalogue (a bug of the caller)
    """
    return _template(code, lang, for_customer).format_map(_Values(params))


def catalogue(lang="en", *, for_customer=False):
    """Return all sentences as ``{code: template}``, for a page that shows codes of the terminal.

    :param for_customer: as of :func:`text`
    """
    return {code: _template(code, lang, for_customer) for code in CATALOGUE}


def speaks_otherwise(code):
    """Tell whether a customer hears another sentence than staff, which names no values."""
    return code in CUSTOMER


def placeholders(template):
    """Return the set of placeholder names in a template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
