from . import receipt
from . import recharge
