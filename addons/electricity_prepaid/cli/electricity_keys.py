"""``odoo electricity_keys``: make, show, renew and destroy the keys that live beside the database."""

import optparse
import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

ACTIONS = (
    *("init", "show", "restored", "rotate", "activate", "replace"),
    *("add-version", "destroy", "retry-pin", "pair", "revoke"),
)
OPTIONS = (
    ("terminal", {"help": "code of the terminal to pair or to revoke"}),
    ("driver", {"help": "kind of card, such as csg2015"}),
    ("version", {"type": "int", "help": "number of a key version"}),
    ("reason", {"help": "why; it is kept in the log of keys"}),
    ("all", {"action": "store_true", "help": "destroy every key of cards"}),
    ("force", {"action": "store_true", "help": "activate although terminals have not learned the new key"}),
)


class ElectricityKeys(Command):
    """Keys of prepaid electricity: init, show, rotate, activate, add-version, revoke and others.

    init         make the key ring and the card keys that are missing; nothing is ever overwritten
    show         say which keys, which epoch and whether this database may sell
    restored     after a restore: raise the epoch, so that nothing issued before is valid, and accept this database
    rotate       announce a new signing key to the terminals; the present one still signs
    activate     sign with the announced key, and erase the old private one
    replace      change the signing key at once, when somebody else may have it; pair each terminal again
    add-version  make a new version of the keys of --driver; cards issued from then on get it
    destroy      destroy --key-version of the keys of --driver, or --all, for ever; give a --reason
    retry-pin    try the token's PIN once more after the token refused it
    pair         make a pairing code for the terminal given by --terminal CODE and print it
    revoke       take nothing any more that --terminal CODE signs; give a --reason
    """

    name = "electricity_keys"

    def run(self, args):
        """Run one action on one database.

        :param args: action, then its options and Odoo's (``-c``, ``-d``)
        """
        if not args or args[0] not in ACTIONS:
            sys.exit(f"usage: odoo electricity_keys {{{','.join(ACTIONS)}}} -c FILE -d DATABASE")
        action, args = args[0], args[1:]
        parser = config.parser
        parser.prog = self.prog
        group = optparse.OptionGroup(parser, "Keys of prepaid electricity")
        for name, values in OPTIONS:
            # Names of their own: Odoo has a --version.
            group.add_option(
                f"--key-{name}" if name == "version" else f"--{name}", dest=f"electricity_{name}", **values
            )
        parser.add_option_group(group)
        config.parse_config(args, setup_logging=True)
        databases = config["db_name"]
        if len(databases) != 1:
            sys.exit("Name one database with -d.")
        with Registry(databases[0]).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if "electricity.keyring" not in env:
                sys.exit("The addon electricity_prepaid is not installed in this database.")
            options = {name: config.get(f"electricity_{name}") for name, _values in OPTIONS}
            text, good = env["electricity.keyring"].command(action, **options)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        sys.exit(0 if good else 1)
