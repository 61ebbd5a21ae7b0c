"""Links in the documentation lead somewhere."""

import re
from urllib.parse import unquote

import pytest
from stack.paths import ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)


def pages(root):
    """Return all Markdown files under a folder, those of tools' hidden folders aside."""
    found = (path for path in root.rglob("*.md") if path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))


def anchors(text):
    """Return the names that GitHub gives to the headings of a page."""
    names = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        names.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return names


def broken(page):
    """Return the relative links of a page that lead nowhere."""
    text = re.sub(r"`[^`]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in LINK.findall(text) if not leads_somewhere(page, unquote(link))]


def leads_somewhere(page, link):
    """Return whether a link on a page is to another site, or to a file (and a heading in it) that exists."""
    if re.match(r"[a-z][a-z0-9+.-]*:", link):
        return True
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_resolves(page):
    assert broken(page) == []


def test_every_page_of_docs_is_in_its_index():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    decisions = ROOT / "docs" / "decisions"
    listed = {(decisions / link).resolve() for link in LINK.findall((decisions / "README.md").read_text("utf-8"))}
    missing = {path for path in pages(ROOT / "docs") if path != index} - linked - listed
    assert sorted(path.relative_to(ROOT).as_posix() for path in missing) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[gone](gone.md)", ["gone.md"]),
        ("![picture](img/gone.png)", ["img/gone.png"]),
        ("[here](#no-such-heading)", ["#no-such-heading"]),
        ("[there](other.md#no-such-heading)", ["other.md#no-such-heading"]),
        ("[there](other.md#two-words-and-code) [here](#a-page) [site](https://example.com/x)", []),
        ("```\n[code](gone.md)\n```\n`[code](gone.md)`", []),
    ],
)
def test_a_broken_link_is_noticed(tmp_path, text, wrong):
    (tmp_path / "other.md").write_text("## Two words, and `code`\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n{text}\n", encoding="utf-8")
    assert broken(page) == wrong
