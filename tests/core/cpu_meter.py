"""What the meter of a CPU card does with an image: the simulator's own files and table, without chip and keys."""

from functools import cache

from simulators import cpu_kinds, cpu_layout
from simulators.acceptance import Decision, by_table, is_other_serial, unopened_error
from simulators.cpu_layout import EMPTY, GOOD, WriteBack
from simulators.money_state import MoneyState


@cache
def kind_of(driver):
    """The simulator's description of a kind of card."""
    return cpu_kinds.KINDS[driver]


def _part(driver, memory, sfi, size):
    start = kind_of(driver).places()[sfi]
    return memory[start : start + size]


def decide(driver, state, memory):
    """Apply the meter's rules to an image; a refusal before the counts are compared has no ``delta``."""
    kind = kind_of(driver)
    found, parameters = cpu_layout.parse_parameters(kind, _part(driver, memory, cpu_kinds.PARAMETERS, 45))
    if found != GOOD:
        return Decision(error=14)
    wallet = cpu_layout.parse_wallet(_part(driver, memory, cpu_kinds.WALLET, 8))
    back, _ = cpu_layout.parse_write_back(kind, _part(driver, memory, kind.write_back, kind.write_back_size))
    serial = memory[:8].hex()
    if parameters.meter_no != state.meter_no:
        return Decision(error=11)
    if not state.opened:
        error = unopened_error(parameters.card_type, wallet.count)
        if error is not None:
            return Decision(error=error)
    elif parameters.customer_no != state.customer_no:
        return Decision(error=12)
    elif parameters.card_type == cpu_layout.CARD_PURCHASE and is_other_serial(state, serial):
        return Decision(error=13)
    return by_table(
        state,
        count=wallet.count,
        quantity=wallet.amount,
        write_back_empty=back == EMPTY,
        serial=serial,
        flagged=parameters.update_flag != 0,
    )


def state_of(meter_no, customer_no, count, serial, opened=True, hoard_limit=0):
    """A meter's memory."""
    known = {"opened": opened, "customer_no": customer_no if opened else "", "serial": serial, "count": count}
    return MoneyState(meter_no, **known, hoard_limit=hoard_limit)


def answer(driver, meter_no, customer_no, count):
    """The bytes that the meter writes back."""
    kind = kind_of(driver)
    back = WriteBack(meter_no, customer_no, 0, count, 0, 0, "2601010000")
    return cpu_layout.pack_write_back(kind, back)
