"""The software provider of card keys: for tests and demonstrations.

The code (PSC) of a demo card is derived from a master key and the card's serial
(``docs/protocol/card-layout-demo.md``).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from .private_files import read_private, refuse, write_private
from .sle4442_demo import DRIVER

WARNING = (
    "DEMO CARD KEYS: the master key of the cards lies in a file of this server, and the code of a memory card can be "
    "read off its contacts. Use this provider for tests and demonstrations only, never for cards that are worth money."
)

_MASTER_SIZE = 32
_PSC_SIZE = 3


@dataclass(frozen=True)
class SoftwareCardKeys:
    """Master keys by driver.

    :param masters: ``{driver: bytes}``; never shown in a representation
    """

    masters: dict

    def __repr__(self):
        return f"SoftwareCardKeys({sorted(self.masters)})"

    @classmethod
    def load(cls, path):
        """Read the file.

        :raise Refusal: T-107 with a ``reason``
        """
        masters = {}
        for driver, entry in read_private(path).items():
            try:
                masters[driver] = bytes.fromhex(entry["master"])
            except (TypeError, KeyError, ValueError) as error:
                raise refuse("card key file holds a malformed key") from error
            if len(masters[driver]) != _MASTER_SIZE:
                raise refuse("card key file holds a key of a wrong length")
        return cls(masters)

    @classmethod
    def provision(cls, path):
        """Make the file with new random master keys.

        :raise FileExistsError: keys are never overwritten: every card in the field would be lost
        """
        write_private(path, {DRIVER: {"master": secrets.token_hex(_MASTER_SIZE)}}, replace=False)
        return cls.load(path)

    def psc(self, driver, serial):
        """Return the code of a card.

        :param driver: such as ``"sle4442_demo"``
        :param serial: card serial number, 12 digits
        :return: 3 bytes
        :raise Refusal: T-107 there is no master key for this driver
        """
        master = self.masters.get(driver)
        if master is None:
            raise refuse(f"no card key for driver {driver}")
        return hmac.new(master, b"PSC" + bytes.fromhex(serial), hashlib.sha256).digest()[:_PSC_SIZE]
