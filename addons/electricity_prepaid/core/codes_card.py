"""Sentences of family C: the card."""

# fmt: off
CARD = (
    ("C-101", "unknown_chip",
     "This chip is not known here. No money was taken now; anything already paid is safe. Take the card out "
     "and put in the electricity card.",
     "无法识别该卡的芯片。未产生新的扣款，已付款项安全。请取出后插入购电卡。"),
    ("C-102", "blank",
     "This card is blank: it does not belong to an account yet. No money was taken now; anything already "
     "paid is safe. Have it issued at a service counter.",
     "该卡为空白卡，尚未开户。未产生新的扣款，已付款项安全。请到营业厅办理开户或补卡。"),
    ("C-103", "foreign",
     "This card was issued by somebody else. No money was taken now; anything already paid is safe. Take it "
     "out and put in the electricity card of this utility.",
     "该卡不是本供电单位发行的购电卡。未产生新的扣款，已付款项安全。请取出后插入本单位的购电卡。"),
    ("C-104", "locked",
     "This card is locked for ever after wrong codes. No money was taken now; anything already paid is safe. "
     "It can be read but no longer written: replace the card.",
     "该卡因密码错误次数过多已永久锁死。未产生新的扣款，已付款项安全。该卡只能读取不能写入，请办理补卡。"),
    ("C-105", "damaged",
     "The data on this card is damaged. No money was taken now; anything already paid is safe. Clean the "
     "contacts and try once more; if it stays like this, call a supervisor.",
     "卡内数据已损坏。未产生新的扣款，已付款项安全。请擦拭触点后重试，仍不成功请联系班长处理。"),
    ("C-106", "not_registered",
     "This card is not registered here. No money was taken now; anything already paid is safe. Ask for the "
     "account number and check the card register.",
     "系统中没有该卡的登记。未产生新的扣款，已付款项安全。请核对户号和卡档案。"),
    ("C-107", "replaced",
     "This is an old card that has been replaced. No money was taken now; anything already paid is safe. Use "
     "the newest card of the account.",
     "该卡已补换，属于旧卡。未产生新的扣款，已付款项安全。请使用该户最新的购电卡。"),
    ("C-108", "not_inserted",
     "The last purchase is not in the meter yet. No money was taken now; anything already paid is safe. "
     "Insert the card into the meter first, then come back.",
     "上次购电后该卡尚未插表。未产生新的扣款，已付款项安全。请先将卡插入电表，再来购电。"),
    ("C-109", "other_customer",
     "The card carries another account number than our records. No money was taken now; anything already "
     "paid is safe. Check the account with the customer.",
     "卡内户号与档案不一致。未产生新的扣款，已付款项安全。请与用户核对户号。"),
    ("C-110", "other_meter",
     "The card was made for another meter. No money was taken now; anything already paid is safe. After a "
     "meter change the card must be issued again.",
     "卡内表号与档案不一致。未产生新的扣款，已付款项安全。换表后需重新办理购电卡。"),
    ("C-111", "count_differs",
     "The purchase count on the card does not fit our records. No money was taken now; anything already paid "
     "is safe. Call a supervisor; both counts are on record.",
     "卡内购电次数与档案不一致。未产生新的扣款，已付款项安全。请联系班长处理，双方次数均已留存。"),
    ("C-112", "wrong_generation",
     "This card belongs to an earlier meter of the account. No money was taken now; anything already paid is "
     "safe. Have the card issued again.",
     "该卡属于换表前的旧装表记录。未产生新的扣款，已付款项安全。请重新办理购电卡。"),
    ("C-113", "in_meter",
     "This purchase is already in the meter and nothing needs to be written. No money was taken now; "
     "anything already paid is safe. A new purchase is possible.",
     "本次购电已进入电表，无需补写卡。未产生新的扣款，已付款项安全。可以办理新的购电。"),
    ("C-114", "tries_used",
     "Wrong codes have been tried on this card, and too many lock it for ever, so it was not written. No "
     "money was taken now; anything already paid is safe. Call a supervisor, who can allow one more try for a "
     "purchase that is paid, or replace the card.",
     "该卡曾被输入错误密码，为避免锁死，未进行写卡。未产生新的扣款，已付款项安全。请联系班长（可为已付款的购电批准再试一次）或办理补卡。"),
    ("C-115", "not_blank",
     "This card is not blank. No money was taken now; anything already paid is safe. Clear it first, or take "
     "a blank card.",
     "该卡不是空白卡。未产生新的扣款，已付款项安全。请先清卡，或换用空白卡。"),
    ("C-116", "card_type",
     "This kind of card does not fit the meter of the account. No money was taken now; anything already paid is "
     "safe. Take the card that was issued for this meter, or have the meter's file checked.",
     "该卡类型与用户电表不匹配。未产生新的扣款，已付款项安全。请使用该电表配套的购电卡，或核对电表档案。"),
    ("C-117", "count_unreadable",
     "The purchase count of this card cannot be read, so only staff may go on. No money was taken now; anything "
     "already paid is safe. Call a supervisor, who compares the card with our records.",
     "无法读取卡内购电次数，仅限工作人员办理。未产生新的扣款，已付款项安全。请联系班长核对卡片与档案。"),
    ("C-118", "answer_damaged",
     "Only the meter's answer on this card is damaged; the purchase on it is whole. No money was taken now; "
     "anything already paid is safe. Insert the card into the meter once more, then come back.",
     "仅电表返写数据损坏，卡内购电数据完好。未产生新的扣款，已付款项安全。请将卡再次插入电表，然后再来购电。"),
    ("C-119", "account_closed",
     "The account of this card is closed. No money was taken now; anything already paid is safe. Nothing can be sold "
     "to it; a supervisor can clear the card, so that it is used again.",
     "该卡所属账户已销户。未产生新的扣款，已付款项安全。不能再向该卡售电；班长可清卡后重新使用。"),
    ("C-201", "no_card",
     "There is no card in the reader. Money already paid is safe. Put the card in.",
     "读卡器中没有卡。已付款项安全。请插入购电卡。"),
    ("C-202", "pulled",
     "The card was taken out too early. Money already paid is safe. Put the same card back in.",
     "卡被过早拔出。已付款项安全。请将同一张卡重新插入。"),
    ("C-203", "other_content",
     "This is another card, or its content has changed since it was read. Nothing was written and money "
     "already paid is safe. Put the first card back in, or read the card again.",
     "该卡与报价时不是同一张卡，或卡内数据已变化。未写卡，已付款项安全。请插回原卡或重新读卡。"),
    ("C-204", "unchanged",
     "Writing failed and the card is proved unchanged. Money already paid is safe. Write it again, or cancel "
     "the purchase.",
     "写卡失败，经回读确认卡内数据未变。已付款项安全。请补写卡，或取消本次购电。"),
    ("C-205", "unknown",
     "It is not certain what was written. Money already paid is safe, but it cannot be handed back yet. Put "
     "the same card back in: reading it settles the matter.",
     "写卡结果未知。已付款项安全，但暂不能退款。请将同一张卡重新插入，读卡后即可确定。"),
    ("C-206", "silent",
     "The card does not answer. Money already paid is safe. Take the card out, clean the contacts and put it "
     "in again.",
     "购电卡无响应。已付款项安全。请取出卡片，擦拭触点后重新插入。"),
    ("C-207", "code_refused",
     "The card refused its code. Nothing was written and money already paid is safe. Do not try again: call a "
     "supervisor.",
     "卡密码校验未通过。未写卡，已付款项安全。请勿重试，并联系班长处理。"),
)
# fmt: on
