"""The rules that findings are reported under: ids that never change their meaning, with a page for each in rules/.

A rule more is a page more: its first line has the id and the name, its first paragraph says what it finds.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gradcheck.findings import Fault

SIZE, IDENTITY, ERRATUM, UNDECIDED, NOT_RUN = "GC101", "GC102", "GC103", "GC901", "GC902"
ARRAYS = {"y": "GC501", "x": "GC201", "w": "GC301", "b": "GC401"}
NOTICES = {
    "unlike": "GC502",
    "input-mutated": "GC601",
    "accumulated": "GC602",
    "second-call-differs": "GC603",
    "not-deterministic": "GC604",
    "not-finite": "GC605",
    "down-cast": "GC606",
}
LEVELS = {ERRATUM: "note", UNDECIDED: "warning"}  # all others are errors


@dataclass(frozen=True, slots=True)
class Rule:
    """Its id (GC201), its name (input-gradient), what it finds in a sentence, and its whole page in Markdown."""

    id: str
    name: str
    finds: str
    page: str

    @property
    def level(self) -> str:
        """How bad a finding is: error, warning or note."""
        return LEVELS.get(self.id, "error")


@cache
def rules() -> dict[str, Rule]:
    """All rules by their ids, in order."""
    pages = (file for file in files("gradcheck.report").joinpath("rules").iterdir() if file.name.endswith(".md"))
    found = (_rule(page.read_text(encoding="utf-8")) for page in pages)
    return {rule.id: rule for rule in sorted(found, key=lambda rule: rule.id)}


def _rule(page: str) -> Rule:
    head, finds, _ = page.split("\n\n", 2)
    id_, name = head.removeprefix("# ").split(": ")
    return Rule(id_, name, " ".join(finds.split()), page)


def rule_of(role: str, fault: Fault | None) -> str:
    """The rule for an array that is wrong: GC101 where its shape is, or there is none; else that of its role."""
    if fault and fault.shape != fault.expected:
        return SIZE
    return ARRAYS.get(role, ARRAYS["w"])
