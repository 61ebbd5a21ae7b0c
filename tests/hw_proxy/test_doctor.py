"""``hw-proxy doctor``: finds what is wrong and says what to do."""

import socket
import threading
import time
from types import SimpleNamespace

import pytest

from hw_proxy import cli, doctor
from hw_proxy.config import Config, Kiosk, Limits, Listen, OdooServer, Pos, Printer, Scanner
from hw_proxy.errors import JournalError
from hw_proxy.journal import Intent, Journal
from hw_proxy.odoo import OdooClient
from hw_proxy.pairing import pair
from tests.hw_proxy.fake_odoo import CODE
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.pos_devices import FakePrinter, pty_pair
from tests.hw_proxy.support import ORIGIN


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def paired(tmp_path, server, monkeypatch):
    """A paired terminal whose card service is fine."""
    card_service(monkeypatch, ["ACS ACR39U 00 00"])
    return pair_at(tmp_path / "data", server)


def pair_at(folder, server, limits=None):
    config = Config(
        data_dir=folder,
        testing=True,
        odoo=OdooServer(url=server.url),
        limits=limits or Limits(),
        listen=Listen(port=free_port()),
    )
    client = OdooClient(config.odoo)
    pairing = pair(config, CODE, client)
    client.close()
    Journal(config.journal_file(pairing.terminal), pairing.terminal).close()
    return config


def card_service(monkeypatch, names, result=0):
    """Replace the PC/SC functions."""
    monkeypatch.setattr(
        doctor,
        "scard",
        SimpleNamespace(
            SCARD_SCOPE_SYSTEM=2,
            SCARD_S_SUCCESS=0,
            SCardEstablishContext=lambda _scope: (result, 1),
            SCardListReaders=lambda _context, _groups: (0, names),
            SCardReleaseContext=lambda _context: 0,
        ),
    )


def found(config, subject):
    """Level and whole text of a subject."""
    findings = [item for item in doctor.examine(config) if item.subject == subject]
    assert findings, f"nothing about {subject}"
    return findings[0].level, f"{findings[0].text} {findings[0].advice}"


def test_a_good_terminal_has_only_its_service_missing(paired):
    levels = {item.subject: item.level for item in doctor.examine(paired)}
    assert levels.pop("service") == "WARN"
    assert set(levels.values()) == {"OK"}
    assert set(levels) == {"rights", "disk", "card service", "reader", "pairing", "journal", "Odoo", "time"}


def test_a_terminal_without_pairing_is_told_how_to_pair(tmp_path):
    config = Config(data_dir=tmp_path, listen=Listen(port=free_port()))
    level, text = found(config, "pairing")
    assert level == "FAIL"
    assert "hw-proxy pair" in text


def test_a_missing_directory_is_found(tmp_path):
    config = Config(data_dir=tmp_path / "none", listen=Listen(port=free_port()))
    assert found(config, "directory")[0] == "FAIL"


def test_keys_that_others_can_read_are_found(paired):
    paired.keys_file.chmod(0o644)
    level, text = found(paired, "rights")
    assert level == "FAIL"
    assert "chmod 600" in text


def test_a_card_service_that_is_down_is_found(paired, monkeypatch):
    card_service(monkeypatch, [], result=5)
    level, text = found(paired, "card service")
    assert level == "FAIL"
    assert "systemctl" in text


def test_a_missing_reader_is_found(paired, monkeypatch):
    card_service(monkeypatch, [])
    assert found(paired, "reader")[0] == "FAIL"


def test_a_reader_is_shown_with_its_dialect(paired, monkeypatch):
    card_service(monkeypatch, ["ACS ACR39U 00 00", "HID Global OMNIKEY 3x21 Smart Card Reader 01 00"])
    level, text = found(paired, "reader")
    assert level == "OK"
    assert "ACS ACR39U 00 00 (dialect acs), HID Global OMNIKEY 3x21 Smart Card Reader 01 00 (dialect omnikey)" in text


def test_a_full_disk_is_found(tmp_path, server):
    config = pair_at(tmp_path / "data", server, Limits(min_free_bytes=1 << 60))
    assert found(config, "disk")[0] == "FAIL"


def answered_by(paired, *pieces):
    """What the doctor says of the port when its listener sends ``pieces``, one by one."""
    with socket.create_server(("127.0.0.1", paired.listen.port)) as listener:
        listener.settimeout(5)

        def answer():
            connection, _address = listener.accept()
            with connection:
                connection.recv(1000)
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(0.05)

        thread = threading.Thread(target=answer)
        thread.start()
        result = found(paired, "service")
        thread.join()
    return result


def test_another_program_on_the_port_is_found(paired):
    level, text = answered_by(paired, b"HTTP/1.1 200 OK\r\n\r\nhello")
    assert level == "FAIL"
    assert "another program" in text


def test_the_service_is_known_when_its_answer_comes_in_pieces(paired):
    level, _text = answered_by(paired, b"HTTP/1.1 403 Forbidden\r\n", b"\r\n", b'{"code": "P-102"}')
    assert level == "OK"


def test_a_tampered_journal_is_found(paired, server):
    path = paired.journal_file(server.terminal)
    journal = Journal(path, server.terminal)
    journal.open_intent(Intent("a", "x", "R1", "i", "sle4442_demo", "1.0", {}, 1))
    journal.rows("UPDATE entries SET at = 7")
    journal.close()
    level, text = found(paired, "journal")
    assert level == "FAIL"
    assert "was changed" in text


def test_a_damaged_journal_is_found(paired, server):
    paired.journal_file(server.terminal).write_bytes(b"x" * 5000)
    for suffix in ("-wal", "-shm"):
        paired.journal_file(server.terminal).with_name(f"journal-{server.terminal}.sqlite{suffix}").unlink(
            missing_ok=True
        )
    assert found(paired, "journal")[0] == "FAIL"


def test_receipts_that_wait_are_named(paired, server):
    journal = Journal(paired.journal_file(server.terminal), server.terminal)
    journal.close_attempt("a", "R1", "void", None, 2, lambda seq, _prev: f"token {seq}", False)
    journal.close()
    level, text = found(paired, "journal")
    assert level == "WARN"
    assert "1 not in Odoo yet" in text


def test_an_unreachable_odoo_is_found(paired, server):
    server.close()
    assert found(paired, "Odoo")[0] == "FAIL"
    assert found(paired, "time")[0] == "WARN"


def test_a_false_odoo_is_found(paired, server):
    server.change_ack = {"nonce": "old"}
    level, text = found(paired, "Odoo")
    assert level == "FAIL"
    assert "not genuine" in text


@pytest.mark.parametrize(("state", "code"), [("quarantined", "T-102"), ("disabled", "T-103")])
def test_a_stopped_terminal_is_found(paired, server, state, code):
    server.state = state
    level, text = found(paired, "Odoo")
    assert level == "FAIL"
    assert code in text


def test_a_wrong_clock_is_found(paired, server):
    server.offset = 600_000
    level, text = found(paired, "time")
    assert level == "WARN"
    assert "-600" in text


def test_a_moved_server_is_named(paired):
    moved = Config(
        data_dir=paired.data_dir, testing=True, odoo=OdooServer(url="http://127.0.0.1:1"), listen=paired.listen
    )
    findings = [item for item in doctor.examine(moved) if item.subject == "pairing"]
    assert [item.level for item in findings] == ["OK", "WARN"]


def test_the_command_s_exit_code_tells(paired, tmp_path, server, monkeypatch, capsys):
    file = tmp_path / "c.toml"
    file.write_text(
        f'data_dir = "{paired.data_dir}"\n[listen]\nport = {paired.listen.port}\n[odoo]\nurl = "{server.url}"\n'
    )
    assert cli.main(["doctor", "--config", str(file)]) == 0
    card_service(monkeypatch, [])
    assert cli.main(["doctor", "--config", str(file)]) == 1
    assert "FAIL  reader" in capsys.readouterr().out


def test_the_journal_commands_look_and_change_nothing(paired, tmp_path, server, capsys):
    file = tmp_path / "c.toml"
    file.write_text(f'data_dir = "{paired.data_dir}"\n')
    assert cli.main(["journal", "--config", str(file), "verify"]) == 0
    assert "whole" in capsys.readouterr().out
    assert cli.main(["journal", "--config", str(file)]) == 0
    assert "0 receipts" in capsys.readouterr().out
    assert cli.main(["journal", "--config", str(file), "show", "x"]) == 1
    with (
        Journal.open_read_only(paired.journal_file(server.terminal)) as journal,
        pytest.raises(JournalError),
    ):
        journal.put("x", "y")


# -- the point of sale -----------------------------------------------------------------------------------------------


def pos_findings(tmp_path, **changes):
    config = Config(data_dir=tmp_path, pos=Pos(enabled=True), listen=Listen(origins=(ORIGIN,)), **changes)
    return {finding.subject: finding for finding in doctor._pos(config)}


def test_a_point_of_sale_that_no_page_may_use_is_said(tmp_path):
    (finding,) = doctor._pos(Config(data_dir=tmp_path, pos=Pos(enabled=True)))
    assert (finding.level, "listen.origins" in finding.advice) == ("WARN", True)


def test_a_printer_that_is_off_or_has_no_paper_is_said(tmp_path):
    device = FakePrinter({1: 0x12, 4: 0x72})
    settings = Printer(kind="network", host="127.0.0.1", port=device.port)
    finding = pos_findings(tmp_path, printer=settings)["printer"]
    assert (finding.level, finding.text) == ("FAIL", "no paper")
    device.answers[4] = 0x12
    assert pos_findings(tmp_path, printer=settings)["printer"].text == "ready, has paper"
    device.answers[4] = 0x1E
    assert pos_findings(tmp_path, printer=settings)["printer"].level == "WARN"
    device.close()
    finding = pos_findings(tmp_path, printer=settings)["printer"]
    assert (finding.level, finding.text) == ("FAIL", "does not answer")
    assert "P-116" in finding.advice


def test_a_scanner_that_is_not_there_is_said(tmp_path):
    finding = pos_findings(tmp_path, scanner=Scanner(device=str(tmp_path / "none")))["scanner"]
    assert finding.level == "WARN"
    _master, name = pty_pair()
    assert pos_findings(tmp_path, scanner=Scanner(device=name))["scanner"].level == "OK"


def test_without_a_point_of_sale_nothing_is_said(tmp_path):
    assert doctor._pos(Config(data_dir=tmp_path)) == []


def test_a_kiosk_is_told_with_which_letters_it_prints(tmp_path):
    def receipts(**settings):
        printer = Printer(kind="file", device=str(tmp_path / "lp0"), **settings)
        config = Config(data_dir=tmp_path, kiosk=Kiosk(enabled=True), printer=printer)
        return {finding.subject: finding for finding in doctor._pos(config)}.get("receipts")

    assert receipts().level == "OK" and "NotoSansCJK" in receipts().text
    assert receipts(font="/nowhere/font.ttf").level == "FAIL"
    assert receipts(text="gb18030") is None
