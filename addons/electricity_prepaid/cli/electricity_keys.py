"""``odoo electricity_keys``: make, show and renew the keys that live beside the database."""

import optparse
import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

ACTIONS = ("init", "show", "restored", "rotate", "pair")


class ElectricityKeys(Command):
    """Keys of prepaid electricity: init, show, restored, rotate, pair.

    init      make the key ring and the card keys of this database; nothing is ever overwritten
    show      say which keys, which epoch and whether this database may sell
    restored  after a restore: raise the epoch, so that nothing issued before is valid, and accept this database
    rotate    make a new signing key; terminals must be paired again before they take its orders
    pair      make a pairing code for the terminal given by --terminal CODE and print it
    """

    name = "electricity_keys"

    def run(self, args):
        """Run one action on one database.

        :param args: action, then Odoo's options (``-c``, ``-d``)
        """
        if not args or args[0] not in ACTIONS:
            sys.exit(f"usage: odoo electricity_keys {{{','.join(ACTIONS)}}} -c FILE -d DATABASE")
        action, args = args[0], args[1:]
        parser = config.parser
        parser.prog = self.prog
        group = optparse.OptionGroup(parser, "Keys of prepaid electricity")
        group.add_option("--terminal", dest="electricity_terminal", help="code of the terminal to pair")
        parser.add_option_group(group)
        config.parse_config(args, setup_logging=True)
        databases = config["db_name"]
        if len(databases) != 1:
            sys.exit("Name one database with -d.")
        with Registry(databases[0]).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if "electricity.keyring" not in env:
                sys.exit("The addon electricity_prepaid is not installed in this database.")
            text, good = env["electricity.keyring"].command(action, config.get("electricity_terminal"))
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        sys.exit(0 if good else 1)
