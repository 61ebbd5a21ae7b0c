"""The meter's error codes for the help desk, in words (docs/protocol: the display shows ``Err-nn``)."""

from __future__ import annotations

UNDER_VOLTAGE = 1
CARD_RESET = 4
CARD_LOCKED = 5
CARD_CODE = 6
NOT_ISSUED = 7
CARD_TYPE = 8
MAC = 10
METER_NO = 11
CUSTOMER_NO = 12
CARD_SERIAL = 13
FILE_FORMAT = 14
PURCHASE_UNOPENED = 15
REPLACEMENT_UNOPENED = 16
PURCHASE_COUNT = 17
WRITE_BACK_NOT_EMPTY = 18
COMMUNICATION = 19
PULLED_EARLY = 20
OVER_HOARD = 21

# Codes 02, 03 and 09 belong to the meter's own security module, which is not simulated; 10 to CPU cards.
WORDS: dict[int, dict[str, str]] = {
    1: {"en": "Supply voltage too low", "zh": "电压过低"},
    2: {"en": "Security module does not answer", "zh": "安全模块无应答"},
    3: {"en": "Security module fault", "zh": "安全模块故障"},
    4: {"en": "Card does not reset", "zh": "卡片复位错误"},
    5: {"en": "Card is locked or its code was tried before", "zh": "身份认证错误（卡片锁定）"},
    6: {"en": "Card code or keys are wrong", "zh": "身份认证错误（卡密码或密钥不符）"},
    7: {"en": "Card not issued", "zh": "卡片未发行"},
    8: {"en": "Unknown card type", "zh": "卡类型错误"},
    9: {"en": "Card not authorised", "zh": "卡片未授权"},
    10: {"en": "Message check (MAC) wrong", "zh": "MAC 校验错误"},
    11: {"en": "Card belongs to another meter", "zh": "表号不一致"},
    12: {"en": "Card belongs to another customer", "zh": "户号不一致"},
    13: {"en": "Not the card this meter knows", "zh": "卡序列号不一致"},
    14: {"en": "Data on the card are damaged", "zh": "卡片文件格式错误"},
    15: {"en": "Purchase card in a meter that is not opened", "zh": "未开户表插入购电卡"},
    16: {"en": "Replacement card in a meter that is not opened", "zh": "未开户表插入补卡"},
    17: {"en": "Purchase count does not follow", "zh": "购电次数错误"},
    18: {"en": "Write-back area not empty", "zh": "返写区不为空"},
    19: {"en": "Communication with the card failed", "zh": "卡片通讯错误"},
    20: {"en": "Card taken out too early", "zh": "提前拔卡"},
    21: {"en": "More than may be hoarded", "zh": "超囤积限额"},
}
