"""``hw-proxy kiosk-setup``: whom it refuses, what it writes, and that it writes the same again."""

import configparser
import json
import shlex
from dataclasses import replace

import pytest

from hw_proxy import cli
from hw_proxy.config import parse
from hw_proxy.errors import ConfigError
from hw_proxy.kiosk import setup

ODOO = "https://odoo.example.com"


def configured(tmp_path, odoo=ODOO, kiosk="enabled = true", more=""):
    file = tmp_path / "hw-proxy.toml"
    file.write_text(f'data_dir = "data"\n{more}[odoo]\nurl = "{odoo}"\n[kiosk]\n{kiosk}\n', encoding="utf-8")
    return file


def run(file, root, *options):
    return cli.main(["kiosk-setup", "--config", str(file), "--root", str(root), *options])


@pytest.mark.parametrize(
    "address",
    [
        "http://odoo.example.com",
        "https://user:secret@odoo.example.com",
        "https://odoo.example.com/?next=x",
        "https://odoo.example.com/#x",
        "https://odoo.example.com:99999",
        "https://*",
        "https://odoo example.com",
        "https:///odoo",
        "ftp://odoo.example.com",
    ],
)
def test_an_address_that_a_browser_should_not_be_bound_to_is_refused(address, tmp_path):
    config = parse({"testing": True, "odoo": {"url": ODOO}, "kiosk": {"enabled": True}}, tmp_path)
    config = replace(config, kiosk=replace(config.kiosk, url=address))
    with pytest.raises(ConfigError):
        setup.files(config, "kiosk", False)


def test_plain_http_is_for_this_machine_only_also_in_tests(tmp_path, capsys):
    file = configured(tmp_path, "http://odoo.example.com", more="testing = true\n")
    assert run(file, tmp_path / "root", "--write") == 1
    assert "https" in capsys.readouterr().err
    assert not (tmp_path / "root").exists()
    assert run(configured(tmp_path, "http://127.0.0.1:8069"), tmp_path / "root", "--write") == 0


def test_a_counter_is_no_kiosk(tmp_path, capsys):
    assert run(configured(tmp_path, kiosk="enabled = false"), tmp_path, "--write") == 1
    assert "[kiosk]" in capsys.readouterr().err


@pytest.mark.parametrize("user", ["root", "two words", "x\nUser=root", "", "../x"])
def test_the_browser_runs_as_nobody_special(user, tmp_path):
    assert run(configured(tmp_path), tmp_path / "root", "--write", f"--user={user}") == 1
    assert not (tmp_path / "root").exists()


def test_printing_changes_nothing_and_checking_says_what_is_missing(tmp_path, capsys):
    file, root = configured(tmp_path), tmp_path / "root"
    assert run(file, root) == 0
    assert ODOO in capsys.readouterr().out
    assert run(file, root, "--check") == 1
    assert not root.exists()


def test_what_is_written_is_written_once_and_what_differs_is_told(tmp_path, capsys):
    file, root = configured(tmp_path), tmp_path / "root"
    assert run(file, root, "--write") == 0
    policy = root / setup.POLICY
    before = {path: path.stat().st_mtime_ns for path in (policy, root / setup.UNIT)}
    assert (policy.stat().st_mode & 0o777) == 0o644
    capsys.readouterr()
    assert run(file, root, "--write") == run(file, root, "--check") == 0
    assert "unchanged" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in before} == before
    policy.write_text(policy.read_text(encoding="utf-8").replace(ODOO, "https://elsewhere.example"), encoding="utf-8")
    assert run(file, root, "--check") == 1
    assert "-" in (said := capsys.readouterr().out) and "elsewhere.example" in said
    assert run(file, root, "--write") == 0
    assert run(file, root, "--check") == 0
    assert not list(policy.parent.glob(".*"))


def test_where_nothing_may_be_written_it_says_so(tmp_path, capsys):
    blocked = tmp_path / "root"
    blocked.write_text("a file", encoding="utf-8")
    assert run(configured(tmp_path), blocked, "--write") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_policy_lets_the_page_reach_odoo_and_this_machine_and_nothing_else(tmp_path):
    file = configured(tmp_path, kiosk='enabled = true\nurl = "https://Shop.example.com:8443/"')
    assert run(file, tmp_path / "root", "--write") == 0
    policy = json.loads((tmp_path / "root" / setup.POLICY).read_text(encoding="utf-8"))
    odoo = "https://shop.example.com:8443"
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == [odoo, "http://127.0.0.1:8269"]
    assert policy["LoopbackNetworkAllowedForUrls"] == policy["LocalNetworkAccessAllowedForUrls"] == [odoo]
    assert (policy["DeveloperToolsAvailability"], policy["DownloadRestrictions"]) == (2, 3)
    assert not policy["PrintingEnabled"]


def test_unit_and_desktop_entry_start_the_first_page(tmp_path):
    file, root = configured(tmp_path), tmp_path / "root"
    run(file, root, "--write")
    run(file, root, "--write", "--desktop")
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string((root / setup.UNIT).read_text(encoding="utf-8"))
    assert unit["Service"]["User"] == "kiosk"
    entry = (root / setup.AUTOSTART).read_text(encoding="utf-8")
    (command,) = [line.removeprefix("Exec=") for line in entry.splitlines() if line.startswith("Exec=")]
    for words in (shlex.split(unit["Service"]["ExecStart"]), shlex.split(command)):
        assert words[-1] == "http://127.0.0.1:8269/kiosk"
        assert {"--kiosk", "--incognito"} <= set(words)


def test_an_address_that_odoo_did_not_name_is_told(tmp_path, capsys, bench):
    config = replace(bench.config, kiosk=replace(bench.config.kiosk, enabled=True, url="https://other.example.com"))
    bench.terminal.identity.pairing.save(config.pairing_file)
    (told,) = setup.warnings(config)
    assert "https://other.example.com" in told and "P-101" in told
    assert not list(
        setup.warnings(replace(config, listen=replace(config.listen, origins=("https://other.example.com",))))
    )


def test_packages_without_which_the_screen_stays_dark_are_named(tmp_path, capsys):
    file, root = configured(tmp_path), tmp_path / "root"
    run(file, root, "--write")
    assert "apt-get install chromium cage xwayland" in capsys.readouterr().err
    for program in ("chromium", "cage"):
        (root / "usr/bin").mkdir(parents=True, exist_ok=True)
        (root / "usr/bin" / program).touch()
    run(file, root, "--check")
    assert "apt-get install xwayland" in capsys.readouterr().err
    run(file, root, "--check", "--desktop")
    assert "apt-get install" not in capsys.readouterr().err
