from . import (
    test_access,
    test_caller_defaults,
    test_demo_data,
    test_hoot,
    test_master_data,
    test_neutralize,
    test_recharge_evidence,
    test_recharge_repair,
    test_recharge_sale,
    test_structure,
    test_terminal,
    test_translation,
)
