"""The comparison of a past day, page by page, and what its outcome means."""

from odoo import fields, models
from odoo.tools import SQL

from ..core import cis_compare, cis_days, money
from ..core.cis_delivery import LIVE, S_DONE, WORK
from ..core.cis_results import FAULT, LATER, meaning
from ..core.cis_types import ONLY_CALLER, DayPage, Unreachable
from .account_lookup import OK
from .answers import QUIET, RACES, find_by
from .cis_day import CRON

PAGE_SIZE = 1000
"""Records in one page: the most that the interface takes."""
RECONCILED_THERE = "706"
DIFFER = ("1007", "1008", "1009")
SOON = 10
"""Seconds until a page comes again that met somebody else's work."""
NOT_FINAL = (*LIVE, *WORK)


class ElectricityCisDay(models.Model):
    _inherit = "electricity.cis.day"

    def _totals(self):
        """Return what this side has of the day: how many records, and their sum in cents, reversals negative."""
        query = SQL(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind = 'reversal' THEN -amount ELSE amount END), 0)"
            " FROM electricity_cis_message WHERE company_id = %s AND accounting_date = %s AND state = %s",
            self.company_id.id,
            self.day,
            S_DONE,
        )
        ((count, total),) = self.env.execute_query(query)
        return count, round(total * 100)

    def _query_page(self, last_id):
        """Return the query of the ids of the next page: it begins where the one before ended.

        :param last_id: of the latest message of the page before
        """
        return SQL(
            "SELECT id FROM electricity_cis_message"
            " WHERE company_id = %s AND accounting_date = %s AND id > %s AND state = %s ORDER BY id LIMIT %s",
            self.company_id.id,
            self.day,
            last_id,
            S_DONE,
            PAGE_SIZE,
        )

    def _next_page(self):
        """Bring the next page of the day.

        :return: its status now: it goes on, rests, or has ended
        """
        self.ensure_one()
        messages = self.env["electricity.cis.message"].sudo()
        messages.flush_model(["company_id", "accounting_date", "state", "kind", "amount"])
        count, total = self._totals()
        pages = max(1, -(-count // PAGE_SIZE))
        # A list that became shorter begins anew: its totals are others.
        number = self.page + 1 if self.page < pages else 1
        last_id = self.last_id if number > 1 else 0
        found = messages.browse(row[0] for row in self.env.execute_query(self._query_page(last_id)))
        page = DayPage(
            accounting_date=self.day,
            batch=self.batch,
            count=count,
            total=total,
            page=number,
            pages=pages,
            records=tuple(message._day_record() for message in found),
        )
        last_id = found[-1:].id or last_id
        connection = self.env["electricity.cis.connection"]._for_company(self.company_id)
        try:
            if not connection:
                raise Unreachable("configuration", sent=False)
            if number == pages and self._waits_again(connection):
                return self.state
            answer = connection.ask("reconcile", page)
        except Unreachable:
            self._wait_all(result=False)
            return self.state
        try:
            with self.env.cr.savepoint():
                self._take_answer(page, answer, last_id)
                self.env.flush_all()
        except RACES:
            # A sender moves one of the day's messages this moment: the same page comes again.
            self.env.invalidate_all(flush=False)
            self.next_try_at = fields.Datetime.add(fields.Datetime.now(), seconds=SOON)
            self.env.ref(CRON)._trigger(at=self.next_try_at)
        return self.state

    def _waits_again(self, connection):
        """Put the day back when messages of it have come, or go on again, since it was begun: the last page closes it.

        :return: whether it waits; never when two persons had it compared
        """
        states = self._holding_up(self.company_id, self.day).mapped("state")
        if self.approved_by_id or not cis_days.is_held_up(states, connection.today() - self.day):
            return False
        self.write({"state": "open", "page": 0, "last_id": 0})
        return True

    def _take_answer(self, page, answer, last_id):
        """Store what a page was answered.

        :param last_id: of the latest message in the page
        """
        code = answer.result.code
        values = {
            "state": "sending",
            "next_try_at": fields.Datetime.now(),
            "page": page.page,
            "last_id": last_id,
            "pages": page.pages,
            "our_count": page.count,
            "our_total": money.cents_to_float(page.total),
            "result": code,
        }
        if code == OK and not answer.complete:
            # Further pages come. When the list turned out to be over, it begins anew: it changed on the way.
            self.write({**values, "page": 0 if page.page == page.pages else page.page})
            return
        if answer.marketing_count is not None:
            values["their_count"] = answer.marketing_count
            values["their_total"] = money.cents_to_float(answer.marketing_total or 0)
        values.update(compared_at=fields.Datetime.now(), more=answer.more)
        same = (answer.marketing_count, answer.marketing_total) == (page.count, page.total)
        if code == OK or (code == RECONCILED_THERE and same):
            # Closed there, perhaps by our own last page, whose answer was lost.
            self.write({**values, "state": "matched"})
            self._settle_differences(())
            self._messages(self.company_id, self.day, NOT_FINAL).closed_without()
        elif code in DIFFER:
            self.write({**values, "state": "differs"})
            differences = cis_compare.merged(answer.differences)
            self._settle_differences(differences)
            self._settle_found(differences)
            if not answer.more:
                self._settle_named_otherwise(differences)
        elif meaning("reconcile", code) in (LATER, FAULT):
            self._wait_all(result=code)
        else:
            self.write({**values, "state": "refused"})

    def _settle_differences(self, differences):
        """Make the list of differences say what was found now; what people said about one stays.

        :param differences: one for each serial
        """
        known = {one.serial: one for one in self.difference_ids}
        for found in differences:
            values = {
                "kind": found.kind,
                "account_no": found.account_no,
                "our_amount": money.cents_to_float(found.caller_amount or 0),
                "their_amount": money.cents_to_float(found.marketing_amount or 0),
                "marketing_serial": found.marketing_serial,
            }
            row = known.pop(found.serial, None)
            if row:
                # "Gone" was not said by people, and is not so any more.
                row.write({**values, "resolution": "open"} if row.resolution == "gone" else values)
            else:
                identity = {"day_id": self.id, "company_id": self.company_id.id, "serial": found.serial}
                self.env["electricity.cis.difference"].create({**values, **identity})
        for row in known.values():
            if row.resolution == "open":
                row.write({"resolution": "gone", "resolved_at": fields.Datetime.now()})

    def _settle_found(self, differences):
        """Settle the messages whose record is there after all; what was done by hand is named as it is there."""
        messages = self.env["electricity.cis.message"].sudo().with_context(**QUIET)
        for found in differences:
            own = find_by(messages, name=found.serial, company_id=self.company_id.id)
            payment = found.original_serial and self._standing_as(found.original_serial)
            for message in own | (payment or messages).reversal_ids:
                if cis_days.shows(found, message._standing(), message._day_record()):
                    message.stands_there(found.serial, self.day)

    def _standing_as(self, serial):
        """Return the message that stands in the other books under a serial, or an empty record."""
        messages = self.env["electricity.cis.message"].sudo().with_context(**QUIET)
        own = find_by(messages, name=serial, company_id=self.company_id.id)
        return own or find_by(messages, there_name=serial, company_id=self.company_id.id)

    def _settle_named_otherwise(self, differences):
        """Tie payments that two persons found there to their records, which have another serial.

        Both differences are explained by that, and the day matches when it is compared again.
        """
        messages = self.env["electricity.cis.message"].with_context(**QUIET)
        missing = [found.serial for found in differences if found.kind == ONLY_CALLER]
        settled = messages._settled_without_name(self.company_id, self.day, missing)
        if not settled:
            return
        strangers = [found for found in differences if not self._standing_as(found.serial)]
        records = [message._day_record() for message in settled]
        for record, found in cis_days.under_another_serial(strangers, records):
            settled.filtered(lambda message, name=record.serial: message.name == name).stands_there(
                found.serial, self.day
            )
            pair = self.difference_ids.filtered(
                lambda one, serials=(record.serial, found.serial): one.serial in serials and one.resolution == "open"
            )
            pair.write({"resolution": "one_payment"})
