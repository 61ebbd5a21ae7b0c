"""The drivers by which cards are read and written, as people choose them and as the code asks for them."""

from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MEMORY_DRIVERS = [
    ("sle4442_demo", _lt("SLE4442 memory card (demo layout)")),
    ("sle4428_demo", _lt("SLE4428 memory card (demo layout)")),
    ("at24_demo", _lt("AT24C02 memory card (demo layout)")),
]
CPU_DRIVERS = [
    ("gdw1365", _lt("State Grid CPU card (Q/GDW 1365)")),
    ("csg2015", _lt("Southern Grid CPU card (2015)")),
]

VENDOR_PREFIX = "vendor:"
"""Of the name of a driver that is a maker's library; the library's own name follows."""
VENDOR_MODEL = "electricity.vendor.library"

KWH = "kwh"
CENTS = "cents"
UNITS = [(KWH, "Energy (0.01 kWh)"), (CENTS, "Money (cents)")]
"""What the card carries to the meter."""

DEFAULT_DRIVER = MEMORY_DRIVERS[0][0]
_CPU = frozenset(name for name, _label in CPU_DRIVERS)


def is_cpu(driver):
    """Tell whether a driver's cards are CPU cards: a serial of 16 digits, tariff sets, no issue number."""
    return driver in _CPU


def is_vendor(driver):
    """Tell whether a driver is a maker's library."""
    return bool(driver) and driver.startswith(VENDOR_PREFIX)


def serial_length(driver):
    """Return how many digits the serial of a driver's cards has, or None when its library decides.

    :param driver: name of a driver
    """
    if is_vendor(driver):
        return None
    return 16 if is_cpu(driver) else 12


def vendor_library(env, driver):
    """Return the library of a vendor driver, an empty record when there is none, or None for other drivers.

    :param env: the environment
    :param driver: name of a driver
    """
    if not is_vendor(driver) or VENDOR_MODEL not in env:
        return None
    libraries = env[VENDOR_MODEL].sudo().with_context(active_test=False)
    return libraries.search([("code", "=", driver.removeprefix(VENDOR_PREFIX))], limit=1)


def unit_of(env, driver):
    """Return what the cards of a driver carry: ``kwh`` or ``cents``.

    :param env: the environment
    :param driver: name of a driver
    """
    if is_cpu(driver):
        return CENTS
    library = vendor_library(env, driver)
    return library.unit if library else KWH


def select_driver(model):
    """Return the drivers to choose from: those of the code, and the makers' libraries that are registered.

    :param model: any record, for its environment
    """
    drivers = [(name, model.env._(label)) for name, label in (*MEMORY_DRIVERS, *CPU_DRIVERS)]
    if VENDOR_MODEL in model.env:
        libraries = model.env[VENDOR_MODEL].sudo().with_context(active_test=False).search([])
        drivers += [(VENDOR_PREFIX + library.code, library.display_name) for library in libraries]
    return drivers


def check_driver(records):
    """Check that records have drivers that there are: Odoo does not ask a selection that is computed.

    :param records: with a field ``driver``
    :raises ValidationError: a driver is none
    """
    known = {name for name, _label in select_driver(records)}
    for record in records:
        if record.driver not in known:
            raise ValidationError(records.env._("There is no card driver “%(driver)s”.", driver=record.driver))
