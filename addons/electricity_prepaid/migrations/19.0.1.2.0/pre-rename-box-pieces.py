"""The stored number of notes in a terminal's box has a name of its own: what users see is computed from it."""

from odoo.tools.sql import column_exists, rename_column


def migrate(cr, version):
    """Keep what was counted, so that no alarm about a full box ends until it is counted again.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    table = "electricity_terminal"
    if column_exists(cr, table, "box_pieces") and not column_exists(cr, table, "box_level"):
        rename_column(cr, table, "box_pieces", "box_level")
