"""A terminal on paper: genuinely paired, but every message is made by the test with the terminal's keys.

It stands for a terminal whose keys were stolen, or whose clock is wrong, without harming the real ones.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from stack.world import World

from simulators.sle4442 import Sle4442
from tests.end_to_end.forge import claims_of, sign, terminal_key

TRIES = {0x07: 3, 0x03: 2, 0x01: 1, 0x00: 0}
DRIVER = "sle4442_demo"


def digest(data: bytes) -> str:
    """The protocol's hash."""
    return urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class PaperTerminal:
    """Pairs like a terminal and then says what the test wants it to say."""

    def __init__(self, world: World, code: str):
        self.world = world
        values = {"name": f"Paper {code}", "code": code, "proxy_url": "http://127.0.0.1:9"}
        self.id = world.admin.call("electricity.terminal", "create", [values])[0]
        self.data = world.folder / f"paper-{code}"
        self.data.mkdir()
        self._pair()
        self.pairing = json.loads((self.data / "pairing.json").read_text("utf-8"))
        self.key = terminal_key(self.data)
        self.uuid, self.database_uuid = self.pairing["terminal"], self.pairing["iss"]
        self.seq, self.head = 0, digest(self.uuid.encode())
        self.insertion = uuid.uuid4().hex

    def _pair(self) -> None:
        config = self.data / "hw-proxy.toml"
        config.write_text(
            f'data_dir = "{self.data}"\ntesting = true\n[odoo]\nurl = "{self.world.odoo.url}"\n'
            f'database = "{self.world.database}"\n',
            encoding="utf-8",
        )
        program = Path(sys.executable).with_name("hw-proxy")
        command = [program, "pair", "--config", config, self.world.pairing_code(self.id)]
        subprocess.run(command, check=True, capture_output=True)

    def sign(self, typ: str, claims: dict) -> str:
        """A message of this terminal."""
        return sign(self.key, typ, {"iss": self.uuid, "aud": self.database_uuid, **claims})

    def snapshot(self, nonce: str, chip: Sle4442, **changes: object) -> str:
        """A reading of a chip."""
        card = {**reading(chip.image(), chip.counter), "protection": "ffffffff"}
        claims = {"jti": str(uuid.uuid4()), "iat": int(time.time()), "nonce": nonce, "ins": self.insertion}
        claims |= {"seq": self.seq, "clk": "signed", "reader": "paper", "atr": chip.atr().hex(), "driver": DRIVER}
        return self.sign("snapshot+jwt", {**claims, "card": card, **changes})

    def receipt(self, order: str, outcome: str, before: bytes | None, after: bytes | None, **changes: object) -> str:
        """The next receipt of the chain."""
        now = time.time()
        asked = claims_of(order)
        claims = {"jti": str(uuid.uuid4()), "attempt": asked["jti"], "seq": self.seq + 1, "prev": self.head}
        claims |= {"iat": int(now), "clk": "signed", "outcome": outcome, "code": None, "order": order}
        claims |= {"ins": asked["ins"], "before": before and reading(before), "after": after and reading(after)}
        claims |= {"intent_at": None if outcome == "void" else int(now * 1000), "done_at": int(now * 1000)}
        claims |= {"driver": DRIVER, "versions": {"proxy": "paper", "driver": "1"}}
        return self.sign("receipt+jwt", {**claims, **changes})

    def sent(self, receipt: str) -> None:
        """The chain goes on after this receipt."""
        self.seq, self.head = claims_of(receipt)["seq"], digest(receipt.encode())


def reading(memory: bytes, counter: int = 0x07) -> dict:
    """An image as the protocol's claims hold it."""
    return {"memory": memory.hex(), "tries": TRIES[counter], "digest": digest(memory)}
