"""Sentences of family A: the note acceptor (收钞机) of a kiosk."""

# fmt: off
CASH = (
    ("A-101", "silent",
     "The note acceptor does not answer. Notes that were counted are safe; a note that was on its way is found by "
     "counting the cash box. Pay in another way, or call the staff, who check its power and cable.",
     "收钞机无应答。已计数的纸币安全；正在传送中的纸币将在清点钱箱时查明。请改用其他方式付款，或联系工作人员检查电源和连接线。"),
    ("A-102", "jam_acceptor",
     "A note is stuck at the entrance of the note acceptor. Notes that were counted are safe; the stuck one is not "
     "counted yet. Do not pull at it: call the staff.",
     "纸币卡在收钞机入口处。已计数的纸币安全；卡住的纸币尚未计数。请勿自行拉扯，请联系工作人员。"),
    ("A-103", "jam_stacker",
     "A note is stuck on its way into the cash box. Notes that were counted are safe; the stuck one is found by "
     "counting the cash box and is not lost. Call the staff.",
     "纸币卡在进入钱箱的通道中。已计数的纸币安全；卡住的纸币将在清点钱箱时查明，不会丢失。请联系工作人员。"),
    ("A-104", "box_full",
     "The cash box is full, so no more notes are taken. Notes that were counted are safe. Pay the rest in another "
     "way, or call the staff, who empty the box.",
     "钱箱已满，暂停收钞。已计数的纸币安全。请用其他方式支付余款，或联系工作人员清钞。"),
    ("A-105", "box_open",
     "The cash box is open or was taken out, so no notes are taken. Notes that were counted are safe. Pay in another "
     "way; the staff put the box back and lock it.",
     "钱箱已打开或被取出，暂停收钞。已计数的纸币安全。请改用其他方式付款；工作人员应装回钱箱并锁好。"),
    ("A-106", "paused",
     "Two notes were put in together, so the note acceptor waits. Notes that were counted are safe. Take back the "
     "note that sticks out, then put in one at a time.",
     "同时放入了两张纸币，收钞机暂停。已计数的纸币安全。请取回露出的纸币，然后逐张放入。"),
    ("A-107", "cheated",
     "The note acceptor saw a note being pulled back on its way in. Notes that were counted are safe; this one is not "
     "counted. Call the staff, who look into it before the next note.",
     "收钞机发现纸币在传送途中被拉回。已计数的纸币安全；该纸币未计数。请联系工作人员检查后再继续。"),
    ("A-108", "failure",
     "The note acceptor reports a failure of its own. Notes that were counted are safe; a note that was on its way is "
     "found by counting the cash box. Pay in another way and tell the technician.",
     "收钞机报告自身故障。已计数的纸币安全；正在传送中的纸币将在清点钱箱时查明。请改用其他方式付款，并通知技术人员。"),
    ("A-109", "uncertain",
     "It is not certain whether the last note is in the cash box. It is on record and is not lost: counting the box "
     "settles it, and what was paid is credited. Keep the receipt and call the staff.",
     "最后一张纸币是否进入钱箱尚不确定。该纸币已有记录，不会丢失：清点钱箱后即可确定，已付金额将入账。请保留凭条并联系工作人员。"),
    ("A-110", "none",
     "This terminal has no note acceptor. No money was taken now; anything already paid is safe. Pay in another way, "
     "or have the administrator set one up.",
     "本终端未配置收钞机。未产生新的收款，已付款项安全。请改用其他方式付款，或由管理员进行配置。"),
)
# fmt: on
