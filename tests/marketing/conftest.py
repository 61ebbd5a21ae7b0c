"""A utility and its marketing system for all tests here; each has accounts of its own."""

from datetime import timedelta

import pytest
from stack.cis import CisProcess

from tests.marketing.utility import Utility


@pytest.fixture(scope="session")
def utility(stack, odoo_database, tmp_path_factory):
    """A company on a copied database, connected to the simulated marketing system."""
    folder = tmp_path_factory.mktemp("marketing")
    cis = stack.start(CisProcess(folder / "cis"))
    return Utility(odoo_database(), cis, folder)


@pytest.fixture(autouse=True)
def quiet(utility, monkeypatch):
    """Begin and end without faults, at today's time, with empty books on both sides; yesterday is over at any hour."""
    from odoo.addons.electricity_prepaid.core import cis_compare

    monkeypatch.setattr(cis_compare, "GRACE", timedelta(0))
    utility.cis.start()
    utility.client.reset()
    utility.client.reset_now()
    utility.pass_time()
    yield
    utility.cis.start()
    utility.client.clear_faults()
    with utility.work() as env:
        env.cr.execute("UPDATE electricity_cis_message SET state = 'withdrawn' WHERE state <> 'done'")
        env.cr.execute("DELETE FROM electricity_cis_attempt")
        env.cr.execute("DELETE FROM mail_activity WHERE res_model = 'electricity.cis.message'")
        env.cr.execute("UPDATE electricity_cis_message SET payment_id = NULL")
        env.cr.execute("DELETE FROM electricity_cis_message")
        env.cr.execute("DELETE FROM electricity_cis_day")
        env.cr.execute("DELETE FROM electricity_cis_sync")
        env.cr.execute("DELETE FROM electricity_arrear_refresh")
