"""Each company has a gateway of its own, switched off and empty: those of the installation and those added later."""

from odoo.tests import TransactionCase, tagged

from ..models.payment_provider import GATEWAY


@tagged("post_install", "-at_install")
class TestProviderCompany(TransactionCase):
    def gateways(self, company):
        return self.env["payment.provider"].search([("code", "=", GATEWAY), ("company_id", "=", company.id)])

    def test_a_company_that_is_added_has_a_gateway_of_its_own_that_is_off_and_knows_no_secret(self):
        main = self.gateways(self.env.user.company_id)
        main.write({"electricity_gateway_merchant": "main", "electricity_gateway_secret": "main"})
        gateway = self.gateways(self.env["res.company"].create({"name": "Second Power"}))
        self.assertEqual((len(gateway), gateway.state, gateway.is_published), (1, "disabled", False))
        self.assertFalse(
            gateway.electricity_gateway_url
            or gateway.electricity_gateway_merchant
            or gateway.electricity_gateway_secret
        )
        self.assertEqual(gateway.kiosk_problem(), "A-302")

    def test_a_branch_uses_that_of_its_parent(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.env.company.id})
        self.assertFalse(self.gateways(branch))

    def test_where_odoo_copies_it_as_well_it_is_one(self):
        main = self.gateways(self.env.user.company_id)
        main.module_id = self.env.ref("base.module_kiosk_hw")
        company = self.env["res.company"].create({"name": "Second Power"})
        self.assertEqual(len(self.gateways(company)), 1)
        self.env["payment.provider"]._setup_provider(GATEWAY)
        self.assertEqual(len(self.gateways(company)), 1)

    def test_odoo_copies_none_of_its_own_while_the_addon_is_not_loaded(self):
        self.assertFalse(self.env["payment.provider"].search([("code", "=", GATEWAY)]).module_id)

    def test_an_update_makes_up_for_companies_that_were_added_before(self):
        company = self.env["res.company"].create({"name": "Second Power"})
        self.gateways(company).unlink()
        for _time in range(2):
            self.env["payment.provider"].give_gateways()
        self.assertEqual(len(self.gateways(company)), 1)
