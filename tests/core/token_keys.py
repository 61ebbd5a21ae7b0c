"""The PKCS#11 provider for a token of SoftHSM2, as each process of Odoo makes it."""

from prepaid_core.pkcs11_keys import Pkcs11CardKeys
from prepaid_core.refused_pin import RefusedPin

from tests.core.softhsm import MODULE, PIN


def refused_in(hsm):
    """What all processes of the test remember of a wrong PIN."""
    return RefusedPin(hsm.tokens.with_name("pin-refused"))


def keys_in(hsm, label, pin=lambda: PIN):
    """The provider for a token, as a process makes it."""
    return Pkcs11CardKeys(MODULE, label, pin, refused_in(hsm))
