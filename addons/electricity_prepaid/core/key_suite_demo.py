"""The suite ``demo-aes`` of the demo CPU cards (``docs/protocol``, "Security of the demo CPU cards").

AES-128, ECB for single blocks, CMAC of NIST SP 800-38B. The suite is ours: the algorithms and keys of cards in the
field are not public. The formulas stand here once; what holds the keys (memory, a token) only offers ``encrypt`` and
``cmac``.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

#: What a master key is for: the card proves itself, the terminal proves itself, bytes are signed.
INTERNAL, EXTERNAL, MAC = PURPOSES = ("int", "ext", "mac")
KEY_SIZE = BLOCK_SIZE = 16
SERIAL_SIZE = CHALLENGE_SIZE = ANSWER_SIZE = 8
MAC_SIZE = 4
#: Key version of cards that were never issued. Its keys are public.
TRANSPORT = 0
LARGEST_VERSION = 255

_TRANSPORT_KEYS = {INTERNAL: b"\xa0" * KEY_SIZE, EXTERNAL: b"\xa1" * KEY_SIZE, MAC: b"\xa2" * KEY_SIZE}
_WRITE_KEY = bytes.fromhex("84d401")
_RECONNECT = bytes.fromhex("1c00")


@dataclass(frozen=True)
class SoftKey:
    """An AES key in the memory of this process.

    :param value: 16 bytes; never shown in a representation
    """

    value: bytes

    def __repr__(self):
        return "SoftKey()"

    def encrypt(self, block):
        """Return a block encrypted, 16 bytes."""
        encryptor = Cipher(algorithms.AES(self.value), modes.ECB()).encryptor()
        return encryptor.update(block) + encryptor.finalize()

    def cmac(self, message):
        """Return the CMAC (NIST SP 800-38B) of a message, 16 bytes."""
        mac = CMAC(algorithms.AES(self.value))
        mac.update(message)
        return mac.finalize()


def transport_key(purpose):
    """Return the public master of version 0."""
    return SoftKey(_TRANSPORT_KEYS[purpose])


def diversifier(serial):
    """Return what a master encrypts to make the key of one card: ``S ‖ ¬S``.

    :param serial: 16 digits
    """
    number = bytes.fromhex(serial)
    return number + bytes(byte ^ 0xFF for byte in number)


def internal_challenge(attempt):
    """Return the challenge of the internal authentication of one attempt: nobody can choose it.

    :param attempt: the attempt's uuid
    :return: 8 bytes
    """
    return hashlib.sha256(b"internal" + attempt.encode()).digest()[:CHALLENGE_SIZE]


def _cryptogram(key, challenge):
    return key.encrypt(challenge + bytes(BLOCK_SIZE - CHALLENGE_SIZE))[:ANSWER_SIZE]


def card_is_genuine(key, challenge, answer):
    """Return whether a card answered a challenge with its own key, in constant time.

    :param key: the card's key ``int``
    :param challenge: 8 bytes
    :param answer: 8 bytes
    """
    return hmac.compare_digest(_cryptogram(key, challenge), answer)


def external_cryptogram(key, challenge):
    """Return what opens a card for writing, 8 bytes.

    :param key: the card's key ``ext``
    :param challenge: the card's, 8 bytes
    """
    return _cryptogram(key, challenge)


def update_mac(key, challenge, header, data):
    """Return the MAC of a secure update, 4 bytes.

    :param key: the card's key ``mac``
    :param challenge: the card's, 8 bytes
    :param header: CLA INS P1 P2 Lc; Lc counts data and MAC
    :param data: the bytes of the command
    """
    return key.cmac(challenge + header + data)[:MAC_SIZE]


def key_update(key, challenge, version, values):
    """Return the whole WRITE KEY command that puts new keys on a card.

    :param key: the card's present key ``mac``
    :param challenge: the card's, 8 bytes
    :param version: of the new keys
    :param values: the new keys of the card, 16 bytes each, in the order of :data:`PURPOSES`
    """
    data = b"".join(key.encrypt(value) for value in values)
    header = _WRITE_KEY + bytes([version, len(data) + MAC_SIZE])
    return header + data + update_mac(key, challenge, header, data)


def reconnect(key, deadline):
    """Return the encrypted reconnect command of a card, 16 bytes.

    :param key: the card's key ``mac``
    :param deadline: BCD YYMMDDhhmmss, 6 bytes
    """
    plain = _RECONNECT + deadline + b"\x80"
    return key.encrypt(plain + bytes(BLOCK_SIZE - len(plain)))
