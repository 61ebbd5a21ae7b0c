"""What an installation brings beside the program: systemd's unit, udev's rules, and signs of life."""

import configparser
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

import hw_proxy
from hw_proxy import notify
from hw_proxy.config import Config
from hw_proxy.monitor import Monitor
from hw_proxy.service import SILENCE, Service

FOLDER = Path(hw_proxy.__file__).parent
UNIT = FOLDER / "hw-proxy.service"
DROP_IN = FOLDER / "hw-proxy-devices.conf"
RULES = FOLDER / "70-hw-proxy.rules"
WORST_EXPOSURE = 2.0


class Unit(configparser.RawConfigParser):
    """A unit file: keys are as written, and may come twice."""

    def __init__(self, path):
        super().__init__(strict=False)
        self.optionxform = str
        self.read_string(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Restart", "always"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateDevices", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("RestrictNamespaces", "yes"),
    ],
)
def test_the_unit_restarts_and_is_hardened(key, value):
    assert Unit(UNIT)["Service"][key] == value


def test_the_unit_lets_the_service_tell_the_boot_and_reach_the_card_service():
    service = Unit(UNIT)["Service"]
    # The stored time is valid for one boot, whose id lies in /proc/sys; pcscd listens on a unix socket.
    assert "ProcSubset" not in service
    assert "AF_UNIX" in service["RestrictAddressFamilies"]


def test_systemd_finds_the_unit_well_confined():
    if shutil.which("systemd-analyze") is None:
        # Not on this machine: the keys above are what it would look at.
        return
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= WORST_EXPOSURE


def test_the_drop_in_opens_devices_and_nothing_else():
    assert set(Unit(DROP_IN)["Service"]) == {"PrivateDevices", "SupplementaryGroups", "DeviceAllow"}


def test_the_rules_are_ones_that_udev_understands():
    term = r'[A-Z]+(\{[\w/:.-]+\})?(==|!=|=|\+=)"[^"]*"'
    rule = re.compile(rf"{term}(, {term})*")
    lines = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert rule.fullmatch(line), line
    labels = set(re.findall(r'LABEL="(\w+)"', "\n".join(lines)))
    assert set(re.findall(r'GOTO="(\w+)"', "\n".join(lines))) == labels


# -- signs of life ---------------------------------------------------------------------------------------------------


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """The socket of a service manager that asks for signs of life."""
    path = tmp_path / "notify"
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(path))
    line.settimeout(5)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    yield line
    line.close()


def test_signs_of_life_stop_when_the_monitor_hangs(systemd):
    stopping = threading.Event()
    alive = [True]
    thread = threading.Thread(target=notify.keep_alive, args=(lambda: alive[0], stopping))
    thread.start()
    assert systemd.recv(100) == b"WATCHDOG=1"
    alive[0] = False
    systemd.settimeout(0.3)
    with pytest.raises(TimeoutError):
        for _number in range(10):
            systemd.recv(100)
    stopping.set()
    thread.join(5)


def test_without_systemd_nobody_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert notify.notify("WATCHDOG=1") is False


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 5000])
def test_a_senseless_period_is_not_taken(monkeypatch, value):
    monkeypatch.setenv("WATCHDOG_USEC", value)
    assert notify.period() == notify.DEFAULT_PERIOD


def test_a_socket_that_is_gone_ends_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "none"))
    assert notify.notify("WATCHDOG=1") is False


def test_a_monitor_that_does_not_look_counts_as_hung(bench):
    service = Service(Config(data_dir=bench.config.data_dir))
    assert service.is_alive()
    service.monitor = Monitor(bench.terminal)
    service.monitor.look()
    assert service.is_alive()
    service.monitor._looked_at -= SILENCE + 1
    assert not service.is_alive()
