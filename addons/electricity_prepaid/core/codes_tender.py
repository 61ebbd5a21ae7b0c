"""Sentences of family A, from A-201: cash that a terminal takes for an order, note by note."""

# fmt: off
TENDER = (
    ("A-201", "collect_invalid",
     "The order to take notes is not genuine or has expired. No note was taken now; notes that are in are safe. Ask "
     "for a new one and try again.",
     "收款指令无效或已过期。未收取纸币，已投入的纸币安全。请重新获取收款指令后再试。"),
    ("A-202", "other_collecting",
     "The note acceptor is still busy with another payment. No note was taken now; notes that are in are safe. Wait "
     "until that payment has ended.",
     "收钞机正在处理另一笔付款。未收取纸币，已投入的纸币安全。请等待该笔付款结束。"),
    ("A-203", "nothing_open",
     "The note acceptor is not taking notes for this purchase. No note was taken; notes that went in before are safe. "
     "Begin the cash payment again.",
     "收钞机未在为本次购电收款。未收取纸币，此前投入的纸币安全。请重新开始现金付款。"),
    ("A-204", "money_in",
     "There is money in for this purchase, so it cannot be cancelled. The money is safe. Confirm: what is not needed "
     "becomes the customer's balance.",
     "本次购电已投入现金，不能取消。款项安全。请确认付款，多余部分转为用户余额。"),
    ("A-205", "cash_journal",
     "The terminal cannot write down notes, so it takes none. A note that could not be written down was given back; "
     "notes that are in are safe. Pay another way and tell the technician.",
     "终端无法记录纸币，已停止收款。无法记录的纸币已退回，已投入的纸币安全。请改用其他方式付款，并通知技术人员。"),
    ("A-206", "tender_gap",
     "A statement about notes is missing before one that the terminal sent. What was sent is recorded and its money is "
     "safe. Look into the terminal's journal, and count the cash box.",
     "终端上送的收款凭证不连续。已上送的凭证已入账，款项安全。请检查终端日志并清点钞箱。"),
    ("A-207", "tender_fork",
     "The terminal signed two different statements about notes with one number. Both are recorded and their money is "
     "safe. Its journal was copied or lost: look into it, and count the cash box.",
     "终端以同一序号签发了两份不同的收款凭证。两份均已入账，款项安全。其日志可能被复制或丢失，请检查并清点钞箱。"),
    ("A-208", "no_notes",
     "This terminal takes no notes. No money was taken now; anything already paid is safe. Pay another way, or at "
     "another terminal.",
     "本终端不收纸币。未产生新的扣款，已付款项安全。请改用其他付款方式或其他终端。"),
    ("A-209", "cash_unassigned",
     "Notes were taken for a purchase that the system does not know. The money is kept and belongs to no account yet. "
     "Find out whose it is: terminal, time and notes are recorded.",
     "终端为系统中不存在的购电收取了现金。款项已保留，暂未归入任何户。请根据终端、时间和面额查明归属。"),
)
# fmt: on
