"""A meter model's unit was once typed in and is computed from the card driver now: stored values may say another."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Compute the unit of every meter model anew.

    :param cr: cursor of the database that is updated
    :param version: of the addon before, None when it is being installed
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    Model = env["electricity.meter.model"]
    env.add_to_compute(Model._fields["unit"], Model.with_context(active_test=False).search([("driver", "!=", False)]))
    env.flush_all()
