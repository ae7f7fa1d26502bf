"""The words for each mistake, from causes.toml: a mistake more is an entry more there."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Words:
    """The cause in a few words, the place in the mathematics, and the fix in a sentence."""

    title: str
    place: str
    fix: str


@cache
def causes() -> dict[str, Words]:
    """The words by the cause's id, {a} standing for the array and {variant} for the variant."""
    text = files("gradcheck.report").joinpath("causes.toml").read_text(encoding="utf-8")
    return {cause: Words(**words) for cause, words in tomllib.loads(text).items()}


def words(cause: str, variant: str, array: str) -> Words:
    """The words for a cause of what is wrong with an array."""
    found = causes()[cause]
    told = {"a": array, "variant": variant}
    title = found.title.replace(" ({variant})", "") if not variant else found.title
    return Words(title.format_map(told), found.place.format_map(told), found.fix.format_map(told))
