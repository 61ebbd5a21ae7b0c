"""Sentences of family K, from 151: who stands before a kiosk. The keys of cards are in :mod:`.codes_key`."""

# fmt: off
IDENTITY = (
    ("K-151", "not_identified",
     "That did not name an account: the number, the digits that go with it, or the code are not right. Nothing was "
     "charged. Check them and try again, use the purchase card, or ask at the service desk.",
     "未能确认户号：户号、验证数字或二维码有误。未产生扣款。请核对后重试，或使用购电卡，或到服务台咨询。"),
    ("K-152", "identity_locked",
     "Too many wrong tries: account numbers are not taken until {until}. Nothing was charged. Use the purchase card, "
     "which always works, or ask at the service desk.",
     "错误次数过多，{until} 前暂停按户号办理。未产生扣款。请使用购电卡办理（不受影响），或到服务台咨询。"),
    ("K-153", "identity_ended",
     "Who you are is no longer known here, because the visit has ended. Money already paid is safe. Begin again and "
     "show your card, your account number or your code once more.",
     "本次办理已结束，身份验证已失效。已付款项安全。请重新开始，并再次插卡、输入户号或扫码。"),
    ("K-154", "identity_tries",
     "Three tries were wrong, so account numbers are not taken in this visit any more. Nothing was charged. Use the "
     "purchase card, or ask at the service desk.",
     "已连续三次输入错误，本次不再受理户号。未产生扣款。请使用购电卡办理，或到服务台咨询。"),
    ("K-155", "identity_off",
     "Account numbers are not taken at this kiosk. Nothing was charged. Use the purchase card or the customer code, or "
     "ask at the service desk.",
     "本终端不受理户号输入。未产生扣款。请使用购电卡或客户二维码，或到服务台咨询。"),
)
# fmt: on
