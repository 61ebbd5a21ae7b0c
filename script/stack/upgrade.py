"""An update of a database of an earlier version: ``script/upgrade COMMIT…`` (docs/operations.md, "Updating").

The addons of the first commit make the database, with demo data and with notes that are not counted yet. It is then
updated to each further commit, and last to the addons as they are here. The last update may log neither error nor
warning, and every tender, ledger entry, box and uncertain note must be as before.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import postgres
from stack.databases import copy_database, drop_database, template
from stack.manifests import external_modules, own_modules
from stack.odoo import run
from stack.paths import ROOT
from stack.processes import ProcessError

DATABASE = "prepaid_upgrade"
# With the database's name: what Odoo says before it has one is about the configuration file and libraries.
LOUD = re.compile(rf" (WARNING|ERROR|CRITICAL) {DATABASE} ")
DATA = """
import time, uuid
from datetime import timedelta
from odoo import fields

company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
terminal = env["electricity.terminal"].create({"name": "Updated", "code": "UPD"})
account = env["electricity.account"].search([], limit=1)
seqs = {}


def put_in(notes, uncertain=()):
    from odoo.addons.electricity_prepaid.core.tenders import TenderStatement

    session = terminal.box_session()
    seqs[session] = seqs.get(session, 0) + 1
    doubtful = tuple((each, int(time.time() * 1000)) for each in uncertain)
    total = sum(value * count for value, count in notes.items())
    named = str(uuid.uuid4()), int(time.time()), str(uuid.uuid4()), session, seqs[session]
    signed = TenderStatement(*named, tuple(notes.items()), total, doubtful)
    env["electricity.recharge"].browse()._take_statement(terminal, signed, signed.jti, pushed=True)


def change_box():
    if "electricity.cash.box" not in env:
        # Its step of then; what it was called has changed since.
        terminal.begin_box() if hasattr(terminal, "begin_box") else terminal.action_new_cash_box()
        return
    box = env["electricity.cash.box"].of_session(terminal, terminal.box_session())
    box.action_take_out()
    box.leaving_at = fields.Datetime.now() - timedelta(minutes=5)
    box.action_out()
    box.confirm_count(box._recorded()[box.id])
    box.action_print_slip()


groups = [env.ref(name, raise_if_not_found=False)
          for name in ("electricity_prepaid.group_administrator", "kiosk_hw.group_cash_box")]
env.user.group_ids = [(4, group.id) for group in groups if group]
if "pos.config" in env and "electricity_terminal_id" in env["pos.config"]._fields:
    accounts = env["account.account"]
    suspense = accounts.create({"name": "Differences", "code": "109981", "account_type": "asset_current"})
    advances = accounts.create({"name": "Advances", "code": "220381", "account_type": "liability_current"})
    journal = env["account.journal"].create({"name": "Notes", "code": "UPD01", "type": "cash",
        "profit_account_id": suspense.id, "loss_account_id": suspense.id})
    product = env["product.product"].create({"name": "Advance", "type": "service", "taxes_id": [(5,)],
        "property_account_income_id": advances.id})
    method = env["pos.payment.method"].create({"name": "Notes", "journal_id": journal.id})
    env["pos.config"].create({"name": "Kiosk", "electricity_terminal_id": terminal.id,
        "payment_method_ids": [(6, 0, method.ids)], "kiosk_advance_product_id": product.id}).open_kiosk_session()
if "takes_notes" in terminal._fields:
    terminal.takes_notes = True
    put_in({10000: 3, 5000: 1}, uncertain=(5000,))
    change_box()
    put_in({2000: 2})
    change_box()
    put_in({1000: 4})
env.cr.commit()
"""
FACTS = """
import json
def rows(query):
    env.cr.execute(query)
    return json.loads(json.dumps(env.cr.fetchall(), default=str))
env.flush_all()
print("FACTS", json.dumps({
    "tenders": rows("SELECT uuid, kind, amount FROM electricity_tender ORDER BY id"),
    "ledger": rows("SELECT count(*), sum(money), sum(energy) FROM electricity_ledger_entry"),
    "boxes": rows("SELECT name, state FROM electricity_cash_box ORDER BY id") if "electricity.cash.box" in env else [],
    "in_machine": rows("SELECT t.code, t.box_number, b.session FROM electricity_terminal t JOIN electricity_cash_box b"
        " ON b.terminal_id = t.id AND b.state = 'in_machine'") if "electricity.cash.box" in env else [],
    "uncertain": rows("SELECT tender_id, position, state FROM electricity_cash_box_note ORDER BY id")
        if "electricity.cash.box.note" in env else [],
}))
"""


def say(text):
    """Print a line at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def extract(commit, folder):
    """Write the addons of a commit into a folder.

    :raises ProcessError: there is no such commit here
    """
    packed = subprocess.run(["git", "archive", commit, "addons"], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        raise ProcessError(f"no commit {commit}: {packed.stderr.decode(errors='replace').strip()}")
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)


def modules_of(root):
    """Return the project's addons in a checkout."""
    return [module for module in own_modules() if (root / "addons" / module / "__manifest__.py").exists()]


def facts(root):
    """Return what a database says of its money and boxes, asked by the addons of a checkout."""
    output = run("shell", f"--database={DATABASE}", "--no-http", stdin=FACTS, root=root).stdout
    line = next(each for each in output.splitlines() if "FACTS " in each)
    return json.loads(line.split("FACTS ", 1)[1])


def update(root):
    """Update the database to the addons of a checkout, and install those that it did not have.

    :return: lines of the log that are errors or warnings
    """
    there = {
        name for (name,) in postgres.query("SELECT name FROM ir_module_module WHERE state = 'installed'", DATABASE)
    }
    modules = modules_of(root)
    options = [f"--update={','.join(module for module in modules if module in there)}"]
    new = [module for module in modules if module not in there]
    options += [f"--init={','.join(new)}"] if new else []
    log = run("server", f"--database={DATABASE}", *options, "--stop-after-init", "--no-http", root=root).stderr
    return [line for line in log.splitlines() if LOUD.search(line)]


def differences(before, after):
    """Return a sentence for each thing that an update must not have changed."""
    wrong = [
        f"{name} changed: {before[name]} became {after[name]}"
        for name in ("tenders", "ledger")
        if before[name] != after[name]
    ]
    # An earlier version may have called a box "out" that is one from before.
    kept = {(name, state) for name, state in before["boxes"] if state != "out"}
    wrong += [f"the box {name} was {state}" for name, state in kept - set(map(tuple, after["boxes"]))]
    wrong += [f"box {box[0]} is {box[1]}" for box in after["boxes"] if not before["boxes"] and box[1] == "out"]
    wrong += [
        f"box {session} is in the machine at {code}, which has box {number}"
        for code, number, session in after["in_machine"]
        if session != f"box-{number}"
    ]
    notes = [tuple(each[:2]) for each in after["uncertain"]]
    return [*wrong, "an uncertain note is listed twice"] if len(set(notes)) != len(notes) else wrong


def check(commits):
    """Make a database by the first commit and update it to the others, then to what is here.

    :return: sentences about what is not as it should be
    """
    wrong = []
    copy_database(template(sorted(external_modules(own_modules())), demo=True), DATABASE)
    with tempfile.TemporaryDirectory() as folder:
        roots = [Path(folder) / str(number) for number, _commit in enumerate(commits)]
        for root, commit in zip(roots, commits, strict=True):
            root.mkdir()
            extract(commit, root)
            say(f"{'Installing' if root == roots[0] else 'Updating to'} {commit}: {', '.join(modules_of(root))}")
            if root == roots[0]:
                init = f"--init={','.join(modules_of(root))}"
                options = (f"--database={DATABASE}", init, "--with-demo", "--stop-after-init", "--no-http")
                run("server", *options, root=root)
                run("shell", f"--database={DATABASE}", "--no-http", stdin=DATA, root=root)
            else:
                update(root)
        before = facts(roots[-1])
    for time in ("Updating to what is here", "Updating once more"):
        say(time)
        wrong += update(ROOT)
        after = facts(ROOT)
        wrong += differences(before, after)
    say(json.dumps(after["boxes"]))
    return wrong


def main(arguments=None):
    """Command line of script/upgrade; returns its exit status."""
    parser = argparse.ArgumentParser(prog="script/upgrade", description=__doc__.splitlines()[0])
    parser.add_argument("commits", nargs="+", help="oldest first; the database is made by the addons of this one")
    options = parser.parse_args(arguments)
    postgres.ensure()
    try:
        wrong = check(options.commits)
    except (ProcessError, postgres.PostgresError) as error:
        wrong = [str(error)]
    finally:
        drop_database(DATABASE)
    for line in wrong:
        say(f"WRONG: {line}")
    say(
        "The update changed nothing that it must not, and had nothing to complain of." if not wrong else "Not in order."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
