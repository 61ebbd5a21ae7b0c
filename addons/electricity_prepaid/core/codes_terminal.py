"""Sentences of families T and P: the terminal and its local service."""

# fmt: off
TERMINAL = (
    ("T-101", "not_paired",
     "This terminal is not paired with the system. No money was taken now; anything already paid is safe. "
     "Have the administrator pair it.",
     "本终端尚未与系统配对。未产生新的扣款，已付款项安全。请管理员进行配对。"),
    ("T-102", "quarantined",
     "This terminal is in quarantine and does not sell. Money already paid is safe. Use another terminal and "
     "tell the administrator.",
     "本终端已被隔离，暂停售电。已付款项安全。请换一台终端，并通知管理员。"),
    ("T-103", "disabled",
     "This terminal is switched off in the system. No money was taken now; anything already paid is safe. "
     "Use another terminal or tell the administrator.",
     "本终端已停用。未产生新的扣款，已付款项安全。请换一台终端，或通知管理员。"),
    ("T-104", "clock",
     "The terminal's clock differs too much from the system's. No money was taken now; anything already paid "
     "is safe. Set the clock, then try again.",
     "终端时钟与系统相差过大。未产生新的扣款，已付款项安全。请校准时钟后重试。"),
    ("T-105", "limits",
     "This terminal holds too much unremitted cash or too many unfinished purchases. No money was taken now; "
     "anything already paid is safe. Finish those first, or use another terminal.",
     "本终端未解缴现金或未完成购电已达上限。未产生新的扣款，已付款项安全。请先处理，或换一台终端。"),
    ("T-106", "restored",
     "The database was restored and sales are stopped until it is checked. No money was taken now; anything "
     "already paid is safe. Tell the administrator.",
     "数据库已恢复，核对完成前暂停售电。未产生新的扣款，已付款项安全。请通知管理员。"),
    ("T-107", "no_key",
     "The system has no usable key. No money was taken now; anything already paid is safe. The administrator "
     "must provision it.",
     "系统没有可用的密钥。未产生新的扣款，已付款项安全。请管理员完成密钥配置。"),
    ("T-108", "pairing_wrong",
     "The pairing code is wrong. Nothing was changed. Check the code; after five wrong tries a new one is "
     "needed.",
     "配对码错误。数据未变动。请核对配对码，错误五次后需重新生成。"),
    ("T-109", "pairing_expired",
     "The pairing code has expired or was used. Nothing was changed. Make a new code in the system.",
     "配对码已过期或已使用。数据未变动。请在系统中重新生成。"),
    ("T-110", "other_company",
     "This terminal belongs to another company. No money was taken now; anything already paid is safe. "
     "Choose a terminal of your own company.",
     "该终端属于其他公司。未产生新的扣款，已付款项安全。请选择本公司的终端。"),
    ("P-101", "origin",
     "This page may not use the terminal. Nothing was changed. Open the counter from the system's own address.",
     "该页面无权使用终端。数据未变动。请从系统的正式网址打开营业窗口。"),
    ("P-102", "host",
     "The terminal was called by a wrong name. Nothing was changed. Check the terminal's address in the "
     "settings.",
     "访问终端的地址不正确。数据未变动。请检查终端地址设置。"),
    ("P-103", "token",
     "The page's permission for the terminal is missing or has expired. Nothing was changed. Reload the page.",
     "页面对终端的授权缺失或已过期。数据未变动。请刷新页面。"),
    ("P-104", "malformed",
     "The terminal did not understand the request. Nothing was changed. Reload the page; if it happens again, "
     "tell the administrator.",
     "终端无法理解该请求。数据未变动。请刷新页面，再次出现请通知管理员。"),
    ("P-105", "too_large",
     "The request is too large for the terminal. Nothing was changed. Reload the page; if it happens again, "
     "tell the administrator.",
     "请求数据过大。数据未变动。请刷新页面，再次出现请通知管理员。"),
    ("P-106", "too_many",
     "The terminal received too many requests at once. Nothing was changed. Wait a few seconds and try again.",
     "终端收到的请求过多。数据未变动。请稍候几秒再试。"),
    ("P-107", "reader_absent",
     "No card reader is connected. Money already paid is safe. Plug the reader in; it is found by itself.",
     "未连接读卡器。已付款项安全。请插好读卡器，系统会自动识别。"),
    ("P-108", "card_service_down",
     "The card service of this computer is not running. Money already paid is safe. It is started again by "
     "itself; if not, tell the technician.",
     "本机读卡服务未运行。已付款项安全。系统会自动重启该服务，如未恢复请通知技术人员。"),
    ("P-109", "no_time",
     "The terminal has no trusted time yet. No money was taken now; anything already paid is safe. Wait "
     "until it has reached the system.",
     "终端尚未取得可信时间。未产生新的扣款，已付款项安全。请等待终端与系统连通。"),
    ("P-110", "journal",
     "The terminal cannot write its journal, so it writes no cards. Money already paid is safe. Tell the "
     "technician: the disk may be full.",
     "终端无法写入日志，已停止写卡。已付款项安全。请通知技术人员检查磁盘空间。"),
    ("P-111", "proxy_not_paired",
     "The service on this computer is not paired. Nothing was changed. Have the administrator pair it.",
     "本机终端服务尚未配对。数据未变动。请管理员进行配对。"),
    ("P-112", "job_unknown",
     "The terminal does not know this write. Money already paid is safe. Read the card: that settles what was "
     "written.",
     "终端没有该写卡任务的记录。已付款项安全。请重新读卡以确定写卡结果。"),
    ("P-113", "reader_busy",
     "The reader is busy with another card operation. Money already paid is safe. Wait until it has finished.",
     "读卡器正在处理其他操作。已付款项安全。请等待其完成。"),
    ("P-114", "internal",
     "Something failed inside the terminal's service. Money already paid is safe. Read the card again; the "
     "technician finds the details in the log.",
     "终端服务内部出错。已付款项安全。请重新读卡，技术人员可在日志中查看详情。"),
    ("P-115", "unreachable",
     "The terminal's service cannot be reached from this page. Money already paid is safe. Check that it is "
     "running on this computer.",
     "页面无法连接终端服务。已付款项安全。请检查本机终端服务是否运行。"),
    ("P-116", "printer",
     "The receipt printer is not ready. Money already paid is safe and the purchase is not affected. Check paper, "
     "cover and cable, then print the receipt again.",
     "小票打印机未就绪。已付款项安全，购电不受影响。请检查纸张、机盖和连接线后补打小票。"),
    ("P-117", "odoo_away",
     "The terminal has no connection to the central system. Money already paid is safe. It goes on by itself as "
     "soon as the connection is back.",
     "终端无法连接中心系统。已付款项安全。网络恢复后将自动继续服务。"),
)
# fmt: on
