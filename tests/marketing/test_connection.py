"""The test button against a real service: in plain words, what is in the way."""

from contextlib import contextmanager

import pytest
from stack.cis import CisProcess
from stack.processes import free_ports


@contextmanager
def changed(utility, **values):
    """Yield the connection with other values; nothing of it stays."""
    with utility.work() as env:
        connection = env["electricity.cis.connection"].browse(utility.connection)
        connection.write(values)
        connection.flush_recordset()
        env.cr.commit()
    try:
        with utility.work() as env:
            yield env["electricity.cis.connection"].browse(utility.connection)
    finally:
        with utility.work() as env:
            env["electricity.cis.connection"].browse(utility.connection).write(
                {"url": utility.cis.url, "username": utility.cis.username, "secret_name": "demo"}
            )


def told(connection):
    return connection.test_now()["params"]["message"]


def test_it_works(utility):
    with changed(utility) as connection:
        assert "M-2" not in told(connection)
    with changed(utility) as connection:
        assert connection.last_success_at
        assert connection.latency_ms > 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"username": "somebody"}, "M-204"),
        ({"secret_name": "nobody"}, "M-207"),
        ({"url": "https://no-such-host.invalid/soap"}, "M-201"),
        ({"url": "https://elsewhere.invalid/soap"}, "M-213"),
    ],
)
def test_each_thing_in_the_way_is_named(utility, values, code, monkeypatch):
    monkeypatch.setenv("ELECTRICITY_CIS_HOSTS_DEMO", "no-such-host.invalid")
    with changed(utility, **values) as connection:
        assert code in told(connection)


def test_a_closed_port_is_named(utility):
    with changed(utility, url=f"http://127.0.0.1:{free_ports(1)}/soap") as connection:
        assert "M-202" in told(connection)


def test_another_service_at_the_address_is_named(utility):
    with changed(utility, url=f"{utility.cis.control}/index.html") as connection:
        assert "M-205" in told(connection)


def test_a_wrong_password_is_named(utility, monkeypatch):
    monkeypatch.setenv("ELECTRICITY_CIS_SECRET_DEMO", "wrong")
    with changed(utility) as connection:
        assert "M-204" in told(connection)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("http_500", "M-208"), ("html", "M-205"), ("truncated", "M-210"), ("entity_bomb", "M-209")],
)
def test_each_bad_answer_is_named(utility, kind, code):
    utility.client.fault(kind, operation="QueryPayment")
    with changed(utility) as connection:
        assert code in told(connection)


def test_a_certificate_of_a_stranger_is_named_and_ours_is_taken(utility, stack, tmp_path, monkeypatch):
    secure = stack.start(CisProcess(tmp_path / "secure", tls=True, name="cis-tls"))
    monkeypatch.setenv("ELECTRICITY_CIS_SECRET_DEMO", secure.password)
    with changed(utility, url=secure.url) as connection:
        assert "M-203" in told(connection)
    monkeypatch.setenv("ELECTRICITY_CIS_CA_FILE_DEMO", str(secure.ca_file))
    with changed(utility, url=secure.url) as connection:
        assert "M-2" not in told(connection)
    secure.stop()
