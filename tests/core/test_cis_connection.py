"""Secrets, circuit breaker and diagnosis of the connection to the marketing system."""

from datetime import datetime, timedelta

import pytest
from prepaid_core import cis_circuit, cis_diagnosis, cis_secrets, codes
from prepaid_core.cis_types import Unreachable

NOW = datetime(2026, 5, 3, 12, 0)
FILE = '[city]\npassword = "from the file"\nca_file = "/etc/city.pem"\n[half]\npassword = "x"\nclient_key = "/c.key"\n'


@pytest.fixture
def secrets_file(tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o600)
    return path


def refused(name, environ, path):
    with pytest.raises(Unreachable) as caught:
        cis_secrets.load(name, environ, path)
    assert caught.value.kind == "configuration"
    assert caught.value.sent is False
    return caught.value.detail


def test_no_password_anywhere_is_said_by_its_name():
    assert "city" in refused("city", {}, None)


def test_a_file_that_others_may_read_is_not_used(secrets_file):
    secrets_file.chmod(0o640)
    assert "0600" in refused("city", {}, secrets_file)


def test_a_file_that_is_missing_is_said(tmp_path):
    assert "secrets file" in refused("city", {}, tmp_path / "none.toml")


def test_a_broken_file_does_not_show_its_content(secrets_file):
    secrets_file.write_text('[city]\npassword = "planted secret\n', encoding="utf-8")
    assert "planted" not in refused("city", {}, secrets_file)


def test_values_that_are_no_texts_are_refused(secrets_file):
    secrets_file.write_text("[city]\npassword = 5\n", encoding="utf-8")
    assert "city" in refused("city", {}, secrets_file)


def test_a_client_key_needs_its_certificate(secrets_file):
    assert "certificate" in refused("half", {}, secrets_file)


def test_the_file_says_password_and_certificates(secrets_file):
    found = cis_secrets.load("city", {}, secrets_file)
    assert (found.password, found.ca_file, found.client_cert) == ("from the file", "/etc/city.pem", None)


def test_the_environment_wins_over_the_file(secrets_file):
    environ = {"ELECTRICITY_CIS_SECRET_CITY": "from outside"}
    found = cis_secrets.load("city", environ, secrets_file)
    assert (found.password, found.ca_file) == ("from outside", "/etc/city.pem")


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("", "https://city.example/soap"),
        ("other.example", "https://city.example/soap"),
        ("city.example", "https://city.example.evil.example/soap"),
        ("city.example", "https://city.example:city.example@evil.example/soap"),
        ("city.example:8443", "https://city.example/soap"),
        ("city.example:443", "https://city.example:8443/soap"),
        ("city.example:x", "https://city.example/soap"),
        ("10.0.0.1", "https://10.0.0.10/soap"),
    ],
)
def test_a_password_is_sent_to_no_host_that_is_not_listed(hosts, url):
    environ = {"ELECTRICITY_CIS_SECRET_CITY": "x", "ELECTRICITY_CIS_HOSTS_CITY": hosts}
    found = cis_secrets.load("city", environ, None)
    with pytest.raises(cis_secrets.NotReleased) as caught:
        cis_secrets.check_released(found, "city", url, 1)
    assert (caught.value.kind, caught.value.sent) == ("configuration", False)
    assert cis_diagnosis.code_of(caught.value) == codes.M_NOT_RELEASED


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("other.example, City.example", "https://city.EXAMPLE:8443/soap"),
        ("city.example:443", "https://city.example/soap"),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443/soap"),
        ("", "http://127.0.0.1:8069/soap"),
        ("", "http://localhost:8069/soap"),
        ("", "https://[::1]:8443/soap"),
    ],
)
def test_a_listed_host_and_this_machine_get_it(hosts, url):
    environ = {"ELECTRICITY_CIS_SECRET_CITY": "x", "ELECTRICITY_CIS_HOSTS_CITY": hosts}
    cis_secrets.check_released(cis_secrets.load("city", environ, None), "city", url, 1)


def test_a_secret_of_one_company_is_not_anothers(secrets_file):
    lists = 'password = "x"\nhosts = ["city.example"]\ncompanies = [3, 4]\n'
    secrets_file.write_text("[city]\n" + lists, encoding="utf-8")
    found = cis_secrets.load("city", {}, secrets_file)
    cis_secrets.check_released(found, "city", "https://city.example/", 4)
    for url in ("https://city.example/", "http://127.0.0.1/"):
        with pytest.raises(cis_secrets.NotReleased):
            cis_secrets.check_released(found, "city", url, 5)


@pytest.mark.parametrize("line", ['hosts = "city.example"', "hosts = [5]", 'companies = ["3"]', "companies = [true]"])
def test_lists_that_are_none_are_refused(secrets_file, line):
    secrets_file.write_text(f'[city]\npassword = "x"\n{line}\n', encoding="utf-8")
    assert "city" in refused("city", {}, secrets_file)


def test_companies_that_are_no_numbers_are_refused():
    environ = {"ELECTRICITY_CIS_SECRET_CITY": "x", "ELECTRICITY_CIS_COMPANIES_CITY": "three"}
    assert "companies" in refused("city", environ, None)


def test_a_password_does_not_show_when_its_holder_is_printed():
    assert "hidden" not in repr(cis_secrets.load("city", {"ELECTRICITY_CIS_SECRET_CITY": "hidden"}, None))


def failed(times, circuit=None):
    circuit = circuit or cis_circuit.Circuit()
    for _ in range(times):
        circuit = cis_circuit.after_failure(circuit, "timeout", NOW)
    return circuit


def test_fewer_failures_than_tolerated_leave_the_circuit_closed():
    assert failed(cis_circuit.TOLERATED - 1).state == cis_circuit.CLOSED


def test_failures_in_a_row_open_it_for_a_pause():
    circuit = failed(cis_circuit.TOLERATED)
    assert circuit.state == cis_circuit.OPEN
    assert cis_circuit.refuses(circuit, NOW)
    assert not cis_circuit.refuses(circuit, NOW + cis_circuit.FIRST_PAUSE)


def test_while_one_probes_nobody_else_gets_in():
    later = NOW + cis_circuit.FIRST_PAUSE
    circuit = cis_circuit.probing(failed(cis_circuit.TOLERATED), later)
    assert circuit.state == cis_circuit.HALF_OPEN
    assert cis_circuit.refuses(circuit, later + timedelta(seconds=1))
    assert not cis_circuit.refuses(circuit, later + cis_circuit.PROBE)


def test_a_probe_that_fails_opens_it_again_for_longer():
    first = failed(cis_circuit.TOLERATED)
    again = cis_circuit.after_failure(cis_circuit.probing(first, NOW), "timeout", NOW)
    assert again.state == cis_circuit.OPEN
    assert again.until > first.until


def test_the_pause_has_an_end_however_often_it_failed():
    assert failed(1000).until == NOW + cis_circuit.LONGEST_PAUSE


@pytest.mark.parametrize("kind", ["timeout", "connection", "tls", "http", "unreadable", "unsafe", "too_large"])
def test_silence_counts(kind):
    assert cis_circuit.counts(kind)


@pytest.mark.parametrize("kind", ["fault", "mismatch", "circuit", "configuration", "unsendable", "invalid"])
def test_what_says_nothing_about_its_presence_does_not_count(kind):
    assert not cis_circuit.counts(kind)


@pytest.mark.parametrize(
    ("kind", "detail", "code"),
    [
        ("timeout", "read", codes.M_NO_ANSWER),
        ("connection", "reset by peer", codes.M_LINE_BROKEN),
        ("tls", "certificate has expired", codes.M_TLS),
        ("http", "status 401", codes.M_CREDENTIALS),
        ("http", "status 403", codes.M_CREDENTIALS),
        ("http", "status 404", codes.M_NOT_OUR_INTERFACE),
        ("http", "status 500", codes.M_SERVER_ERROR),
        ("fault", "wsse:FailedAuthentication", codes.M_CREDENTIALS),
        ("fault", "soap:Server", codes.M_SERVER_ERROR),
        ("unreadable", "text/html", codes.M_NOT_OUR_INTERFACE),
        ("unsafe", "document type", codes.M_UNSAFE_ANSWER),
        ("too_large", "", codes.M_UNSAFE_ANSWER),
        ("circuit", "", codes.M_PAUSED),
        ("configuration", "no password", codes.M_SET_UP),
        ("unsendable", "", codes.M_UNSENDABLE),
        ("invalid", "the arrears do not add up", codes.M_NOT_OUR_INTERFACE),
        ("a kind of tomorrow", "", codes.M_LINE_BROKEN),
    ],
)
def test_each_failure_names_what_to_repair(kind, detail, code):
    assert cis_diagnosis.code_of(Unreachable(kind, detail)) == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("invalid", codes.M_PAGE_UNREADABLE),
        ("too_large", codes.M_PAGE_UNREADABLE),
        ("timeout", codes.M_NO_ANSWER),
        ("configuration", codes.M_SET_UP),
    ],
)
def test_a_page_that_came_and_cannot_be_read_is_told_apart_from_one_that_did_not_come(kind, code):
    assert cis_diagnosis.code_of_page(Unreachable(kind)) == code
