"""What a changed customer file means here, and where only a person can tell."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import codes
from .account import is_number_12
from .account_button import ACCOUNT_BUTTON
from .answers import sentence
from .own_defaults import OWN_DEFAULTS

FIELDS = [
    ("name", "Customer's Name"),
    ("address", "Supply Address"),
    ("district", "District"),
    ("category", "Category"),
    ("tariff_code", "Tariff"),
    ("meter_no", "Meter"),
    ("card_no", "Card"),
    ("account_no", "Account"),
]
MASTER = ("name", "address", "district", "category", "tariff_code")
"""What may be taken from a customer file; all else is decided here."""
KINDS = [
    ("unknown_account", "Account Unknown Here"),
    ("meter_differs", "Another Meter There"),
    ("meter_elsewhere", "Meter Is at Another Customer Here"),
    ("card_elsewhere", "Card Is of Another Customer Here"),
    ("tariff_unknown", "Tariff Unknown Here"),
    ("edited_here", "Edited Here Too"),
    ("partner_shared", "Contact Has Other Accounts Too"),
    ("bad_file", "Cannot Be Taken"),
    ("unreadable_file", "Cannot Be Read"),
    ("change", "Would Change"),
]


class ElectricityCisConflict(models.Model):
    """One difference between a customer file there and here; of a run that only tries, also each change."""

    _name = "electricity.cis.conflict"
    _description = "Conflict of Customer Files"
    _inherit = [OWN_DEFAULTS, ACCOUNT_BUTTON]
    _order = "id desc"
    _rec_name = "account_no"
    # No _check_company_auto: the only code that writes here copies the company of the run.

    sync_id = fields.Many2one("electricity.cis.sync", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    electricity_account_id = fields.Many2one("electricity.account", "Account", readonly=True, index="btree_not_null")
    account_no = fields.Char("Account Number", readonly=True, index="trigram", help="Empty: the file says none.")
    kind = fields.Selection(KINDS, required=True, readonly=True, index=True)
    field = fields.Selection(FIELDS, "What", required=True, readonly=True)
    ours = fields.Char("Here", readonly=True)
    theirs = fields.Char("There", readonly=True)
    code = fields.Char(readonly=True)
    code_text = fields.Char("What to Do", compute="_compute_code_text")
    file = fields.Json("Customer File", readonly=True)
    state = fields.Selection(
        [
            ("open", "To Settle"),
            ("taken", "Theirs Taken"),
            ("kept", "Ours Kept"),
            ("created", "Account Created"),
            ("shown", "Shown Only"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    resolved_by_id = fields.Many2one("res.users", readonly=True)
    resolved_at = fields.Datetime(readonly=True)

    _open_once = models.UniqueIndex(
        "(company_id, account_no, kind, field) WHERE state = 'open'", "This conflict is open already."
    )

    @api.depends("code", "theirs")
    @api.depends_context("lang")
    def _compute_code_text(self):
        for conflict in self:
            told = conflict.code and sentence(self.env, conflict.code, place=conflict.theirs)
            conflict.code_text = told and f"{told} ({conflict.code})"

    # ------------------------------------------------------------------------------------------------- taking a file

    @api.model
    @api.private
    def take_file(self, sync, customer):
        """Bring one changed customer file here.

        :param sync: the run
        :param customer: ``core.cis_types.CustomerFile``
        :return: whether something was changed, or would be
        """
        account = self._account(sync, customer.account_no)
        if not account:
            self._note(sync, customer, account, "unknown_account", "account_no", "", customer.account_no)
            return False
        self._compare_numbers(sync, customer, account)
        wanted, equal = {}, {}
        for name in MASTER:
            theirs, ours = getattr(customer, name) or "", account.master_value(name)
            before = (account.marketing_values or {}).get(name)
            if theirs and theirs == ours != before:
                equal[name] = theirs
            if not theirs or theirs in (ours, before):
                continue
            if name == "tariff_code" and not account.tariff_of_code(theirs):
                self._note(sync, customer, account, "tariff_unknown", name, ours, theirs)
            elif name == "name" and account.partner_is_shared():
                # The contact is somebody else's too: its name is not this file's to change.
                self._note(sync, customer, account, "partner_shared", name, ours, theirs)
            elif ours and ours != (before if before is not None else ""):
                # Since the last file somebody has written something else here, or the first file meets other data.
                self._note(sync, customer, account, "edited_here", name, ours, theirs)
            elif sync.dry_run:
                self._note(sync, customer, account, "change", name, ours, theirs)
                wanted[name] = theirs
            else:
                wanted[name] = theirs
        if equal and not sync.dry_run:
            # From now on what stands here is known to be theirs: the next change there is no edit made here.
            account.marketing_values = {**(account.marketing_values or {}), **equal}
        if wanted and not sync.dry_run:
            account.take_master_values(wanted)
        return bool(wanted)

    @api.model
    @api.private
    def note_bad_file(self, sync, customer):
        """Put a file that cannot be taken on the list of conflicts.

        :param sync: the run
        :param customer: ``core.cis_types.CustomerFile``
        """
        account = self._account(sync, customer.account_no)
        ours, theirs = account.name or "", customer.account_no
        self._note(sync, customer, account, "bad_file", "account_no", ours, theirs, codes.M_FILE_NOT_TAKEN)

    @api.model
    @api.private
    def note_unreadable_file(self, sync, unreadable, page):
        """Put a file of which nothing is known but its place, and perhaps its account, on the list of conflicts.

        :param sync: the run
        :param unreadable: ``core.cis_types.UnreadableFile``
        :param page: from 1
        """
        account = self._account(sync, unreadable.account_no)
        values = {
            "sync_id": sync.id,
            "electricity_account_id": account.id,
            "ours": account.name or "",
            "theirs": f"{page}/{unreadable.position}",
            "code": codes.M_FILE_UNREADABLE,
        }
        self._record(sync, unreadable.account_no, "unreadable_file", "account_no", values)

    def _account(self, sync, number):
        return self.env["electricity.account"].search(
            [("company_id", "=", sync.company_id.id), ("name", "=", number)], limit=1
        )

    def _compare_numbers(self, sync, customer, account):
        """Note a meter or card that is another one here: which hangs there, only a technician can tell."""
        models_ = (
            ("meter_no", "electricity.meter", account.meter_id),
            ("card_no", "electricity.card", account.card_id),
        )
        for name, model, present in models_:
            theirs = getattr(customer, name)
            if not theirs or theirs == present.name:
                continue
            other = self.env[model].search([("company_id", "=", sync.company_id.id), ("name", "=", theirs)], limit=1)
            owner = other.electricity_account_id
            if owner and owner != account:
                kind = "meter_elsewhere" if name == "meter_no" else "card_elsewhere"
                self._note(sync, customer, account, kind, name, f"{owner.name} {theirs}", theirs)
            elif name == "meter_no":
                self._note(sync, customer, account, "meter_differs", name, present.name or "", theirs)

    @api.model
    def _note(self, sync, customer, account, kind, field, ours, theirs, code=False):
        """Record a difference of a file."""
        values = {
            "sync_id": sync.id,
            "electricity_account_id": account.id,
            "ours": ours,
            "theirs": theirs,
            "code": code,
            "file": {name: getattr(customer, name) or "" for name in (*MASTER, "account_no", "meter_no", "regime")},
        }
        self._record(sync, customer.account_no, kind, field, values)

    @api.model
    def _record(self, sync, account_no, kind, field, values):
        """Record a difference once: what is open already gets the latest values.

        :param account_no: empty for a file that says none: then each is a difference of its own
        """
        state = "shown" if sync.dry_run else "open"
        known = account_no and self.search(
            [
                ("company_id", "=", sync.company_id.id),
                ("account_no", "=", account_no),
                ("kind", "=", kind),
                ("field", "=", field),
                ("state", "=", state),
                *([("sync_id", "=", sync.id)] if sync.dry_run else []),
            ]
        )
        if known:
            known.write(values)
            return
        identity = {"company_id": sync.company_id.id, "account_no": account_no or False, "kind": kind, "field": field}
        self.create({**values, **identity, "state": state})

    # ------------------------------------------------------------------------------------------------- what people do

    def _check_open(self):
        self.check_access("read")
        if not self.env.user.has_group("electricity_prepaid.group_supervisor"):
            raise AccessError(self.env._("Only supervisors settle conflicts of customer files."))
        if any(conflict.state != "open" for conflict in self):
            raise UserError(self.env._("One of these conflicts is settled already. Reload the list."))

    def _end(self, state):
        self.sudo().write({"state": state, "resolved_by_id": self.env.uid, "resolved_at": fields.Datetime.now()})

    def action_take_theirs(self):
        """Take what the marketing system says; meters and cards are changed by their own buttons."""
        self._check_open()
        for conflict in self:
            if conflict.kind != "edited_here":
                raise UserError(
                    self.env._(
                        "Account %(account)s: this cannot be taken over. Correct meter, card or tariff here, then keep"
                        " ours.",
                        account=conflict.account_no or "–",
                    )
                )
            if conflict.field == "name" and conflict.electricity_account_id.sudo().partner_is_shared():
                raise UserError(
                    self.env._(
                        "Account %(account)s: its contact has other accounts too. Give the account a contact of its own"
                        " first.",
                        account=conflict.account_no,
                    )
                )
            conflict.electricity_account_id.sudo().take_master_values({conflict.field: conflict.theirs})
        self._end("taken")

    def action_keep_ours(self):
        """Leave everything here as it is, until it changes there again."""
        self._check_open()
        for conflict in self:
            account = conflict.electricity_account_id.sudo()
            if conflict.field in MASTER and account:
                account.marketing_values = {**(account.marketing_values or {}), conflict.field: conflict.theirs}
        self._end("kept")

    def action_create_account(self):
        """Create the account of a file that is unknown here, as a draft."""
        self._check_open()
        for conflict in self:
            if conflict.kind != "unknown_account" or not is_number_12(conflict.account_no):
                raise UserError(self.env._("Only an account that is unknown here can be created."))
            file = conflict.file
            partner = (
                self.env["res.partner"]
                .sudo()
                .create({"name": file["name"] or conflict.account_no, "company_id": conflict.company_id.id})
            )
            account = (
                self.env["electricity.account"]
                .sudo()
                .create(
                    {
                        "name": conflict.account_no,
                        "partner_id": partner.id,
                        "company_id": conflict.company_id.id,
                        "regime": file["regime"] if file["regime"] in ("card", "remote", "token") else "card",
                    }
                )
            )
            account.take_master_values({name: file[name] for name in MASTER if file[name] and name != "name"})
            conflict.sudo().electricity_account_id = account
        self._end("created")
