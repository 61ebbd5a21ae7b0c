"""``hw-proxy kiosk-setup``: the files by which a machine shows the kiosk and nothing else.

The browser's managed policy, and what starts the browser: a unit for a machine without a desktop, or an entry for one
with a desktop. They follow from the configuration alone, so they can be compared and made anew at any time.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hw_proxy.api.security import KIOSK_PREFIX
from hw_proxy.config import Config
from hw_proxy.config_check import LOOPBACK
from hw_proxy.errors import ConfigError
from hw_proxy.keys import Pairing

POLICY = Path("etc/chromium/policies/managed/prepaid-kiosk.json")
UNIT = Path("etc/systemd/system/prepaid-kiosk.service")
AUTOSTART = Path("etc/xdg/autostart/prepaid-kiosk.desktop")
DEFAULT_USER = "kiosk"
DISALLOWED, NOTHING, BLOCKED = 2, 3, 2
"""Of developer tools, of downloads, and of what a page may ask for: the numbers that Chromium's policies have."""

_PROGRAMS = {"usr/bin/chromium": "chromium", "usr/bin/cage": "cage", "usr/bin/Xwayland": "xwayland"}
"""What shows a kiosk -> its Debian package. cage ends at once without Xwayland, and its package does not ask for it."""
_WITH_DESKTOP = ("usr/bin/chromium",)
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class SetupFile:
    """One file.

    :param path: relative to the root of the file system
    :param content: the whole of it
    """

    path: Path
    content: str

    def difference(self, root: Path) -> str:
        """Return how the machine's file differs, as ``diff -u`` shows it; empty: it does not.

        :raises OSError: it cannot be read.
        """
        target = root / self.path
        found = target.read_text(encoding="utf-8", errors="replace") if target.exists() else ""
        lines = difflib.unified_diff(
            found.splitlines(), self.content.splitlines(), str(target), "as it should be", lineterm=""
        )
        return "\n".join(lines)

    def write(self, root: Path) -> bool:
        """Put the file in place, readable by everybody, so that a power cut leaves the old or the new one.

        :return: whether it was not so already
        :raises OSError: it cannot be written.
        """
        target = root / self.path
        if target.exists() and target.read_text(encoding="utf-8", errors="replace") == self.content:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(self.content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
        return True


def origin_of(config: Config) -> str:
    """Return the origin at which the kiosk's browser reaches Odoo.

    :raises ConfigError: this is no kiosk, or the address is not one that a browser should be bound to.
    """
    if not config.kiosk.enabled:
        raise ConfigError("This terminal is no kiosk: set enabled = true in the section [kiosk].")
    address = config.kiosk.url or config.odoo.url
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{address!r} has no port that exists.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"{address!r} is no address for a kiosk: it must look like https://odoo.example.com.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        # Also where the configuration says testing: what this writes is for good.
        raise ConfigError(f"{address!r} must be https: over plain http anybody on the way could change the page.")
    if re.search(r"[^a-z0-9.:\[\]-]", parts.hostname):
        raise ConfigError(f"{address!r} has no host name that can be used.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}"


def first_page(config: Config) -> str:
    """Return the address that the browser starts with: this terminal's own page."""
    return f"http://{config.listen.host}:{config.listen.port}{KIOSK_PREFIX}"


def policy(config: Config) -> dict[str, object]:
    """Return Chromium's managed policy for a kiosk.

    :raises ConfigError: as :func:`origin_of`
    """
    odoo, own = origin_of(config), f"http://{config.listen.host}:{config.listen.port}"
    return {
        # A page on a public address needs leave to talk to this machine; older and newer Chromium name it differently.
        "LoopbackNetworkAllowedForUrls": [odoo],
        "LocalNetworkAccessAllowedForUrls": [odoo],
        "URLBlocklist": ["*"],
        "URLAllowlist": [odoo, own],
        "DeveloperToolsAvailability": DISALLOWED,
        "DownloadRestrictions": NOTHING,
        "AllowFileSelectionDialogs": False,
        "PrintingEnabled": False,
        "PasswordManagerEnabled": False,
        "AutofillAddressEnabled": False,
        "AutofillCreditCardEnabled": False,
        "TranslateEnabled": False,
        "BrowserSignin": 0,
        "SyncDisabled": True,
        "MetricsReportingEnabled": False,
        "BackgroundModeEnabled": False,
        "SearchSuggestEnabled": False,
        "ExtensionInstallBlocklist": ["*"],
        "DefaultPopupsSetting": BLOCKED,
        "DefaultNotificationsSetting": BLOCKED,
        "DefaultGeolocationSetting": BLOCKED,
        "AudioCaptureAllowed": False,
        "VideoCaptureAllowed": False,
    }


def browser_command(config: Config) -> list[str]:
    """Return the command that starts the browser."""
    return [
        "/usr/bin/chromium",
        "--kiosk",
        "--incognito",
        "--no-first-run",
        "--noerrdialogs",
        "--disable-pinch",
        "--overscroll-history-navigation=0",
        "--password-store=basic",
        first_page(config),
    ]


def unit(config: Config, user: str) -> str:
    """Return the systemd unit that shows the kiosk on a machine without a desktop, by the compositor cage.

    :param user: of the system, who has no other task
    :raises ConfigError: no name of a user
    """
    if not _USER.fullmatch(user) or user == "root":
        raise ConfigError(f"{user!r} is not a user that a kiosk's browser may run as.")
    browser = shlex.join([*browser_command(config)[:-1], "--ozone-platform=wayland", first_page(config)])
    return f"""\
# Made by hw-proxy kiosk-setup from the configuration. Changes are lost when it is made anew.
[Unit]
Description=The browser of the prepaid-electricity kiosk
Wants=hw-proxy.service
After=hw-proxy.service systemd-user-sessions.service getty@tty1.service
Conflicts=getty@tty1.service
StartLimitIntervalSec=0

[Service]
User={user}
PAMName=login
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes
TTYVTDisallocate=yes
StandardInput=tty-fail
StandardOutput=journal
StandardError=journal
UtmpIdentifier=tty1
UtmpMode=user
Environment=CAGE_OPTIONS=
ExecStart=/usr/bin/cage $CAGE_OPTIONS -- {browser}
Restart=always
RestartSec=2
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
"""


def autostart(config: Config) -> str:
    """Return the entry by which a desktop with an automatic login starts the browser."""
    return f"""\
[Desktop Entry]
Type=Application
Name=Electricity kiosk
Name[zh_CN]=自助购电终端
Exec={shlex.join(browser_command(config))}
X-GNOME-Autostart-enabled=true
"""


def files(config: Config, user: str, desktop: bool) -> list[SetupFile]:
    """Return the files of a kiosk's machine.

    :param user: whose session the browser runs in, without a desktop
    :param desktop: the machine has a desktop that logs a user in by itself
    :raises ConfigError: the configuration is not a kiosk's
    """
    content = json.dumps(policy(config), indent=4) + "\n"
    start = SetupFile(AUTOSTART, autostart(config)) if desktop else SetupFile(UNIT, unit(config, user))
    return [SetupFile(POLICY, content), start]


def missing_packages(root: Path, desktop: bool) -> list[str]:
    """Return the Debian packages without which the screen stays dark.

    :param root: of the machine's file system
    :param desktop: the machine has a desktop that starts the browser
    """
    wanted = _WITH_DESKTOP if desktop else _PROGRAMS
    return [_PROGRAMS[program] for program in wanted if not (root / program).exists()]


def warnings(config: Config) -> Iterator[str]:
    """Say what would keep the kiosk from working although its files are right.

    :raises ConfigError: the pairing cannot be read.
    """
    pairing = Pairing.load(config.pairing_file)
    if pairing is None:
        yield "This terminal is not paired yet: hw-proxy pair. Until then the kiosk says that it is not in use. (P-111)"
        return
    origin = origin_of(config)
    if origin not in pairing.origins and origin not in config.listen.origins:
        yield (
            f"Odoo did not name {origin} when it was paired, so its pages are refused (P-101). Put it into Further "
            "Addresses on the terminal's form in Odoo, or into listen.origins here."
        )
