"""Sentences of family M, from 301: lookups at the sale, and arrears. The others are in :mod:`.codes_marketing`."""

# fmt: off
ARREARS = (
    ("M-301", "lookup_needed",
     "The marketing system has not been asked about this account in the last minutes. No money was taken now; anything "
     "already paid is safe. Ask it again, then go on.",
     "近几分钟内尚未向营销系统查询该户。未产生新的扣款，已付款项安全。请重新查询后继续。"),
    ("M-302", "bills_changed",
     "What this account owes has changed since it was shown. No money was taken now; anything already paid is safe. "
     "Check the new figures with the customer and choose again.",
     "该户欠费在显示后已发生变化。未产生新的扣款，已付款项安全。请与客户核对最新欠费后重新选择。"),
    ("M-303", "bill_not_payable",
     "The bill of {month} cannot be paid here: it is with a collector or disputed. No money was taken now. Leave it "
     "out, and send the customer to the service desk for it.",
     "{month} 的账单正在催收或存在争议，不能在此缴纳。未产生新的扣款。请取消选择该账单，并请客户到服务台办理。"),
    ("M-304", "no_bills",
     "No bill was chosen that can be paid here. No money was taken. Choose at least one open bill.",
     "未选择可缴纳的账单。未产生扣款。请至少选择一笔未缴账单。"),
    ("M-305", "sold_without_arrears",
     "The marketing system does not answer. Energy may be sold and is reported later; arrears cannot be taken, and "
     "any that are shown are what was last known. Tell the customer that bills may still be open.",
     "营销系统无应答。可以继续售电，记录稍后上传；暂不能收取欠费，所显示的欠费为最近一次查询结果。请告知客户可能仍有未缴账单。"),
    ("M-306", "arrears_unreachable",
     "Arrears can only be paid or set back while the marketing system answers. No money was moved. Try again in some "
     "minutes.",
     "营销系统无应答时不能缴纳或冲正欠费。款项未变动。请几分钟后重试。"),
    ("M-307", "other_meter_there",
     "The marketing system has meter {theirs} for this account, we have {ours}. The sale goes on. Have the customer "
     "file checked by the back office.",
     "营销系统登记的电表为 {theirs}，本系统为 {ours}。不影响本次办理。请后台核对客户档案。"),
    ("M-308", "lookup_refused",
     "The marketing system refused the query with code {result}. No money was taken now; anything already paid is "
     "safe. Try again, and tell the back office if it stays so.",
     "营销系统拒绝了查询，返回码 {result}。未产生新的扣款，已付款项安全。请重试；若仍如此请通知后台。"),
)
# fmt: on
