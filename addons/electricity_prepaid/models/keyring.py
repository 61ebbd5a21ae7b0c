"""The keys that live beside the database, never in it."""

import os
from functools import partial

from odoo import api, models
from odoo.tools import config

from ..core import card_keys, codes, keyring, private_files, refused_pin
from ..core.errors import Refusal

EPOCH_PARAMETER = "electricity.epoch"
ROWS_LOST = "rows-lost"
"""Stands in the database instead of its epoch when it is known to have lost rows: no epoch equals it."""
PIN_VARIABLE = "ELECTRICITY_PKCS11_PIN"
_loaded = {}


def _cached(kind, path, load):
    """Load a key file again only when it changed.

    :param kind: names the loader
    :param path: the file
    :param load: called without arguments when the file is new or changed
    """
    try:
        stat = os.stat(path)
    except OSError:
        return load()
    stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_mode, stat.st_uid)
    cached = _loaded.get((kind, path))
    if cached is None or cached[0] != stamp:
        cached = (stamp, load())
        _loaded[kind, path] = cached
    return cached[1]


def setting(name):
    """Return a setting of ``odoo.conf`` or of the environment, which wins."""
    option = f"electricity_{name}"
    return os.environ.get(option.upper()) or config.get(option)


class ElectricityKeyring(models.AbstractModel):
    """Access to Odoo's signing keys and to the keys of the cards.

    Files, named in odoo.conf (``electricity_keyring``, ``electricity_card_keys``) or by the environment
    (``ELECTRICITY_KEYRING``, ``ELECTRICITY_CARD_KEYS``, which win). They are made by ``odoo electricity_keys init``.
    With ``electricity_pkcs11_module`` the keys of the cards are in a token instead of a file; its label is
    ``electricity_pkcs11_token``, its PIN in the private file ``electricity_pkcs11_pin_file`` or in the environment.
    """

    _name = "electricity.keyring"
    _description = "Electricity Keys"

    @api.model
    @api.private
    def path(self, kind):
        """Return the path of a key file.

        :param kind: ``keyring`` or ``card_keys``
        :raises Refusal: T-107 when none is configured
        """
        path = setting(kind)
        if not path and kind == "card_keys":
            # One folder holds both unless told otherwise.
            path = os.path.join(os.path.dirname(self.path("keyring")), "card-keys.json")
        if not path:
            raise Refusal(codes.T_NO_KEY)
        return os.path.expanduser(path)

    @api.model
    @api.private
    def database_uuid(self):
        """Return the uuid of this database: the issuer of all that Odoo signs."""
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    @api.model
    @api.private
    def load_ring(self):
        """Return the key ring.

        :raises Refusal: T-107 when it is missing or open to others, T-106 when it belongs to another database
        """
        path = self.path("keyring")
        uuid = self.database_uuid()
        ring = _cached("keyring", path, lambda: keyring.load(path))
        if ring.db_uuid != uuid:
            raise Refusal(codes.T_RESTORED)
        return ring

    @api.model
    @api.private
    def load_for_sale(self):
        """Return the key ring when this database may sell.

        The epoch is kept twice, beside the keys and in the database: they differ when only one of them was restored.

        :raises Refusal: as ``load_ring``, and T-106 when the epochs differ
        """
        ring = self.load_ring()
        if self._accepted_epoch() != str(ring.epoch):
            raise Refusal(codes.T_RESTORED)
        return ring

    @api.model
    @api.private
    def load_card_keys(self):
        """Return the provider of the cards' keys: the token that is configured, else the file.

        :return: ``core.key_provider.KeyProvider``
        :raises Refusal: T-107; the provider's methods also K-109
        """
        module = setting("pkcs11_module")
        if module:
            return self._load_token(os.path.expanduser(module))
        path = self.path("card_keys")
        return _cached("card_keys", path, lambda: card_keys.SoftwareCardKeys.load(path))

    @api.model
    @api.private
    def has_token(self):
        """Return whether the keys of the cards are in a token instead of a file."""
        return bool(setting("pkcs11_module"))

    @api.model
    @api.private
    def card_key_place(self):
        """Return where the keys of the cards are, in words for the operator."""
        return f"token {setting('pkcs11_token')}" if self.has_token() else self.path("card_keys")

    def _load_token(self, module):
        # Only who has a token needs the package.
        from ..core import pkcs11_keys

        label, pin, pin_file = setting("pkcs11_token"), os.environ.get(PIN_VARIABLE), setting("pkcs11_pin_file")
        if not label or not (pin or pin_file):
            raise private_files.refuse("a PKCS#11 module is configured without its token or PIN")
        key = ("pkcs11", module, label, pin_file, bool(pin), self.path("keyring"))
        if key not in _loaded:
            if pin:
                # Never kept: what the environment says when a session is opened.
                read = partial(os.environ.get, PIN_VARIABLE, "")
            else:
                read = partial(pkcs11_keys.read_pin, os.path.expanduser(pin_file))
            _loaded[key] = pkcs11_keys.Pkcs11CardKeys(module, label, read, self._refused_pin())
        return _loaded[key]

    def _refused_pin(self):
        """Return what remembers, beside the key ring, a PIN that the token refused."""
        return refused_pin.RefusedPin(f"{self.path('keyring')}.pin-refused")

    def _accepted_epoch(self):
        return self.env["ir.config_parameter"].sudo().get_param(EPOCH_PARAMETER)

    @api.model
    @api.private
    def stop_sales(self, ring):
        """Stop all sales of this database until the operator runs ``odoo electricity_keys restored``.

        :param ring: the key ring
        :return: True when this stopped them, False when they were stopped already
        """
        if self._accepted_epoch() != str(ring.epoch):
            return False
        self.env["ir.config_parameter"].sudo().set_param(EPOCH_PARAMETER, ROWS_LOST)
        return True

    @api.model
    @api.private
    def accept_epoch(self, ring):
        """Record the key ring's epoch in the database: from now on it may sell.

        :param ring: the key ring
        """
        self.env["ir.config_parameter"].sudo().set_param(EPOCH_PARAMETER, str(ring.epoch))
