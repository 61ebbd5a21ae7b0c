"""Sentences of family V: libraries of card makers."""

# fmt: off
VENDOR = (
    ("V-101", "missing",
     "The maker's library for this card is not installed here or does not load. Nothing was written and money "
     "already paid is safe. Use another terminal and tell the technician.",
     "本机未安装该卡厂家的动态库或加载失败。未写卡，已付款项安全。请换一台终端，并通知技术人员。"),
    ("V-102", "timeout",
     "The maker's library did not answer in time and was stopped. Money already paid is safe. Read the card "
     "again: that shows what is on it.",
     "厂家动态库未在规定时间内响应，已被终止。已付款项安全。请重新读卡以确定卡内数据。"),
    ("V-103", "crashed",
     "The maker's library crashed; the terminal goes on. Money already paid is safe. Read the card again: that "
     "shows what is on it.",
     "厂家动态库崩溃，终端仍正常运行。已付款项安全。请重新读卡以确定卡内数据。"),
    ("V-104", "quarantined",
     "The maker's library has failed too often and is not used any more. Money already paid is safe. Use another "
     "terminal and tell the technician, who can admit it again.",
     "厂家动态库多次出错，已停用。已付款项安全。请换一台终端，并通知技术人员检查后恢复。"),
    ("V-105", "nonsense",
     "The maker's library gave an answer that makes no sense, so it is not believed. Money already paid is safe. "
     "Read the card again; if it stays like this, tell the technician.",
     "厂家动态库返回的数据无法识别，不予采信。已付款项安全。请重新读卡，仍不成功请通知技术人员。"),
    ("V-106", "error",
     "The maker's library reports error {number}: {text}. Money already paid is safe. Read the card again; if it "
     "stays like this, call a supervisor.",
     "厂家动态库报告错误 {number}：{text}。已付款项安全。请重新读卡，仍不成功请联系班长处理。"),
    ("V-107", "state_missing",
     "The data that the maker's library needs from the last write is missing here. Nothing was written and money "
     "already paid is safe. Call a supervisor.",
     "缺少厂家动态库所需的上次写卡数据。未写卡，已付款项安全。请联系班长处理。"),
    ("V-108", "staff_only",
     "With this maker's library the card cannot be checked without its own word, so only staff may do this. "
     "Money already paid is safe. Call a supervisor.",
     "该厂家的卡无法独立核验，此操作仅限工作人员办理。已付款项安全。请联系班长处理。"),
)
# fmt: on
