"""Login statements of kiosks, and what strangers may see of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import identity, keyring, logins, masking, tokens
from prepaid_core.errors import Refusal

DB = "0f6c2a4e-0000-4000-8000-00000000000d"
TERMINAL = "00000001-0000-4000-8000-000000000000"
JTI = "00000002-0000-4000-8000-000000000000"
NOW = 1_790_000_000
KEY = keyring.SigningKey.generate()
SENDER = identity.TerminalKey(uuid=TERMINAL, x=KEY.x)


def statement(key=KEY, kind=tokens.LOGIN, **changes):
    return tokens.sign(kind, {"iss": TERMINAL, "aud": DB, "jti": JTI, "iat": NOW, **changes}, key)


@pytest.mark.parametrize("late", [-60, 0, 60])
def test_a_statement_is_taken_for_a_minute(late):
    assert logins.verify(statement(), SENDER, DB, NOW + late) == JTI


@pytest.mark.parametrize(
    "token",
    [
        statement(iat=NOW - 61),
        statement(iat=NOW + 61),
        statement(aud="another"),
        statement(iss=JTI),
        statement(jti="not a uuid"),
        statement(user=1),
        statement(key=keyring.SigningKey.generate()),
        statement(kind=tokens.HEARTBEAT),
        "nonsense",
    ],
)
def test_anything_else_is_refused_with_one_code(token):
    with pytest.raises(Refusal) as refusal:
        logins.verify(token, SENDER, DB, NOW)
    assert refusal.value.code == "P-103"


@pytest.mark.parametrize(
    "whole,shown",
    [
        ("王芳", "王*"),
        ("欧阳建国", "欧***"),
        ("Li Wei", "L* W**"),
        ("Nanning Paper Works", "N**** P**** W****"),
        ("李", "李*"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_is_known_to_who_has_it(whole, shown):
    assert masking.name(whole) == shown


@given(st.text(alphabet="0123456789", max_size=20))
def test_a_number_shows_its_last_four_digits(number):
    shown = masking.number(number)
    assert len(shown) == len(number) and shown.endswith(number[-4:])
    assert set(shown[:-4]) <= {"*"}
