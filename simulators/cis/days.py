"""Reconciliation of past days, record by record, once."""

from __future__ import annotations

from . import codes
from .clock import Clock
from .entries import DayPage
from .store import Store

MOST_DIFFERENCES = 1000
# The two books side by side; a reversal is a record of its own with a negative amount.
_OURS = """
    SELECT serial, account_no, amount, marketing_serial, NULL AS original_serial FROM payment
    WHERE accounting_date = :day AND batch = :batch
    UNION ALL
    SELECT serial, account_no, -amount, marketing_serial, original_serial FROM reversal
    WHERE accounting_date = :day AND batch = :batch
"""
# Of a large day each side is found by serial: the own records are copied to a table with an index first.
_DIFFERENCES = """
    SELECT 'only_caller' AS kind, theirs.serial, theirs.account_no, theirs.amount AS caller_amount,
        NULL AS marketing_amount, NULL AS marketing_serial, NULL AS original_serial
    FROM day_record AS theirs
    WHERE theirs.accounting_date = :day AND theirs.batch = :batch AND theirs.serial IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ours WHERE ours.serial = theirs.serial)
    UNION ALL
    SELECT 'only_marketing', ours.serial, ours.account_no, NULL, ours.amount, ours.marketing_serial,
        ours.original_serial
    FROM ours WHERE NOT EXISTS (
        SELECT 1 FROM day_record AS theirs
        WHERE theirs.accounting_date = :day AND theirs.batch = :batch AND theirs.serial = ours.serial
    )
    UNION ALL
    SELECT 'amount', ours.serial, ours.account_no, theirs.amount, ours.amount, ours.marketing_serial,
        ours.original_serial
    FROM day_record AS theirs JOIN ours ON ours.serial = theirs.serial
    WHERE theirs.accounting_date = :day AND theirs.batch = :batch AND theirs.serial IS NOT NULL
        AND (ours.amount <> theirs.amount OR ours.account_no <> theirs.account_no
            OR ours.original_serial IS NOT theirs.original_serial)
    ORDER BY 2 LIMIT :limit
"""


class Days:
    """Part of the books: which days were compared.

    :param store: the database
    :param clock: the utility's
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def reconcile(self, page: DayPage) -> dict:
        """Take one page of a day; with the last one compare.

        A day that matches is closed, and nothing is booked in it any more. One that does not stays open: it may be
        brought again after both sides were put right. What a closed day answers names the day's totals.

        :return: ``code``, ``complete``, and with complete ``count``, ``total``, ``differences``, ``more``
        """
        day, batch = page.accounting_date.isoformat(), page.batch
        if page.page > page.pages:
            return {"code": codes.BAD_MESSAGE, "complete": False}
        if page.accounting_date >= self._clock.today():
            return {"code": codes.PAST_DAYS_ONLY, "complete": False}
        with self._store.transaction():
            row = self._store.one("SELECT * FROM day WHERE accounting_date = ? AND batch = ?", day, batch)
            if row is not None and row["state"] == "closed":
                count, total = self._totals(day, batch)
                return {"code": codes.RECONCILED, "complete": True, "count": count, "total": total}
            self._take(page, row)
            here = self._store.one(
                "SELECT count(*) AS pages FROM day_record WHERE accounting_date = ? AND batch = ? AND serial IS NULL",
                day,
                batch,
            )
            if here["pages"] < page.pages:
                return {"code": codes.OK, "complete": False}
            return self._compare(page)

    def close(self, accounting_date: str, batch: str) -> None:
        """Close a day by hand, as the utility's finance does after it settled the differences."""
        day = {"accounting_date": accounting_date, "batch": batch, "state": "closed", "code": None}
        self._store.insert("day", day, "INSERT OR REPLACE")

    def open_again(self, accounting_date: str, batch: str) -> None:
        """Forget that a day was reconciled."""
        self._store.run("DELETE FROM day WHERE accounting_date = ? AND batch = ?", accounting_date, batch)

    def _take(self, page: DayPage, row) -> None:
        day, batch = page.accounting_date.isoformat(), page.batch
        header = (page.count, page.total, page.pages)
        is_same = row is not None and (row["count"], row["total"], row["pages"]) == header
        # The first page of a day that was compared begins it anew; a later one is a call whose answer was lost.
        is_same = is_same and (row["state"] == "pages" or page.page > 1)
        where = "WHERE accounting_date = ? AND batch = ?"
        if is_same:
            self._store.run(f"DELETE FROM day_record {where} AND page = ?", day, batch, page.page)
        else:
            # Another list of the day begins: of the earlier one nothing stays.
            self._store.run(f"DELETE FROM day_record {where}", day, batch)
        values = {"count": page.count, "total": page.total, "pages": page.pages}
        values |= {"accounting_date": day, "batch": batch, "state": "pages", "code": None}
        self._store.insert("day", values, "INSERT OR REPLACE")
        # A row without a serial says that the page is here, also when it is empty.
        rows = [(day, batch, page.page, None, None, None, None)]
        rows += [
            (day, batch, page.page, each.serial, each.original_serial, each.account_no, each.amount)
            for each in page.records
        ]
        self._store.run_many("INSERT INTO day_record VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _compare(self, page: DayPage) -> dict:
        day, batch = page.accounting_date.isoformat(), page.batch
        where = "WHERE accounting_date = ? AND batch = ?"
        found = self._differences(day, batch)
        twice = self._store.one(
            f"SELECT 1 FROM day_record {where} AND serial IS NOT NULL GROUP BY serial HAVING count(*) > 1", day, batch
        )
        count, total = self._totals(day, batch)
        totals_differ = (count, total) != (page.count, page.total)
        details_differ = bool(found or twice)
        code = {
            (False, False): codes.OK,
            (True, False): codes.TOTALS,
            (False, True): codes.DETAILS,
            (True, True): codes.BOTH,
        }[totals_differ, details_differ]
        state = "closed" if code == codes.OK else "differs"
        self._store.run(f"UPDATE day SET state = ?, code = ? {where}", state, code, day, batch)
        return {
            "code": code,
            "complete": True,
            "count": count,
            "total": total,
            "differences": [dict(row) for row in found[:MOST_DIFFERENCES]],
            "more": len(found) > MOST_DIFFERENCES,
        }

    def _differences(self, day: str, batch: str) -> list:
        values = {"day": day, "batch": batch, "limit": MOST_DIFFERENCES + 1}
        self._store.run("DROP TABLE IF EXISTS temp.ours")
        self._store.query_named(f"CREATE TEMP TABLE ours AS {_OURS}", values)
        self._store.run("CREATE INDEX temp.ours_serial ON ours (serial)")
        return self._store.query_named(_DIFFERENCES, values)

    def _totals(self, day: str, batch: str) -> tuple[int, int]:
        query = f"SELECT count(*) AS count, coalesce(sum(amount), 0) AS total FROM ({_OURS})"
        row = self._store.query_named(query, {"day": day, "batch": batch})[0]
        return row["count"], row["total"]
