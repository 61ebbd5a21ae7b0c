from . import receipt, recharge
