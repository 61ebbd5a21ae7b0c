"""Sentences of family A, from A-501: cash boxes of terminals, taken out, counted and explained (清钞)."""

# fmt: off
BOX = (
    ("A-501", "box_leaving",
     "The cash box of this terminal is being changed, so it takes no notes for some minutes. No money was taken now; "
     "anything already paid is safe. Pay another way, or wait until the new box is in.",
     "本终端正在更换钞箱，暂停收钞几分钟。未产生新的扣款，已付款项安全。请改用其他付款方式，或等待新钞箱装好。"),
    ("A-502", "slip_missing",
     "The slip of cash box {box} is not printed yet, so no other box can be emptied or counted. All money is on "
     "record. Count that box, print its slip and sign it, then go on.",
     "钞箱 {box} 的清钞单尚未打印，不能清点或更换下一个钞箱。款项均有记录。请先清点该钞箱、打印并签字，再继续。"),
    ("A-503", "box_too_early",
     "A customer may still be putting in notes. Nothing was changed, and the notes are on record. Wait {seconds} "
     "seconds, take the old box out, put the new one in, then press the button again.",
     "可能仍有用户正在投钞。未作更改，纸币均有记录。请等待 {seconds} 秒，取出旧钞箱并装入新钞箱后再按此按钮。"),
    ("A-504", "box_state",
     "This is not possible with cash box {box} now: it has gone further, or not come so far. Nothing was changed and "
     "no money is lost. Load the page again and see what comes next.",
     "钞箱 {box} 目前不能进行此操作：其状态已变化。未作更改，款项安全。请刷新页面，按提示进行下一步。"),
    ("A-505", "box_unexplained",
     "Cash box {box} has a difference of {amount} that is not explained. It stays on the suspense account and is not "
     "lost. Explain it, and let another person approve that.",
     "钞箱 {box} 尚有 {amount} 差额未处理。该款项留在待处理科目，不会丢失。请说明原因，并由另一人批准。"),
    ("A-506", "box_notes_open",
     "It is not decided yet whether uncertain notes are in cash box {box}. Their money is kept apart until then. "
     "Decide it in the list of uncertain notes, with two persons.",
     "钞箱 {box} 尚有不确定纸币未处理。在此之前相应款项单独保留。请在不确定纸币清单中由两人处理。"),
    ("A-507", "box_not_booked",
     "Cash box {box} is not in the books yet, because the kiosk's notes are not or because its session is in use. The "
     "count is kept. It follows by itself within minutes; if it does not, the log says why.",
     "钞箱 {box} 尚未记账：自助终端的纸币尚未入账，或其会话正在使用。清点结果已保留。"
     "系统将在几分钟内自动记账；如未完成，请查看日志。"),
    ("A-508", "box_no_account",
     "Cash box {box} cannot be booked: the account “{account}” is not set. The count is kept and no money is lost. "
     "Have finance choose it, then it is booked by itself.",
     "钞箱 {box} 无法记账：未设置“{account}”科目。清点结果已保留，款项安全。请财务人员设置后系统自动记账。"),
    ("A-509", "box_late",
     "A statement about notes came for cash box {box} after it was counted. Its money belongs to the customer and is "
     "recorded. It shows as a difference of the box: explain it.",
     "钞箱 {box} 清点后又收到收款凭证。该款项属于用户，已入账，并显示为该钞箱的差额。请说明原因。"),
    ("A-510", "box_too_much",
     "This explains more than the difference of cash box {box}, which is {amount} now. Nothing was booked. Enter at "
     "most that; take back an earlier explanation if it no longer fits.",
     "说明金额超过钞箱 {box} 目前的差额 {amount}。未记账。请输入不超过该差额的金额；如先前的说明已不符，请先撤销。"),
    ("A-511", "box_same_counter",
     "Cash box {box} was counted by the same person before. The first count stands and nothing was changed. Let "
     "another person count it again.",
     "钞箱 {box} 此前由同一人清点。首次清点结果保持不变。请由另一人重新清点。"),
    ("A-512", "slip_under_way",
     "The terminal is to print the slip of cash box {box}, or may still do so, so no other one is printed: two would "
     "look the same. No money is touched. Wait {seconds} seconds and look whether it comes out; if not, withdraw the "
     "print.",
     "终端正在或仍可能打印钞箱 {box} 的清钞单，为避免出现两张相同的单据，暂不另行打印，不影响款项。"
     "请等待 {seconds} 秒，查看是否出单；如未出单，请撤回打印。"),
    ("A-513", "no_slip_there",
     "The terminal cannot print the slip of cash box {box} now: it is not heard, or its printer has no paper or does "
     "not work. No money is touched. Print the slip here, or look after the printer and try again.",
     "终端目前无法打印钞箱 {box} 的清钞单：终端离线，或打印机缺纸、故障，不影响款项。"
     "请在此打印，或处理打印机后重试。"),
    ("A-514", "box_swapped",
     "The switch of the terminal says that cash box {box} was out or open and is closed again, and nobody had pressed "
     "“Take the Box Out”. The money is on record, but notes of two boxes may be mixed now. Find out who it was, then "
     "take the box out and count it.",
     "终端开关显示钞箱 {box} 曾被取出或打开后又关上，而此前无人按“清钞（取出钞箱）”。款项均有记录，"
     "但两个钞箱的纸币可能已混在一起。请查明是谁操作，然后取出钞箱并清点。"),
)
# fmt: on
