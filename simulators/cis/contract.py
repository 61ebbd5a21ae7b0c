"""The service's contract: WSDL and XSD, read from the folder that is given at the start."""

from __future__ import annotations

import threading
from pathlib import Path

from lxml import etree

NAMESPACE = "urn:prepaid-electricity:marketing:1"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_SOAP = {"1.1": "http://schemas.xmlsoap.org/wsdl/soap/", "1.2": "http://schemas.xmlsoap.org/wsdl/soap12/"}


class Contract:
    """What may be said and answered.

    :param folder: has ``marketing.wsdl`` and ``marketing.xsd``
    :raises OSError: a file is missing
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = etree.XMLSchema(etree.parse(folder / "marketing.xsd"))
        self._lock = threading.Lock()
        wsdl = etree.parse(folder / "marketing.wsdl")
        binding = f"{{{_WSDL}}}binding[{{{_SOAP['1.1']}}}binding]/{{{_WSDL}}}operation"
        self.actions: dict[str, str] = {
            operation.get("name"): operation.find(f"{{{_SOAP['1.1']}}}operation").get("soapAction")
            for operation in wsdl.getroot().findall(binding)
        }
        """Operation -> SOAP action."""

    def complaint(self, element: etree._Element) -> tuple[str, str] | None:
        """Check a message or an answer.

        :return: None when it is valid, else what is wrong and the name of the element that is
        """
        # The schema keeps its last complaints, so only one thread may ask at a time.
        with self._lock:
            if self._schema.validate(element):
                return None
            error = self._schema.error_log[0]
            path = (error.path or "").rpartition("/")[2]
            found = error.message.partition("'")[2].partition("'")[0]
            field = found.rpartition("}")[2] or path.rpartition(":")[2]
            return error.message.replace(f"{{{NAMESPACE}}}", "")[:250], field[:250]

    def wsdl(self, host_url: str) -> bytes:
        """Return the WSDL with the service's real addresses.

        :param host_url: such as ``https://localhost:8443/``
        """
        tree = etree.parse(self._folder / "marketing.wsdl")
        for version, path in (("1.1", "soap"), ("1.2", "soap12")):
            for address in tree.iter(f"{{{_SOAP[version]}}}address"):
                address.set("location", f"{host_url}{path}")
        for imported in tree.iter(f"{{{_XSD}}}import"):
            imported.set("schemaLocation", f"{host_url}{imported.get('schemaLocation')}")
        return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")

    def xsd(self) -> bytes:
        """Return the types."""
        return (self._folder / "marketing.xsd").read_bytes()
