"""hw_proxy: the card readers of a prepaid-electricity terminal, behind one local HTTP interface.

The formats are those of docs/protocol; nothing here imports the Odoo addons or the simulators.
"""

__version__ = "0.1.0"
