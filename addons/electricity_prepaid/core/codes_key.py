"""Sentences of family K: the key service and the keys of CPU cards."""

# fmt: off
KEY = (
    ("K-101", "unreachable",
     "The key service could not be reached, so the card was not opened for writing. Money already paid is safe. "
     "Leave the card in and start the write again; if it stays like this, tell the technician.",
     "无法连接密钥服务，未能开启写卡。已付款项安全。请保持卡片在读卡器中并重新写卡，仍不成功请通知技术人员。"),
    ("K-102", "attempt_not_live",
     "The key service was asked about a write that is over. Money already paid is safe. Read the card and start "
     "the write again.",
     "密钥服务收到的请求属于已结束的写卡。已付款项安全。请重新读卡并重新写卡。"),
    ("K-103", "other_bytes",
     "The terminal asked for a signature over other data than was ordered, and the key service refused. Money "
     "already paid is safe. Tell the administrator; do not go on at this terminal.",
     "终端请求的数据与写卡指令不一致，密钥服务已拒绝。已付款项安全。请通知管理员，暂勿使用本终端。"),
    ("K-104", "quota",
     "This terminal has used up its key requests for today. Money already paid is safe. Use another terminal, or "
     "ask the administrator to raise the quota.",
     "本终端今日的密钥请求次数已用完。已付款项安全。请换一台终端，或请管理员提高限额。"),
    ("K-105", "not_genuine",
     "This card could not prove that it is genuine. Nothing was written and money already paid is safe. Keep the "
     "card and call a supervisor.",
     "该卡未通过真伪认证。未写卡，已付款项安全。请留下卡片并联系班长处理。"),
    ("K-106", "version_unknown",
     "The keys of this card are of a version that is not known here. Nothing was written and money already paid "
     "is safe. Tell the administrator: a key version is missing.",
     "该卡的密钥版本未登记。未写卡，已付款项安全。请通知管理员补充密钥版本。"),
    ("K-107", "module",
     "The security module of this terminal is missing or used up. Money already paid is safe. Use another "
     "terminal and tell the technician.",
     "本终端的安全模块缺失或次数已用完。已付款项安全。请换一台终端，并通知技术人员。"),
    ("K-108", "blocked",
     "This card has blocked its keys after wrong requests: it can be read but no longer written. Money already "
     "paid is safe. Replace the card.",
     "该卡因多次认证失败已锁定密钥，只能读取不能写入。已付款项安全。请办理补卡。"),
    ("K-109", "provider",
     "The keys themselves are not available at the moment. Money already paid is safe. Try again in a minute; if "
     "it stays like this, tell the administrator.",
     "密钥设备暂不可用。已付款项安全。请稍候再试，仍不成功请通知管理员。"),
    ("K-110", "no_issuer",
     "This terminal may not issue CPU cards. Nothing was written and money already paid is safe. Open the account "
     "or replace the card at a terminal that issues cards.",
     "本终端无权发放 CPU 卡。未写卡，已付款项安全。请到可发卡的终端办理开户或补卡。"),
)
# fmt: on
