"""Sentences of family M: the marketing system.

M-1…: what its answers mean for a sale or an upload. M-2…: why it could not be asked, for whoever sets it up.
"""

# fmt: off
MARKETING = (
    ("M-101", "unreachable",
     "The marketing system cannot be reached at this moment, so the sale waits. No money was taken now; anything "
     "already paid is safe. Try again in a few minutes.",
     "营销系统暂时无法连接，本次办理需等待。未产生新的扣款，已付款项安全。请过几分钟再试。"),
    ("M-102", "may_not_buy",
     "The marketing system does not let this account buy: {reason}. No money was taken now; anything already paid is "
     "safe. Ask the business hall to settle it.",
     "营销系统不允许该户购电：{reason}。未产生新的扣款，已付款项安全。请到营业厅处理。"),
    ("M-103", "count_differs",
     "The purchase count of the marketing system ({theirs}) is not ours ({ours}). No money was taken now; anything "
     "already paid is safe. Have both records compared before the next purchase.",
     "营销系统的购电次数（{theirs}）与本系统（{ours}）不一致。未产生新的扣款，已付款项安全。请核对双方记录后再购电。"),
    ("M-104", "arrears_first",
     "The account owes money, and the marketing system takes no advance before that is paid. Anything already paid is "
     "safe. Take the arrears first.",
     "该户有欠费，结清前营销系统不接受预收。已付款项安全。请先收取欠费。"),
    ("M-105", "no_customer",
     "The marketing system does not know this account. Anything already paid is safe. Compare the number with the "
     "customer file and have it opened there.",
     "营销系统查无此户。已付款项安全。请核对户号，并在营销系统建档。"),
    ("M-106", "closed",
     "The marketing system takes nothing for this account now: closed. Anything already paid is safe. It is tried "
     "again by itself; if it stays like this, ask the business hall whether the account was closed.",
     "营销系统当前不受理该户业务：已关闭。已付款项安全。系统将自动重试，如一直如此请向营业厅核实是否已销户。"),
    ("M-107", "collection_refused",
     "This is a card-meter customer and the marketing system refuses this collection. Anything already paid is safe. "
     "Have the customer's regime corrected there, then send it again.",
     "该户为卡表用户，营销系统不允许此类收费。已付款项安全。请在营销系统更正费控方式后重新发送。"),
    ("M-108", "no_part_payment",
     "The marketing system takes no part payment of this bill. Anything already paid is safe. Take the whole bill, or "
     "have the payment settled by finance.",
     "营销系统不允许部分缴纳该笔欠费。已付款项安全。请全额收取，或由财务处理。"),
    ("M-109", "not_inserted_there",
     "For the marketing system the card has not been in the meter since the last purchase. Anything already paid is "
     "safe. Compare the last purchase in both systems before anything is sold or sent again.",
     "营销系统认为该卡最近一次购电后尚未插表。已付款项安全。请先核对双方最近一次购电，再售电或重新发送。"),
    ("M-110", "old_card_there",
     "For the marketing system this is an old card of the account. Anything already paid is safe. Compare the card "
     "numbers in both systems before anything is sold or sent again.",
     "营销系统认为该卡为旧卡。已付款项安全。请先核对双方的卡号，再售电或重新发送。"),
    ("M-111", "fault_there",
     "The marketing system reports a fault of its own. Money already paid is safe. It is asked and tried again by "
     "itself; nothing is to be done.",
     "营销系统报告自身故障。已付款项安全。系统将自动查询并重试，无需处理。"),
    ("M-112", "not_understood",
     "The marketing system did not understand the message, and nothing was done there. Money already paid is safe. "
     "Tell the technician: the interface does not fit.",
     "营销系统无法识别该报文，未作任何处理。已付款项安全。请通知技术人员：接口不匹配。"),
    ("M-113", "amount_differs",
     "The amount in the marketing system differs from ours. Money already paid is safe. Compare both records; two "
     "persons decide which one stands.",
     "营销系统中的金额与本系统不一致。已付款项安全。请核对双方记录，由两人确认以哪一方为准。"),
    ("M-114", "other_content",
     "The marketing system holds something else under this serial: another account or amount. Money already paid is "
     "safe. Compare both records; two persons decide.",
     "营销系统中该流水号对应其他户号或金额。已付款项安全。请核对双方记录，由两人确认处理。"),
    ("M-115", "reversal_no_fit",
     "The marketing system says that this reversal does not fit the payment. The payment still stands there. Compare "
     "both records; reverse it there by hand if it is to be reversed.",
     "营销系统认为该冲正与原缴费不符。原缴费在营销系统仍有效。请核对双方记录，确需冲正的请在营销系统人工冲正。"),
    ("M-116", "later_day",
     "The marketing system reverses a payment on its own day only. The payment still stands there. Have it taken back "
     "there by hand; the reconciliation then matches it.",
     "营销系统只允许当日冲正。原缴费在营销系统仍有效。请在营销系统人工处理，再由对账核对。"),
    ("M-117", "other_operator",
     "The marketing system lets only the operator of the payment reverse it. The payment still stands there. Have it "
     "reversed there by hand.",
     "营销系统只允许原操作员冲正。原缴费在营销系统仍有效。请在营销系统人工冲正。"),
    ("M-118", "reversed_there",
     "This payment was taken back in the marketing system, and not by us. Money already paid is safe. Compare both "
     "records; two persons decide.",
     "该笔缴费已在营销系统被冲正，且并非由本系统发起。已付款项安全。请核对双方记录，由两人确认处理。"),
    ("M-119", "cash_remitted",
     "The cash of this payment is already remitted for the marketing system. The payment still stands there. Let "
     "finance settle it there.",
     "营销系统中该笔现金已解款。原缴费在营销系统仍有效。请由财务在营销系统处理。"),
    ("M-120", "reconciled",
     "This day is already reconciled with the marketing system. Money already paid is safe. Let finance book the "
     "difference by hand and settle it here.",
     "该日已与营销系统对账完毕。已付款项安全。请由财务人工处理差异后在此销项。"),
    ("M-121", "past_days_only",
     "Only past days can be reconciled. Nothing was changed. Try again tomorrow.",
     "只能对过去的日期对账。数据未变动。请明日再试。"),
    ("M-122", "totals_differ",
     "The totals of the day differ from the marketing system's. Nothing was changed. Work through the list of "
     "differences.",
     "当日总额与营销系统不一致。数据未变动。请逐条处理差异清单。"),
    ("M-123", "details_differ",
     "Records of the day differ from the marketing system's. Nothing was changed. Work through the list of "
     "differences.",
     "当日明细与营销系统不一致。数据未变动。请逐条处理差异清单。"),
    ("M-124", "both_differ",
     "Totals and records of the day differ from the marketing system's. Nothing was changed. Work through the list of "
     "differences.",
     "当日总额和明细均与营销系统不一致。数据未变动。请逐条处理差异清单。"),
    ("M-125", "no_record",
     "The marketing system has no record of it so far. Money already paid is safe. It is sent again by itself under "
     "the same serial.",
     "营销系统暂无该笔记录。已付款项安全。系统将以同一流水号自动重新发送。"),
    ("M-126", "not_confirmed",
     "The marketing system has not confirmed this yet. Money already paid is safe. It is asked and tried again by "
     "itself under the same serial.",
     "营销系统尚未确认该笔业务。已付款项安全。系统将以同一流水号自动查询并重试。"),
    ("M-127", "code_unknown",
     "The marketing system answers with code {result}, which this version does not know. Money already paid is safe. "
     "It is asked again by itself; tell the technician the code.",
     "营销系统返回本版本未知的代码 {result}。已付款项安全。系统将自动查询，请将该代码告知技术人员。"),
    ("M-128", "original_open",
     "The payment that this takes back is not settled in the marketing system. Money already paid is safe. Settle the "
     "payment first; this follows by itself.",
     "被冲正的缴费在营销系统尚未了结。已付款项安全。请先处理原缴费，本笔将自动继续。"),
    ("M-129", "written_again",
     "This sale was taken back in the marketing system and then counted after all. Money already paid is safe. Two "
     "persons have it booked there by hand.",
     "该笔购电在营销系统已冲正，后又确认生效。已付款项安全。请由两人在营销系统人工补录。"),
    ("M-130", "not_now",
     "This step is not possible any more: the message has moved on. Nothing was changed. Reload and follow what is "
     "shown.",
     "该报文状态已变化，不能再执行此操作。数据未变动。请刷新后按提示处理。"),
    ("M-131", "payment_vanished",
     "The marketing system has no record of the payment that this takes back, though it confirmed it before. Money "
     "already paid is safe. Compare both records; two persons decide.",
     "营销系统查无被冲正的缴费，但此前曾确认入账。已付款项安全。请核对双方记录，由两人确认处理。"),
    ("M-140", "closed_without",
     "The day of this payment is reconciled and closed in the marketing system without it, so it is taken there no "
     "more. The customer's money and energy are safe. Let finance book it there by hand; then two persons settle it.",
     "该笔缴费所属日期已与营销系统对账关账，但对方无此记录，不再受理上传。客户款项和电量安全。请由财务在营销系统人工补录，再由两人在此销项。"),
    ("M-141", "unsendable",
     "Of what is stored of it no message can be made. This time nothing was sent. Money already paid is safe. Tell the "
     "technician; two persons have it booked there by hand and settle it here.",
     "所存内容无法生成报文，本次未发送。已付款项安全。请告知技术人员，并由两人在营销系统人工补录后在此销项。"),
    ("M-142", "file_unreadable",
     "This customer file of the marketing system cannot be read (page/place {place}), so nothing of it was taken; the "
     "others were. No money is concerned. Have it corrected there, which brings it again, then keep ours.",
     "营销系统的该份客户档案无法读取（页/序号 {place}），未取用，其余已取用。"
     "不涉及款项。请在营销系统更正，更正后将再次传来，然后保留本方数据。"),
    ("M-143", "file_not_taken",
     "This customer file breaks a rule here, so nothing of it was taken; the others of its page were. No money is "
     "concerned. Correct it there or here, then keep ours.",
     "该份客户档案不符合本系统的规则，未取用其内容，同页其余档案已取用。不涉及款项。请在营销系统或本系统更正，然后保留本方数据。"),
    ("M-201", "name_unknown",
     "The server's name {host} is not known to the network. Nothing was sent. Check the address, then the name "
     "service of this machine.",
     "网络中查不到服务器 {host}。未发送任何数据。请检查地址，再检查本机的域名解析。"),
    ("M-202", "connection_refused",
     "{host} does not take connections at this port. Nothing was sent. Check the port and the firewall, and whether "
     "the marketing system is running.",
     "{host} 的该端口拒绝连接。未发送任何数据。请检查端口和防火墙，并确认营销系统正在运行。"),
    ("M-203", "tls",
     "The encrypted connection was refused: {reason}. Nothing was sent. Check the certificate: issuer, name, and "
     "dates; and the client certificate if one is asked for.",
     "加密连接未建立：{reason}。未发送任何数据。请检查证书的签发者、名称和有效期，以及对方要求的客户端证书。"),
    ("M-204", "credentials",
     "The marketing system does not accept user name and password. Nothing was changed. Check both, and the clock of "
     "this machine: the password digest carries the time.",
     "营销系统不接受用户名和口令。数据未变动。请检查两者，并检查本机时钟：口令摘要含时间。"),
    ("M-205", "not_our_interface",
     "Something answers there, but not the marketing system's interface: {reason}. Nothing was changed. Check the "
     "path of the address and the SOAP version.",
     "对方有应答，但不是营销系统接口：{reason}。数据未变动。请检查地址路径和 SOAP 版本。"),
    ("M-206", "no_answer",
     "The marketing system did not answer in time. Nothing was changed by this question. Try again; if it stays like "
     "this, ask whoever runs it.",
     "营销系统未在规定时间内应答。本次查询未改变任何数据。请重试，仍不成功请联系其运维人员。"),
    ("M-207", "set_up",
     "The connection is not set up completely: {reason}. Nothing was sent. Complete it on the server, where the "
     "secrets are.",
     "连接配置不完整：{reason}。未发送任何数据。请在存放密钥的服务器上补全。"),
    ("M-208", "server_error",
     "The marketing system answered with an error of its server: {reason}. Nothing is known of the outcome. Ask "
     "whoever runs it.",
     "营销系统服务器返回错误：{reason}。结果未知。请联系其运维人员。"),
    ("M-209", "unsafe_answer",
     "The answer was refused because it is not safe to read: {reason}. Nothing was changed. Tell whoever runs the "
     "marketing system.",
     "应答因不安全而被拒绝读取：{reason}。数据未变动。请通知营销系统运维人员。"),
    ("M-210", "line_broken",
     "The connection to the marketing system broke: {reason}. Nothing is known of the outcome. Try again; if it stays "
     "like this, check the network.",
     "与营销系统的连接中断：{reason}。结果未知。请重试，仍不成功请检查网络。"),
    ("M-211", "paused",
     "After several failures in a row the marketing system is left alone until {time}. Nothing was sent. It is tried "
     "again by itself then.",
     "营销系统连续多次失败，暂停访问至 {time}。未发送任何数据。届时系统将自动重试。"),
    ("M-212", "page_unreadable",
     "The next page of customer files cannot be read: {reason}. Nothing of it was taken; what came before stays. It is "
     "asked for again by itself, later each time. If it stays like this, stop the run and tell whoever runs the "
     "marketing system.",
     "下一页客户档案无法读取：{reason}。该页未取用，此前已取用的保留。"
     "系统将自动重新请求，间隔逐次延长。如一直如此，请停止本次同步并通知营销系统运维人员。"),
    ("M-213", "not_released",
     "The secret on the server is not meant for this connection: {reason}. Nothing was sent. Correct the address or "
     "the name of the secret, or have whoever runs the server release it for this one.",
     "服务器上的密钥不允许用于该连接：{reason}。未发送任何数据。请更正地址或密钥名称，或由服务器管理员放行。"),
)
# fmt: on
