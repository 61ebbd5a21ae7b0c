"""One call: from the bytes of a request to the answer, and to what goes wrong with it on the wire."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from . import codes, messages, spoil
from .books import Books
from .contract import NAMESPACE, Contract
from .envelope import CONTENT_TYPES, Request, SoapFault, read, wrap, wrap_fault
from .faults import Fault, Faults
from .security import Guard

# What is done before a call that goes wrong like this.
_DONE_BEFORE = {"slow": True, "timeout_before": False, "timeout_after": True, "late": False}


@dataclass(frozen=True)
class Answer:
    """What goes back.

    :param wire: what the connection does with it: ``send``, ``silence`` (close without a word), ``reset``,
        ``cut`` (close in the middle), ``twice``
    :param seconds: to wait before
    """

    status: int
    content: bytes
    content_type: str
    wire: str = "send"
    seconds: float = 0


class Service:
    """The SOAP service of one set of books.

    :param contract: messages and answers are checked by it
    :param guard: who may call
    """

    def __init__(self, contract: Contract, books: Books, guard: Guard) -> None:
        self.contract = contract
        self.books = books
        self.faults = Faults()
        self.canary = ""
        """Address of which a fetch shows that a caller follows external entities."""
        self._guard = guard
        self._work: dict[str, Callable[[etree._Element], etree._Element]] = {
            "QueryCustomer": self._query_customer,
            "QueryArrears": self._query_arrears,
            "SubmitPayment": self._submit_payment,
            "QueryPayment": self._query_payment,
            "ReversePayment": self._reverse_payment,
            "ListCustomerChanges": self._list_customer_changes,
            "Reconcile": self._reconcile,
        }

    def answer(self, content: bytes, version: str, action: str) -> Answer:
        """Answer a call.

        :param version: SOAP version of the address that was called
        :param action: the SOAP action that HTTP names, or empty
        """
        kind = f"{CONTENT_TYPES[version]}; charset=utf-8"
        try:
            request = read(content, version)
            self._guard.check(request)
            self._check(request, action)
        except SoapFault as fault:
            self.books.note("", "", fault.code or fault.security or fault.side)
            return Answer(*wrap_fault(fault, version), kind)
        self.books.book_late()
        operation, serial, account = request.operation, *_subject(request)
        met = self.faults.take(operation, serial, account)
        try:
            element = self._outcome(request, met)
            code = element.findtext(f"{{{NAMESPACE}}}result/{{{NAMESPACE}}}code")
            status, envelope = 200, wrap(element, version)
        except SoapFault as fault:
            code = fault.code or ""
            status, envelope = wrap_fault(fault, version)
        self.books.note(operation, serial, code, met.kind if met else "")
        return self._spoilt(Answer(status, envelope, kind), met, version)

    def _check(self, request: Request, action: str) -> None:
        """Check the message.

        :raises SoapFault: it is none of the contract's
        """
        operation = request.operation
        if operation not in self._work or request.body.tag != f"{{{NAMESPACE}}}{operation}":
            raise SoapFault("caller", f"there is no operation {operation}", codes.BAD_MESSAGE, operation)
        if action and action != self.contract.actions[operation]:
            raise SoapFault("caller", f"the action is not that of {operation}", codes.BAD_MESSAGE, "SOAPAction")
        complaint = self.contract.complaint(request.body)
        if complaint:
            raise SoapFault("caller", complaint[0], codes.BAD_MESSAGE, complaint[1])

    def _outcome(self, request: Request, met: Fault | None) -> etree._Element:
        """Do the work, or what a fault does in its place, and return a valid answer.

        :raises SoapFault: the fault is one, or the books cannot be reached
        """
        operation = request.operation
        if met and met.kind == "late" and self.books.is_open:
            entry = messages.read_payment if operation == "SubmitPayment" else messages.read_reversal
            self.books.book_later(operation, entry(request.body), met.parameters["minutes"] * 60)
        is_done = met is None or met.parameters.get("booked", _DONE_BEFORE.get(met.kind, True))
        is_closed = not self.books.is_open
        try:
            if is_closed or not is_done:
                element = self._plain(operation, codes.CLOSED if is_closed else codes.FAILED)
            else:
                element = self._work[operation](request.body)
        except sqlite3.Error as error:
            raise SoapFault("service", "the database does not answer", codes.DATABASE) from error
        if met and met.kind == "fault":
            raise SoapFault("service", codes.WORDS[met.parameters["code"]]["zh"], met.parameters["code"])
        if met and met.kind == "answer":
            element = self._recoded(element, operation, met.parameters["code"])
        if met and met.kind == "other_serial":
            spoil.echo_another_serial(element)
        complaint = self.contract.complaint(element)
        if complaint:
            raise SoapFault("service", f"the answer is not valid: {complaint[0]}", codes.FAILED, complaint[1])
        return element

    def _plain(self, operation: str, code: str) -> etree._Element:
        """An answer that says nothing but its result."""
        element = messages.answer(operation, code)
        if operation == "ListCustomerChanges":
            messages.add(element, "pages", "0")
            messages.add(element, "until", self.books.clock.now().isoformat())
        elif operation == "Reconcile":
            messages.add(element, "complete", "false")
        return element

    def _recoded(self, element: etree._Element, operation: str, code: str) -> etree._Element:
        """An answer with another result code; a booking stays only beside the codes that carry one."""
        if code not in (codes.OK, codes.DUPLICATE, codes.ALREADY_REVERSED):
            return self._plain(operation, code)
        element.replace(element[0], messages.result("result", code))
        return element

    def _spoilt(self, answer: Answer, met: Fault | None, version: str) -> Answer:
        if met is None:
            return answer
        seconds = met.parameters.get("seconds", 0)
        if met.kind == "slow":
            return Answer(answer.status, answer.content, answer.content_type, seconds=seconds)
        if met.kind in ("timeout_before", "timeout_after", "late"):
            return Answer(answer.status, b"", answer.content_type, "silence", seconds)
        if met.kind in spoil.WIRES:
            return Answer(answer.status, answer.content, answer.content_type, spoil.WIRES[met.kind])
        if met.kind in spoil.PAGES:
            status, content = spoil.PAGES[met.kind]
            return Answer(status, content, "text/html; charset=utf-8")
        change = spoil.CONTENTS.get(met.kind)
        content = change(answer.content, met.parameters, self.canary) if change else answer.content
        return Answer(answer.status, content, answer.content_type)

    # -- operations ---------------------------------------------------------------------------------------------------

    def _query_customer(self, body: etree._Element) -> etree._Element:
        code, file = self.books.customers.look_up(messages.text(body, "by"), messages.text(body, "number"))
        element = messages.answer("QueryCustomer", code)
        if file:
            element.append(messages.customer("customer", file))
        return element

    def _query_arrears(self, body: etree._Element) -> etree._Element:
        code, found = self.books.customers.arrears(messages.text(body, "accountNo"))
        element = messages.answer("QueryArrears", code)
        if found:
            element.append(messages.arrears(found))
        return element

    def _submit_payment(self, body: etree._Element) -> etree._Element:
        code, booking = self.books.payments.submit(messages.read_payment(body))
        element = messages.answer("SubmitPayment", code)
        if booking:
            element.append(messages.booking(booking))
        return element

    def _query_payment(self, body: etree._Element) -> etree._Element:
        code, booking, reversal = self.books.payments.query(messages.text(body, "serial"))
        element = messages.answer("QueryPayment", code)
        if booking:
            element.append(messages.booking(booking))
        if reversal:
            element.append(messages.reversal(reversal))
        return element

    def _reverse_payment(self, body: etree._Element) -> etree._Element:
        code, reversal = self.books.payments.reverse(messages.read_reversal(body))
        element = messages.answer("ReversePayment", code)
        if reversal:
            element.append(messages.reversal(reversal))
        return element

    def _list_customer_changes(self, body: etree._Element) -> etree._Element:
        since = messages.read_moment(messages.text(body, "since"), self.books.clock)
        code, pages, until, files = self.books.customers.changes(since, int(messages.text(body, "page")))
        element = messages.answer("ListCustomerChanges", code)
        messages.add(element, "pages", str(pages))
        messages.add(element, "until", until.isoformat())
        element.extend(messages.customer("customer", file) for file in files)
        return element

    def _reconcile(self, body: etree._Element) -> etree._Element:
        outcome = self.books.days.reconcile(messages.read_day(body))
        element = messages.answer("Reconcile", outcome["code"])
        messages.add(element, "complete", "true" if outcome["complete"] else "false")
        if "count" in outcome:
            messages.add(element, "marketingCount", str(outcome["count"]))
            messages.add(element, "marketingTotal", messages.money(outcome["total"]))
        element.extend(messages.difference(each) for each in outcome.get("differences", ()))
        if "more" in outcome:
            messages.add(element, "moreDifferences", "true" if outcome["more"] else "false")
        return element


def _subject(request: Request) -> tuple[str, str]:
    """Serial and account of a call, empty where it has none."""
    body = request.body if request.operation != "SubmitPayment" else messages.children(request.body, "payment")[0]
    account = messages.text(body, "accountNo") or ""
    if request.operation == "QueryCustomer" and messages.text(body, "by") == "account":
        account = messages.text(body, "number")
    return messages.text(body, "serial") or "", account
