from . import test_access
from . import test_demo_data
from . import test_master_data
from . import test_recharge_evidence
from . import test_recharge_repair
from . import test_recharge_sale
from . import test_terminal
from . import test_translation
