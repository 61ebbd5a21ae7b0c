"""Sentences of family S: the sale."""

# fmt: off
SALE = (
    ("S-101", "busy",
     "This account is being served elsewhere at this moment. Nothing was changed. It will be tried again by "
     "itself.",
     "该户正在其他地方办理业务。数据未变动。系统将自动重试。"),
    ("S-102", "uuid_conflict",
     "This purchase was already started with other details. Nothing was charged a second time. Reload the page "
     "and continue with the open purchase.",
     "本次购电已用其他参数发起，不会重复扣款。请刷新页面后继续原购电。"),
    ("S-103", "other_open",
     "Another purchase of this account is not finished. Nothing new was charged. Finish that one first.",
     "该户有一笔未完成的购电。未产生新的扣款。请先完成原购电。"),
    ("S-104", "amount_malformed",
     "“{amount}” is not an amount of money. No money was taken now; anything already paid is safe. Type yuan "
     "with at most two decimals, such as 100.00.",
     "“{amount}”不是有效金额。未产生新的扣款，已付款项安全。请输入最多两位小数的金额，例如 100.00。"),
    ("S-105", "under_minimum",
     "The smallest purchase is ¥ {min}. No money was taken now; anything already paid is safe. Choose a "
     "higher amount.",
     "最低购电金额为 ¥ {min}。未产生新的扣款，已付款项安全。请提高金额。"),
    ("S-106", "over_maximum",
     "The largest purchase is ¥ {max}. No money was taken now; anything already paid is safe. Choose a lower "
     "amount.",
     "单次购电金额最高为 ¥ {max}。未产生新的扣款，已付款项安全。请降低金额。"),
    ("S-107", "step",
     "The amount must be a multiple of ¥ {step}. No money was taken now; anything already paid is safe. "
     "Choose another amount.",
     "购电金额须为 ¥ {step} 的整数倍。未产生新的扣款，已付款项安全。请调整金额。"),
    ("S-108", "hoard",
     "The meter may hold at most {limit} {unit} and {remaining} {unit} are left in it. No money was taken now; "
     "anything already paid is safe. Choose a lower amount, or come back when more is used.",
     "电表囤积限额为 {limit} {unit}，表内剩余 {remaining} {unit}。未产生新的扣款，已付款项安全。"
     "请降低金额，或用电后再来购买。"),
    ("S-109", "per_day",
     "This account may buy {limit} times a day and has done so today. No money was taken now; anything "
     "already paid is safe. Come back tomorrow.",
     "该户每日最多购电 {limit} 次，今日已满。未产生新的扣款，已付款项安全。请明日再来。"),
    ("S-110", "not_paid",
     "¥ {due} is still due. Nothing was written. Take the rest of the money first.",
     "尚欠付 ¥ {due}。未写卡。请先收足款项。"),
    ("S-111", "account_inactive",
     "This account is not active. No money was taken now; anything already paid is safe. Ask the back office "
     "what is to be settled first.",
     "该户当前不是正常状态。未产生新的扣款，已付款项安全。请向后台核实需先办理的事项。"),
    ("S-112", "not_in_state",
     "This step is not possible in the purchase's present state. Nothing was changed. Reload and follow the "
     "step that is shown.",
     "当前状态下不能执行此操作。数据未变动。请刷新后按提示继续。"),
    ("S-113", "reservation_expired",
     "The purchase was not paid in time and has ended. Nothing was charged. Start it again.",
     "本次购电因超时未付款已结束。未产生任何扣款。请重新开始。"),
    ("S-114", "may_not_cancel",
     "This purchase may not be cancelled: the card may already carry it. The money stays safe. Read the card "
     "again, or have the meter read.",
     "本次购电不能取消：卡内可能已写入。款项安全。请重新读卡，或安排抄表核实。"),
    ("S-115", "no_such_order",
     "There is no such purchase. Nothing was changed. Check the serial number.",
     "没有这笔购电记录。数据未变动。请核对流水号。"),
    ("S-116", "not_permitted",
     "You do not have the right to do this. Nothing was changed. Ask a supervisor.",
     "您没有此操作的权限。数据未变动。请联系班长。"),
    ("S-117", "no_shift",
     "No shift is open at this terminal. No money was taken now; anything already paid is safe. Open the "
     "shift and count the float first.",
     "本终端尚未开班。未产生新的扣款，已付款项安全。请先开班并清点备用金。"),
    ("S-118", "clerk_limit",
     "A clerk may take at most ¥ {limit} for one purchase. The money was not recorded. Hand it back or call a "
     "supervisor.",
     "营业员单笔收款上限为 ¥ {limit}。该款项未入账。请退还现金或联系班长。"),
    ("S-119", "no_tariff",
     "No tariff is in force for this account. No money was taken now; anything already paid is safe. Ask the "
     "back office to set the tariff.",
     "该户没有生效的电价。未产生新的扣款，已付款项安全。请联系后台设置电价。"),
    ("S-120", "not_card",
     "This account does not buy by card. No money was taken now; anything already paid is safe. Use the "
     "service that belongs to its meter.",
     "该户不是卡表用户。未产生新的扣款，已付款项安全。请使用与其电表对应的业务。"),
    ("S-121", "second_person",
     "A second person must approve this. Nothing was changed. Ask a colleague with the right to approve.",
     "此操作须由第二人审批。数据未变动。请有审批权限的同事确认。"),
    ("S-122", "tender_invalid",
     "The proof of payment is not valid. It was not recorded. Check the money in hand and record it again.",
     "收款凭证无效，未入账。请核对实收款项后重新登记。"),
    ("S-123", "coin",
     "¥ {amount} cannot be paid in cash: the smallest coin is ¥ {coin}. The money was not recorded; anything already "
     "paid is safe. Count the cash again and type a multiple of ¥ {coin}.",
     "现金无法支付 ¥ {amount}：最小面额为 ¥ {coin}。该款项未入账，已付款项安全。"
     "请重新清点现金，并输入 ¥ {coin} 的整数倍。"),
    ("S-124", "opened_already",
     "This account has been opened already and has a card. No money was taken now; anything already paid is safe. "
     "Sell to its card, or replace the card.",
     "该户已开户并已有购电卡。未产生新的扣款，已付款项安全。请使用其购电卡购电，或办理补卡。"),
    ("S-125", "payout_too_much",
     "¥ {amount} cannot be paid out: ¥ {free} of the balance are free now. Nothing was paid out, and the balance is "
     "safe. Take this proposal back, and propose ¥ {free} at most.",
     "无法退还 ¥ {amount}：当前可用余额为 ¥ {free}。未退款，余额安全。请撤回本申请，并按不超过 ¥ {free} 重新申请。"),
    ("S-126", "payout_coin",
     "¥ {amount} cannot be paid out in cash: the smallest coin is ¥ {coin}. Nothing was paid out, and the balance is "
     "safe. Propose ¥ {most}; the rest stays as balance.",
     "现金无法退还 ¥ {amount}：最小面额为 ¥ {coin}。未退款，余额安全。请按 ¥ {most} 申请，其余保留为余额。"),
    ("S-127", "payout_drawer",
     "There are ¥ {cash} in your drawer, and ¥ {amount} are to be paid out. Nothing was paid out; the money stays "
     "reserved for the customer. Pay it out at another counter, or when there is enough in the drawer.",
     "您的钱箱中现有 ¥ {cash}，应退 ¥ {amount}。未退款，款项仍为用户保留。请在其他柜台办理，或待现金充足后办理。"),
    ("S-128", "payout_state",
     "This payout has gone on since you opened it, so this step is not possible any more. Nothing was changed. Reload "
     "and look at its status.",
     "该退款的状态已变化，不能再执行此操作。数据未变动。请刷新后查看其状态。"),
    ("S-129", "notes_going_in",
     "{terminal} may still be taking notes for this. Nothing was changed, and what is in is safe. End it there with "
     "“No more notes”, or try again in {seconds} s.",
     "{terminal} 可能仍在为本次业务收取纸币。数据未变动，已投入的款项安全。"
     "请在该机上按“不再投币”，或 {seconds} 秒后再试。"),
)
# fmt: on
