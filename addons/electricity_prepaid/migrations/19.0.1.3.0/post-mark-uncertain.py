"""An order says by itself whether a note of it is, or was, uncertain: orders from before are told."""


def migrate(cr, version):
    """Mark the orders whose statements name uncertain notes.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    cr.execute(
        "UPDATE electricity_recharge SET has_uncertain = TRUE WHERE has_uncertain IS NOT TRUE AND id IN"
        " (SELECT recharge_id FROM electricity_tender WHERE uncertain_amount > 0 AND recharge_id IS NOT NULL)"
    )
