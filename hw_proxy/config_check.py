"""What a configuration must be beside well-formed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hw_proxy.errors import ConfigError
from hw_proxy.notes.denominations import parse as parse_denominations

if TYPE_CHECKING:
    from hw_proxy.config import Config, Notes

LOOPBACK = ("127.0.0.1", "localhost")
SWITCH_KINDS = ("door", "cash_box")
SWITCH_LINES = ("cts", "dsr", "cd", "gpio")


def check(config: Config) -> None:
    """Make sure that the values of a configuration fit each other and the machine.

    :raises ConfigError: they do not; the text says what to change.
    """
    if not 1 <= config.listen.port <= 65535:
        raise ConfigError("listen.port must lie between 1 and 65535.")
    if config.listen.host not in LOOPBACK:
        raise ConfigError(f"listen.host must be one of {', '.join(LOOPBACK)}: only pages on this machine are served.")
    for origin in config.listen.origins:
        if not is_origin(origin):
            raise ConfigError(f"listen.origins: {origin!r} is not an origin such as https://pos.example.com.")
    url = urlsplit(config.odoo.url)
    if config.odoo.url and (url.scheme not in ("http", "https") or not url.hostname):
        raise ConfigError("odoo.url must look like https://odoo.example.com.")
    if url.scheme == "http" and not config.testing and url.hostname not in LOOPBACK:
        raise ConfigError("odoo.url must be https: plain http is taken on this machine only.")
    _check_kiosk(config)
    if config.odoo.timeout <= 0 or config.odoo.interval <= 0:
        raise ConfigError("odoo.timeout and odoo.interval must be over zero.")
    if config.odoo.key_timeout <= 0 or config.odoo.key_patience <= 0:
        raise ConfigError("odoo.key_timeout and odoo.key_patience must be over zero.")
    if config.limits.card_timeout < 2:
        raise ConfigError("limits.card_timeout must be at least 2: slower cards than that are in use.")
    _check_devices(config)
    _check_notes(config.notes)
    _check_switches(config)
    if config.limits.max_unresolved < 1:
        raise ConfigError("limits.max_unresolved must be at least 1.")


def _check_kiosk(config: Config) -> None:
    url = urlsplit(config.kiosk.url)
    if config.kiosk.url and (url.scheme not in ("http", "https") or not url.hostname):
        raise ConfigError("kiosk.url must look like https://odoo.example.com.")
    if url.scheme == "http" and not config.testing and url.hostname not in LOOPBACK:
        raise ConfigError("kiosk.url must be https: plain http is taken on this machine only.")
    if config.kiosk.enabled and not config.odoo.url:
        raise ConfigError("kiosk.enabled needs odoo.url.")
    try:
        ZoneInfo(config.kiosk.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"kiosk.zone: {config.kiosk.zone!r} is no time zone such as Asia/Shanghai.") from error


def _check_devices(config: Config) -> None:
    printer = config.printer
    if printer.kind not in ("", "network", "serial", "file"):
        raise ConfigError("printer.kind must be network, serial or file.")
    if printer.kind == "network" and not printer.host:
        raise ConfigError("printer.host is missing: the address of the network printer.")
    if printer.kind in ("serial", "file") and not printer.device:
        raise ConfigError(f"printer.device is missing: the device of the {printer.kind} printer.")
    if not 8 <= printer.width <= 2400 or printer.width % 8:
        raise ConfigError("printer.width must be a multiple of 8 up to 2400.")
    if not 1 <= printer.port <= 65535 or printer.baud < 1 or printer.timeout <= 0 or config.scanner.baud < 1:
        raise ConfigError("printer.port, printer.baud, printer.timeout and scanner.baud must be sensible numbers.")
    if printer.text not in ("image", "gb18030"):
        raise ConfigError("printer.text must be image or gb18030.")
    if (printer.kind or config.scanner.device) and not (config.pos.enabled or config.kiosk.enabled):
        raise ConfigError(
            "printer and scanner serve a point of sale or a kiosk: set pos.enabled = true or kiosk.enabled = true, "
            "or remove them."
        )


def _check_notes(notes: Notes) -> None:
    if notes.protocol != "id003":
        raise ConfigError("notes.protocol must be id003.")
    try:
        parse_denominations(notes.denominations)
    except ValueError as error:
        raise ConfigError(f"notes.denominations: {error}.") from error


def _check_switches(config: Config) -> None:
    names = [switch.name for switch in config.switches]
    if len(names) != len(set(names)) or not all(names):
        raise ConfigError("switches: each needs a name of its own.")
    for switch in config.switches:
        if switch.kind not in SWITCH_KINDS:
            raise ConfigError(f"switches: kind must be one of {', '.join(SWITCH_KINDS)}.")
        if switch.line not in SWITCH_LINES:
            raise ConfigError(f"switches: line must be one of {', '.join(SWITCH_LINES)}.")
        if not switch.device:
            raise ConfigError("switches: device is missing.")
    if not 1 <= config.ups.port <= 65535:
        raise ConfigError("ups.port must lie between 1 and 65535.")
    if set(config.ups.name) & set(' \t\r\n"'):
        raise ConfigError("ups.name must be one word.")


def is_origin(text: object) -> bool:
    """Whether a text is an exact web origin: scheme and authority, nothing behind."""
    if not isinstance(text, str):
        return False
    url = urlsplit(text)
    return url.scheme in ("http", "https") and bool(url.netloc) and text == f"{url.scheme}://{url.netloc}"
