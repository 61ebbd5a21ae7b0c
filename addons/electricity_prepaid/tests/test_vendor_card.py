"""Cards that only their maker's library writes, sold at the counter."""

import uuid
from dataclasses import replace

from odoo.tests import tagged

from ..core import codecs, vendor_image
from ..core.vendor_image import VendorImage
from .common import CounterCase
from .fakes import FakeCard

SERIAL, METER = "720000000201", "720000000101"


class VendorCard(FakeCard):
    """A card as a library says it."""

    def __init__(self, driver, image):  # pylint: disable=super-init-not-called
        self.serial, self.driver, self.tries = image.serial, driver, 3
        self.codec = codecs.codec_of(driver)
        self.memory = image.encode()
        self.files = {}
        self.insertion = str(uuid.uuid4())

    def write_back(self, count, remaining=1000, **values):
        """Let a meter answer."""
        image = vendor_image.parse(self.memory)
        meter_count = None if image.count is None else count
        self.memory = replace(image, back="valid", meter_count=meter_count, remaining=remaining).encode()


class VendorCase(CounterCase):
    unit = "cents"
    count_readable = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.library = cls.env["electricity.vendor.library"].create(
            {"name": "Library T", "code": "test_lib", "unit": cls.unit, "count_readable": cls.count_readable}
        )
        cls.meter_model = cls.env["electricity.meter.model"].create(
            {
                "name": "Vendor",
                "maker_id": cls.meter_model.maker_id.id,
                "driver": "vendor:test_lib",
                "min_amount": 1,
                "max_amount": 5000,
                "step_amount": 0.01,
            }
        )
        number = "720000000001"
        partner = cls.env["res.partner"].create({"name": "Customer V"})
        cls.account = cls.env["electricity.account"].create(
            {"name": number, "partner_id": partner.id, "regime": "card", "tariff_id": cls.tariff.id}
        )
        meter = cls.env["electricity.meter"].create({"name": METER, "model_id": cls.meter_model.id})
        cls.account.install_meter(meter, initial_count=1)
        card = cls.env["electricity.card"].create(
            {"name": SERIAL, "electricity_account_id": cls.account.id, "driver": "vendor:test_lib"}
        )
        card.action_activate()
        cls.account.action_activate()

    def image(self, **values):
        """A card that has been in its meter."""
        said = {"kind": "purchase", "count": 1, "quantity": 100, "back": "valid", "meter_count": 1, "remaining": 100}
        return VendorImage(SERIAL, self.unit, self.account.name, METER, **{**said, **values})

    def setUp(self):
        super().setUp()
        self.card = VendorCard("vendor:test_lib", self.image())

    def quote(self):
        return self.counter.quote(self.terminal.id, self.snapshot(), "100.00")


@tagged("post_install", "-at_install", "electricity")
class TestVendorCard(VendorCase):
    def test_a_damaged_card_and_nonsense_are_refused(self):
        self.card.memory = self.image(kind="damaged").encode()
        self.assertEqual(self.quote()["code"], "C-105")
        self.card.memory = b'{"v":1}'
        self.assertEqual(self.quote()["code"], "C-101")

    def test_a_card_of_another_library_is_refused(self):
        self.card.driver = "vendor:other"
        self.assertFalse(self.quote()["allowed"])

    def test_money_goes_to_the_library_in_cents_without_a_card_code(self):
        self.company.electricity_smallest_coin = 0.01
        order, issued = self.authorized("123.45")
        claims = self.proxy.claims(issued["write_order"])
        self.assertEqual((claims["write"]["count"], claims["write"]["energy"]), (2, 12345))
        self.assertEqual((claims["sealed"], claims["card"]["driver"]), (None, "vendor:test_lib"))
        self.confirm(self.proxy.write(self.card, issued["write_order"]))
        self.assertEqual((order.state, order.unit, order.cost), ("written", "cents", 123.45))
        self.assertEqual(vendor_image.parse(self.card.memory).quantity, 12345)
        self.assertLedger()

    def test_the_next_sale_waits_for_the_meter(self):
        self.sold()
        self.assertEqual(self.quote()["code"], "C-108")
        self.card.insert_in_meter()
        self.assertTrue(self.quote()["allowed"], self.quote())
        self.sold()

    def test_an_unknown_write_is_resolved_by_the_next_reading(self):
        order, issued = self.authorized()
        before = self.card.memory
        self.card.take(self.proxy.claims(issued["write_order"])["write"])
        self.confirm(self.proxy.receipt(issued["write_order"], "unknown", before, code="V-103"))
        self.assertEqual(order.state, "unknown")
        self.card.take_out()
        answer = self.counter.resolve(self.terminal.id, self.snapshot())
        self.assertEqual((answer["resolution"], order.state), ("written", "written"))

    def test_a_blank_card_is_opened_as_a_whole_image(self):
        number = "720000000002"
        partner = self.env["res.partner"].create({"name": "Customer W"})
        account = self.env["electricity.account"].create(
            {"name": number, "partner_id": partner.id, "regime": "card", "tariff_id": self.tariff.id}
        )
        meter = self.env["electricity.meter"].create({"name": "720000000102", "model_id": self.meter_model.id})
        account.install_meter(meter, initial_count=0)
        blank = VendorImage("720000000202", "cents", count=0, quantity=0)
        card = VendorCard("vendor:test_lib", blank)
        answer = self.counter.begin_operation(
            str(uuid.uuid4()), self.terminal.id, self.snapshot(card), "open", number, "0.00"
        )
        self.assertTrue(answer["ok"], answer)
        order = self.order(answer["order"]["uuid"])
        issued = self.authorize(order, card)
        claims = self.proxy.claims(issued["write_order"])
        self.assertEqual((claims["op"], claims["write"]["count"]), ("open", 1))
        self.confirm(self.proxy.write(card, issued["write_order"]))
        said = vendor_image.parse(card.memory)
        self.assertEqual((said.customer, said.meter, said.kind, said.count), (number, "720000000102", "open", 1))
        self.assertEqual((order.state, account.state), ("written", "active"))

    def test_a_receipt_that_says_more_than_the_card_is_not_believed(self):
        order, issued = self.authorized()
        before = self.card.memory
        lie = self.image(count=2, quantity=1).encode()
        answer = self.counter.confirm([self.proxy.receipt(issued["write_order"], "written", before, lie)])
        self.assertEqual(answer["results"][0]["code"], "R-101")
        self.assertNotEqual(order.state, "written")


@tagged("post_install", "-at_install", "electricity")
class TestVendorCardWithoutCount(VendorCase):
    unit = "kwh"
    count_readable = False

    def image(self, **values):
        return super().image(**{"count": None, "quantity": None, "meter_count": None, "total": 20_000, **values})

    def test_staff_may_sell_by_the_count_of_the_account(self):
        order = self.sold("100.00")
        self.assertEqual((order.count, order.unit), (2, "kwh"))
        self.assertEqual(vendor_image.parse(self.card.memory).total, 20_000 + round(order.energy * 100))
        self.assertEqual(self.quote()["code"], "C-108")

    def test_what_is_unknown_stays_with_staff(self):
        order, issued = self.authorized()
        before = self.card.memory
        self.confirm(self.proxy.receipt(issued["write_order"], "unknown", before, code="V-102"))
        for memory in (before, self.card.written(self.proxy.claims(issued["write_order"])["write"])):
            self.card.memory = memory
            self.card.take_out()
            answer = self.counter.resolve(self.terminal.id, self.snapshot())
            self.assertEqual((answer["resolution"], order.state), ("hold", "unknown"))
        self.assertLedger()
