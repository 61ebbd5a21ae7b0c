"""Who is believed without a card, how often one may try, and the codes that we sign."""

import uuid
from datetime import datetime, timedelta

import pytest
from prepaid_core import customer_codes, identification, keyring, masking
from prepaid_core.errors import Refusal

NOW = datetime(2026, 1, 1, 12)


@pytest.mark.parametrize("text", [None, "", "12", "----", "abc", "４７１１"])
def test_who_has_no_digits_is_nobody(text):
    assert identification.last_digits(text) is None
    for given in (None, "", "----", text, 1):
        assert not identification.agree(identification.last_digits(text), given)


def test_only_the_last_four_digits_agree():
    expected = identification.last_digits("+86 (138) 0000-4711")
    assert expected == "4711"
    tried = ("4711", "711", "04711", "4712", "é711", None)
    assert [given for given in tried if identification.agree(expected, given)] == ["4711"]


def test_tries_lock_until_the_oldest_of_them_counts_no_more():
    limits = ((3, timedelta(hours=1)),)
    wrong = [NOW - timedelta(minutes=minutes) for minutes in (90, 50, 30)]
    assert identification.locked_until(wrong, limits, NOW) is None
    wrong.append(NOW - timedelta(minutes=1))
    assert identification.locked_until(wrong, limits, NOW) == NOW + timedelta(minutes=10)
    assert identification.locked_until([], limits, NOW) is None


def test_a_visit_has_three_tries():
    identification.check_visit(2)
    with pytest.raises(Refusal, match="K-154"):
        identification.check_visit(3)


@pytest.fixture
def ring():
    key = keyring.SigningKey.generate()
    return keyring.Keyring("db", 1, key, {key.kid: key.x})


def test_a_code_of_ours_is_known_also_by_a_retired_key(ring):
    name = str(uuid.uuid4())
    code = customer_codes.issue(ring, name)
    assert len(code) == customer_codes.LENGTH and code.isalnum() and code == code.upper()
    assert code == customer_codes.issue(ring, name), "printed again it is the same"
    new = keyring.SigningKey.generate()
    later = keyring.Keyring("db", 1, new, {**ring.publics, new.kid: new.x})
    assert customer_codes.verify(later, code) == name


def test_no_other_text_is_a_code(ring):
    code = customer_codes.issue(ring, str(uuid.uuid4()))
    other = keyring.Keyring("other", 1, ring.active, ring.publics)
    assert customer_codes.verify(other, code) is None
    stranger = keyring.SigningKey.generate()
    forged = customer_codes.issue(keyring.Keyring("db", 1, stranger, {}), str(uuid.uuid4()))
    for text in ("", "EQ1", code[:-1], code + "A", code.lower(), "EQ1" + "1" * 128, "EQ1" + "é" * 128, forged):
        assert customer_codes.verify(ring, text) is None, text
    for place in range(len(code)):
        letter = "A" if code[place] != "A" else "B"
        assert customer_codes.verify(ring, code[:place] + letter + code[place + 1 :]) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        (None, ""),
        ("Test Road", "Test Road"),
        ("1 Test Road", "1 Test Road"),
        ("Minzu Avenue 12, Building 3, Room 402", "Minzu Avenue 12, Building *, Room ***"),
        ("民族大道12号3栋402室", "民族大道12号*栋***室"),
    ],
)
def test_an_address_shows_the_house_and_not_the_door(text, shown):
    assert masking.address(text) == shown
