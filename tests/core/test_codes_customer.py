"""What a customer alone at a kiosk is told: nothing that only staff can do, and no figure from inside."""

import re
from collections import Counter

import pytest
from prepaid_core import codes
from prepaid_core.codes_customer import GROUP_OF, GROUPS, OWN

STAFF_WORDS = {
    "en": re.compile(
        r"supervisor|administrator|technician|back office|business hall|the customer(?! code)|customer file|clerk"
        r"|finance|colleague|person|both (records|systems)|work list|call the staff|the staff"
        r"|this (computer|machine|version)|reload|the page|the log\b|journal|quarantine|database|pair|certificate"
        r"|firewall|interface|marketing system|cable|operator|shift|quota|\bport\b|library|snapshot|serial number"
        r"|take the (rest|arrears)|hand it back|read the card again",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "主管|班长|管理员|技术人员|后台|营业员|财务|同事|第二人|两人|刷新|本机终端服务|终端服务|客户档案|核对户号|双方"
        "|与客户|与用户|请客户|运维|营销系统|日志|隔离|数据库|配对|证书|防火墙|接口|连接线|待办|动态库|提高限额|请工作人员"
        "|联系工作人员|流水号|重新读卡|用户账户|报文"
    ),
}
OF_THE_CUSTOMER = {"amount", "min", "max", "step", "limit", "remaining", "unit", "until"}
"""Values that a sentence may name: what was typed, the rules for it, and the customer's own meter."""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_sentence_for_customers_sends_them_to_do_what_staff_do(lang):
    sentences = codes.catalogue(lang, for_customer=True)
    assert set(sentences) == set(codes.CATALOGUE)
    found = {code: STAFF_WORDS[lang].findall(sentence) for code, sentence in sentences.items()}
    assert {code: words for code, words in found.items() if words} == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_sentence_for_customers_names_a_figure_from_inside(lang):
    for code, sentence in codes.catalogue(lang, for_customer=True).items():
        assert codes.placeholders(sentence) <= OF_THE_CUSTOMER, code
        assert not codes.speaks_otherwise(code) or not codes.placeholders(sentence), code


def test_each_code_has_one_wording_for_customers_and_each_wording_a_code():
    told = Counter([code for members in GROUP_OF.values() for code in members] + [code for code, *_ in OWN])
    assert set(told) <= set(codes.CATALOGUE)
    assert set(told.values()) == {1}
    assert set(GROUPS) == set(GROUP_OF)


def test_a_sentence_for_customers_says_that_the_money_is_safe_and_what_to_do():
    for en, zh in [*GROUPS.values(), *(row[1:] for row in OWN)]:
        assert len(re.findall(r"[.:;]", en)) >= 2 and re.search("money|notes|paid", en, re.IGNORECASE), en
        assert zh.count("。") >= 2 and re.search("款|纸币", zh), zh
        assert not re.search(r"[\u4e00-\u9fff]", en) and not re.search(r"[A-Za-z]{3}", zh), en


def test_staff_and_customers_hear_their_own_sentence_of_one_code():
    told = codes.text(codes.M_COUNT_DIFFERS, "zh_CN", ours=1, theirs=7)
    assert "（7）" in told
    shown = codes.text(codes.M_COUNT_DIFFERS, "zh_CN", for_customer=True, ours=1, theirs=7)
    assert not re.search(r"\d", shown) and "营业厅" in shown
    assert codes.text(codes.C_NOT_INSERTED, for_customer=True) == codes.text(codes.C_NOT_INSERTED)
