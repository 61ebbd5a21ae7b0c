"""The client of the utility's marketing system (营销系统): SOAP on the outside, plain types towards the sale.

Knows nothing of Odoo, as :mod:`..core` does not. ``docs/cis-interface.md`` describes it for integrators.
"""

from .connect import connect
from .settings import Settings
