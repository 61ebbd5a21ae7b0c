"""Suite demo-aes (docs/protocol/card-security-demo.md) and a key service by it, for tests: no networks, no rights."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

PURPOSES = ("int", "ext", "mac")
TRANSPORT = {"int": b"\xa0" * 16, "ext": b"\xa1" * 16, "mac": b"\xa2" * 16}
CURRENT = 2
MASTERS = {0: TRANSPORT} | {
    version: {purpose: bytes([16 * version + number]) * 16 for number, purpose in enumerate(PURPOSES)}
    for version in (1, CURRENT)
}


def aes(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def unaes(key, block):
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    return decryptor.update(block) + decryptor.finalize()


def card_keys(serial, version):
    """The keys of a card: purpose -> 16 bytes. ``serial``: 8 bytes."""
    block = serial + bytes(255 - byte for byte in serial)
    return {purpose: aes(MASTERS[version][purpose], block) for purpose in PURPOSES}


def answer_to(key, block):
    """Internal and external authentication: 8 bytes for 8 bytes."""
    return aes(key, block + bytes(8))[:8]


def mac_of(key, challenge, header, data):
    mac = CMAC(algorithms.AES(key))
    mac.update(challenge + header + data)
    return mac.finalize()[:4]


class KeyDesk:
    """A key service. ``trouble(claims)`` may raise, or answer ``(status, body)`` before the service does."""

    def __init__(self):
        self.asked = []
        self.known = {}
        self.trouble = lambda _claims: None

    def ask(self, claims):
        """Answer ``(status, body)`` for the claims of a ``key+jwt``; the same ``jti`` answers again."""
        self.asked.append(claims)
        answer = self.trouble(claims)
        if answer is not None:
            return answer
        if claims["jti"] not in self.known:
            self.known[claims["jti"]] = self._answer(claims)
        return self.known[claims["jti"]]

    def ops(self):
        """What was asked, in order."""
        return [claims["op"] for claims in self.asked]

    def _answer(self, claims):
        serial, version = bytes.fromhex(claims["serial"]), claims["version"]
        if version not in MASTERS:
            return 403, {"code": "K-106", "message": "unknown key version"}
        keys, challenge = card_keys(serial, version), bytes.fromhex(claims["challenge"])
        if claims["op"] == "authenticate":
            random = hashlib.sha256(b"internal" + claims["attempt"].encode()).digest()[:8]
            right = answer_to(keys["int"], random).hex()
            if (claims["r"], claims["answer"]) != (random.hex(), right):
                return 403, {"code": "K-105", "message": "not genuine"}
            return 200, {"cryptogram": answer_to(keys["ext"], challenge).hex()}
        if claims["op"] == "mac":
            header, data = bytes.fromhex(claims["header"]), bytes.fromhex(claims["data"])
            return 200, {"mac": mac_of(keys["mac"], challenge, header, data).hex()}
        new = card_keys(serial, CURRENT)
        data = b"".join(aes(keys["mac"], new[purpose]) for purpose in PURPOSES)
        header = bytes([0x84, 0xD4, 0x01, CURRENT, len(data) + 4])
        command = header + data + mac_of(keys["mac"], challenge, header, data)
        return 200, {"command": command.hex(), "version": CURRENT}
