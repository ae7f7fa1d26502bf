"""The examples in the package's docstrings give what they show."""

import doctest
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import gradcheck

HOUSE = Path(gradcheck.__file__).parent
MODULES = {
    ".".join(("gradcheck", *path.relative_to(HOUSE).with_suffix("").parts)): path
    for path in sorted(HOUSE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
}
FRAMEWORKS = ("torch", "jax", "autograd")  # not everywhere installed


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    """Every example of a module, in a module that can be imported where its framework is there."""
    missing = [one for one in FRAMEWORKS if f"import {one}" in MODULES[name].read_text("utf-8") and not find_spec(one)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    failed, tried = doctest.testmod(import_module(name))
    assert tried
    assert not failed


def test_a_wrong_example_is_noticed() -> None:
    """An example that shows something else fails."""
    parsed = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "planted", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(parsed, out=lambda text: None).failed
