"""Page tokens: they let one user's page talk to one terminal, nothing else (``docs/protocol`` §1)."""

from . import tokens

LIFETIME = 8 * 3600


def issue(keyring, terminal_uuid, user_id, now):
    """Sign a page token.

    :param keyring: :class:`~.keyring.Keyring`
    :param terminal_uuid: the terminal it is meant for
    :param user_id: database id of the user
    :param now: seconds since the epoch (UTC)
    """
    claims = {
        "iss": keyring.db_uuid,
        "aud": terminal_uuid,
        "sub": f"user:{user_id}",
        "epoch": keyring.epoch,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
    }
    return tokens.sign(tokens.PAGE, claims, keyring.active)
