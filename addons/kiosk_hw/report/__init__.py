from . import cash_box_slip
