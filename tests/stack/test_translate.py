"""Refreshing translations keeps what is translated and shows what is not."""

import polib
from stack import translate


def exported(*terms):
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    for term in terms:
        file.append(polib.POEntry(msgid=term, occurrences=[("code:addons/a/b.py", "0")]))
    return file


def test_translations_are_kept_new_terms_are_listed_and_old_ones_go(tmp_path, monkeypatch):
    chinese = exported("Card", "Old")
    for entry in chinese:
        entry.msgstr = "卡" if entry.msgid == "Card" else "旧"
    chinese.save(str(tmp_path / "zh_CN.po"))
    monkeypatch.setattr(translate, "run", lambda *_args, **_kw: exported("Card", "Meter").save(str(tmp_path / "a.pot")))
    assert translate.refresh("a", tmp_path) == [("zh_CN.po", "Meter")]
    after = polib.pofile(str(tmp_path / "zh_CN.po"))
    assert {entry.msgid: entry.msgstr for entry in after} == {"Card": "卡", "Meter": ""}
    assert after.metadata["Language"] == "zh_CN"
    assert not any(entry.msgstr for entry in polib.pofile(str(tmp_path / "a.pot")))
