"""Sentences of families O, N and R: signed orders, snapshots and receipts."""

# fmt: off
MESSAGE = (
    ("O-101", "invalid",
     "The write order is not genuine or was altered. Nothing was written and money already paid is safe. "
     "Reload the page; if it happens again, tell the administrator.",
     "写卡指令无效或已被改动。未写卡，已付款项安全。请刷新页面，再次出现请通知管理员。"),
    ("O-102", "other_key",
     "The write order was signed with a key that this terminal does not trust. Nothing was written and money "
     "already paid is safe. Pair the terminal again.",
     "写卡指令的签名密钥不受本终端信任。未写卡，已付款项安全。请重新配对终端。"),
    ("O-103", "other_terminal",
     "The write order is meant for another terminal. Nothing was written and money already paid is safe. "
     "Continue at the terminal where the card is.",
     "该写卡指令属于另一台终端。未写卡，已付款项安全。请在插卡的终端上继续。"),
    ("O-104", "older_epoch",
     "The write order comes from an outdated copy of the database. Nothing was written and money already paid "
     "is safe. Tell the administrator before anything else is sold.",
     "写卡指令来自过期的数据库副本。未写卡，已付款项安全。请先通知管理员，暂停售电。"),
    ("O-105", "expired",
     "The write order expired before it was carried out. Nothing was written and money already paid is safe. "
     "Start the write again.",
     "写卡指令在执行前已过期。未写卡，已付款项安全。请重新发起写卡。"),
    ("O-106", "card_left",
     "The card has left the reader since it was read. Nothing was written and money already paid is safe. Put "
     "the card in and start the write again.",
     "读卡后卡片曾离开读卡器。未写卡，已付款项安全。请插入卡片并重新发起写卡。"),
    ("O-107", "sealed_foreign",
     "The sealed part does not belong to this write order. Nothing was written and money already paid is safe. "
     "Start the write again.",
     "加密数据与写卡指令不匹配。未写卡，已付款项安全。请重新发起写卡。"),
    ("O-108", "driver_unknown",
     "This terminal has no driver for the card. Nothing was written and money already paid is safe. Use "
     "another terminal and tell the technician.",
     "本终端没有该卡的驱动程序。未写卡，已付款项安全。请换一台终端，并通知技术人员。"),
    ("O-109", "voided",
     "The write was called off before anything reached the card. Money already paid is safe. The purchase can "
     "be written again or cancelled.",
     "写卡在执行前已作废，卡内数据未变。已付款项安全。可重新写卡或取消本次购电。"),
    ("N-101", "invalid_snapshot",
     "The card reading is not genuine or was altered. No money was taken now; anything already paid is safe. "
     "Read the card again.",
     "读卡数据无效或已被改动。未产生新的扣款，已付款项安全。请重新读卡。"),
    ("N-102", "nonce_unknown",
     "The card reading is out of date. No money was taken now; anything already paid is safe. Read the card "
     "again.",
     "读卡数据已过期。未产生新的扣款，已付款项安全。请重新读卡。"),
    ("N-103", "snapshot_used",
     "This card reading has been used already. Nothing was charged a second time. Read the card again.",
     "该读卡数据已使用过，不会重复扣款。请重新读卡。"),
    ("N-104", "snapshot_older",
     "This card reading is older than the last write, so it settles nothing. Money already paid is safe. Read "
     "the card again.",
     "该读卡数据早于最近一次写卡，不能作为判断依据。已付款项安全。请重新读卡。"),
    ("R-101", "invalid_receipt",
     "The terminal's receipt is not genuine or does not fit its order. Money already paid is safe. Tell the "
     "administrator.",
     "终端回执无效或与写卡指令不符。已付款项安全。请通知管理员。"),
    ("R-102", "gap",
     "A receipt of this terminal is missing in the sequence. Money already paid is safe. Wait until the "
     "terminal has delivered its receipts, or tell the technician.",
     "该终端的回执序号不连续。已付款项安全。请等待终端补传回执，或通知技术人员。"),
    ("R-103", "fork",
     "Two different receipts carry the same sequence number, so the terminal is quarantined. Money already "
     "paid is safe. Tell the administrator.",
     "同一序号出现两份不同的回执，终端已被隔离。已付款项安全。请通知管理员。"),
    ("R-104", "attempt_unknown",
     "The receipt names a write that is not on record here. Money already paid is safe. Tell the "
     "administrator: the receipt is kept whole.",
     "回执对应的写卡记录不存在。已付款项安全。回执已完整保存，请通知管理员。"),
)
# fmt: on
