from . import test_recharge_sale
