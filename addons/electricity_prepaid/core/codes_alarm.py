"""Sentences of family T from 301: alarms about a terminal, for the people who look after it."""

# fmt: off
ALARM = (
    ("T-301", "offline",
     "The terminal has not been heard of. Its customers' money is safe on its own record. Check its power and its "
     "network; it goes on by itself as soon as it is back.",
     "终端失去联系。客户已付款项记录在终端内，安全。请检查电源和网络；恢复后将自动继续。"),
    ("T-302", "reader_down",
     "The card reader is away or does not work, so nothing can be sold there. Money already paid is safe. Check its "
     "cable, then look at the terminal's status.",
     "读卡器未连接或无法工作，无法售电。已付款项安全。请检查连接线，再查看终端状态。"),
    ("T-303", "notes_down",
     "The note acceptor does not work, so no notes are taken there. Notes that were counted are safe. Its code says "
     "what to do.",
     "收钞机无法工作，暂停收钞。已计数的纸币安全。请按其代码处理。"),
    ("T-304", "cash_full",
     "The cash box is full, so no more notes are taken there. Its notes are on record. Send somebody to empty it.",
     "钱箱已满，暂停收钞。箱内纸币均有记录。请安排人员清钞。"),
    ("T-305", "cash_near_full",
     "The cash box is nearly full. Notes are still taken and are on record. Plan to empty it before it is full.",
     "钱箱即将装满。目前仍可收钞，纸币均有记录。请在装满前安排清钞。"),
    ("T-306", "cash_open",
     "The cash box is open or was taken out. What was counted is on record. If nobody of ours is there to empty it, "
     "act as for a burglary.",
     "钱箱已打开或被取出。已计数的纸币均有记录。若无工作人员在场清钞，请按被盗情况处置。"),
    ("T-307", "printer_down",
     "The receipt printer does not work. Purchases go on and are safe; customers get no paper. Check its cover, its "
     "cable and its power.",
     "小票打印机无法工作。购电照常进行，款项安全；客户暂无纸质小票。请检查机盖、连接线和电源。"),
    ("T-308", "paper_out",
     "The receipt printer has no paper. Purchases go on and are safe. Put in a new roll and record the change.",
     "小票打印机缺纸。购电照常进行，款项安全。请更换纸卷并登记。"),
    ("T-309", "paper_low",
     "The receipt printer's paper is nearly at its end. Purchases and receipts go on. Plan to bring a new roll.",
     "小票纸即将用完。购电和打印照常进行。请安排更换纸卷。"),
    ("T-310", "scanner_down",
     "The scanner is away, so codes cannot be scanned there. Everything else goes on and money is safe. Check its "
     "cable.",
     "扫码器未连接，无法扫码。其他业务照常进行，款项安全。请检查连接线。"),
    ("T-311", "door_open",
     "The terminal's door is open. Money is in the cash box behind a lock of its own and is on record. If nobody of "
     "ours is there, act as for a burglary.",
     "终端柜门已打开。现金在单独上锁的钱箱内，均有记录。若无工作人员在场，请按被盗情况处置。"),
    ("T-312", "on_battery",
     "The terminal runs on its battery. Purchases go on and are safe. Check the mains before the battery is empty.",
     "终端正由电池供电。购电照常进行，款项安全。请在电量耗尽前检查市电。"),
    ("T-313", "battery_low",
     "The terminal's battery is nearly empty: it will be off soon. What was paid and written is on record. Bring the "
     "mains back.",
     "终端电池即将耗尽，即将关机。已付款和写卡均有记录。请恢复市电。"),
    ("T-314", "power_unknown",
     "The power supply does not say how it is. Purchases go on. Before the next power cut, look at it and at the "
     "service that asks it.",
     "电源状态未知。购电照常进行。请在下次停电前检查电源及其监控服务。"),
    ("T-315", "clock_wrong",
     "The terminal's own clock is wrong. Sales use the system's signed time and are safe. Set the clock, or its "
     "battery may be empty.",
     "终端自身时钟不准。售电使用系统签名时间，不受影响。请校准时钟，或检查主板电池。"),
    ("T-316", "device_down",
     "A device of the terminal does not work. Money already paid is safe. What needs this device is not offered "
     "until it works again.",
     "终端的一个设备无法工作。已付款项安全。相关功能在恢复前暂停提供。"),
)
# fmt: on
