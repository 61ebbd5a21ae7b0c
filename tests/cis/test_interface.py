"""The WSDLs: read by zeep without a word, read once, and complete."""

import logging
import warnings

import pytest
import zeep
from lxml import etree
from prepaid_addon.cis.adapters import ADAPTERS
from prepaid_addon.cis.interface import FOLDER, Interface, interface
from prepaid_addon.core.cis_types import MarketingSystem, Unreachable

NAMES = sorted(adapter.WSDL for adapter in ADAPTERS.values())
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


def test_every_file_belongs_to_an_adapter():
    files = {f"{name}.{kind}" for name in NAMES for kind in ("wsdl", "xsd")}
    assert {path.name for path in FOLDER.iterdir()} == files


@pytest.mark.parametrize("name", NAMES)
def test_zeep_reads_it_without_a_warning(name, caplog):
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        Interface(name)
        client = zeep.Client(str(FOLDER / f"{name}.wsdl"))
        client.wsdl.dump()
    assert caplog.records == []


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_once(name):
    assert interface(name) is interface(name)


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
def test_every_operation_is_in_the_wsdl(adapter):
    bindings = interface(adapter.WSDL).document.bindings.values()
    assert set(adapter.OPERATIONS) == set(MarketingSystem.__abstractmethods__)
    for binding in bindings:
        assert set(binding.all()) == set(adapter.OPERATIONS.values())


def test_the_standard_interface_has_both_versions_and_typed_faults():
    document = interface("marketing").document
    assert sorted(binding.nsmap["soap-env"] for binding in document.bindings.values()) == [
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    ]
    for binding in document.bindings.values():
        for operation in binding.all().values():
            assert list(operation.faults) == ["ServiceFault"]


def test_the_standard_interface_is_wrapped():
    tree = etree.parse(FOLDER / "marketing.wsdl")
    for operation in tree.iterfind(f".//{WSDL}portType/{WSDL}operation"):
        name = operation.get("name")
        assert operation.find(f"{WSDL}input").get("message") == f"m:{name}Request"
        message = tree.find(f".//{WSDL}message[@name='{name}Request']")
        assert [part.get("element") for part in message] == [f"m:{name}"]


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
def test_a_log_shows_no_element_that_can_hold_words(adapter):
    """Whatever has a type with free text, or with a customer's number, is masked."""
    tree = etree.parse(FOLDER / f"{adapter.WSDL}.xsd")
    shown = interface(adapter.WSDL).named(adapter.SHOWN_TYPES)
    free = {"Text", "Code", "Word", "AccountNo", "MeterNo", "CardNo", "Number", "ConsNo", "string"}
    for each in tree.iter(f"{SCHEMA}element", f"{SCHEMA}attribute"):
        kind = (each.get("type") or "").rpartition(":")[2]
        assert not (kind in free and each.get("name") in shown), each.get("name")
    assert shown


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("form", "admitted"),
    [("{}", True), ("{}<booking/>", False), ("<more>{}</more>", True), ("<more>{}<code/></more>", True)],
    ids=["at the end", "before a known element", "within an addition", "before a known element within an addition"],
)
def test_a_great_many_unknown_elements_are_looked_at_once(form, admitted):
    """Looked at in pairs, these would take several minutes."""
    standard = interface("marketing")
    unknown = form.format("<later/>" * 50_000)
    answer = etree.fromstring(
        f'<SubmitPaymentResponse xmlns="{standard.namespace}"><result><code>1037</code></result>{unknown}'
        "</SubmitPaymentResponse>"
    )
    if admitted:
        assert standard.admit(answer)
        assert [etree.QName(each).localname for each in answer] == ["result"]
    else:
        with pytest.raises(Unreachable):
            standard.admit(answer)
