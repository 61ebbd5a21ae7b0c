"""Odoo databases in a second: copies of templates that are built once and kept until their sources change."""

import hashlib
import json
import os
import shutil
import sys

from stack import postgres
from stack.locks import locked
from stack.manifests import external_modules, own_modules, source_hash
from stack.odoo import data_folder, origin, run
from stack.paths import ROOT, cache_folder

PREPARE = ROOT / "script" / "stack" / "prepare_database.py"
PREFIX = "prepaid_template"
KEPT = 4
DEMO_BASE = {"web", "mail"}
"""What has Odoo's own demo data in databases with demo data."""
ACCOUNTS = """
env["account.chart.template"].try_loading("generic_coa", company=env.company, install_demo=False)
env.cr.commit()
"""
"""For the parameter ``script``: gives the company a chart of accounts, which takes longer than most tests."""


def install_database(name, modules=None, demo=False, assets=False, script=None):
    """Make the database ``name`` with ``modules`` installed, as a copy of :func:`template`.

    :param list modules: technical names; all addons of this project by default
    :param bool demo: with this project's demo data
    :param bool assets: with the browser's files generated beforehand, for browser tests
    :param str script: what an Odoo shell does to it then, once for all copies
    :raises ProcessError: when an installation fails.
    """
    copy_database(template(modules, demo, assets, script), name)


def template(modules=None, demo=False, assets=False, script=None):
    """Return the name of the template with ``modules``, building what is missing.

    Odoo's own modules come first, in a template that lasts until Odoo changes; this project's addons are installed on a
    copy of it whenever a file of theirs changes, and last what is wanted beside them, so that all share what comes
    before. The parameters are those of :func:`install_database`.
    """
    modules = own_modules() if modules is None else modules
    own = sorted(set(modules) & set(own_modules()))
    beside = sorted(set(modules) - set(own) - external_modules(own)) if own and not demo else []
    stock = sorted(external_modules(own) | set(modules) - set(own) - set(beside) | {"web", "mail"})

    def install_stock(name):
        postgres.create(name)
        _install(name, sorted(DEMO_BASE) if demo else stock, demo)
        if demo and set(stock) > DEMO_BASE:
            _install_without_demo(name, sorted(set(stock) - DEMO_BASE))
        run("shell", f"--database={name}", "--no-http", stdin=PREPARE.read_text(encoding="utf-8"))

    def install_own(name):
        copy_database(found, name)
        _install(name, own, demo)

    def run_script(name):
        copy_database(found, name)
        run("shell", f"--database={name}", "--no-http", stdin=script)

    def install_beside(name):
        copy_database(found, name)
        _install(name, beside, demo)

    def generate_assets(name):
        copy_database(found, name)
        lines = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
        run("shell", f"--database={name}", "--no-http", stdin=lines)

    facts = [origin(), stock, demo and sorted(DEMO_BASE), PREPARE.read_text(encoding="utf-8")]
    found = _built("stock", facts, install_stock)
    if own:
        found = _built("own", [found, own, source_hash(own)], install_own)
    if script:
        found = _built("script", [found, script], run_script)
    if assets:
        found = _built("assets", [found], generate_assets)
    if beside:
        found = _built("beside", [found, beside], install_beside)
    return found


def _install(name, modules, demo):
    data = "--with-demo" if demo else "--without-demo=True"
    run("server", f"--database={name}", f"--init={','.join(modules)}", data, "--stop-after-init", "--no-http")


def _install_without_demo(name, modules):
    """Install modules of Odoo in a database with demo data, without theirs: shops, invoices, other currencies.

    Odoo gives a module its demo data when all that it needs has theirs.
    """
    postgres.query("UPDATE ir_module_module SET demo = false", name)
    _install(name, modules, False)
    # Told that they have it, so that this project's addons get theirs.
    postgres.query("UPDATE ir_module_module SET demo = true WHERE state = 'installed'", name)


def _built(label, facts, build):
    """Return the template for ``facts``, calling ``build(name)`` when it is not there.

    It is built under another name, so that an interrupted build is never taken for a template, and one at a time.
    """
    name = f"{_family(label)}{_digest(facts, 12)}"
    with _locked(label):
        if not postgres.exists(name):
            part = f"{name}_part"
            drop_database(part)
            build(part)
            postgres.rename(part, name)
            store = _store(part)
            if store.exists():
                shutil.rmtree(_store(name), ignore_errors=True)
                store.rename(_store(name))
            _drop_old(label)
    return name


def _family(label):
    # A template is whole only together with its files: one whose files lie under another cache is not ours.
    return f"{PREFIX}_{label}_{_digest(str(data_folder()), 6)}_"


def _digest(facts, length):
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:length]


def _drop_old(label):
    rows = postgres.query(
        f"SELECT datname FROM pg_database WHERE starts_with(datname, '{_family(label)}') ORDER BY oid DESC"
    )
    for (name,) in rows[KEPT:]:
        drop_database(name)


def _locked(label):
    return locked(cache_folder() / "locks" / f"{PREFIX}_{label}")


def _store(name):
    return data_folder() / "filestore" / name


def copy_database(source, name):
    """Copy a database that nobody is using, with its files (as hard links: Odoo never changes one in place).

    A database ``name`` that exists is replaced.
    """
    drop_database(name)
    # Two copies of one template at a time would refuse each other.
    with _locked(f"copy_{source}"):
        postgres.create(name, source)
    if _store(source).exists():
        shutil.copytree(_store(source), _store(name), copy_function=os.link)


def drop_database(name):
    """Drop a database and its files. One that does not exist is no error."""
    postgres.drop(name)
    shutil.rmtree(_store(name), ignore_errors=True)


def main(arguments):
    """Command line: ``python -m stack.databases create NAME [--demo] [--assets] [MODULE…]`` or ``drop NAME``."""
    action, name, *rest = arguments
    postgres.ensure()
    if action == "create":
        modules = [each for each in rest if not each.startswith("--")] or None
        install_database(name, modules, "--demo" in rest, "--assets" in rest)
    elif action == "drop":
        drop_database(name)
    else:
        sys.exit(main.__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
