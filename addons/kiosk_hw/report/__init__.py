from . import cash_box_slip, customer_code
