"""An Odoo with kiosks on paper, for bench ``kiosk``."""

import tempfile
from pathlib import Path

from stack.databases import drop_database, install_database
from stack.odoo import OdooProcess, run
from stack.processes import Stack

from bench.kiosk_paper import PaperKiosk, keys_of, shell

DATABASE = "prepaid_bench"


class KioskServer:
    """An Odoo with kiosks, for as long as the ``with`` lasts.

    :param int number: of kiosks
    :param options: of the server
    """

    def __init__(self, number, options):
        self.number, self.options = number, list(options)
        self._stack = Stack()

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        install_database(DATABASE, ["electricity_prepaid", "kiosk_hw"])
        environment = {
            "ELECTRICITY_KEYRING": str(folder / "keyring.json"),
            "ELECTRICITY_CARD_KEYS": str(folder / "card-keys.json"),
        }
        run("electricity_keys", "init", f"--database={DATABASE}", environment=environment)
        self.keys, public = keys_of(self.number)
        self.facts = shell(DATABASE, f"prepare(env, {public!r})", environment)
        self.odoo = self._stack.start(OdooProcess(DATABASE, folder, environment=environment, options=self.options))
        return self

    def __exit__(self, *exception):
        self._stack.stop()
        drop_database(DATABASE)
        self._folder.cleanup()

    def kiosks(self):
        """The kiosks, not yet logged in."""
        of_all = self.odoo.url, self.facts["database_uuid"]
        return [PaperKiosk(*of_all, facts, key) for facts, key in zip(self.facts["kiosks"], self.keys, strict=True)]
