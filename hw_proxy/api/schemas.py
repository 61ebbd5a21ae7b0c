"""Bodies of the calls. Unknown members are refused, so that a page built for another version is noticed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hw_proxy.tokens import MAX_TOKEN

Token = Annotated[str, Field(min_length=1, max_length=MAX_TOKEN)]


class Body(BaseModel):
    """A body without members."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SnapshotBody(Body):
    """``nonce`` comes from Odoo; ``reader`` chooses one by name."""

    nonce: Annotated[str, Field(min_length=1, max_length=200)]
    reader: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class WriteBody(Body):
    """A write order and its sealed part."""

    order: Token
    sealed: Token | None = None


class VoidBody(Body):
    """A write order."""

    order: Token


class ReceiptsBody(Body):
    """``after``: leave out receipts up to this sequence."""

    after: Annotated[int, Field(ge=0, lt=1 << 50)] = 0


class CollectBody(Body):
    """A collect order."""

    collect: Token


class CashBody(Body):
    """``recharge``: uuid of the order that is paid."""

    recharge: Annotated[str, Field(min_length=36, max_length=36)]


class PrintBody(Body):
    """A print order."""

    job: Token


class PrintedBody(Body):
    """``job``: uuid of a print order."""

    job: Annotated[str, Field(min_length=36, max_length=36)]


class VouchersBody(Body):
    """``hand_out``: what Odoo has not acknowledged becomes a voucher; ``recharge``: and all that was taken for it."""

    hand_out: bool = False
    recharge: Annotated[str, Field(min_length=36, max_length=36)] | None = None


class VoucherPrintBody(Body):
    """``tender``: its uuid; ``again``: one more print than there are."""

    tender: Annotated[str, Field(min_length=36, max_length=36)]
    again: bool = False
