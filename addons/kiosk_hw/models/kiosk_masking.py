"""What a kiosk shows of an order and its customer: enough to know oneself by, too little for who looks on."""

from odoo.addons.electricity_prepaid.core import masking, money

from . import kiosk_trail

_HIDDEN = frozenset(("id", "terminal", "waits_at", "address", "customer", "account", "card", "meter", "reserved"))
"""Of an order: what the customer does not need, or sees masked."""


def masked_order(order):
    """Return an order's status as a kiosk shows it; None stays None.

    Its ``balance`` is what is free: what is held for this order, or for a payout, is no balance to a customer.
    """
    if not order:
        return order
    kiosk_trail.saw(order=order["uuid"], account=order["account"])
    shown = {name: value for name, value in order.items() if name not in _HIDDEN}
    shown["balance"] = _free_beside(order)
    return {**shown, "account": masking.number(order["account"]), "card": masking.number(order["card"])}


def _free_beside(order):
    """Return what is free of the balance beside an order, as a decimal string.

    :param order: its status
    """
    balance, held, reserved = (money.to_cents(order[name]) for name in ("balance", "held", "reserved"))
    return money.format_cents(balance - held - reserved)


def masked_customer(customer):
    """Return a customer as a kiosk shows one: ``balance`` is free, ``reserved`` is not; None stays None."""
    if not customer:
        return customer
    kiosk_trail.saw(account=customer["account"])
    return {
        **customer,
        "name": masking.name(customer["name"]),
        "address": masking.address(customer["address"]),
        "account": masking.number(customer["account"]),
        "meter": masking.number(customer["meter"]),
        "balance": customer["available"],
        "reserved": money.format_cents(money.to_cents(customer["balance"]) - money.to_cents(customer["available"])),
    }


def masked(answer, terminal=None):
    """Return an answer of the sale with its orders and its customer masked.

    :param terminal: of the kiosk; with it, an order also says whether it was begun ``elsewhere``
    """
    answer = dict(answer)
    customer, open_order = answer.get("customer"), answer.get("open_order")
    is_own = customer and open_order and customer["account"] == open_order["account"]
    for name in ("order", "open_order"):
        order = answer.get(name)
        if order:
            answer[name] = masked_order(order)
            if terminal:
                answer[name]["elsewhere"] = order["terminal"] != terminal.id
    if "customer" in answer:
        answer["customer"] = masked_customer(customer)
        if is_own:
            answer["customer"] |= {"balance": answer["open_order"]["balance"], "reserved": open_order["reserved"]}
    if answer.get("card"):
        answer["card"] = {**answer["card"], "serial": masking.number(answer["card"]["serial"])}
    return answer
