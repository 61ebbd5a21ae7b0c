"""Money that a terminal counted has no clerk: statements from before name whose page was faster than the terminal."""


def migrate(cr, version):
    """Take the clerk off terminals' statements; who brought one stays its creator.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    cr.execute("UPDATE electricity_tender SET user_id = NULL WHERE kind = 'terminal_cash' AND user_id IS NOT NULL")
