"""The mutation corpus: what is detected, and whether the mistake that is named is the one that was made."""

from pathlib import Path

import pytest
from mutants.table import CORRECT, MUTANTS

from gradcheck.examination.examine import examine
from gradcheck.findings import Examination
from gradcheck.targets.address import Address
from gradcheck.targets.load import load

HOME = Path(__file__).with_name("mutants")
UNNAMED = {  # detected, but by no mistake that gradcheck knows
    "conv2d_input:ChannelsWrongWayRound",
    "conv2d_input:ColumnsReshaped",
    "conv2d_bias_and_forward:BiasForTheFirstSample",
    "conv2d_bias_and_forward:BiasWithEveryTap",
    "transposed_rest:BiasInsideTheWindows",
    "depthwise_rest:BiasPerPixelOfTheFilter",
    "conv1d_rest:UnpaddedInput",
}


def wrongly(examination: Examination, cause: str) -> set[str]:
    """The causes told first of an array that are not the mistake that was made."""
    first = [(r.role, r.fault.causes[0].id) for r in examination.results if r.fault and r.fault.causes]
    return {one for role, one in first if one != cause and not (role == "y" and cause == "forward-off")}


def found(name: str) -> Examination:
    """What is found out about a mutant."""
    module, _, kind = name.partition(":")
    return examine(load(Address(str(HOME / f"{module}.py"), kind)), name)


def told(examination: Examination) -> list[str]:
    """Every cause that is told first for an array, as a mistake or a convention, and every notice."""
    faults = [(r.role, r.fault.causes[:1]) for r in examination.results if r.fault]
    causes = ["forward-off" if role == "y" else cause.id for role, causes in faults for cause in causes]
    causes += [cause.id for role, causes in faults if role == "y" for cause in causes]
    conventions = [r.convention.id for r in examination.results if r.convention]
    return [*causes, *conventions, *("accumulated" if n.id == "accumulates" else n.id for n in examination.notices)]


@pytest.mark.parametrize("name", CORRECT)
def test_the_layers_that_mutants_are_made_from_are_verified(name):
    """No false alarm, and no blind spot."""
    examination = found(name)
    assert examination.verdict == "verified"
    assert examination.blind == ()


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_detected_and_named(name):
    """Every mistake is told, by its name; a few are refuted without one, none is given another's."""
    examination = found(name)
    assert examination.verdict == "refuted" or {"mean-over-batch", "accumulated"} & set(told(examination))
    if name in UNNAMED:
        assert not any(r.fault.causes for r in examination.results if r.fault)
    else:
        assert MUTANTS[name][0] in told(examination)
        assert wrongly(examination, MUTANTS[name][0]) == set()


def test_the_corpus_is_large_enough():
    """At least 60 mistakes over all families, and nine in ten of them named."""
    families = {name.split(":")[0].split("_")[0] for name in MUTANTS}
    assert families >= {"conv2d", "conv1d", "transposed", "depthwise"}
    assert len(MUTANTS) >= 60
    assert len(UNNAMED) <= len(MUTANTS) / 10
