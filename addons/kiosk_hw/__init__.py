from odoo.addons.payment import reset_payment_provider, setup_provider

from . import controllers, models, report, wizards

GATEWAY = "electricity_gateway"


def post_init_hook(env):
    """Give each company a provider of its own, switched off."""
    setup_provider(env, GATEWAY)


def uninstall_hook(env):
    """Switch the providers off that nobody can ask any more."""
    reset_payment_provider(env, GATEWAY)
