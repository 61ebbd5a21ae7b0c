"""The configuration: one TOML file. Every key, its unit and its default stand here and in ``hw-proxy.example.toml``."""

from __future__ import annotations

import fnmatch
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from hw_proxy.config_check import check
from hw_proxy.errors import ConfigError

DEFAULT_FILE = Path("/etc/hw-proxy/hw-proxy.toml")


@dataclass(frozen=True)
class Listen:
    """``[listen]``: where the page finds the service."""

    host: str = "127.0.0.1"
    """Address of this machine: ``127.0.0.1`` or ``localhost``; others cannot reach the service."""
    port: int = 8269
    """TCP port."""
    hosts: tuple[str, ...] = ()
    """Further exact ``Host`` headers that are accepted; ``host:port`` and ``localhost:port`` always are."""
    origins: tuple[str, ...] = ()
    """Further exact origins of pages, beside those that Odoo names at pairing."""


@dataclass(frozen=True)
class OdooServer:
    """``[odoo]``: the server, as the terminal reaches it."""

    url: str = ""
    """Address, ``https://`` except on this machine. Needed."""
    database: str = ""
    """Sent as ``X-Odoo-Database`` when the server holds several databases."""
    ca_file: str = ""
    """PEM file of a private certificate authority; empty: the system's."""
    timeout: float = 10.0
    """Seconds for one request."""
    interval: float = 20.0
    """Seconds between two heartbeats."""
    key_timeout: float = 4.0
    """Seconds for one question to the key service."""
    key_patience: float = 20.0
    """Seconds that one write waits for the key service in all."""


@dataclass(frozen=True)
class Sam:
    """``[sam]``: the security module in the terminal's second slot."""

    reader: str = ""
    """Pattern of the PC/SC name of its reader, which then takes no customer's card; empty: there is none."""


@dataclass(frozen=True)
class Vendor:
    """``[vendor]``: makers' libraries (docs/vendor-libraries.md)."""

    folder: str = "/etc/hw-proxy/vendor.d"
    """Their descriptions, ``*.toml``; a relative path begins at this file."""
    user: str = "nobody"
    """Whose rights their processes get where the service runs as root."""


@dataclass(frozen=True)
class Limits:
    """``[limits]``: where the service stops by itself, and how long it waits and keeps."""

    max_unresolved: int = 5
    """Writes of unknown outcome that Odoo has not acknowledged; as many stop the selling (T-105)."""
    min_free_bytes: int = 16_000_000
    """Free bytes on the journal's disk under which no write begins (P-110)."""
    max_body_bytes: int = 65_536
    """Bytes of one request (P-105)."""
    requests_per_second: float = 100.0
    """Requests of one client that are answered for ever (P-106)."""
    burst: int = 200
    """Requests of one client that are answered at once, before that rate counts."""
    max_event_streams: int = 16
    """Event streams at a time (P-106)."""
    keep_days: int = 90
    """Days that acknowledged receipts stay in the journal in full."""
    signed_time_max_age: float = 86_400.0
    """Seconds that Odoo's signed time is trusted without a new acknowledgement."""
    card_timeout: float = 10.0
    """Seconds after which one command to a card that does not return is given up; its order ends as unknown."""


@dataclass(frozen=True)
class Pos:
    """``[pos]``: the face for the stock Odoo point of sale, at ``/hw_proxy``."""

    enabled: bool = False
    """Whether it answers at all; only pages of known origins reach it."""
    max_body_bytes: int = 4_194_304
    """Bytes of one request; a receipt comes as an image."""


@dataclass(frozen=True)
class Kiosk:
    """``[kiosk]``: the kiosk's first page, at ``/kiosk``."""

    enabled: bool = False
    """Whether this terminal is a kiosk: the page logs the browser in, which is then its point of sale."""
    url: str = ""
    """Address of Odoo as the browser reaches it; empty: ``odoo.url``."""
    phone: str = ""
    """Help line, shown while Odoo cannot be reached."""
    zone: str = ""
    """Time zone of vouchers, such as Asia/Shanghai: that of the company, as on its receipts; empty: the machine's."""


@dataclass(frozen=True)
class Printer:
    """``[printer]``: the receipt printer of ``[pos]`` and ``[kiosk]``, ESC/POS."""

    kind: str = ""
    """``network``, ``serial`` or ``file`` (a device such as ``/dev/usb/lp0``); empty: none."""
    host: str = ""
    """Of a ``network`` printer."""
    port: int = 9100
    """TCP port of a ``network`` printer."""
    device: str = ""
    """Of a ``serial`` or ``file`` printer."""
    baud: int = 9600
    """Bits per second of a ``serial`` printer."""
    width: int = 512
    """Dots of a line; wider receipts are made smaller. 512 or 576 on paper of 80 mm, 384 on 58 mm."""
    timeout: float = 5.0
    """Seconds to connect and to send a piece, for a ``network`` printer."""
    text: str = "image"
    """How a kiosk's receipts are printed: ``image``, or ``gb18030`` in the printer's own letters, for slow lines."""
    font: str = ""
    """Font file with Chinese characters, for ``image``; empty: where Noto Sans CJK or WenQuanYi usually lie."""


@dataclass(frozen=True)
class Scanner:
    """``[scanner]``: a barcode scanner at a serial line, for ``[pos]`` and ``[kiosk]``. Needs the package pyserial."""

    device: str = ""
    """Such as ``/dev/ttyACM0``; empty: none. Scanners that type like a keyboard need nothing here."""
    baud: int = 9600
    """Bits per second."""


@dataclass(frozen=True)
class Notes:
    """``[notes]``: the note acceptor. Needs the package pyserial."""

    device: str = ""
    """Its serial device, such as ``/dev/note-acceptor``; empty: none."""
    protocol: str = "id003"
    """What it speaks: ``id003``."""
    denominations: tuple[str, ...] = ()
    """What its notes are worth, as ``"67=100"``: its code in hexadecimal, yuan. Empty: the acceptor is asked."""


@dataclass(frozen=True)
class Ups:
    """``[ups]``: an uninterruptible power supply, asked through Network UPS Tools (``upsd``)."""

    name: str = ""
    """Its name in ``upsd``, such as ``ups``; empty: none."""
    host: str = "127.0.0.1"
    """Where ``upsd`` runs."""
    port: int = 3493
    """TCP port of ``upsd``."""


@dataclass(frozen=True)
class SwitchRule:
    """``[[switches]]``: a door or cash-box switch."""

    name: str
    """What it is called. Needed."""
    kind: str
    """``door`` or ``cash_box``. Needed."""
    device: str
    """A serial device whose control line it is at, or the ``value`` file of a GPIO. Needed."""
    line: str = "cts"
    """``cts``, ``dsr`` or ``cd`` of the serial device (needs the package pyserial), or ``gpio``."""
    active_closed: bool = True
    """Whether the line is active while door or box is closed."""


@dataclass(frozen=True)
class ReaderRule:
    """``[[readers]]``: which dialect a reader speaks, by a pattern of its PC/SC name."""

    name: str
    """Pattern of the PC/SC name. Needed."""
    dialect: str
    """The dialect's name, as ``hw-proxy`` lists them when it does not know one. Needed."""


@dataclass(frozen=True)
class Config:
    """The whole file."""

    data_dir: Path = Path("/var/lib/hw-proxy")
    """Keys, pairing, journal and log; a relative path begins at this file. Made with mode 0700."""
    log_level: str = "INFO"
    """``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``."""
    testing: bool = False
    """Test installations only: plain http to any server, crash points."""
    only_readers: tuple[str, ...] = ()
    """Patterns of PC/SC names; other readers are left alone. Empty: every reader is this terminal's."""
    listen: Listen = field(default_factory=Listen)
    odoo: OdooServer = field(default_factory=OdooServer)
    limits: Limits = field(default_factory=Limits)
    sam: Sam = field(default_factory=Sam)
    vendor: Vendor = field(default_factory=Vendor)
    pos: Pos = field(default_factory=Pos)
    kiosk: Kiosk = field(default_factory=Kiosk)
    printer: Printer = field(default_factory=Printer)
    scanner: Scanner = field(default_factory=Scanner)
    notes: Notes = field(default_factory=Notes)
    ups: Ups = field(default_factory=Ups)
    readers: tuple[ReaderRule, ...] = ()
    switches: tuple[SwitchRule, ...] = ()

    @property
    def keys_file(self) -> Path:
        """The terminal's private keys, mode 0600."""
        return self.data_dir / "keys.json"

    @property
    def pairing_file(self) -> Path:
        """What Odoo told at pairing, mode 0600."""
        return self.data_dir / "pairing.json"

    @property
    def log_file(self) -> Path:
        """The service's log."""
        return self.data_dir / "hw-proxy.log"

    def journal_file(self, terminal: str) -> Path:
        """The journal of one terminal identity, so that pairing anew never mixes two."""
        return self.data_dir / f"journal-{terminal}.sqlite"

    def dialect_of(self, reader: str) -> str | None:
        """Dialect that the file sets for a reader, or none."""
        for rule in self.readers:
            if fnmatch.fnmatchcase(reader, rule.name):
                return rule.dialect
        return None

    def is_ours(self, reader: str) -> bool:
        """Whether a reader is for this terminal's customers (``only_readers``, and not the security module's)."""
        if self.sam.reader and fnmatch.fnmatchcase(reader, self.sam.reader):
            return False
        return not self.only_readers or any(fnmatch.fnmatchcase(reader, pattern) for pattern in self.only_readers)

    def allowed_hosts(self) -> frozenset[str]:
        """Exact values of the ``Host`` header."""
        return frozenset(
            {f"{self.listen.host}:{self.listen.port}", f"localhost:{self.listen.port}", *self.listen.hosts}
        )


def load(path: Path) -> Config:
    """Read and check the configuration file.

    :param path: TOML file.
    :raises ConfigError: missing, malformed, an unknown key or a value of the wrong type.
    """
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError as error:
        raise ConfigError(f"There is no configuration file {path}. Copy hw-proxy.example.toml there.") from error
    except OSError as error:
        raise ConfigError(f"The configuration file {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    return parse(raw, path.parent)


def parse(raw: dict[str, object], base: Path) -> Config:
    """Build the configuration from a parsed file.

    :param base: directory that relative paths start from.
    :raises ConfigError: an unknown key or a value of the wrong type.
    """
    top = dict(raw)
    listen = _section(Listen, top.pop("listen", {}), "listen")
    odoo = _section(OdooServer, top.pop("odoo", {}), "odoo")
    limits = _section(Limits, top.pop("limits", {}), "limits")
    devices = {
        name: _section(kind, top.pop(name, {}), name)
        for name, kind in (
            ("pos", Pos),
            ("kiosk", Kiosk),
            ("printer", Printer),
            ("scanner", Scanner),
            ("notes", Notes),
            ("ups", Ups),
        )
    }
    sam = _section(Sam, top.pop("sam", {}), "sam")
    vendor = _section(Vendor, top.pop("vendor", {}), "vendor")
    readers = _rules(ReaderRule, top.pop("readers", []), "readers")
    switches = _rules(SwitchRule, top.pop("switches", []), "switches")
    data_dir = top.pop("data_dir", str(Config.data_dir))
    if not isinstance(data_dir, str) or not data_dir:
        raise ConfigError("data_dir must be a path.")
    values = _values(Config, top, "", {"log_level", "testing", "only_readers"})
    config = Config(
        data_dir=(base / data_dir).resolve(),
        listen=listen,
        odoo=odoo,
        limits=limits,
        sam=sam,
        vendor=replace(vendor, folder=str(base / vendor.folder)),
        readers=readers,
        switches=switches,
        **devices,
        **values,
    )
    check(config)
    return config


def _rules(kind: type, raw: object, name: str) -> tuple:
    if not isinstance(raw, list):
        raise ConfigError(f"{name} must be an array of tables: [[{name}]].")
    return tuple(_section(kind, rule, name) for rule in raw)


def _section(kind: type, raw: object, name: str):
    if not isinstance(raw, dict):
        raise ConfigError(f"[{name}] must be a table.")
    try:
        return kind(**_values(kind, raw, name + ".", {item.name for item in fields(kind)}))
    except TypeError as error:
        raise ConfigError(f"[{name}]: {error}.") from error


def _values(kind: type, raw: dict[str, object], prefix: str, allowed: set[str]) -> dict[str, object]:
    defaults = {item.name: item.default for item in fields(kind)}
    values = {}
    for key, value in raw.items():
        if key not in allowed:
            raise ConfigError(f"{prefix}{key} is not a setting. There are: {', '.join(sorted(allowed))}.")
        values[key] = _typed(prefix + key, value, defaults[key])
    return values


def _typed(name: str, value: object, default: object) -> object:
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{name} must be a list of texts.")
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = type(default) if isinstance(default, (bool, int, float, str)) else str
    if type(value) is not wanted:
        raise ConfigError(f"{name} must be of the type {wanted.__name__}.")
    return value
