"""Customer files over the real interface: pages, faults in their middle, and Odoo killed while it brings them."""

import pytest

from tests.marketing.utility import wait_for

CROWDS = (199, 199, 50)
"""Customers there that nobody knows here, for each page: the marketing system's pages have 200 files."""
CRON = "electricity_prepaid.ir_cron_cis_sync"


class Files:
    """Customers there, three of which have an account here: one in each page."""

    def __init__(self, utility):
        self.utility = utility
        utility.client.reset()
        self.accounts = []
        for page, crowd in enumerate(CROWDS):
            self.accounts.append(utility.account(district=f"District {page}"))
            utility.client.put_customers(*({"account_no": f"8{page}{each:010d}"} for each in range(crowd)))
        self.count = sum(CROWDS) + len(CROWDS)

    def start(self, dry_run=False):
        """Order a run; return its id."""
        with self.utility.work() as env:
            company = env["res.company"].browse(self.utility.connection_company(env))
            return env["electricity.cis.sync"].start(company, dry_run).id

    def go_on(self, sync):
        """Run the job here, as if the run's time had come."""
        self.utility.pass_time()
        with self.utility.work() as env:
            env["electricity.cis.sync"].browse(sync).filtered("next_at").next_at = "2020-01-01"
        with self.utility.work() as env:
            env["electricity.cis.sync"]._cron_sync()
        return self.read(sync, "state", "page", "seen", "changed")

    def read(self, sync, *names):
        """Return fields of a run."""
        with self.utility.work() as env:
            values = env["electricity.cis.sync"].browse(sync).read(names)[0]
        return tuple(values[name] for name in names)

    def districts(self):
        """Return the district of each account here."""
        with self.utility.work() as env:
            accounts = env["electricity.account"].search([("name", "in", self.accounts)], order="name")
            return accounts.mapped("district")

    def conflicts(self, sync, kind):
        """Return {account number: [state of each conflict]} of a run."""
        found = {}
        with self.utility.work() as env:
            for each in env["electricity.cis.conflict"].search([("sync_id", "=", sync), ("kind", "=", kind)]):
                found.setdefault(each.account_no, []).append(each.state)
        return found

    def check_all_taken_once(self, sync, unreadable=0):
        """Check that every file of every page was taken, and none twice."""
        assert self.read(sync, "state", "page", "pages", "seen") == ("done", 3, 3, self.count)
        unknown = self.conflicts(sync, "unknown_account")
        assert len(unknown) == self.count - 3 - unreadable
        assert all(states == ["open"] for states in unknown.values())


@pytest.fixture
def files(utility):
    return Files(utility)


ALL = ["District 0", "District 1", "District 2"]


def test_a_trial_lists_what_would_change_and_then_every_page_is_taken_once(utility, files):
    edited = files.accounts[1]
    with utility.work() as env:
        env["electricity.account"].search([("name", "=", edited)]).district = "Edited here"
    trial = files.start(dry_run=True)
    assert files.go_on(trial) == ("done", 3, files.count, 3)
    assert set(files.conflicts(trial, "change")) == set(files.accounts)
    assert files.districts() == [False, "Edited here", False]
    sync = files.start()
    assert files.go_on(sync) == ("done", 3, files.count, 3)
    files.check_all_taken_once(sync)
    assert files.conflicts(sync, "edited_here") == {edited: ["open"]}
    assert files.districts() == ["District 0", "Edited here", "District 2"]


def test_the_next_run_brings_only_what_changed_since(utility, files):
    files.go_on(files.start())
    utility.client.put_customers({"account_no": files.accounts[0], "district": "Another"})
    sync = files.start()
    assert files.go_on(sync) == ("done", 1, 1, 1)
    assert files.districts()[0] == "Another"


@pytest.mark.parametrize("numbered", [True, False])
def test_a_file_that_cannot_be_read_is_listed_and_the_rest_is_taken(utility, files, numbered):
    utility.client.fault("slow", seconds=0, operation="ListCustomerChanges")
    utility.client.fault("unreadable_file", file=3, numbered=numbered)
    sync = files.start()
    assert files.go_on(sync) == ("done", 3, files.count, 3)
    files.check_all_taken_once(sync, unreadable=1)
    assert files.districts() == ALL
    (number,) = files.conflicts(sync, "unreadable_file")
    assert bool(number) == numbered
    with utility.work() as env:
        conflict = env["electricity.cis.conflict"].search([("sync_id", "=", sync), ("kind", "=", "unreadable_file")])
        assert (conflict.theirs, conflict.code) == ("2/3", "M-142")


@pytest.mark.parametrize(
    ("kind", "code"), [("reset", "M-210"), ("timeout_before", "M-206"), ("html", "M-212"), ("truncated", "M-210")]
)
def test_a_page_that_does_not_come_is_shown_and_comes_later(utility, files, kind, code, monkeypatch):
    from odoo.addons.electricity_prepaid.cis import settings

    monkeypatch.setitem(settings.TIMEOUTS, "list_customer_changes", 2.0)
    utility.client.fault("slow", seconds=0, operation="ListCustomerChanges")
    utility.client.fault(kind, operation="ListCustomerChanges", times=None)
    sync = files.start()
    assert files.go_on(sync)[:3] == ("waiting", 1, 200)
    told, since, next_at = files.read(sync, "result_text", "waiting_since", "next_at")
    assert code in told
    assert since < next_at
    utility.client.clear_faults()
    with utility.work() as env:
        env["electricity.cis.sync"]._cron_sync()
    assert files.read(sync, "state", "page") == ("waiting", 1), "its time has not come"
    assert files.go_on(sync) == ("done", 3, files.count, 3)
    files.check_all_taken_once(sync)
    assert files.districts() == ALL


def test_a_run_that_waits_can_be_stopped(utility, files):
    utility.client.fault("html", operation="ListCustomerChanges", times=None)
    sync = files.start()
    files.go_on(sync)
    with utility.work(utility.supervisors[0]) as env:
        env["electricity.cis.sync"].browse(sync).action_cancel()
    utility.client.clear_faults()
    assert files.go_on(sync) == ("cancelled", 0, 0, 0)


def ring(utility):
    """Wake the crons of the Odoo process; what is due is what is due without this."""
    with utility.work() as env:
        env["ir.cron"]._notifydb()


def go_on_after_restart(utility, stack, finished):
    """Start Odoo again and wait for the job that its end interrupted."""
    odoo = utility.odoo(stack)
    ring(utility)
    wait_for(finished)
    odoo.stop()


def test_odoo_killed_while_it_waits_for_a_page_goes_on_with_that_page(utility, stack, files):
    utility.client.fault("slow", seconds=0, operation="ListCustomerChanges")
    utility.client.fault("timeout_before", operation="ListCustomerChanges")
    odoo = utility.odoo(stack)
    sync = files.start()
    wait_for(lambda: not utility.client.armed())
    odoo.kill()
    utility.client.clear_faults()
    assert files.read(sync, "state", "page", "seen") == ("running", 1, 200)
    go_on_after_restart(utility, stack, lambda: files.read(sync, "state") == ("done",))
    files.check_all_taken_once(sync)
    assert files.districts() == ALL


def test_odoo_killed_in_the_middle_of_a_page_takes_that_page_again_whole(utility, stack, files):
    sync = files.start()
    with utility.work() as env:
        # The second page's account: the run gets no further than to it.
        env.cr.execute("SELECT id FROM electricity_account WHERE name = %s FOR UPDATE", [files.accounts[1]])
        odoo = utility.odoo(stack)
        ring(utility)
        wait_for(lambda: _is_held(utility))
        odoo.kill()
    assert files.read(sync, "state", "page", "seen") == ("running", 1, 200)
    assert files.districts() == ["District 0", False, False]
    go_on_after_restart(utility, stack, lambda: files.read(sync, "state") == ("done",))
    files.check_all_taken_once(sync)
    assert files.districts() == ALL


def _is_held(utility):
    """Tell whether somebody waits for a lock in the utility's database."""
    with utility.work() as env:
        env.cr.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return env.cr.fetchone()[0]


class TestArrears:
    @pytest.fixture
    def owing(self, utility):
        """Return accounts that owe ¥10 and a little more each."""
        numbers = [utility.account() for _ in range(8)]
        for place, number in enumerate(numbers):
            bill = {"receivable_id": f"B-{number}", "month": "2026-01", "amount": 1000 + place}
            utility.client.put_customers({"account_no": number, "bills": [bill]})
        return numbers

    @staticmethod
    def order(utility, numbers):
        """Order a refresh; return its id."""
        with utility.work() as env:
            accounts = env["electricity.account"].search([("name", "in", numbers)])
            return env["electricity.arrear.refresh"].start(accounts, accounts.company_id).id

    @staticmethod
    def read(utility, job, *names):
        with utility.work() as env:
            values = env["electricity.arrear.refresh"].browse(job).read(names)[0]
        return tuple(values[name] for name in names)

    @staticmethod
    def owed(utility, numbers):
        """Return what is open here, in cents, by account."""
        with utility.work() as env:
            bills = env["electricity.arrear"].search([("electricity_account_id.name", "in", numbers)])
            return [round(bill.due * 100) for bill in bills.sorted(lambda bill: bill.electricity_account_id.name)]

    def test_odoo_killed_in_the_middle_goes_on_and_counts_every_account_once(self, utility, stack, owing):
        for _ in range(3):
            utility.client.fault("slow", seconds=0, operation="QueryArrears")
        utility.client.fault("timeout_before", operation="QueryArrears")
        odoo = utility.odoo(stack)
        job = self.order(utility, owing)
        wait_for(lambda: not utility.client.armed())
        odoo.kill()
        utility.client.clear_faults()
        assert self.read(utility, job, "state", "done", "total") == ("running", 3, 8)
        assert len(self.owed(utility, owing)) == 3
        go_on_after_restart(utility, stack, lambda: self.read(utility, job, "state") == ("done",))
        assert self.read(utility, job, "done", "refused", "total") == (8, 0, 8)
        assert self.owed(utility, owing) == [1000 + place for place in range(8)]

    def test_odoo_killed_while_it_keeps_an_answer_asks_about_that_account_again(self, utility, stack, owing):
        job = self.order(utility, owing)
        with utility.work() as env:
            # The first answer is kept, and cannot be counted.
            env.cr.execute("SELECT id FROM electricity_arrear_refresh WHERE id = %s FOR UPDATE", [job])
            odoo = utility.odoo(stack)
            ring(utility)
            wait_for(lambda: _is_held(utility))
            odoo.kill()
        assert self.read(utility, job, "state", "done") == ("running", 0)
        assert self.owed(utility, owing) == []
        go_on_after_restart(utility, stack, lambda: self.read(utility, job, "state") == ("done",))
        assert self.read(utility, job, "done", "refused") == (8, 0)
        assert self.owed(utility, owing) == [1000 + place for place in range(8)]
