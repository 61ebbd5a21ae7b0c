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
    ("M-309", "back_proposed",
     "{user} wants payment {serial} taken back. Until a second supervisor approves it, the bills count as paid and no "
     "money may be handed out. Another supervisor approves it, here or in the list of recharges.",
     "{user} 申请冲正缴费 {serial}。在第二位主管批准之前，账单仍为已缴，不得退款。"
     "请另一位主管在此或在充值列表中批准。"),
    ("M-310", "back_on_its_way",
     "Payment {serial} is being taken back and waits for the marketing system. Until that confirms it, the bills count "
     "as paid and no money may be handed out. It goes on by itself; if it stays so, see the work list.",
     "缴费 {serial} 的冲正已批准，正在等待营销系统确认。确认之前账单仍为已缴，不得退款。系统将自动继续；"
     "如长时间未完成，请查看待办清单。"),
    ("M-311", "back_refused",
     "The marketing system did not take payment {serial} back: it stands there, and so it does here. The bills are "
     "paid, no money may be handed out. Have it settled by finance.",
     "营销系统未冲正缴费 {serial}：该缴费在双方均有效。账单已缴，不得退款。请由财务处理。"),
)
# fmt: on
