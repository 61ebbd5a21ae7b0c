"""One SOAP call: envelope and token by zeep, the wire and the judgement of the answer by us."""

from __future__ import annotations

import re
from dataclasses import dataclass

import zeep
from lxml import etree
from zeep import exceptions, ns
from zeep.wsse.username import UsernameToken

from ..core.cis_types import Unreachable
from . import safety
from .interface import ENVELOPES, STRICT
from .transport import Wire

_CODE = re.compile(r"[0-9]{3,5}")
_FAULT_CODES = {"1.1": "faultcode", "1.2": "{%s}Code/{%s}Value" % ((ENVELOPES["1.2"],) * 2)}
_FAULT_SUBCODE = "{%s}Code/{%s}Subcode/{%s}Value" % ((ENVELOPES["1.2"],) * 3)
#: Of WS-Security 1.1, section 12: what is wrong with our token.
_SECURITY_KINDS = (
    "FailedAuthentication",
    "FailedCheck",
    "InvalidSecurity",
    "InvalidSecurityToken",
    "MessageExpired",
    "SecurityTokenUnavailable",
    "UnsupportedSecurityToken",
)
_FAULT_KINDS = ("Server", "Client", "Receiver", "Sender", "VersionMismatch", "MustUnderstand", *_SECURITY_KINDS)
_TOKEN = f"{{{ns.WSSE}}}UsernameToken"
_LONGEST_TEXT = 250
BAD_MESSAGE = "1006"
OK = 200


@dataclass(frozen=True)
class NotUnderstood:
    """A fault that says that the message was not understood and nothing was done.

    :param message: the system's words
    """

    message: str


class Endpoint:
    """A marketing system's address with the interface that it offers.

    :param settings: checked :class:`~.settings.Settings`
    :param interface: :class:`~.interface.Interface`
    :raises Unreachable: kind ``configuration``
    """

    def __init__(self, settings, interface):
        self.settings = settings
        self.interface = interface
        self.binding = interface.binding(settings.soap)
        self.wire = Wire(settings)
        self.envelope = ENVELOPES[settings.soap]
        # A token makes a fresh nonce and time for every message.
        token = UsernameToken(settings.username, settings.password, use_digest=True, zulu_timestamp=True)
        self.token = token if settings.username else None


class Call:
    """One call, which is also zeep's transport for it.

    :param endpoint: :class:`Endpoint`
    :param operation: name in the WSDL
    :param timeout: seconds
    :param again: whether it is read-only, and may be sent again on a fresh connection
    :param entries: local name of the answer's entries that are judged one by one, or None
    :ivar request: the envelope that was made, or None
    :ivar answer: the envelope of an answer that was admitted, or None
    :ivar refused: entries that the schema does not allow, by their position from 1
    """

    def __init__(self, endpoint, operation, timeout, again, entries=None):
        self._endpoint = endpoint
        self._operation = operation
        self._timeout = timeout
        self._again = again
        self._entries = entries
        self.request = self.answer = None
        self.refused = {}
        self.bytes_out = self.bytes_in = 0

    def run(self, arguments):
        """Make the call.

        :param arguments: dictionary of the operation's parts
        :return: zeep's object of the answer, or :class:`NotUnderstood`
        :raises Unreachable:
        """
        endpoint = self._endpoint
        client = zeep.Client(endpoint.interface.document, endpoint.token, transport=self, settings=STRICT)
        service = client.create_service(endpoint.binding, endpoint.settings.url)
        try:
            return service[self._operation](**arguments)
        except _Fault as fault:
            return fault.answer
        except exceptions.ValidationError as error:
            raise unsendable(f"the message lacks a part: {error.path}") from None
        except (exceptions.Error, ValueError, TypeError, ArithmeticError) as error:
            # zeep has no family of errors for what it cannot read. Before the message was made, it is about ours.
            name = type(error).__name__
            if self.request is None:
                raise unsendable(f"the message cannot be made ({name})") from None
            raise Unreachable("invalid", f"the answer cannot be read ({name})") from None

    def post_xml(self, _address, envelope, headers):
        """Send an envelope; called by zeep.

        :return: what zeep reads of a response
        :raises Unreachable:
        """
        body = _written(envelope)
        self.request, self.bytes_out = envelope, len(body)
        anew = self._signed_anew if self._again else None
        status, content_type, content = self._endpoint.wire.post(body, headers, self._timeout, anew)
        self.bytes_in = len(content)
        return _Response(self._judged(status, content_type, content))

    def _signed_anew(self):
        """Return the message with a token of its own: the first one may have arrived, and is taken only once."""
        token = self.request.find(f".//{_TOKEN}")
        if token is not None:
            token.clear()
            self._endpoint.token.apply(self.request, {})
        return _written(self.request)

    def _judged(self, status, content_type, content):
        try:
            safety.check_type(content_type)
            root = safety.parse(content)
            part = self._part(root)
        except Unreachable as error:
            if status != OK:
                raise Unreachable("http", f"status {status}; {error.detail}") from None
            raise
        if part.tag == f"{{{self._endpoint.envelope}}}Fault":
            raise _Fault(_read_fault(part, self._endpoint))
        if status != OK:
            raise Unreachable("http", f"status {status} without a fault")
        if part.tag != self._expected():
            raise Unreachable("unreadable", "the answer is another operation's")
        interface = self._endpoint.interface
        if self._entries:
            changed, self.refused = interface.admit_each(part, self._entries)
        else:
            changed = interface.admit(part)
        self.answer = root
        return etree.tostring(root, xml_declaration=True, encoding="utf-8") if changed else content

    def _part(self, root):
        envelope = self._endpoint.envelope
        bodies = root.findall(f"{{{envelope}}}Body") if root.tag == f"{{{envelope}}}Envelope" else []
        parts = list(bodies[0].iterchildren(etree.Element)) if len(bodies) == 1 else []
        if len(parts) != 1:
            raise Unreachable("unreadable", "the answer is not a SOAP message of the version that was asked in")
        return parts[0]

    def _expected(self):
        operation = self._endpoint.interface.document.bindings[self._endpoint.binding].get(self._operation)
        return operation.output.body.qname.text


def _written(envelope):
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def unsendable(detail):
    """Return the error for content of which no message can be made: only this message is concerned."""
    return Unreachable("unsendable", detail, sent=False)


class _Fault(Exception):
    """Carries a fault past zeep, which would only know half of it."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer


class _Response:
    status_code = OK
    encoding = "utf-8"

    def __init__(self, content):
        self.content = content
        self.headers = {"Content-Type": "text/xml"}


def _read_fault(part, endpoint):
    """Return :class:`NotUnderstood` for a fault of our interface with code 1006.

    :raises Unreachable: kind ``fault`` for every other
    """
    space = endpoint.interface.namespace
    detail = part.find("detail" if endpoint.settings.soap == "1.1" else f"{{{endpoint.envelope}}}Detail")
    ours = None if detail is None else detail.find(f"{{{space}}}ServiceFault")
    code = "" if ours is None else ours.findtext(f"{{{space}}}code", "")
    if code == BAD_MESSAGE:
        texts = (ours.findtext(f"{{{space}}}{name}", "") for name in ("message", "field"))
        return NotUnderstood(": ".join(text for text in texts if text)[:_LONGEST_TEXT])
    # SOAP 1.1 has room for one code; 1.2 says the token's beside its own.
    kind = part.findtext(_FAULT_SUBCODE) or part.findtext(_FAULT_CODES[endpoint.settings.soap]) or ""
    kind = kind.rpartition(":")[2]
    known = kind if kind in _FAULT_KINDS else "of another kind"
    raise Unreachable("fault", f"{known}, code {code}" if _CODE.fullmatch(code) else known)
