"""What ``odoo electricity_keys`` does in a database."""

import getpass
import os

from odoo import api, models
from odoo.exceptions import UserError

from ..core import card_keys, keyring
from ..core.errors import Refusal


class ElectricityKeyring(models.AbstractModel):
    _inherit = "electricity.keyring"

    @api.model
    @api.private
    def command(self, action, **options):
        """Carry out one action of the command.

        :param action: one of ``odoo electricity_keys``
        :param options: ``terminal`` (code), ``driver``, ``version`` (number), ``reason``, ``all``, ``force``; None when
            not given
        :return: text for the operator (never a secret but the pairing code), and whether it went well
        """
        try:
            return getattr(self, f"_command_{action.replace('-', '_')}")(_Options(options))
        except Refusal as refusal:
            return " ".join([str(refusal), *refusal.params.values()]), False
        except (OSError, KeyError, ValueError) as error:
            return f"{type(error).__name__}: {error}", False
        except UserError as error:
            return str(error), False

    # -- both kinds of keys ----------------------------------------------------------------------------------------

    def _command_init(self, options):
        ring_path = self.path("keyring")
        os.makedirs(os.path.dirname(ring_path), mode=0o700, exist_ok=True)
        lines = []
        if os.path.exists(ring_path):
            lines.append(f"{ring_path}: exists, left as it is.")
        else:
            keyring.provision(ring_path, self.database_uuid())
            lines.append(f"{ring_path}: made.")
        lines.append(self._complete_card_keys())
        ring = self.load_ring()
        if not self._accepted_epoch():
            self.accept_epoch(ring)
        text, good = self._command_show(options)
        return "\n".join([*lines, text]), good

    def _complete_card_keys(self):
        """Make the card keys that are missing. What is there is never overwritten."""
        place = self.card_key_place()
        if self.has_token():
            added = self.load_card_keys().complete()
        elif os.path.exists(place):
            added = card_keys.SoftwareCardKeys.complete(place)
        else:
            os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
            added = card_keys.SoftwareCardKeys.provision(place).drivers()
        for driver in added:
            self._record("made", driver)
        warning = self.load_card_keys().warning
        if not added:
            return f"{place}: exists, left as it is."
        return f"{place}: made for {', '.join(added)}. {warning}".strip()

    def _command_show(self, options):
        ring = keyring.load(self.path("keyring"))
        accepted = self._accepted_epoch()
        fits = ring.db_uuid == self.database_uuid()
        good = fits and accepted == str(ring.epoch)
        lines = [
            f"database   {self.database_uuid()}",
            f"key ring   {self.path('keyring')} of database {ring.db_uuid}{'' if fits else ' (another one!)'}",
            f"key        {ring.active.kid}",
            *([f"announced  {ring.announced.kid}, {self._progress(ring)}"] if ring.announced else []),
            f"epoch      {ring.epoch} beside the keys, {accepted or 'none'} in the database",
            f"card keys  {self.card_key_place()}: drivers {self._card_key_overview()}",
            "sales      allowed"
            if good
            else "sales      STOPPED (T-106). After a restore: odoo electricity_keys restored",
        ]
        return "\n".join(lines), good

    def _card_key_overview(self):
        keys = self.load_card_keys()
        shown = []
        for driver in keys.drivers():
            versions = keys.versions(driver)
            if versions:
                numbers = ", ".join(map(str, versions))
                driver = f"{driver} (versions {numbers}; new cards get {keys.current(driver)})"
            shown.append(driver)
        return ", ".join(shown) or "none"

    def _command_restored(self, options):
        self.load_ring()
        ring = keyring.raise_epoch(self.path("keyring"))
        self.accept_epoch(ring)
        return f"The epoch is {ring.epoch}. Orders issued before are void for every terminal that hears of it.", True

    # -- the signing key -------------------------------------------------------------------------------------------

    def _command_rotate(self, options):
        self.load_ring()
        ring = keyring.announce(self.path("keyring"))
        self._record("rotation", note=ring.announced.kid)
        return (
            f"Announced {ring.announced.kid}; {ring.active.kid} still signs. Terminals learn it with their next"
            " heartbeat. Then: odoo electricity_keys activate",
            True,
        )

    def _command_activate(self, options):
        ring = self.load_ring()
        late = self._late_terminals(ring) if ring.announced else self.env["electricity.terminal"]
        if late and not options.force:
            names = ", ".join(late.mapped("code"))
            return (
                f"These terminals have not learned the new key yet: {names}. They would refuse orders (O-102) until"
                " their next heartbeat. Wait, or add --force.",
                False,
            )
        ring = keyring.activate(self.path("keyring"))
        self._record("activation", note=ring.active.kid)
        return f"{ring.active.kid} signs from now on. The old private key is erased. Back up the key ring.", True

    def _command_replace(self, options):
        self.load_ring()
        ring = keyring.rotate(self.path("keyring"))
        self._record("activation", note=f"{ring.active.kid} at once, without handover")
        return (
            f"The new key is {ring.active.kid}. Pair each terminal again: until then it refuses to write (O-102).",
            True,
        )

    def _late_terminals(self, ring):
        """Return the selling terminals that have not said that they take the announced key."""
        selling = self.env["electricity.terminal"].search([("state", "=", "active")])
        return selling.filtered(lambda terminal: ring.announced.kid not in (terminal.known_kids or "").split())

    def _progress(self, ring):
        late = self._late_terminals(ring).mapped("code")
        return f"not yet known to {', '.join(late)}" if late else "known to every terminal that sells"

    # -- terminals -------------------------------------------------------------------------------------------------

    def _find_terminal(self, code):
        terminal = self.env["electricity.terminal"].search([("code", "=", code)])
        if len(terminal) != 1:
            raise ValueError(f"There is {'no' if not terminal else 'more than one'} terminal with the code {code!r}.")
        return terminal

    def _command_pair(self, options):
        return self._find_terminal(options.terminal).new_pairing_code(), True

    def _command_revoke(self, options):
        terminal = self._find_terminal(options.terminal)
        if not options.reason:
            raise ValueError("Say why: --reason TEXT.")
        terminal.revoke(options.reason, actor=getpass.getuser())
        return f"{terminal.code}: revoked. Nothing that it signs is taken any more.", True

    # -- the keys of the cards -------------------------------------------------------------------------------------

    def _change_card_keys(self, name, *args):
        """Call a provider's command: a token has them itself, for a file they need its path."""
        if self.has_token():
            return getattr(self.load_card_keys(), name)(*args)
        return getattr(card_keys.SoftwareCardKeys, name)(self.path("card_keys"), *args)

    def _command_add_version(self, options):
        if not options.driver:
            raise ValueError("Name the kind of card: --driver NAME.")
        version = self._change_card_keys("add_version", options.driver)
        self._record("version", options.driver, version)
        return f"{options.driver}: version {version} is made, and new cards get it. Back up the card keys.", True

    def _command_destroy(self, options):
        if not options.reason:
            raise ValueError("Say why: --reason TEXT. Cards with these keys can never be written again.")
        if options.all:
            doomed = self._all_card_keys()
        elif options.driver:
            doomed = [(options.driver, options.version)]
        else:
            raise ValueError("Name what is destroyed: --driver NAME with --key-version NUMBER, or --all.")
        for driver, version in doomed:
            self._change_card_keys("destroy", driver, version)
            self._record("destroyed", driver, version or 0, note=options.reason)
        return "\n".join(
            f"{driver}{f' version {number}' if number else ''}: destroyed." for driver, number in doomed
        ), True

    def _command_retry_pin(self, options):
        if not self.has_token():
            raise ValueError("The card keys are in a file: there is no PIN.")
        known = self._refused_pin().forget()
        drivers = self.load_card_keys().drivers()
        before = "It was refused before." if known else "It had not been refused."
        return f"The token takes the PIN. {before} Drivers with card keys: {', '.join(drivers) or 'none'}.", True

    def _all_card_keys(self):
        """Return what there is as (driver, version or None), the current versions last."""
        keys = self.load_card_keys()
        doomed = []
        for driver in keys.drivers():
            versions = keys.versions(driver)
            current = keys.current(driver) if versions else None
            doomed += [(driver, version) for version in versions if version != current] + [(driver, current)]
        return doomed

    def _record(self, op, driver=False, version=0, note=False):
        self.env["electricity.key.use"]._log(op, actor=getpass.getuser(), driver=driver, version=version, note=note)


class _Options:
    """The command's options; one that was not given is None."""

    def __init__(self, values):
        self._values = values

    def __getattr__(self, name):
        return self._values.get(name)
