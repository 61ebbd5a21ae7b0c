"""Each screen of the kiosk with all that it can ever have to say: what its visit knows then, as the page keeps it."""

FIND = """
() => {
    const among = (node) => {
        const { component } = node;
        if (component.visit && component.idle) {
            return component.visit;
        }
        return Object.values(node.children).reduce((found, child) => found || among(child), null);
    };
    window.kioskVisit = among(odoo.__WOWL_DEBUG__.root.__owl__);
    const { reader } = kioskVisit;
    kioskVisit.reader.leave();
    window.isolated = { facts: { ...kioskVisit.facts }, client: kioskVisit.client };
    reader.heard = true;
}
"""
SHOW = """
async ({ screen, facts, visit, parts, reader }) => {
    const { kioskVisit, isolated } = window;
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    kioskVisit.idle.begin(null);
    kioskVisit.choice = null;
    kioskVisit.forget();
    kioskVisit.identity.newVisit();
    // What a screen keeps of an earlier state goes with it.
    kioskVisit.screen = "attract";
    await drawn();
    Object.assign(kioskVisit.facts, isolated.facts, facts);
    const empty = { devices: [], cash: { code: null }, reader: { state: "absent" }, problems: [] };
    Object.assign(kioskVisit.reader, empty, reader);
    for (const [name, values] of Object.entries(parts || {})) {
        Object.assign(kioskVisit[name], values);
    }
    Object.assign(kioskVisit, visit);
    kioskVisit.screen = screen;
    await drawn();
}
"""

PICTURE = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/></svg>"
)
CUSTOMER = {
    "name": "Y***********",
    "account": "********0114",
    "address": "152 Dongge Road, Qingxiu District, Room ****",
    "meter": "********0114",
    "balance": "1234.56",
    "available": "20.00",
    "reserved": "80.00",
}
LAST = {"at": "2026-11-26 07:35:00", "amount": "1000.00", "serial": "R20261126000000000001"}
BILLS = {
    "bills": [
        {
            "receivable_id": f"B{month}",
            "month": f"2026-{month:02}",
            "due": "1211.50",
            "status": "held" if month == 9 else "open",
        }
        for month in range(1, 12)
    ],
    "total": "13326.50",
    "late_fee": "112.40",
    "paid_here": "211.50",
    "as_of": "2026-11-26 07:35:00",
}
BREAKDOWN = {
    "lines": [{"energy": f"{tier}30.25", "price": f"0.5{tier}83", "cost": f"19{tier}.05"} for tier in range(1, 8)],
    "energy": "3823.50",
    "remainder": "0.31",
}
QUOTE = {
    "customer": CUSTOMER,
    "last_purchase": LAST,
    "inserted": False,
    "bills": BILLS,
    "limits": {"min": "10.00", "max": "20000.00"},
    "unit": "energy",
    "breakdown": BREAKDOWN,
}
ORDER = {
    "op": "buy",
    "unit": "energy",
    "state": "draft",
    "serial": "R20261126000000000001",
    "quantity": "3823.50",
    "energy": "3823.50",
    "amount": "2000.00",
    "cost": "1999.69",
    "paid": "1150.00",
    "missing": "830.00",
    "due": "830.00",
    "balance": "1220.00",
    "uncertain": "100.00",
    "actions": [],
}
NOT_NOW = {"notes_problem": "A-104", "ways": [{"kind": "qr", "code": "A-301"}, {"kind": "bank_card", "code": None}]}
STUCK = {"notes_problem": "A-102", "ways": [{"kind": "qr", "code": "A-301"}, {"kind": "bank_card", "code": None}]}
OTHER_CARD_IN = {"reader": {"state": "card"}}
DOUBT = {"cardDoubt": {"code": "C-102"}}
NO_PAPER = {"state": "not_printed", "code": "A-401", "qr": PICTURE}
ON_PAPER = {"state": "printed", "code": None, "qr": PICTURE}
PAYMENT = {
    "order": ORDER,
    "isOpen": True,
    "isSilent": False,
    "waits": False,
    "total": 170000,
    "left": 83000,
    "cash": {
        "seconds_left": 59,
        "code": "A-106",
        "notes": [{"denomination": cents, "count": 12} for cents in (10000, 5000, 2000, 1000, 500, 100)],
    },
}
PROVIDER = {
    "order": ORDER,
    "payment": {"amount": "830.00", "qr": PICTURE},
    "left": 299,
    "cancelling": False,
    "code": None,
    "isAsking": False,
}
FILE = {
    "customer": CUSTOMER,
    "bills": BILLS,
    "last_purchase": LAST,
    "inserted": False,
    "open_order": {"state": "draft", "op": "buy"},
    "purchases": [
        {**LAST, "serial": f"R{number}", "at": "2026-11-26T07:35:00Z", "quantity": "1823.50 kWh"} for number in range(8)
    ],
}
TOO_MUCH = {
    "code": "S-106",
    "message": "The largest purchase is $ 20,000.00. No money was taken now; anything already paid is safe. Choose a "
    "lower amount.",
}
PAYABLE = {"allowed": True, "code": None, "message": ""}
LONG_NOTICE = "This kiosk is being looked after and comes back on Monday at eight; the ones in the hall work. "
OUT = {"phone": "0771-95598"}

STATES = {
    "attract": {"screen": "attract", "reader": OTHER_CARD_IN},
    "services": {"screen": "services", "facts": STUCK, "reader": {"problems": ["P-108"]}},
    "services, nothing works": {
        "screen": "services",
        "facts": {"notes_problem": "A-102", "ways": []},
        "reader": {"problems": ["T-105"]},
    },
    "card": {"screen": "card"},
    "put_back": {
        "screen": "put_back",
        "visit": {"order": ORDER | {"state": "paid"}},
        "parts": {"cards": {"isOther": True}},
    },
    "take": {"screen": "take", "parts": {"receipt": {"isToBeTaken": True}}},
    "reading": {"screen": "reading"},
    "writing": {"screen": "writing", "visit": {"step": "write"}},
    "identify": {
        "screen": "identify",
        "facts": {"scanner": True, "account_check": "phone"},
        "parts": {"identity": {"problem": {"code": "K-151"}}},
    },
    "identify, digits": {
        "screen": "identify",
        "facts": {"scanner": True, "account_check": "id"},
        "parts": {"identity": {"named": "100000000114", "typed": "12"}},
    },
    "identify, a scanner only": {"screen": "identify", "facts": {"scanner": True, "account_check": None}},
    "identify, no numbers any more": {
        "screen": "identify",
        "facts": {"scanner": True, "account_check": "phone"},
        "parts": {"identity": {"shut": {"code": "K-154"}, "problem": {"code": "K-154"}}},
    },
    "file": {"screen": "file", "visit": {"file": FILE}},
    "file, receipt without paper": {"screen": "file", "visit": {"file": FILE}, "parts": {"receipt": NO_PAPER}},
    "file, receipt on paper": {"screen": "file", "visit": {"file": FILE}, "parts": {"receipt": ON_PAPER}},
    "amount": {"screen": "amount", "visit": {"quote": QUOTE}},
    "amount that is typed": {
        "screen": "amount",
        "visit": {"quote": QUOTE, "amount": "2000.00"},
        "parts": {"preview": {"quote": QUOTE}},
    },
    "amount, notices and a refused amount": {
        "screen": "amount",
        "facts": NOT_NOW,
        "visit": {"quote": QUOTE, "amount": "70000.00", "amountProblem": TOO_MUCH},
    },
    "confirm": {"screen": "confirm", "facts": NOT_NOW, "visit": {"quote": QUOTE, "amount": "2000.00"}},
    "confirm, one line": {
        "screen": "confirm",
        "visit": {
            "quote": QUOTE | {"breakdown": BREAKDOWN | {"lines": BREAKDOWN["lines"][:1]}},
            "amount": "2000.00",
        },
    },
    "bills": {
        "screen": "bills",
        "facts": NOT_NOW,
        "parts": {"arrears": {"answer": {"customer": CUSTOMER, "bills": BILLS, "payable": PAYABLE}}},
    },
    "bills, not to be paid": {
        "screen": "bills",
        "parts": {
            "arrears": {
                "answer": {
                    "customer": CUSTOMER,
                    "bills": BILLS,
                    "payable": {
                        "allowed": False,
                        "code": "M-204",
                        "message": "Arrears cannot be paid now because the marketing system does not answer. "
                        "No money was taken. Try again later, or go to the service desk.",
                    },
                }
            }
        },
    },
    "bills, none": {
        "screen": "bills",
        "parts": {
            "arrears": {
                "answer": {"customer": CUSTOMER, "bills": BILLS | {"bills": [], "total": "0.00"}, "payable": PAYABLE}
            }
        },
    },
    "choose_payment": {
        "screen": "choose_payment",
        "facts": STUCK,
        "reader": OTHER_CARD_IN,
        "visit": {"order": ORDER, "choice": {"problem": "A-309"}, **DOUBT},
    },
    "paying": {
        "screen": "paying",
        "reader": OTHER_CARD_IN,
        "visit": {"order": ORDER, "payment": PAYMENT, **DOUBT},
    },
    "paying, silent": {
        "screen": "paying",
        "reader": OTHER_CARD_IN,
        "visit": {"order": ORDER, "payment": PAYMENT | {"isSilent": True}, **DOUBT},
    },
    "qr": {"screen": "qr", "visit": {"order": ORDER, "payment": PROVIDER}},
    "qr, no word": {"screen": "qr", "visit": {"order": ORDER, "payment": PROVIDER | {"code": "A-303"}}},
    "bank_card": {"screen": "bank_card", "visit": {"order": ORDER, "payment": PROVIDER}},
    "bank_card, being ended": {
        "screen": "bank_card",
        "visit": {"order": ORDER, "payment": PROVIDER | {"cancelling": True}},
    },
    "unclear": {
        "screen": "unclear",
        "visit": {"order": ORDER | {"unclear": "A-303"}},
        "parts": {"receipt": NO_PAPER},
    },
    "unclear, receipt on paper": {
        "screen": "unclear",
        "visit": {"order": ORDER | {"unclear": "A-303"}},
        "parts": {"receipt": ON_PAPER},
    },
    "kept": {"screen": "kept", "visit": {"order": ORDER}, "parts": {"receipt": NO_PAPER}},
    "done": {"screen": "done", "visit": {"order": ORDER | {"state": "written"}}, "parts": {"receipt": NO_PAPER}},
    "done, receipt wanted": {
        "screen": "done",
        "visit": {"order": ORDER | {"state": "written"}},
        "parts": {"receipt": ON_PAPER | {"wanted": True}},
    },
    "done, bills": {
        "screen": "done",
        "visit": {"order": ORDER | {"op": "arrears", "state": "written"}},
        "parts": {"receipt": NO_PAPER},
    },
    "done, not written": {
        "screen": "done",
        "visit": {"order": ORDER | {"state": "not_written", "code": "C-202"}},
        "parts": {"receipt": NO_PAPER},
    },
    "nothing": {"screen": "nothing"},
    "refused": {
        "screen": "refused",
        "visit": {"order": ORDER, "refusal": {"code": "P-115", "message": "", "paid": "1150.00"}},
        "parts": {"receipt": NO_PAPER},
    },
    "elsewhere": {"screen": "elsewhere", "visit": {"order": ORDER | {"op": "arrears", "elsewhere": True}}},
    "out of service": {"screen": "attract", "facts": OUT | {"problems": ["T-102"]}},
    "out of service, notice": {
        "screen": "attract",
        "facts": {
            "texts": {
                "en_US": {
                    "notice": LONG_NOTICE,
                    "next_place": "Shop at 18 Jiangnan Avenue, beside the bank",
                    "place": "Entrance of the hall, 52 Dongge Road",
                    "codes": {},
                },
                "zh_CN": {
                    "notice": "本终端正在维护，星期一八点恢复使用；营业厅内的其他终端照常服务，请到那里办理。",
                    "next_place": "江南大道十八号银行旁的营业点",
                    "place": "东葛路五十二号营业厅正门入口处",
                    "codes": {},
                },
            }
        },
    },
}


class Fullest:
    """The kiosk's real page, whose visit is given what this module says it knows.

    :param page: a KioskBrowser at the attract screen; nothing that happens reaches it any more
    """

    def __init__(self, page):
        self.page = page
        page.page.evaluate(FIND)

    def speak(self, language):
        """Change the language of the visit, such as zh_CN."""
        self.page.page.evaluate("language => { kioskVisit.language = language; kioskVisit.speak(language); }", language)

    def time_left(self, seconds):
        """Let the visit end in so many seconds, unless it is extended."""
        self.page.page.evaluate("left => { kioskVisit.idle.begin(60); kioskVisit.idle.left = left; }", seconds)

    def show(self, state):
        """Show one of :data:`STATES` by its name."""
        self.page.page.evaluate(SHOW, STATES[state])
