"""The rules and their pages: ids that stay, a page that says what is found, and a rule for whatever refutes."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

import gradcheck
from gradcheck.report.rules import ARRAYS, ERRATUM, IDENTITY, LEVELS, NOT_RUN, NOTICES, SIZE, UNDECIDED, rule_of, rules

HOUSE = Path(gradcheck.__file__).parent
PAGES = {path.name: path.read_text(encoding="utf-8") for path in files("gradcheck.report").joinpath("rules").iterdir()}
PUBLISHED = {  # users' baselines, filters and links have these: they never change
    "GC101": "size",
    "GC102": "identity",
    "GC103": "erratum",
    "GC201": "input-gradient",
    "GC301": "filter-gradient",
    "GC401": "bias-gradient",
    "GC501": "output",
    "GC502": "unlike",
    "GC601": "input-mutated",
    "GC602": "accumulated",
    "GC603": "second-call-differs",
    "GC604": "not-deterministic",
    "GC605": "not-finite",
    "GC606": "down-cast",
    "GC901": "undecided",
    "GC902": "not-run",
}


def complaints(name: str, page: str) -> list[str]:
    """What is wrong with a page in the file of this name."""
    head, finds, *rest = [*page.split("\n\n"), "", ""]
    named = re.fullmatch(r"# (GC[1-9]\d\d): ([a-z]+(-[a-z]+)*)", head)
    sections = [block.split("\n")[0] for block in rest if block.startswith("#")]
    wrong = {
        "the first line is not '# GC201: name'": not named,
        "the file is named after another rule": bool(named) and name != f"{named[1]}.md",
        "what it finds is not one sentence": not re.fullmatch(r"[A-Z][^#.]+\.", finds),
        "what it finds is long": len(finds) > 160,
        "it does not say what it means": "## What it means" not in sections,
        "it does not say what to do": "## What to do" not in sections,
        "it has a heading of its own": not set(sections) <= SECTIONS,
        "it has a tag": bool(re.search(r"<[a-z/!]", page)),
        "it does not end with one line break": not page.endswith("\n") or page.endswith("\n\n"),
    }
    return [complaint for complaint, found in wrong.items() if found]


SECTIONS = {"## What it means", "## What is usually wrong", "## What to do"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_is_found(name):
    """The id and the name, what is found in a sentence, what it means, and what to do."""
    assert complaints(name, PAGES[name]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# GC201: ", "# GC201 "),
        ("# GC201: ", "# GC301: "),
        ("# GC201: ", "# XY201: "),
        ("input-gradient", "Input gradient"),
        ("right.\n\n", "right\n\n"),
        ("right.\n\n", "right. It may be another one.\n\n"),
        ("right.\n\n", f"right{', again' * 20}.\n\n"),
        ("\n\nThe gradient", "\nThe gradient"),
        ("## What it means", "## Meaning"),
        ("## What to do", "What to do"),
        ("## What to do", "## What to do\n\n## More"),
        ("∂", "<br>"),
    ],
)
def test_a_bad_page_is_noticed(old, new):
    """A planted fault is complained of."""
    page = PAGES["GC201.md"].replace("dX", "∂X", 1)
    assert complaints("GC201.md", page) == []
    assert old in page
    assert complaints("GC201.md", page.replace(old, new, 1))


def test_no_two_pages_are_alike():
    """Every id, every name and every sentence stands for one thing."""
    for field in ("id", "name", "finds"):
        values = [getattr(rule, field) for rule in rules().values()]
        assert len(set(values)) == len(values) == len(PAGES)


def test_the_rules_are_those_that_were_published():
    """An id keeps its name, and no rule goes away; in order."""
    assert {rule.id: rule.name for rule in rules().values()} == PUBLISHED
    assert list(rules()) == sorted(rules())


def test_a_rule_is_its_page():
    """The sentence is in one line, the page is whole."""
    rule = rules()["GC201"]
    assert rule.finds == "The gradient with respect to the input is wrong in value, its shape being right."
    assert rule.page == PAGES["GC201.md"]


def test_every_rule_is_one_that_something_falls_under():
    """The pages and the tables have the same ids, each table each id once."""
    used = [SIZE, IDENTITY, ERRATUM, UNDECIDED, NOT_RUN, *ARRAYS.values(), *NOTICES.values()]
    assert sorted(used) == list(rules())
    assert set(LEVELS) <= set(rules())
    assert {rule.level for rule in rules().values()} == {"error", "warning", "note"}


@pytest.mark.parametrize(("role", "id_"), ARRAYS.items())
def test_the_rule_of_an_array_is_that_of_its_role(role, id_):
    """Without a fault that tells of its shape; an operand that is none of the known ones is a filter."""
    assert rule_of(role, None) == id_
    assert rule_of("q", None) == "GC301"


# Notices


def refuting(source: str) -> set[str]:
    """The ids of the notices that a source makes and that refute; "?" for one that is not spelled out."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Notice":
            given = dict(zip(("id", "text", "refutes"), node.args, strict=False))
            given |= {keyword.arg or "": keyword.value for keyword in node.keywords}
            if not _is(given.get("refutes"), False):
                found.add(given["id"].value if isinstance(given.get("id"), ast.Constant) else "?")
    return found


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_whatever_refutes_has_a_rule():
    """Every notice with refutes=True in the package has a rule, and there is none for another."""
    found = set().union(*(refuting(path.read_text(encoding="utf-8")) for path in HOUSE.rglob("*.py")))
    assert found == set(NOTICES)


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_named_like_its_rule(name):
    """One word for one idea."""
    assert rules()[NOTICES[name]].name == name


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ('Notice("a", "text", refutes=True)', {"a"}),
        ('yield Notice("a", text, True, role=role)', {"a"}),
        ('findings.Notice(id="a", refutes=bad, text="")', {"a"}),
        ("Notice(name, text, refutes=True)", {"?"}),
        ('Notice("a", text, refutes=False), Notice("b", text, False)', set()),
    ],
)
def test_a_notice_is_found(source, ids):
    """However it is written, and wherever it stands."""
    assert refuting(f"def f():\n    {source}") == ids
