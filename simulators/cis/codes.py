"""Result codes of the marketing system, with the words that it sends along (domain page "marketing-system")."""

from __future__ import annotations

OK, FAILED, NO_RECORD, NO_CUSTOMER, NOT_FITTING, BAD_MESSAGE = "1001", "1002", "1003", "1004", "1005", "1006"
TOTALS, DETAILS, BOTH, CLOSED, DATABASE, LATER_DAY = "1007", "1008", "1009", "1011", "1013", "1015"
NO_PART_PAYMENT, ARREARS_EXIST, COLLECTION_REFUSED = "1035", "1037", "1039"
RECONCILED, PAST_DAYS_ONLY = "706", "707"
DUPLICATE, OTHER_OPERATOR, ALREADY_REVERSED, AMOUNT, REMITTED = "11004", "11006", "11007", "11008", "11061"
NOT_INSERTED, COUNT, OLD_CARD = "11209", "11211", "11219"

WORDS = {
    OK: {"en": "ok", "zh": "成功"},
    FAILED: {"en": "failed", "zh": "失败"},
    NO_RECORD: {"en": "no record", "zh": "无记录"},
    NO_CUSTOMER: {"en": "no such customer", "zh": "客户不存在"},
    NOT_FITTING: {"en": "reversal does not fit the payment", "zh": "冲正与缴费不符"},
    BAD_MESSAGE: {"en": "bad message", "zh": "报文错误"},
    TOTALS: {"en": "totals differ", "zh": "总额不符"},
    DETAILS: {"en": "details differ", "zh": "明细不符"},
    BOTH: {"en": "totals and details differ", "zh": "总额与明细均不符"},
    CLOSED: {"en": "closed for now", "zh": "系统已关闭"},
    DATABASE: {"en": "database error", "zh": "数据库错误"},
    LATER_DAY: {"en": "no reversal on a later day", "zh": "隔日不能冲正"},
    NO_PART_PAYMENT: {"en": "no part payment", "zh": "不允许部分缴费"},
    ARREARS_EXIST: {"en": "arrears exist, advance refused", "zh": "有欠费，不能预购"},
    COLLECTION_REFUSED: {"en": "card-meter customer, collection refused", "zh": "卡表客户，不能代收"},
    RECONCILED: {"en": "already reconciled", "zh": "已对账"},
    PAST_DAYS_ONLY: {"en": "past days only", "zh": "只能对以前的账"},
    DUPLICATE: {"en": "duplicate serial", "zh": "流水号重复"},
    OTHER_OPERATOR: {"en": "other operator", "zh": "非原操作员"},
    ALREADY_REVERSED: {"en": "already reversed", "zh": "已冲正"},
    AMOUNT: {"en": "amount differs", "zh": "金额不符"},
    REMITTED: {"en": "cash already remitted", "zh": "现金已解款"},
    NOT_INSERTED: {"en": "card not inserted since the last purchase", "zh": "上次购电后未插表"},
    COUNT: {"en": "count differs", "zh": "购电次数不符"},
    OLD_CARD: {"en": "old card", "zh": "旧卡"},
}
