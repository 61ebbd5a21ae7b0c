"""Every code speaks, in both languages."""

import re
from pathlib import Path

import pytest
from prepaid_core import codes

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol" / "README.md"


def test_every_code_has_both_languages_with_the_same_placeholders():
    for code in codes.CATALOGUE.values():
        assert code.en.strip() and code.zh.strip(), code.id
        assert codes.placeholders(code.en) == codes.placeholders(code.zh), code.id


def test_the_catalogue_is_exactly_that_of_the_protocol():
    section = PROTOCOL.read_text(encoding="utf-8").split("## 5. Codes")[1]
    assert set(re.findall(r"\b[ACKMNOPRSTV]-\d{3}\b", section)) == set(codes.CATALOGUE)


def test_every_code_has_its_constant():
    for code in codes.CATALOGUE.values():
        assert getattr(codes, f"{code.id[0]}_{code.key.upper()}") == code.id


def test_chinese_is_chinese_and_english_is_english():
    for code in codes.CATALOGUE.values():
        assert re.search(r"[\u4e00-\u9fff]", code.zh), code.id
        assert not re.search(r"[\u4e00-\u9fff]", code.en), code.id


def test_every_sentence_says_more_than_what_happened():
    for code in codes.CATALOGUE.values():
        assert len(re.findall(r"[.?!:]", code.en)) >= 2, code.id
        assert code.zh.count("。") >= 2, code.id


@pytest.mark.parametrize("family", ["A", "C", "M", "N", "S", "T"])
def test_a_sentence_beside_a_paid_order_does_not_deny_its_money(family):
    never_beside_money = {"S-113"}
    for code in codes.CATALOGUE.values():
        if code.id[0] == family and code.id not in never_beside_money:
            assert "othing was charged." not in code.en, code.id
            assert "未产生任何扣款" not in code.zh, code.id


def test_a_missing_value_shows_a_dash_instead_of_failing():
    assert codes.text(codes.S_UNDER_MINIMUM, "en").startswith(f"The smallest purchase is ¥ {codes.MISSING}.")


def test_values_stand_in_the_sentence():
    assert "¥ 10.00" in codes.text(codes.S_UNDER_MINIMUM, "zh_CN", min="10.00")


@pytest.mark.parametrize(
    ("lang", "start"), [("zh", "最低"), ("zh_CN", "最低"), ("en_US", "The"), ("fr_FR", "The"), (None, "The")]
)
def test_every_other_language_gets_english(lang, start):
    assert codes.text(codes.S_UNDER_MINIMUM, lang, min="1.00").startswith(start)


def test_an_unknown_code_is_a_bug():
    with pytest.raises(KeyError):
        codes.text("X-999")
