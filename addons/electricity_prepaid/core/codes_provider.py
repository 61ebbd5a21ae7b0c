"""Sentences of family A, from A-301: money that a payment service takes for an order, by QR code or bank card."""

# fmt: off
PROVIDER = (
    ("A-301", "service_away",
     "The payment service cannot be reached now. Money already paid is safe. Pay in another way, or try again in a "
     "few minutes.",
     "暂时无法连接支付平台。已付款项安全。请改用其他方式付款，或几分钟后再试。"),
    ("A-302", "way_off",
     "This way to pay is not set up, or is switched off, at this kiosk. Money already paid is safe. Pay in another "
     "way, or at another kiosk.",
     "本机未开通或已停用该付款方式。已付款项安全。请改用其他方式付款，或前往其他自助终端。"),
    ("A-303", "no_word",
     "The payment service has not told yet whether it was paid. Nothing is lost: we go on asking. If you have paid, it "
     "counts for your purchase, or becomes your balance. Do not pay a second time; call the help line if in doubt.",
     "支付平台尚未告知付款结果。款项不会丢失，系统将继续查询。如您已付款，将计入本次购电或转为余额。请勿重复付款，如有疑问请拨打服务电话。"),
    ("A-304", "payment_open",
     "An earlier payment for this purchase may still be paid, so no other one is begun. Money already paid is safe. "
     "Wait a minute, then try again.",
     "本次购电的上一笔付款尚未结束，暂不能另行付款。已付款项安全。请稍候一分钟再试。"),
    ("A-305", "amount_differs",
     "The payment service took {paid} instead of {asked}. What it took is recorded and counts for the customer. "
     "Compare it with the service's statement.",
     "支付平台实收 {paid}，应收 {asked}。实收金额已入账并计入用户账户。请与支付平台对账单核对。"),
    ("A-306", "currency_differs",
     "The payment service took money in another currency: {paid} instead of {asked}. It is recorded and belongs to no "
     "account yet. Hand it back through the service, or find out what it is worth.",
     "支付平台以其他币种收款：实收 {paid}，应收 {asked}。款项已记录，暂未归入任何户。请通过支付平台退款或核实金额。"),
    ("A-307", "payment_unknown",
     "The payment service tells of a payment that the system does not know: {paid}. The money is recorded and belongs "
     "to no account yet. Find out whose it is: terminal, time and reference are recorded.",
     "支付平台通知了系统中不存在的付款：{paid}。款项已记录，暂未归入任何户。请根据终端、时间和单号查明归属。"),
    ("A-308", "notice_invalid",
     "A notice in the name of the payment service is not genuine, so it is not believed. Nothing changed, and money "
     "already paid is safe. The service is asked itself.",
     "收到的支付通知未通过验证，不予采信。未作任何变更，已付款项安全。系统将主动向支付平台查询。"),
    ("A-309", "not_paid",
     "The payment ended and nothing was taken for it. Money paid before is safe. Try again, or pay in another way.",
     "本次付款已结束，未扣款。此前已付款项安全。请重试或改用其他方式付款。"),
    ("A-310", "service_refused",
     "The payment service does not accept this payment. Nothing was taken for it; money paid before is safe. Pay in "
     "another way; the staff find the reason in the transaction.",
     "支付平台不受理本次付款。未扣款，此前已付款项安全。请改用其他方式付款；工作人员可在交易记录中查看原因。"),
    ("A-311", "paid_late",
     "The payment service had said that this payment ended without money, and then that it was paid: {paid}. It is "
     "recorded and counts for the customer. Tell the service.",
     "支付平台先告知该笔付款已关闭，后又告知已支付：{paid}。款项已入账并计入用户账户。请告知支付平台。"),
    ("A-312", "refund_not_offered",
     "This money cannot go back through a payment service: it did not come by one, or that service takes nothing back "
     "now. Nothing was paid out, and the balance is safe. Choose another payment, or pay out in cash.",
     "该款项无法经支付平台原路退回：不是通过支付平台收取，或该平台当前不支持退款。未退款，余额安全。请选择其他付款记录，或以现金退还。"),
    ("A-313", "refund_too_much",
     "¥ {amount} are more than can go back to this payment: ¥ {left} of it have not gone back yet. Nothing was paid "
     "out, and the balance is safe. Propose ¥ {left} at most, and the rest in another way.",
     "¥ {amount} 超过该笔付款的可退金额：尚可退 ¥ {left}。未退款，余额安全。"
     "请按不超过 ¥ {left} 申请，其余以其他方式退还。"),
    ("A-314", "refund_no_word",
     "The payment service has not told yet whether the money went back. It stays reserved, so it is not spent "
     "meanwhile; the service is asked again and again. Do not pay it out in another way.",
     "支付平台尚未告知是否已退款。该款项保持冻结，不会被使用；系统将持续查询。请勿以其他方式重复退款。"),
    ("A-315", "refund_refused",
     "The payment service does not pay this back: {word}. Nothing was paid out, and the money is free in the "
     "customer's balance again. Pay it out in cash, or propose it anew when the reason is gone.",
     "支付平台拒绝退款：{word}。未退款，款项已恢复为用户可用余额。请以现金退还，或待原因消除后重新申请。"),
    ("A-316", "refund_differs",
     "The payment service paid back {paid} instead of {asked}. What it paid is what counts, and only that is off the "
     "balance where it is in the company's currency. Compare it with the service's statement.",
     "支付平台实退 {paid}，应退 {asked}。以实退金额为准，仅在币种一致时从余额扣除。请与支付平台对账单核对。"),
    ("A-317", "refund_late",
     "The payment service had refused to pay this back, or said that it never heard of it, and then did: {paid}. It is "
     "off the balance, which may be less than nothing now. Tell the service, and see whether the money was paid out in "
     "another way meanwhile.",
     "支付平台先拒绝退款或告知查无此退款，后又退款：{paid}。已从余额扣除，余额可能为负。请告知支付平台，并核实其间是否已以其他方式退款。"),
    ("A-318", "refund_coming",
     "The payment service had refused to pay {asked} back, or said that it never heard of it, and now says that it is "
     "on its way. The money is free in the customer's balance meanwhile; what is paid back is taken off it. Pay it out "
     "in no other way, and ask the service.",
     "支付平台先拒绝退款 {asked} 或告知查无此退款，现又告知退款处理中。"
     "其间该款项为用户可用余额，实际退款后将从余额扣除。请勿以其他方式重复退款，并与支付平台核实。"),
    ("A-320", "demo_provider",
     "This way to pay is Odoo's demo provider, which says “paid” without any money. A kiosk in operation does not use "
     "it; nothing was taken and nothing was changed. Pay in another way; an administrator sets the payment gateway up, "
     "or starts the server for demonstrations (electricity_demo_payments).",
     "该付款方式为 Odoo 演示支付，未收款即显示“已付”，运营中的自助终端不予使用。未扣款，未作更改。"
     "请改用其他方式付款；管理员请配置支付网关，或以演示模式启动服务器（electricity_demo_payments）。"),
)
# fmt: on
