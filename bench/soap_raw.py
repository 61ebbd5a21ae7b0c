"""The reference of bench ``soap``: zeep as its documentation shows it, without anything of ours."""

from datetime import UTC, datetime
from functools import cache

import zeep
from stack.paths import ROOT
from zeep.wsse.username import UsernameToken

WSDL = ROOT / "addons" / "electricity_prepaid" / "cis" / "wsdl" / "marketing.wsdl"
BINDING = "{urn:prepaid-electricity:marketing:1}MarketingSoap11"


@cache
def service(url, username, password):
    """Return zeep's proxy of the service, one in a process."""
    client = zeep.Client(str(WSDL), wsse=UsernameToken(username, password, use_digest=True))
    return client.create_service(BINDING, url)


def warm_up(work):
    """Load the WSDL and open the connection."""
    url, username, password, payments = work
    service(url, username, password).QueryPayment(serial=payments[0]["serial"])


def submit(work):
    """Submit payments and return how many were booked.

    :param work: address, user name, password, list of {``serial``, ``account_no``, ``count``}
    """
    url, username, password, payments = work
    there, today = service(url, username, password), datetime.now(UTC).date()
    booked = 0
    for each in payments:
        payment = {
            "serial": each["serial"],
            "accountNo": each["account_no"],
            "accountingDate": today,
            "kind": "energy",
            "method": "cash",
            "channel": "counter",
            "operator": "bench",
            "amount": "100.00",
            "energy": "182.38",
            "purchaseCount": each["count"],
            "reconciliationBatch": "bench",
        }
        booked += there.SubmitPayment(payment=payment).result.code == "1001"
    return booked


def look_up(url, username, password, account_no):
    """Ask the two questions of a lookup."""
    there = service(url, username, password)
    there.QueryCustomer(by="account", number=account_no)
    return there.QueryArrears(accountNo=account_no)
