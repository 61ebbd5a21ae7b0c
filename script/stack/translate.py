"""Refresh the addons' translation files from what the addons say now.

For each addon: ``i18n/<addon>.pot`` is exported from a fresh installation, and each ``i18n/<language>.po`` gets its
terms, with the translations that it has. Terms without one are listed; the exit status is 1 when there are any.
"""

import os
import sys

import polib

from stack import postgres
from stack.databases import drop_database, install_database
from stack.manifests import own_modules
from stack.odoo import run
from stack.paths import ROOT

# One each: several checkouts share one database server.
DATABASE = f"prepaid_translate_{os.getpid()}"
EXPORT = """
from odoo.tools.translate import trans_export
with open({path!r}, "wb") as file:
    trans_export(False, [{addon!r}], file, "po", env)
"""
METADATA = {
    "Project-Id-Version": "Prepaid Electricity 19.0",
    "Report-Msgid-Bugs-To": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "",
    "Plural-Forms": "",
}
HEADER = """\
Translation of Odoo Server.
This file contains the translation of the following modules:
    * {addon}
"""


def merged(addon, exported, translations=None, language=None):
    """Return a translation file with the exported terms.

    :param str addon: technical name
    :param exported: ``polib.POFile`` of all terms
    :param dict translations: term=translation; terms that are not in it stay empty
    :param str language: such as ``zh_CN``, None for the template
    :return: ``polib.POFile``
    """
    translations = translations or {}
    file = polib.POFile(wrapwidth=78)
    file.header = HEADER.format(addon=addon)
    file.metadata = {**METADATA, **({"Language": language} if language else {})}
    for entry in exported:
        if entry.msgid:
            file.append(
                polib.POEntry(
                    msgid=entry.msgid,
                    msgstr=translations.get(entry.msgid, ""),
                    comment=entry.comment,
                    tcomment=entry.tcomment,
                    occurrences=entry.occurrences,
                    flags=entry.flags,
                )
            )
    return file


def refresh(addon, folder):
    """Rewrite the files of one addon from the database :data:`DATABASE`.

    :param str addon: technical name
    :param folder: its ``i18n`` folder
    :return: list of ``(file name, term)`` without a translation
    """
    template = folder / f"{addon}.pot"
    run("shell", f"--database={DATABASE}", "--no-http", stdin=EXPORT.format(path=str(template), addon=addon))
    exported = polib.pofile(str(template))
    merged(addon, exported).save(str(template))
    missing = []
    for path in sorted(folder.glob("*.po")):
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if "fuzzy" not in entry.flags}
        file = merged(addon, exported, known, path.stem)
        file.save(str(path))
        missing += [(path.name, entry.msgid) for entry in file if not entry.msgstr]
    return missing


def main():
    """Refresh all addons that have an ``i18n`` folder."""
    postgres.ensure()
    install_database(DATABASE)
    missing = []
    try:
        for addon in own_modules():
            folder = ROOT / "addons" / addon / "i18n"
            if folder.is_dir():
                missing += refresh(addon, folder)
    finally:
        drop_database(DATABASE)
    for name, term in missing:
        sys.stdout.write(f"{name}: not translated: {term!r}\n")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
