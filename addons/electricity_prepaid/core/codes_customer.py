"""What a customer alone at a kiosk is told for a code whose own sentence speaks to staff.

Most codes have no detail that helps there: they share the sentence of a group, which says what to do. A few have one
of their own. None has a placeholder, so no figure from inside reaches the page. A code that is not here keeps its own.
"""

# fmt: off
GROUPS = {
    "desk": (
        "Our staff have to look at this card or account first. Money already paid is safe. Call the help line or go "
        "to a service counter, and tell them this code.",
        "该卡或账户需由工作人员核对后才能办理。已付款项安全。请拨打服务热线或前往营业厅，并告知此代码。",
    ),
    "payment": (
        "Our staff have to look at this payment. Money already paid is safe and on record. Keep your receipt, call "
        "the help line or go to a service counter, and tell them this code.",
        "该笔款项需由工作人员核对。已付款项安全，均有记录。请保留凭条，拨打服务热线或前往营业厅，并告知此代码。",
    ),
    "replace": (
        "This card can no longer be written and has to be replaced. Money already paid is safe. Go to a service "
        "counter with it, and tell them this code.",
        "该卡已无法写入，需要补卡。已付款项安全。请携卡前往营业厅办理，并告知此代码。",
    ),
    "again": (
        "That did not work this time. Money already paid is safe. Take the card out, put it in again and try once "
        "more; if it stays like this, call the help line and tell them this code.",
        "本次操作未成功。已付款项安全。请取出卡片重新插入后再试；仍不成功请拨打服务热线，并告知此代码。",
    ),
    "write": (
        "This kiosk cannot write your card at the moment. Money already paid is safe. Try again in a few minutes, "
        "here or at another kiosk, or go to a service counter and tell them this code.",
        "本终端暂时无法写卡。已付款项安全。请几分钟后再试，或换一台自助终端，或前往营业厅并告知此代码。",
    ),
    "machine": (
        "This kiosk cannot do that at the moment. Money already paid is safe. Use another kiosk or go to a service "
        "counter; the help line helps by this code.",
        "本终端暂时无法办理该业务。已付款项安全。请使用其他自助终端或前往营业厅，也可拨打服务热线并告知此代码。",
    ),
    "wait": (
        "This kiosk is not ready for a moment. Money already paid is safe. Wait a little and try again; if it stays "
        "like this, call the help line and tell them this code.",
        "本终端暂未就绪。已付款项安全。请稍候再试；仍不成功请拨打服务热线，并告知此代码。",
    ),
    "over": (
        "What was begun here has changed or ended meanwhile. Money already paid is safe, and nothing is charged "
        "twice. Begin again; if it stays like this, call the help line and tell them this code.",
        "该业务已结束或已变化。已付款项安全，不会重复扣款。请重新办理；仍不成功请拨打服务热线，并告知此代码。",
    ),
    "utility": (
        "The records of the utility cannot be asked at the moment. Money already paid is safe. Try again in a few "
        "minutes; if it stays like this, call the help line and tell them this code.",
        "暂时无法查询供电企业的用电档案系统。已付款项安全。请过几分钟再试；仍不成功请拨打服务热线，并告知此代码。",
    ),
    "confirming": (
        "This is not confirmed yet. Money already paid is safe. We go on asking by ourselves: keep your receipt, "
        "and tell the help line this code if in doubt.",
        "该笔业务尚待确认。已付款项安全。系统将自动继续确认；请保留凭条，如有疑问请拨打服务热线并告知此代码。",
    ),
    "notes": (
        "The payment with notes was interrupted. Notes that are in are safe and count. Begin the payment with notes "
        "again, or pay in another way.",
        "纸币付款已中断。已投入的纸币安全并已计数。请重新开始纸币付款，或改用其他方式付款。",
    ),
}
"""Name of a group -> its sentence in English and Chinese."""

GROUP_OF = {
    "desk": (
        "C-106", "C-109", "C-111", "C-114", "C-115", "C-117", "C-207", "K-105", "S-111", "S-119", "S-121", "S-124",
        "V-107", "V-108", "M-102", "M-103", "M-105", "M-106", "M-107", "M-109", "M-110", "M-142", "M-143",
    ),
    "payment": (
        "R-101", "R-102", "R-103", "R-104", "S-118", "S-122", "S-123", "A-206", "A-207", "A-209", "A-305", "A-306",
        "A-307", "A-311", "A-312", "A-313", "A-314", "A-315", "A-316", "A-317", "A-318", "S-125", "S-126", "S-127",
        "S-128", "A-411", "A-412", "M-113", "M-114", "M-115", "M-116", "M-117", "M-118", "M-119", "M-120", "M-128",
        "M-129", "M-131", "M-140", "M-141", "M-309", "M-310", "M-311",
    ),
    "replace": ("C-104", "C-110", "C-112", "K-108"),
    "again": (
        "O-101", "O-103", "O-105", "O-106", "O-107", "O-109", "N-101", "N-102", "N-103", "N-104", "K-102", "P-112",
        "P-114", "V-102", "V-103", "V-105", "V-106",
    ),
    "write": (
        "O-102", "O-104", "O-108", "K-101", "K-103", "K-104", "K-106", "K-107", "K-109", "P-110", "V-101", "V-104",
    ),
    "machine": (
        "S-116", "S-117", "T-101", "T-102", "T-103", "T-104", "T-105", "T-106", "T-107", "T-108", "T-109", "T-110",
        "T-301", "T-302", "T-303", "T-304", "T-305", "T-306", "T-307", "T-308", "T-309", "T-310", "T-311", "T-312",
        "T-313", "T-314", "T-315", "T-316", "P-101", "P-102", "P-104", "P-105", "P-111", "K-110", "A-502", "A-503",
        "A-504", "A-505", "A-506", "A-507", "A-508", "A-509", "A-510", "A-511", "A-512", "A-513", "A-514",
    ),
    "wait": ("P-103", "P-106", "P-109", "P-113"),
    "over": ("S-102", "S-112", "S-115", "M-130"),
    "utility": (
        "M-101", "M-111", "M-112", "M-121", "M-122", "M-123", "M-124", "M-201", "M-202", "M-203", "M-204", "M-205",
        "M-206", "M-207", "M-208", "M-209", "M-210", "M-211", "M-212", "M-213", "M-301", "M-306", "M-308",
    ),
    "confirming": ("M-125", "M-126", "M-127", "A-308"),
    "notes": ("A-201", "A-203"),
}
"""Name of a group -> the codes that it speaks for."""

OWN = (
    ("C-105",
     "The data on this card is damaged. Money already paid is safe. Wipe the contacts and try once more; if it stays "
     "like this, go to a service counter and tell them this code.",
     "卡内数据已损坏。已付款项安全。请擦拭触点后重试，仍不成功请前往营业厅并告知此代码。"),
    ("C-116",
     "This kind of card does not fit your meter. Money already paid is safe. Use the card that was issued for this "
     "meter, or ask at a service counter.",
     "该卡类型与您的电表不匹配。已付款项安全。请使用该电表配套的购电卡，或到营业厅咨询。"),
    ("C-119",
     "The account of this card is closed, so nothing can be bought with it. Money already paid is safe. Go to a "
     "service counter and tell them this code.",
     "该卡所属账户已销户，不能再购电。已付款项安全。请前往营业厅并告知此代码。"),
    ("C-203",
     "This is another card than before, or it was changed meanwhile. Nothing was written and money already paid is "
     "safe. Put the first card back in, or begin again.",
     "该卡与刚才的卡不是同一张，或卡内数据已变化。未写卡，已付款项安全。请插回原卡，或重新办理。"),
    ("C-204",
     "Your card was not written; nothing on it has changed. Money already paid is safe. Take the card out, put it in "
     "again and have it written once more.",
     "写卡未成功，卡内数据未变。已付款项安全。请取出卡片重新插入，再次写卡。"),
    ("S-110",
     "This purchase is not paid in full yet. Nothing was written, and money already paid is safe. Pay the rest "
     "first.",
     "本次购电尚未付足。未写卡，已付款项安全。请先付清余款。"),
    ("S-114",
     "This purchase cannot be ended now, because it may be on the card already. The money stays safe. Put the same "
     "card in: that settles it.",
     "本次购电不能取消：卡内可能已写入。款项安全。请插入同一张卡，读卡后即可确定。"),
    ("S-120",
     "This account does not buy with a card. Money already paid is safe. Ask at a service counter or the help line "
     "how to pay for it.",
     "该户不使用购电卡购电。已付款项安全。请到营业厅或拨打服务热线咨询缴费方式。"),
    ("P-107",
     "The card reader of this kiosk does not work now. Money already paid is safe. Use another kiosk, or call the "
     "help line and tell them this code.",
     "本终端的读卡器暂时不可用。已付款项安全。请使用其他自助终端，或拨打服务热线并告知此代码。"),
    ("P-108",
     "The card reader of this kiosk does not work now. Money already paid is safe. Wait a little or use another "
     "kiosk; the help line helps by this code.",
     "本终端的读卡器暂时不可用。已付款项安全。请稍候或使用其他自助终端，也可拨打服务热线并告知此代码。"),
    ("P-115",
     "A part of this kiosk does not answer at the moment. Money already paid is safe. Wait a little: it goes on by "
     "itself; if it stays like this, call the help line and tell them this code.",
     "本终端的部分设备暂时没有响应。已付款项安全。请稍候，恢复后将自动继续；仍未恢复请拨打服务热线，并告知此代码。"),
    ("P-116",
     "The receipt printer does not work now. Your purchase and your money are not touched by that. The receipt is on "
     "the screen as a code for your phone.",
     "打印机暂时不可用，不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存。"),
    ("M-104",
     "This account owes money, which has to be paid before electricity can be bought. Anything already paid is safe. "
     "Pay the arrears here, or at a service counter.",
     "该户有欠费，结清后才能购电。已付款项安全。请在此办理缴纳欠费，或前往营业厅。"),
    ("M-108",
     "This bill can only be paid whole. Anything already paid is safe. Pay the whole bill, or ask at a service "
     "counter.",
     "该笔欠费须全额缴纳。已付款项安全。请全额缴纳，或到营业厅咨询。"),
    ("M-302",
     "What this account owes has changed since it was shown. No money was taken now; anything already paid is safe. "
     "Look at the new figures and choose again.",
     "该户欠费在显示后已发生变化。未产生新的扣款，已付款项安全。请查看最新欠费后重新选择。"),
    ("M-303",
     "One of these bills cannot be paid here: it is with a collector or disputed. No money was taken now. Leave it "
     "out, or pay it at a service counter.",
     "所选账单中有一笔正在催收或存在争议，不能在此缴纳。未产生新的扣款。请不选该账单，或前往营业厅办理。"),
    ("M-305",
     "The records of the utility cannot be asked at the moment. Electricity can be bought all the same and money is "
     "safe; bills cannot be paid now, and those shown may not be the latest.",
     "暂时无法查询供电企业的用电档案系统。可以继续购电，款项安全；暂不能缴纳欠费，所显示的欠费可能不是最新。"),
    ("M-307",
     "Our records of your meter do not agree. Your purchase goes on and money is safe. Tell the help line this code "
     "when you can.",
     "您的电表登记信息有待核对。不影响本次办理，款项安全。方便时请拨打服务热线并告知此代码。"),
    ("A-101",
     "The note acceptor does not answer, so no notes are taken. Notes that were counted are safe; one that was on "
     "its way is found by us and is not lost. Pay in another way, or at another kiosk.",
     "收钞机无应答，暂停收钞。已计数的纸币安全；正在传送中的纸币将由我方查明，不会丢失。"
     "请改用其他方式付款，或使用其他自助终端。"),
    ("A-102",
     "A note is stuck at the entrance of the note acceptor. Notes that were counted are safe; the stuck one is not "
     "counted yet. Do not pull at it: call the help line and tell them this code.",
     "纸币卡在收钞机入口处。已计数的纸币安全；卡住的纸币尚未计数。请勿自行拉扯，请拨打服务热线并告知此代码。"),
    ("A-103",
     "A note is stuck on its way into the cash box. Notes that were counted are safe; the stuck one is found by "
     "counting the box and is not lost. Call the help line and tell them this code.",
     "纸币卡在进入钱箱的通道中。已计数的纸币安全；卡住的纸币将在清点钱箱时查明，不会丢失。"
     "请拨打服务热线并告知此代码。"),
    ("A-104",
     "The cash box is full, so no more notes are taken. Notes that were counted are safe. Pay in another way, or at "
     "another kiosk.",
     "钱箱已满，暂停收钞。已计数的纸币安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-105",
     "The cash box is open or out, so no notes are taken. Notes that were counted are safe. Pay in another way, or "
     "at another kiosk.",
     "钱箱已打开或已取出，暂停收钞。已计数的纸币安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-107",
     "The note acceptor has stopped, because a note was pulled back on its way in. Notes that were counted are safe; "
     "this one is not counted. Pay in another way, or call the help line and tell them this code.",
     "因纸币在传送途中被拉回，收钞机已停止。已计数的纸币安全；该纸币未计数。"
     "请改用其他方式付款，或拨打服务热线并告知此代码。"),
    ("A-108",
     "The note acceptor does not work now. Notes that were counted are safe; one that was on its way is found by "
     "counting the cash box. Pay in another way, or at another kiosk.",
     "收钞机暂时不可用。已计数的纸币安全；正在传送中的纸币将在清点钱箱时查明。"
     "请改用其他方式付款，或使用其他自助终端。"),
    ("A-109",
     "It is not certain whether the last note is in the cash box. It is on record and is not lost: counting the box "
     "settles it, and what was paid is credited. Keep the receipt, and tell the help line this code.",
     "最后一张纸币是否进入钱箱尚不确定。该纸币已有记录，不会丢失：清点钱箱后即可确定，已付金额将入账。"
     "请保留凭条，并拨打服务热线告知此代码。"),
    ("A-110",
     "This kiosk takes no notes. No money was taken now; anything already paid is safe. Pay in another way, or at "
     "another kiosk.",
     "本终端不收纸币。未产生新的扣款，已付款项安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-204",
     "There is money in for this purchase, so it cannot be cancelled. The money is safe. Touch the key that ends the "
     "payment: what is not needed becomes your balance.",
     "本次购电已投入现金，不能取消。款项安全。请按键结束投币，多余部分转为您的余额。"),
    ("A-205",
     "This kiosk cannot take notes now. A note that could not be written down was given back; notes that are in are "
     "safe. Pay in another way, or at another kiosk.",
     "本终端暂时不能收钞。无法记录的纸币已退回，已投入的纸币安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-310",
     "The payment service does not accept this payment. Nothing was taken for it; money paid before is safe. Pay in "
     "another way, or at another kiosk.",
     "支付平台不受理本次付款。未扣款，此前已付款项安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-320",
     "This way to pay is switched off at this kiosk. Nothing was taken, and money already paid is safe. Pay in "
     "another way, or at another kiosk.",
     "本机已停用该付款方式。未扣款，已付款项安全。请改用其他方式付款，或使用其他自助终端。"),
    ("A-401",
     "The receipt printer is out of paper. Your purchase and your money are not touched by that. The receipt is on "
     "the screen as a code for your phone.",
     "打印机缺纸，不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存。"),
    ("A-404",
     "The receipt is printed but was not cut off. Your purchase and your money are in order. Tear the paper off "
     "carefully.",
     "凭条已打印，但未切断。购电和款项均正常。请小心撕下。"),
    ("A-405",
     "The receipt could not be printed this time. No money is touched by that. Ask for it once more, or take the "
     "code on the screen with your phone.",
     "凭条未能打印。不影响款项。请再次打印，或用手机扫描屏幕上的二维码保存。"),
    ("A-407",
     "This receipt has been printed as often as it may be at a kiosk. The money is not touched by that. Take the "
     "code on the screen with your phone, or ask at a service counter.",
     "该凭条在终端的打印次数已用完。不影响款项。请用手机扫描屏幕上的二维码，或到营业厅办理。"),
    ("A-408",
     "There is no receipt to print: nothing was bought with this card yet. No money is touched by that. Buy first, "
     "or ask at a service counter about an older receipt.",
     "没有可打印的凭条：该卡尚无购电记录。不影响款项。请先购电，或到营业厅查询更早的凭条。"),
    ("S-129",
     "Notes may still be going in at the other kiosk for this. What is in is safe and counts. Touch “No more notes” "
     "there, or try again in two minutes.",
     "另一台自助终端可能仍在为本次业务收取纸币。已投入的款项安全，均会计入。请在该机上按“不再投币”，或两分钟后再试。"),
)
"""A code, and what a customer is told for it in English and Chinese."""
# fmt: on

CUSTOMER = {
    **{code: GROUPS[group] for group, members in GROUP_OF.items() for code in members},
    **{code: (en, zh) for code, en, zh in OWN},
}
"""Code -> what a customer is told for it, in English and Chinese."""
