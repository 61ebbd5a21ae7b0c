"""What the switch of the cash box says, signed with the terminal's heartbeats: evidence beside what staff press."""

from odoo import fields, models
from odoo.addons.electricity_prepaid.core import codes, devices
from odoo.addons.electricity_prepaid.models.answers import sentence


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    switch_out_at = fields.Datetime(
        "Out, by Its Switch", readonly=True, copy=False, help="When the terminal told last that the box is out or open."
    )
    switch_in_at = fields.Datetime(
        "In Again, by Its Switch", readonly=True, copy=False, help="When it told that a box is in and closed again."
    )

    def _report_swap(self):
        """Tell that the box was out though nobody had pressed that it would be: another one may be in now."""
        terminal = self.terminal_id
        env = self.with_context(lang=terminal._administrator_of(self.company_id).lang).env
        self.message_post(body=sentence(env, codes.A_BOX_SWAPPED, box=self.name))
        text = env._("Cash box %(box)s was out without being taken out here (A-514)", box=self.name)
        # Once for a box, however often its door goes.
        if text not in terminal.activity_ids.mapped("summary"):
            terminal._call_for_help(text)


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    def _take_devices(self, told, news, moment):
        seen = super()._take_devices(told, news, moment)
        switches = {device.steady for device in told or () if device.kind == devices.BOX}
        if switches:
            self._take_box_switch(switches, moment)
        return seen

    def _take_box_switch(self, switches, moment):
        """Note when the box went out and when one came in, and whether anybody had said that it would.

        :param switches: steady states of the switches of the box; one that cannot be read says nothing
        :param moment: of the heartbeat, UTC
        """
        boxes = self.env["electricity.cash.box"].sudo()
        domain = [("terminal_id", "=", self.id), ("switch_out_at", "!=", False), ("switch_in_at", "=", False)]
        out = boxes.search(domain, limit=1)
        if devices.OPEN in switches and not out:
            box = boxes.of_session(self, self.box_session())
            box.write({"switch_out_at": moment, "switch_in_at": False})
        elif out and switches == {devices.CLOSED}:
            out.switch_in_at = moment
            if out.state == "in_machine":
                out._report_swap()
