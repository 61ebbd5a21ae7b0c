"""An update that brought the cash boxes made some "out" that had been emptied and booked long before."""


def migrate(cr, version):
    """Let those boxes be from before: nothing of them is counted, booked or printed, and they hold up no other box.

    Nobody has taken them out, their money is older than they are, and all of them were made at one moment. A box that a
    late statement makes has neither: it is made with its money, alone.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    cr.execute(
        """
        UPDATE electricity_cash_box box
           SET state = 'before'
         WHERE state = 'out' AND out_at IS NULL AND out_by_id IS NULL AND put_in_at IS NULL
           AND EXISTS (SELECT FROM electricity_tender tender
                        WHERE tender.terminal_id = box.terminal_id AND tender.statement_session = box.session
                          AND tender.create_date < box.create_date)
           AND EXISTS (SELECT FROM electricity_cash_box other
                        WHERE other.id <> box.id AND other.create_date = box.create_date)
        """
    )
