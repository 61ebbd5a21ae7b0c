"""Which processor-card driver knows a card: by its answer to reset, then by the files that it shows to anybody."""

from __future__ import annotations

from collections.abc import Callable

from hw_proxy.cards.cpu import CpuDriver, look
from hw_proxy.cards.csg2015 import Csg2015
from hw_proxy.cards.gdw1365 import Gdw1365
from hw_proxy.cards.transport import CardForeign, CardSilent, CardUnknown, Connection

CPU_DRIVERS: dict[str, type[CpuDriver]] = {driver.id: driver for driver in (Gdw1365, Csg2015)}


def probe(connection: Connection, note: Callable[[str], None]) -> CpuDriver:
    """Driver of the card. Only SELECT and READ BINARY are sent, which every such card lets anybody do.

    A card of an unknown answer to reset is taken when exactly one driver knows its files: answers to reset change with
    the batch.

    :param note: told what was seen and who declined.
    :raises CardForeign: the answer to reset is a driver's, the files are not.
    :raises CardUnknown: no driver knows it.
    :raises CardError: it does not answer.
    """
    named = [kind for kind in CPU_DRIVERS.values() if connection.atr in kind.atrs]
    try:
        directory = look(connection)
    except CardSilent as error:
        if named:
            raise
        note(f"no processor card: {error}")
        raise CardUnknown(connection.atr.hex()) from error
    note(f"shows {directory}")
    fitting = []
    for kind in named or CPU_DRIVERS.values():
        reason = kind.declines(directory)
        if reason is None:
            fitting.append(kind)
        else:
            note(f"{kind.id}: {reason}")
    if len(fitting) == 1:
        return fitting[0](connection, directory)
    if named:
        raise CardForeign(f"the answer to reset is that of {named[0].id}, the files are not: {directory}")
    raise CardUnknown(connection.atr.hex())
