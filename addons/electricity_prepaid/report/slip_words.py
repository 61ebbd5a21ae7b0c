"""Amounts as the slips write them that people sign."""

from ..core import boxes, money


def in_words(record, amount):
    """Return an amount without its sign in words, in the language of the record's context.

    :param record: one record with a ``currency_id``
    :param amount: in that currency, as a Monetary field has it
    """
    if (record.env.lang or "").startswith("zh"):
        return boxes.chinese_words(money.to_cents(abs(amount)))
    return record.currency_id.amount_to_text(abs(amount))
