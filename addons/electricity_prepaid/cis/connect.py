"""From settings to a marketing system that can be asked."""

from .adapters import ADAPTERS
from .settings import misconfigured


def connect(settings):
    """Return the marketing system that settings name. Nothing is sent; connections are shared, so this is cheap.

    :param settings: :class:`~.settings.Settings`
    :return: :class:`~..core.cis_types.MarketingSystem`
    :raises Unreachable: kind ``configuration``
    """
    settings.check()
    if settings.adapter not in ADAPTERS:
        raise misconfigured("there is no such adapter")
    return ADAPTERS[settings.adapter](settings)
