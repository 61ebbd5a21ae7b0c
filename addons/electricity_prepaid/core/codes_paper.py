"""Sentences of family A, from A-401: receipts on paper and vouchers."""

# fmt: off
PAPER = (
    ("A-401", "no_paper",
     "The receipt printer is out of paper. Your purchase and your money are not touched by that. The receipt is on the "
     "screen as a code for your phone; the staff put a new roll in.",
     "打印机缺纸，不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存；请工作人员更换纸卷。"),
    ("A-402", "printer_not_ready",
     "The receipt printer does not work now: its cover is open, it has no power, or it does not answer. Your purchase "
     "and your money are not touched by that. The receipt is on the screen as a code for your phone.",
     "打印机暂时不可用（盖未合上、断电或无应答），不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存。"),
    ("A-403", "print_uncertain",
     "It is not certain whether the receipt was printed: the printer lost its power or stopped. Your purchase and your "
     "money are not touched by that. The receipt is on the screen as a code for your phone.",
     "凭条是否打印完成尚不确定（打印机断电或中断），不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存。"),
    ("A-404", "not_cut",
     "The receipt is printed but was not cut off. Your purchase and your money are in order. Tear the paper off "
     "carefully; the staff look after the printer.",
     "凭条已打印，但未切断，购电和款项均正常。请小心撕下；请工作人员检查打印机切刀。"),
    ("A-405", "print_invalid",
     "The terminal does not print this: the order for it is not genuine, is not for this terminal, or is too old. No "
     "money is touched by that. Ask for the receipt once more.",
     "终端拒绝打印：打印指令无效、不属于本终端或已过期，不影响款项。请重新打印凭条。"),
    ("A-406", "no_printer",
     "This terminal has no receipt printer. Your purchase and your money are not touched by that. The receipt is on "
     "the screen as a code for your phone.",
     "本终端未配置打印机，不影响购电和款项。凭条以二维码显示在屏幕上，可用手机扫码保存。"),
    ("A-407", "no_more_copies",
     "This receipt has been printed as often as it may be at a terminal. The money is not touched by that. The staff "
     "print more, or take the code on the screen with your phone.",
     "该凭条在终端的打印次数已用完，不影响款项。如需更多，请联系工作人员，或用手机扫描屏幕上的二维码。"),
    ("A-408", "no_receipt",
     "There is no receipt to print: nothing was bought with this card yet. No money is touched by that. Buy first, or "
     "ask the staff about an older receipt.",
     "没有可打印的凭条：该卡尚无购电记录，不影响款项。请先购电，或向工作人员查询更早的凭条。"),
    ("A-411", "voucher_invalid",
     "This is no voucher of one of our terminals, or the code was not read in full. No money was booked by it. Scan "
     "the code again, or type the voucher's number.",
     "这不是本系统终端的收款凭证，或二维码未完整读取，未据此入账。请重新扫描二维码，或输入凭证号。"),
    ("A-412", "voucher_not_arrived",
     "No money with this number has arrived yet. It is safe in the terminal's cash box. Scan the voucher's code: it is "
     "the terminal's word and is taken in at once.",
     "尚未收到该凭证号对应的款项，现金安全地存放在终端钱箱内。请扫描凭证二维码：它是终端签名的凭据，可立即入账。"),
)
# fmt: on
