"""What an update does to a database of an earlier version."""

import importlib.util
from pathlib import Path

from odoo.modules import get_manifest
from odoo.tests import tagged

from .test_master_data import MasterDataCase

FOLDER = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install", "electricity")
class TestMigrations(MasterDataCase):
    def migrate(self, name):
        """Run one script as an update does."""
        spec = importlib.util.spec_from_file_location("migration", FOLDER / name)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.env.flush_all()
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def test_every_script_is_of_a_version_that_the_addon_has_reached(self):
        reached = get_manifest("electricity_prepaid")["version"]
        versions = [folder.name for folder in FOLDER.iterdir()]
        self.assertTrue(versions)
        for version in versions:
            self.assertLessEqual(*(tuple(map(int, text.split("."))) for text in (version, reached)))

    def test_a_unit_that_was_typed_in_becomes_that_of_the_driver(self):
        other = self.model.copy({"name": "T2", "driver": "csg2015", "active": False})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE electricity_meter_model SET unit = CASE id WHEN %s THEN 'cents' ELSE 'kwh' END", [self.model.id]
        )
        self.env.invalidate_all()
        self.assertEqual((self.model.unit, other.unit), ("cents", "kwh"))
        self.migrate("19.0.1.1.0/post-recompute-unit.py")
        self.assertEqual((self.model.unit, other.unit), ("kwh", "cents"))

    def test_what_was_counted_in_a_box_is_kept_under_its_new_name(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter M", "code": "M01"})
        terminal.sudo().box_level = 7
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE electricity_terminal RENAME COLUMN box_level TO box_pieces")
        for _time in range(2):
            self.migrate("19.0.1.2.0/pre-rename-box-pieces.py")
        self.assertEqual(terminal.sudo().box_level, 7)
