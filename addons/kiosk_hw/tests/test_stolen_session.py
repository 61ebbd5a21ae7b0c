"""A stolen session of a kiosk: everything its user can call of the models, taken from the registry.

A new public method is tried by itself. One of ``electricity.kiosk`` with a parameter that has no loot yet fails here,
and says what to add.
"""

import inspect
import itertools
import re

import psycopg2
from odoo.exceptions import AccessError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .stolen import StolenCase

KIOSK = "electricity.kiosk"
TABLE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) +"?(\w+)')
TOLD, REFUSED, BROKEN = "told", "refused", "broken"
SAVEPOINT = "SAVEPOINT thief"
BACK = "ROLLBACK TO SAVEPOINT thief"
ORM = frozenset(("read", "search_read", "web_read", "name_search", "export_data", "write", "create", "unlink", "copy"))
"""Of the methods that every model has, those that are tried at all; the others are tried at the coveted ones."""
STOCK_WRITES = {
    "mail.push.device.get_web_push_vapid_public_key": "makes the key of web pushes, once for the database",
    "res.company.get_next_batch_payment_communication": "takes a number for a bank's batch",
}
"""What stock Odoo lets every user do to its settings. The addresses of these calls are closed to a kiosk's session:
test_stolen_routes.py."""
COVETED = (
    "res.partner",
    "res.users",
    "pos.config",
    "pos.session",
    "pos.order",
    "account.move",
    "ir.attachment",
    "ir.config_parameter",
    "electricity.account",
    "electricity.recharge",
    "electricity.tender",
    "electricity.terminal",
    "electricity.card",
)
"""Models at which all is tried."""
QUIET_LOGGERS = ("odoo.sql_db", "odoo.addons", "odoo.models", "odoo.tools", "odoo.orm", "odoo.api", "odoo.domains")


def public_methods(model):
    """Return the names of all methods of a model that a browser may call."""
    found = []
    for name in dir(type(model)):
        if not name.startswith("_") and callable(getattr(type(model), name, None)):
            try:
                get_public_method(model, name)
            except (AccessError, AttributeError):
                continue
            found.append(name)
    return found


def own_methods(model):
    """Return the names of the public methods that this project's addons gave a model."""
    project = ("odoo.addons.kiosk_hw", "odoo.addons.electricity")
    return [
        name
        for name in public_methods(model)
        if inspect.unwrap(getattr(type(model), name)).__module__.startswith(project)
    ]


def is_of_value(statement):
    """Tell whether a statement changes something of this project, money or settings, and not the step of a tour."""
    table = TABLE.match(statement)
    return bool(table) and table[1].startswith(("electricity_", "pos_", "account_", "res_partner", "payment_", "ir_"))


def parameters_of(method):
    """Return the parameters that a caller must or may give by position, without ``self``."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [each for each in inspect.signature(method).parameters.values() if each.kind in kinds][1:]


def guess(parameter, record):
    """Return what a thief would pass for a parameter, by its name."""
    name = parameter.name
    for part, value in (
        ("domain", []),
        ("vals_list", [{}]),
        ("vals", {}),
        ("values", {}),
        ("groupby", ["id"]),
        ("aggregates", ["__count"]),
        ("specification", {"id": {}, "display_name": {}}),
        ("fields_spec", {"id": {}, "display_name": {}}),
        ("fields", ["id", "display_name"]),
        ("field", "display_name"),
        ("ids", record.ids),
        ("id", record.id),
        ("models", ["res.partner", "electricity.account", "pos.order"]),
        ("model", "res.partner"),
        ("operation", "read"),
        ("limit", 80),
        ("data", {}),
        ("kwargs", {}),
        ("context", {}),
    ):
        if part in name:
            return value
    return record.id if parameter.default is inspect.Parameter.empty else parameter.default


@tagged("post_install", "-at_install")
class TestStolenSession(StolenCase):
    def setUp(self):
        super().setUp()
        # What goes wrong under wrong arguments is not the question here, and would fill the log.
        silent = mute_logger(*QUIET_LOGGERS)
        silent.__enter__()
        self.addCleanup(silent.__exit__, None, None, None)

    # -- models ----------------------------------------------------------------------------------------------------

    def victims_record(self, name):
        """Return a record of a model that the thief would like: one of the victim, else the first there is."""
        records = self.env[name].sudo().with_context(active_test=False)
        wanted = {
            "res.partner": self.victim.partner_id,
            "electricity.account": self.victim,
            "electricity.recharge": self.paid,
            "electricity.terminal": self.other_terminal,
            "pos.config": self.other_config,
            "pos.session": self.other_config.current_session_id,
            "res.users": self.clerk,
        }
        if name in wanted:
            return wanted[name]
        if records._abstract or not records._auto:
            return records.browse(1)
        return records.search([], limit=1, order="id") or records.browse(1)

    def attempt(self, record, name):
        """Call a method as the thief; return how it ended, what it told, and the statements by which it wrote."""
        method = getattr(type(record), name)
        arguments = [guess(each, record) for each in parameters_of(method)]
        if not getattr(method, "_api_model", False):
            arguments.insert(0, record.ids)
        try:
            with self.writes() as written:
                told = call_kw(record.browse(), name, arguments, {})
                self.env.flush_all()
        except psycopg2.Error as error:
            return BROKEN, type(error).__name__, []
        except Exception as error:  # noqa: BLE001  # pylint: disable=broad-except
            # Whatever is raised tells nothing but its text; a program that breaks has done nothing that is kept.
            return REFUSED, str(error), []
        return TOLD, repr(told), written

    def test_no_method_of_any_model_tells_anything_of_others(self):
        # What is still to be said about what was set up is not the thief's doing.
        self.env.cr.flush()
        before, reached, found = self.rows(), set(), []
        thief = self.env(user=self.thief_user, su=False)
        common = set(public_methods(self.env["base"]))
        for name in sorted(self.env.registry):
            if name == KIOSK:
                continue
            record = self.victims_record(name).with_env(thief)
            tried = set(public_methods(record))
            if name not in COVETED:
                tried -= common - ORM
            self.env.cr.execute(SAVEPOINT)
            for method in sorted(tried):
                call = f"{name}.{method}"
                outcome, text, written = self.attempt(record, method)
                found += [f"{call} tells {secret}" for secret in self.secrets_in(text)]
                if call not in STOCK_WRITES:
                    found += [f"{call} writes: {statement}" for statement in written if is_of_value(statement)]
                if outcome == TOLD:
                    reached.add(call)
                if outcome != REFUSED:
                    self.env.cr.execute(BACK)
                    self.env.clear()
            self.env.clear()
            self.env.cr.execute(BACK)
        self.assertFalse(found, "\n".join(found))
        self.assertEqual(self.rows(), before)
        self.assertGreater(len(reached), 100, "no call reaches a model: the test is blind")

    # -- electricity.kiosk -----------------------------------------------------------------------------------------

    def test_each_call_of_the_kiosk_is_a_kiosk_call(self):
        """Whatever else is public on the model runs with the thief's own rights, which are none."""
        page = self.env[KIOSK]
        bare = [name for name in own_methods(page) if not getattr(getattr(type(page), name), "is_kiosk_call", False)]
        self.assertFalse(bare, "public methods of electricity.kiosk need @kiosk_call, or a name with an underscore")

    def test_no_call_of_the_kiosk_gives_energy_money_or_anybody_elses_data(self):
        self.env.cr.flush()
        page, loot = self.kiosk, self.loot()
        before = self.rows()
        for name in own_methods(page):
            parameters = [each.name for each in parameters_of(inspect.unwrap(getattr(type(page), name)))[1:]]
            unknown = [each for each in parameters if each not in loot]
            self.assertFalse(
                unknown,
                f"electricity.kiosk.{name} takes {unknown}: add to StolenCase.loot() in stolen.py, for each of these "
                "names, what a thief may have: things of another customer or kiosk, stale, forged and malformed ones",
            )
            for values in itertools.product(*(loot[each] for each in parameters)):
                with self.subTest(name, values=[str(each)[:40] for each in values]):
                    self.env.cr.execute(SAVEPOINT)
                    told = call_kw(page, name, list(values), {"context": {"lang": "en_US"}})
                    self.assertTellsNothing(repr(told), f"electricity.kiosk.{name}")
                    self.assertEqual(self.rows(), before)
                    self.env.cr.execute(BACK)
                    self.env.clear()
