"""A SoftHSM2 token of a test's own: what the PKCS#11 provider talks to in place of a hardware security module."""

import contextlib
import os
import subprocess
import uuid
from pathlib import Path

import pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "demo-pin"


class SoftHsm:
    """Tokens in a folder. SoftHSM reads its configuration when the module is initialised."""

    def __init__(self, folder):
        self.tokens = Path(folder) / "tokens"
        self.tokens.mkdir()
        configuration = Path(folder) / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        os.environ["SOFTHSM2_CONF"] = str(configuration)

    def new_token(self, pin=PIN):
        """Make an empty token and return its label."""
        label = uuid.uuid4().hex[:12]
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "officer", "--pin", pin],
            check=True,
            capture_output=True,
        )
        return label


@contextlib.contextmanager
def soft_hsm(folder):
    """Tokens in a folder for as long as the context lasts; then the environment is as before."""
    before = os.environ.get("SOFTHSM2_CONF")
    yield SoftHsm(folder)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def put(label, masters, cpu):
    """Put known masters into a token, as a ceremony with key parts would.

    :param masters: ``{memory driver: 32 bytes}``
    :param cpu: ``{(CPU driver, version, purpose): 16 bytes}``
    """
    module = pkcs11.lib(MODULE)
    module.reinitialize()
    with module.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        common = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.TOKEN: True, Attribute.PRIVATE: True}
        common |= {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        for driver, value in masters.items():
            code = {Attribute.KEY_TYPE: KeyType.GENERIC_SECRET, Attribute.SIGN: True}
            session.create_object({**common, **code, Attribute.LABEL: f"{driver}/psc", Attribute.VALUE: value})
        for parts, value in cpu.items():
            label = "/".join(map(str, parts))
            uses = {Attribute.KEY_TYPE: KeyType.AES, Attribute.ENCRYPT: True, Attribute.DERIVE: True}
            session.create_object({**common, **uses, Attribute.LABEL: label, Attribute.VALUE: value})
    module.reinitialize()
