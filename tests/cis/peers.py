"""The other sides of both interfaces, written without the adapters: types ↔ XML, judged by the schemas."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from lxml import etree
from prepaid_addon.core import cis_types as types
from stack.paths import ROOT

WSDL = ROOT / "addons" / "electricity_prepaid" / "cis" / "wsdl"
ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
CONTENT_TYPES = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}


def enveloped(part, soap="1.1"):
    """Return a SOAP message around an element, as bytes."""
    envelope = etree.Element(f"{{{ENVELOPES[soap]}}}Envelope")
    etree.SubElement(envelope, f"{{{ENVELOPES[soap]}}}Body").append(part)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def fault(code, soap="1.1", detail=None):
    """Return a SOAP fault, with our detail when there is one."""
    space = ENVELOPES[soap]
    part = etree.Element(f"{{{space}}}Fault", nsmap={"s": space})
    if soap == "1.1":
        etree.SubElement(part, "faultcode").text = f"s:{code}"
        etree.SubElement(part, "faultstring").text = "told by the test"
        holder = etree.SubElement(part, "detail")
    else:
        etree.SubElement(etree.SubElement(part, f"{{{space}}}Code"), f"{{{space}}}Value").text = f"s:{code}"
        etree.SubElement(etree.SubElement(part, f"{{{space}}}Reason"), f"{{{space}}}Text").text = "told by the test"
        holder = etree.SubElement(part, f"{{{space}}}Detail")
    if detail:
        holder.append(Standard().element("ServiceFault", detail))
    return enveloped(part, soap)


def _yuan(cents):
    return None if cents is None else f"{Decimal(cents) / 100:.2f}"


def _cents(yuan):
    return None if yuan is None else int(Decimal(yuan) * 100)


class Peer:
    """Reads questions and writes answers of one interface."""

    name = ""

    def __init__(self):
        tree = etree.parse(WSDL / f"{self.name}.xsd")
        self.space = tree.getroot().get("targetNamespace")
        self.schema = etree.XMLSchema(tree)

    def question(self, body):
        """Return the operation and what was asked, of a message that must be valid.

        :return: (name, element, values)
        """
        root = etree.fromstring(body)
        part = next(each for each in root if each.tag.endswith("}Body"))[0]
        self.schema.assertValid(part)
        name = etree.QName(part).localname
        return name, getattr(self, f"ask_{name}")(part)

    def answer(self, name, value, soap="1.1"):
        """Return the bytes of the answer to an operation; ``value`` is an answer's type."""
        part = getattr(self, f"tell_{name}")(value)
        self.schema.assertValid(part)
        return enveloped(part, soap)


class Standard(Peer):
    """``marketing.wsdl``."""

    name = "marketing"

    def element(self, name, values):
        """Return an element of nested dictionaries and lists; None is left out."""
        made = etree.Element(f"{{{self.space}}}{name}", nsmap={None: self.space})
        for key, value in values.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    made.append(self.element(key, each))
                elif each is not None:
                    etree.SubElement(made, f"{{{self.space}}}{key}").text = _plain(each)
        return made

    def get(self, part, name):
        return part.findtext(f"{{{self.space}}}{name}")

    def all(self, part, name):
        return part.findall(f"{{{self.space}}}{name}")

    # questions

    def ask_QueryCustomer(self, part):
        return self.get(part, "by"), self.get(part, "number")

    def ask_QueryArrears(self, part):
        return (self.get(part, "accountNo"),)

    def ask_SubmitPayment(self, part):
        part = self.all(part, "payment")[0]
        count = self.get(part, "purchaseCount")
        payment = types.Payment(
            serial=self.get(part, "serial"),
            account_no=self.get(part, "accountNo"),
            accounting_date=date.fromisoformat(self.get(part, "accountingDate")),
            kind=self.get(part, "kind"),
            method=self.get(part, "method"),
            channel=self.get(part, "channel"),
            operator=self.get(part, "operator"),
            amount=_cents(self.get(part, "amount")),
            batch=self.get(part, "reconciliationBatch"),
            allocations=tuple(
                types.Allocation(self.get(each, "receivableId"), _cents(self.get(each, "amount")))
                for each in self.all(part, "allocation")
            ),
            energy=_cents(self.get(part, "energy")),
            count=None if count is None else int(count),
        )
        return (payment,)

    def ask_QueryPayment(self, part):
        return (self.get(part, "serial"),)

    def ask_ReversePayment(self, part):
        texts = {name: self.get(part, name) for name in ("serial", "operator", "reason")}
        day = date.fromisoformat(self.get(part, "accountingDate"))
        return (types.Reversal(original_serial=self.get(part, "originalSerial"), accounting_date=day, **texts),)

    def ask_ListCustomerChanges(self, part):
        return datetime.fromisoformat(self.get(part, "since")), int(self.get(part, "page"))

    def ask_Reconcile(self, part):
        records = tuple(
            types.Record(
                serial=self.get(each, "serial"),
                account_no=self.get(each, "accountNo"),
                amount=_cents(self.get(each, "amount")),
                original_serial=self.get(each, "originalSerial") or "",
            )
            for each in self.all(part, "record")
        )
        numbers = {name: int(self.get(part, name)) for name in ("count", "page", "pages")}
        day = date.fromisoformat(self.get(part, "accountingDate"))
        total, batch = _cents(self.get(part, "total")), self.get(part, "batch")
        return (types.DayPage(accounting_date=day, batch=batch, total=total, records=records, **numbers),)

    # answers

    @staticmethod
    def _result(result):
        return result and {"code": result.code, "message": result.message}

    def _customer(self, file):
        return file and {
            "accountNo": file.account_no,
            "name": file.name,
            "address": file.address,
            "district": file.district or None,
            "phone": file.phone or None,
            "status": file.status,
            "category": file.category,
            "regime": file.regime,
            "tariffCode": file.tariff_code or None,
            "meterNo": file.meter_no or None,
            "maker": file.maker or None,
            "model": file.model or None,
            "batch": file.batch or None,
            "ctRatio": file.ct_ratio,
            "ptRatio": file.pt_ratio,
            "cardNo": file.card_no or None,
            "purchaseMin": _yuan(file.purchase_min),
            "purchaseMax": _yuan(file.purchase_max),
            "lastCount": file.last_count,
            "mayBuy": file.may_buy,
            "mayNotBuyReason": self._result(file.reason),
            "changedAt": file.changed_at,
        }

    def tell_QueryCustomer(self, value):
        parts = {"result": self._result(value.result), "customer": self._customer(value.customer)}
        return self.element("QueryCustomerResponse", parts)

    def tell_QueryArrears(self, value):
        owed = value.arrears and {
            "accountNo": value.arrears.account_no,
            "total": _yuan(value.arrears.total),
            "lateFee": _yuan(value.arrears.late_fee),
            "advanceBalance": _yuan(value.arrears.advance_balance),
            "bill": [
                {
                    "receivableId": bill.receivable_id,
                    "month": bill.month,
                    "amount": _yuan(bill.amount),
                    "lateFee": _yuan(bill.late_fee),
                    "status": bill.status,
                }
                for bill in value.arrears.bills
            ],
        }
        return self.element("QueryArrearsResponse", {"result": self._result(value.result), "arrears": owed})

    @staticmethod
    def _booking(booking):
        return booking and {
            "serial": booking.serial,
            "accountNo": booking.account_no,
            "amount": _yuan(booking.amount),
            "accountingDate": booking.accounting_date,
            "marketingSerial": booking.marketing_serial,
            "bookedAt": booking.booked_at,
            "invoiceLine": [
                {
                    "description": line.description,
                    "energy": _yuan(line.energy),
                    "price": line.price or None,
                    "amount": _yuan(line.amount),
                }
                for line in booking.invoice_lines
            ],
        }

    @staticmethod
    def _reversal(booking):
        return booking and {
            "serial": booking.serial,
            "originalSerial": booking.original_serial,
            "amount": _yuan(booking.amount),
            "accountingDate": booking.accounting_date,
            "marketingSerial": booking.marketing_serial,
            "bookedAt": booking.booked_at,
        }

    def tell_SubmitPayment(self, value):
        parts = {"result": self._result(value.result), "booking": self._booking(value.booking)}
        return self.element("SubmitPaymentResponse", parts)

    def tell_QueryPayment(self, value):
        parts = {
            "result": self._result(value.result),
            "booking": self._booking(value.booking),
            "reversal": self._reversal(value.reversal),
        }
        return self.element("QueryPaymentResponse", parts)

    def tell_ReversePayment(self, value):
        parts = {"result": self._result(value.result), "reversal": self._reversal(value.reversal)}
        return self.element("ReversePaymentResponse", parts)

    def tell_ListCustomerChanges(self, value):
        parts = {
            "result": self._result(value.result),
            "pages": value.pages,
            "until": value.until,
            "customer": [self._customer(each) for each in value.customers],
        }
        return self.element("ListCustomerChangesResponse", parts)

    def tell_Reconcile(self, value):
        parts = {
            "result": self._result(value.result),
            "complete": value.complete,
            "marketingCount": value.marketing_count,
            "marketingTotal": _yuan(value.marketing_total),
            "difference": [
                {
                    "kind": each.kind,
                    "serial": each.serial,
                    "accountNo": each.account_no,
                    "callerAmount": _yuan(each.caller_amount),
                    "marketingAmount": _yuan(each.marketing_amount),
                    "marketingSerial": each.marketing_serial or None,
                    "originalSerial": each.original_serial or None,
                }
                for each in value.differences
            ],
            "moreDifferences": value.more,
        }
        return self.element("ReconcileResponse", parts)


def _plain(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


CHINA = timezone(timedelta(hours=8))


def _moment(value):
    return value and value.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


def _day(value):
    return datetime.strptime(value, "%Y%m%d").date()


class Cents(Peer):
    """``cents.wsdl``."""

    name = "cents"
    modes = dict(zip(["01", "02", "03", "04", "05"], types.METHODS, strict=True))
    channels = dict(zip("1234", types.CHANNELS, strict=True))

    def element(self, name, attributes=None, children=(), text=None):
        made = etree.Element(f"{{{self.space}}}{name}", nsmap={None: self.space})
        made.attrib.update({key: str(value) for key, value in (attributes or {}).items() if value is not None})
        made.extend([child for child in children if child is not None])
        made.text = text
        return made

    # questions

    def ask_getConsumer(self, part):
        return {"1": "account", "2": "meter", "3": "card"}[part.get("keyType")], part.get("keyNo")

    def ask_getOwing(self, part):
        return (part.get("consNo"),)

    def ask_chargeFee(self, part):
        energy, count = part.get("wh"), part.get("buyTimes")
        payment = types.Payment(
            serial=part.get("flowNo"),
            account_no=part.get("consNo"),
            accounting_date=_day(part.get("acctDate")),
            kind={"10": "energy", "20": "arrears"}[part.get("kind")],
            method=self.modes[part.get("payMode")],
            channel=self.channels[part.get("chan")],
            operator=part.get("opNo"),
            amount=int(part.get("amt")),
            batch=part.get("batchNo"),
            allocations=tuple(types.Allocation(each.get("rcvblId"), int(each.get("amt"))) for each in part),
            energy=None if energy is None else int(energy) // 10,
            count=None if count is None else int(count),
        )
        return (payment,)

    def ask_getCharge(self, part):
        return (part.get("flowNo"),)

    def ask_undoCharge(self, part):
        numbers = part.get("flowNo"), part.get("oldFlowNo")
        return (types.Reversal(*numbers, _day(part.get("acctDate")), part.get("opNo"), part.get("why")),)

    def ask_getChangedConsumers(self, part):
        since = datetime.strptime(part.get("from"), "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        return since, int(part.get("pageNo"))

    def ask_checkAccount(self, part):
        records = tuple(
            types.Record(each.get("flowNo"), each.get("consNo"), int(each.get("amt")), each.get("oldFlowNo", ""))
            for each in part
        )
        numbers = [int(part.get(name)) for name in ("cnt", "sum", "pageNo", "pageCnt")]
        return (types.DayPage(_day(part.get("acctDate")), part.get("batchNo"), *numbers, records),)

    # answers

    @staticmethod
    def code(code):
        return "0000" if code == "1001" else code.zfill(5)

    def reply(self, value, *parts):
        head = [self.element("rtnCode", text=self.code(value.result.code))]
        if value.result.message:
            head.append(self.element("rtnMsg", text=value.result.message))
        return self.element("reply", children=[*head, *parts])

    def _consumer(self, file):
        return file and self.element(
            "cons",
            {
                "consNo": file.account_no,
                "consName": file.name,
                "elecAddr": file.address,
                "orgNo": file.district or None,
                "tel": file.phone or None,
                "status": {"active": 1, "suspended": 2, "closed": 3}[file.status],
                "elecType": file.category,
                "ctrlMode": {"card": 1, "remote": 2, "token": 3}[file.regime],
                "prcCode": file.tariff_code or None,
                "assetNo": file.meter_no or None,
                "mfr": file.maker or None,
                "meterModel": file.model or None,
                "lotNo": file.batch or None,
                "ct": file.ct_ratio,
                "pt": file.pt_ratio,
                "cardNo": file.card_no or None,
                "minFee": file.purchase_min,
                "maxFee": file.purchase_max,
                "buyTimes": file.last_count,
                "sellFlag": "Y" if file.may_buy else "N",
                "sellCode": file.reason and self.code(file.reason.code),
                "sellMsg": file.reason and file.reason.message,
                "chgTime": _moment(file.changed_at),
            },
        )

    def tell_getConsumer(self, value):
        return self.reply(value, *filter(lambda each: each is not None, [self._consumer(value.customer)]))

    def tell_getOwing(self, value):
        owed = value.arrears
        if owed is None:
            return self.reply(value)
        locks = {"open": 0, "collecting": 1, "disputed": 2}
        bills = [
            self.element(
                "bill",
                {
                    "rcvblId": bill.receivable_id,
                    "ym": bill.month.replace("-", ""),
                    "owe": bill.amount,
                    "penalty": bill.late_fee,
                    "lock": locks[bill.status],
                },
            )
            for bill in owed.bills
        ]
        sums = {"consNo": owed.account_no, "sumOwe": owed.total - owed.late_fee, "sumPenalty": owed.late_fee}
        return self.reply(value, self.element("owing", {**sums, "prepaid": owed.advance_balance}, bills))

    def _charge(self, booking):
        rows = [
            self.element(
                "inv",
                {
                    "item": line.description,
                    "wh": None if line.energy is None else line.energy * 10,
                    "prc": int(Decimal(line.price) * 10000) if line.price else None,
                    "amt": line.amount,
                },
            )
            for line in (booking.invoice_lines if booking else ())
        ]
        return booking and self.element("charge", {"consNo": booking.account_no, **self._booked(booking)}, rows)

    def _undo(self, booking):
        return booking and self.element("undo", {"oldFlowNo": booking.original_serial, **self._booked(booking)})

    @staticmethod
    def _booked(booking):
        return {
            "flowNo": booking.serial,
            "amt": booking.amount,
            "acctDate": f"{booking.accounting_date:%Y%m%d}",
            "yxNo": booking.marketing_serial,
            "doneTime": _moment(booking.booked_at),
        }

    def tell_chargeFee(self, value):
        return self.reply(value, self._charge(value.booking))

    def tell_getCharge(self, value):
        return self.reply(value, self._charge(value.booking), self._undo(value.reversal))

    def tell_undoCharge(self, value):
        return self.reply(value, self._undo(value.reversal))

    def tell_getChangedConsumers(self, value):
        end = [self.element("pageCnt", text=str(value.pages)), self.element("to", text=_moment(value.until))]
        return self.reply(value, *map(self._consumer, value.customers), *end)

    def tell_checkAccount(self, value):
        kinds = {"only_caller": "A", "only_marketing": "B", "amount": "C"}
        rows = [
            self.element(
                "row",
                {
                    "diff": kinds[each.kind],
                    "flowNo": each.serial,
                    "consNo": each.account_no,
                    "yourAmt": each.caller_amount,
                    "ourAmt": each.marketing_amount,
                    "yxNo": each.marketing_serial or None,
                    "oldFlowNo": each.original_serial or None,
                },
            )
            for each in value.differences
        ]
        flags = {"done": "Y" if value.complete else "N", "more": "Y" if value.more else "N"}
        numbers = {"ourCnt": value.marketing_count, "ourSum": value.marketing_total}
        return self.reply(value, self.element("check", {**flags, **numbers}, rows))


PEERS = {"standard": Standard, "cents": Cents}
