from . import payout_slip, receipt, recharge
