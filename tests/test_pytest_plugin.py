"""The plugin: claims files and random layers as tests, seeds that do not depend on order, commands that reproduce."""

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gradcheck import pytest_plugin
from gradcheck.running_test import seed_of

TOOLS = Path(sys.executable).parent
QUIET = [word for name in ("cacheprovider", "randomly", "cov", "hypothesispytest") for word in ("-p", f"no:{name}")]
CLAIMS = """
title = "My notes"
layer = "Y[j,a] += X[i,a+u] * F[j,i,u]"
where = ["m <= n"]

[shapes]
X = "k n"
F = "p k m"

[[claim]]
id = "output-size"
shape = { Y = "p n-m+1" }

[[claim]]
id = "input-gradient"
formula = "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))"
"""
FALSE = (
    "input-gradient: dX[i] = sum(j, corr(pad(dY[j], m - 1), F[j,i])); dX[0,0]: got the term F[0,0,0] dY[0,0] not at all"
)
DRAW = "gradcheck.assert_gradients(np.sin, np.ones(2), vjp=lambda dy, x: dy * np.cos(x))"
SEEDED = f"""
import unittest

import gradcheck
import numpy as np
import pytest


def test_one():
    {DRAW}


@pytest.mark.xdist_group("a")
def test_two():
    {DRAW}


@pytest.mark.xdist_group("b")
@pytest.mark.parametrize("x", ["a b", "[::]"])
def test_each(x):
    {DRAW}


@pytest.mark.xdist_group("a")
@pytest.mark.gradients("dense", layers=2)
def test_random(random_layer):
    random_layer.assert_gradients(dX=random_layer.dX)


class TestClass:
    def test_method(self):
        {DRAW}


class Case(unittest.TestCase):
    def test_case(self):
        {DRAW}
"""
FAILING = """
import unittest

import gradcheck
import numpy as np
import pytest


class Passed:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy


@pytest.mark.parametrize("x", ["a b", "it's [$HOME]::`x`"])
def test_each(x, assert_gradients):
    assert_gradients(Passed)


@pytest.mark.gradients("conv1d", layers=4, where=["m > 1"])
def test_random(random_layer):
    random_layer.assert_gradients(dX=-random_layer.dX)


class Case(unittest.TestCase):
    def test_gradients(self):
        gradcheck.assert_gradients(Passed)

    def test_sizes(self):
        for last in (8, 7):
            with self.subTest(last=last):
                gradcheck.assert_sizes("conv2d", X=(3, 9, 9), F=(8, 3, 2, 2), Y=(8, 8, last))
"""
PROBE = """
import sys


def pytest_sessionfinish(session):
    loaded = sorted({"numpy", "sympy", "hypothesis", "click", "rich"} & set(sys.modules))
    print("LOADED", *loaded, "END", "gradcheck.pytest_plugin" in sys.modules)
"""


def ran(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    """A run of the program pytest, as a person starts it."""
    return pytester.run(TOOLS / "pytest", *QUIET, *words, timeout=120)


def failures(output: str) -> dict[str, str]:
    """Every command that a failure tells, with the first line of what it tells before.

    Where the variable CI is set, pytest repeats each failure in its summary: the first telling counts.
    """
    found, first = {}, ""
    for line in output.splitlines():
        said = line.removeprefix("E").strip()
        if "[GC" in said or "the shape is" in said:
            first = first or re.sub(r"^gradcheck\.\w+: ", "", said)
        if said.startswith("rerun: "):
            found.setdefault(said.removeprefix("rerun: "), first)
            first = ""
    return found


def pasted(command: str, folder: Path) -> subprocess.CompletedProcess:
    """What comes of a command in a shell."""
    env = {**os.environ, "PATH": os.pathsep.join([str(TOOLS), os.environ["PATH"]])}
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False
    )


def seeds(path: Path) -> dict[str, str]:
    """The seed of every test in a JUnit file, by its name; the group that pytest-xdist adds is left out."""
    found = {}
    for case in ET.parse(path).getroot().iter("testcase"):
        told = [one.get("value") for one in case.iter("property") if one.get("name") == "gradcheck_seed"]
        assert len(told) == 1, case.get("name")
        found[re.sub(r"@\w+$", "", f"{case.get('classname')}::{case.get('name')}")] = told[0]
    return found


def seeded(pytester: pytest.Pytester, *words: str) -> dict[str, str]:
    """The seeds of a run."""
    result = ran(pytester, "--junitxml=found.xml", *words)
    assert result.ret == 0, result.stdout.str()
    return seeds(pytester.path / "found.xml")


def ids(pytester: pytest.Pytester, *words: str) -> list[str]:
    """The ids of what is collected."""
    return [line for line in ran(pytester, "--collect-only", "-q", *words).outlines if "::" in line]


# claims files


def test_claims_are_tests(pytester: pytest.Pytester) -> None:
    """One test a claim: the true one passes, the false one tells what, by which rule, and how to see it again."""
    (pytester.path / "notes.claims.toml").write_text(CLAIMS, encoding="utf-8")
    (pytester.path / "notes.toml").write_text("no = claims", encoding="utf-8")
    result = ran(pytester, "-v", "--junitxml=found.xml")
    result.assert_outcomes(passed=1, failed=1)
    output = result.stdout.str()
    assert "notes.claims.toml::output-size PASSED" in output
    assert "notes.claims.toml::input-gradient FAILED" in output
    result.stdout.fnmatch_lines(["gradcheck: seed 0"])
    assert f"\n{FALSE}, should be once; at k=1, n=2, p=1, m=2 [GC201]\n" in output
    assert "Traceback" not in output
    assert ".py:" not in output
    found = seeds(pytester.path / "found.xml")
    seed = str(seed_of("notes.claims.toml", 0))
    assert set(found.values()) == {seed}
    ((command, _),) = failures(output).items()
    words = shlex.split(command)
    assert words[:7] == ["gradcheck", "verify", "notes.claims.toml", "--claim", "input-gradient", "--seed", seed]
    again = pasted(command, pytester.path)
    assert again.returncode == 1
    wrong = next(line for line in output.splitlines() if line.startswith("dX[0,0]: got -"))
    assert wrong.partition(";")[0] in again.stdout


def test_one_claim_is_judged_as_all_are(pytester: pytest.Pytester) -> None:
    """A claim on its own, from another folder, has the same verdict on the same layers."""
    (pytester.mkdir("docs") / "notes.claims.toml").write_text(CLAIMS, encoding="utf-8")
    pytester.makeini("[pytest]")
    whole = failures(ran(pytester).stdout.str())
    os.chdir(pytester.mkdir("other"))
    one = ran(pytester, "../docs/notes.claims.toml::input-gradient")
    one.assert_outcomes(failed=1)
    ((command, told),) = failures(one.stdout.str()).items()
    ((before, same),) = whole.items()
    assert told == same
    assert shlex.split(command)[3:] == shlex.split(before)[3:]
    assert pasted(command, pytester.path / "other").returncode == 1


def test_a_broken_claims_file_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    """Files that cannot be read are told with file, line and place, without a traceback, and the others run."""
    texts = {"notes": CLAIMS, "key": CLAIMS.replace("shape =", "shap ="), "toml": "title =\n", "none": CLAIMS[:60]}
    for name, text in texts.items():
        (pytester.path / f"{name}.claims.toml").write_text(text, encoding="utf-8")
    (pytester.path / "bytes.claims.toml").write_bytes(b"\xff\xfe")
    result = ran(pytester, "--continue-on-collection-errors")
    result.assert_outcomes(passed=1, failed=1, errors=4)
    output = result.stdout.str()
    assert re.search(r"^\S*key\.claims\.toml:12: .*unknown key 'shap'; did you mean 'shape'\?$", output, re.MULTILINE)
    assert re.search(r"^\S*toml\.claims\.toml: not TOML: .*line 1", output, re.MULTILINE)
    assert re.search(r"^\S*bytes\.claims\.toml: not a text file in UTF-8", output, re.MULTILINE)
    assert "Traceback" not in output
    assert ".py" not in output


def test_settings_say_which_files_and_seeds(pytester: pytest.Pytester) -> None:
    """Another pattern, another seed, fewer layers: [tool.gradcheck] of the root says so, the command line more."""
    said = 'claims_files = ["*.gradients.toml", "notes.toml"]\nseed = 3\nlayers = 9\n'
    (pytester.path / "pyproject.toml").write_text(f"[tool.gradcheck]\n{said}", encoding="utf-8")
    for name in ("a.claims.toml", "a.gradients.toml", "notes.toml"):
        (pytester.path / name).write_text(CLAIMS, encoding="utf-8")
    assert {one.partition("::")[0] for one in ids(pytester)} == {"a.gradients.toml", "notes.toml"}
    result = ran(pytester, "notes.toml", "--junitxml=found.xml")
    result.stdout.fnmatch_lines(["gradcheck: seed 3"])
    assert set(seeds(pytester.path / "found.xml").values()) == {str(seed_of("notes.toml", 3))}
    ((command, _),) = failures(result.stdout.str()).items()
    assert int(shlex.split(command)[-1]) <= 9


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("sed = 1", "[tool.gradcheck] knows no sed; did you mean 'seed'?"),
        ('seed = "a"', "seed = 'a': expected an integer"),
        ("seed = 5000000000", "seed = 5000000000: expected at least 0 and at most 4294967295"),
        ("time_limit = 0", "time_limit = 0: expected at least 0.1"),
    ],
)
def test_bad_settings_are_a_usage_error(pytester: pytest.Pytester, said: str, told: str) -> None:
    """What [tool.gradcheck] must not have ends the run before any test, in a line that names the file."""
    (pytester.path / "pyproject.toml").write_text(f"[tool.gradcheck]\n{said}\n", encoding="utf-8")
    pytester.makepyfile("def test(): pass")
    result = ran(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "pyproject.toml: " in result.stderr.str()
    assert told in result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_bad_settings_are_a_usage_error_when_quiet(pytester: pytest.Pytester) -> None:
    """With -q the same is told in the same way."""
    (pytester.path / "pyproject.toml").write_text("[tool.gradcheck]\nsed = 1\n", encoding="utf-8")
    (pytester.path / "notes.claims.toml").write_text(CLAIMS, encoding="utf-8")
    assert ran(pytester, "-q").ret == pytest.ExitCode.USAGE_ERROR


# the marker and the fixtures


def test_a_marked_test_runs_on_random_layers(pytester: pytest.Pytester) -> None:
    """A function, and the methods of a class, get 20 layers or so many as are asked for, of every marker on them."""
    pytester.makepyfile(
        test_marked="""
        import pytest

        @pytest.mark.gradients("conv2d")
        def test_twenty(random_layer):
            random_layer.assert_gradients(dX=random_layer.dX, dF=random_layer.dF, Y=random_layer.Y)

        @pytest.mark.gradients("conv1d", layers=2, where=["m = 2"])
        @pytest.mark.gradients("Y[j] += W[j,i] * X[i]", layers=1, shapes={"W": "p k", "X": "k"})
        @pytest.mark.parametrize("x", "ab")
        def test_both(random_layer, x):
            assert random_layer.sizes.get("m", 2) == 2

        @pytest.mark.gradients("dense", 2)
        class TestClass:
            def test_method(self, random_layer):
                assert random_layer.W.ndim == 2
        """
    )
    found = [one.partition("::")[2] for one in ids(pytester, "--strict-markers")]
    assert found[:20] == [f"test_twenty[conv2d-{n}]" for n in range(1, 21)]
    both = {f"test_both[{like}-{x}]" for like in ("conv1d-1", "conv1d-2", "Y[j] += W[j,i] * X[i]-1") for x in "ab"}
    assert {one for one in found if one.startswith("test_both")} == both
    assert found[-2:] == ["TestClass::test_method[dense-1]", "TestClass::test_method[dense-2]"]
    ran(pytester).assert_outcomes(passed=28)


def test_misuse_is_told(pytester: pytest.Pytester) -> None:
    """A marked test without the argument, and the fixture without the marker, are told with what to do."""
    pytester.makepyfile(
        test_marker="import pytest\n@pytest.mark.gradients('conv2d')\ndef test(): pass\n",
        test_fixture="def test(random_layer): pass\n",
    )
    result = ran(pytester, "--continue-on-collection-errors")
    result.assert_outcomes(errors=2)
    output = result.stdout.str()
    assert "test_marker.py::test is marked gradients: it must take the argument random_layer" in output
    assert '\nrandom_layer is for a test that is marked with @pytest.mark.gradients("conv2d")\n' in output


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("gradients", "a name in the catalogue"),
        ("gradients()", "a name in the catalogue"),
        ("gradients('conv2d', layer=1)", "layers"),
        ("gradients('conv9d', layers=1)", "unknown layer 'conv9d'"),
    ],
)
def test_a_wrong_marker_is_told(pytester: pytest.Pytester, mark: str, told: str) -> None:
    """A marker without a layer, with an unknown one, or with a misspelt option is told, without a traceback."""
    pytester.makepyfile(test_it=f"import pytest\n@pytest.mark.{mark}\ndef test(random_layer): pass\n")
    output = ran(pytester).stdout.str()
    assert told in output
    assert "pytest_plugin.py" not in output


def test_a_marker_on_a_unittest_is_told(pytester: pytest.Pytester) -> None:
    """A marked method of a TestCase, which cannot get any layers, does not pass."""
    pytester.makepyfile(
        test_it="""
        import unittest, pytest

        class Case(unittest.TestCase):
            @pytest.mark.gradients("conv2d")
            def test(self): pass
        """
    )
    assert ran(pytester).ret != 0


@pytest.mark.parametrize("name", ["assert_gradients", "assert_sizes"])
def test_fixtures_go_with_hypothesis(pytester: pytest.Pytester, name: str) -> None:
    """A test with @given can take the assertions as fixtures."""
    pytester.makepyfile(
        test_it=f"""
        from hypothesis import given, settings, strategies

        @settings(max_examples=2)
        @given(n=strategies.integers())
        def test(n, {name}): pass
        """
    )
    pytester.run(TOOLS / "pytest", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_nothing_is_called_gradcheck(pytester: pytest.Pytester) -> None:
    """No fixture has the name that users of torch import; those that there are have their docstrings, as the marker."""
    output = ran(pytester, "--fixtures", "--markers").stdout.str() + ran(pytester, "--fixtures").stdout.str()
    assert "@pytest.mark.gradients(like, layers=20, shapes={}, where=()): run the test on random layers" in output
    fixtures = re.findall(r"^(\w+)(?: \[.*\])? -- ", output, re.MULTILINE)
    assert {"assert_gradients", "assert_sizes", "random_layer", "tmp_path"} <= set(fixtures)
    assert not [name for name in fixtures if name.startswith("gradcheck")]
    assert not hasattr(pytest_plugin, "gradcheck")


# seeds


def test_seeds_follow_from_ids(pytester: pytest.Pytester) -> None:
    """Whatever the order, alone or together, in one process or in several, grouped or not: a test has its seed."""
    pytester.makepyfile(test_seeded=SEEDED)
    whole = seeded(pytester)
    assert len(whole) == 8
    assert whole["test_seeded::test_one"] == str(seed_of("test_seeded.py::test_one", 0))
    assert whole["test_seeded::test_random[dense-1]"] == whole["test_seeded::test_random[dense-2]"]
    assert len(set(whole.values())) == 7
    backwards = ids(pytester)[::-1]
    assert seeded(pytester, *backwards) == whole
    assert seeded(pytester, "-k", "test_case or test_two") == {n: whole[n] for n in whole if n[-3:] in ("ase", "two")}
    assert seeded(pytester, "-n", "2") == whole
    assert seeded(pytester, "-n", "2", "--dist", "loadgroup") == whole
    other = seeded(pytester, "--gradcheck-seed", "7")
    assert other.keys() == whole.keys()
    assert not set(other.values()) & set(whole.values())


def test_a_root_that_was_given_is_in_the_command(pytester: pytest.Pytester) -> None:
    """With --rootdir the command gives the same layers again."""
    (pytester.mkdir("sub") / "test_it.py").write_text(FAILING, encoding="utf-8")
    result = ran(pytester, "--rootdir=sub", "sub", "-k", "test_random")
    command, told = list(failures(result.stdout.str()).items())[-1]
    entry = re.findall(r"^E +(dX\[.*)", result.stdout.str(), re.MULTILINE)[-1]
    assert told
    assert entry in pasted(command, pytester.path).stdout


def test_a_run_by_python_is_reproduced(pytester: pytest.Pytester) -> None:
    """What python -m pytest can import, the command can import as well."""
    pytester.makepyfile(own_layer="FAILING = True")
    (pytester.mkdir("tests") / "test_it.py").write_text(f"import own_layer\n{FAILING}", encoding="utf-8")
    result = pytester.run(sys.executable, "-m", "pytest", *QUIET, "-k", "test_gradients")
    ((command, told),) = failures(result.stdout.str()).items()
    assert told in pasted(command, pytester.path).stdout


def test_fixtures_of_a_module_do_not_depend_on_order(pytester: pytest.Pytester) -> None:
    """Layers that are drawn once for a module are the same for whichever of its tests comes first."""
    pytester.makepyfile(
        test_it="""
        import pytest
        from gradcheck import random_layers

        @pytest.fixture(scope="module")
        def shared(): return random_layers("dense", 1)[0].seed

        def test_one(shared): print("SEED", shared)
        def test_two(shared): print("SEED", shared)
        """
    )
    one, two = (ran(pytester, "-s", f"test_it.py::{name}").stdout.str() for name in ("test_one", "test_two"))
    assert re.findall(r"SEED \d+", one) == re.findall(r"SEED \d+", two)


# failures


def test_commands_reproduce_failures(pytester: pytest.Pytester) -> None:
    """From another folder than the root, with a seed, odd ids, and unittest: every command shows the same again."""
    pytester.makeini("[pytest]")
    (pytester.mkdir("a folder") / "test_it.py").write_text(FAILING, encoding="utf-8")
    os.chdir(pytester.mkdir("other"))
    result = ran(pytester, "../a folder", "--gradcheck-seed", "7", "--junitxml=found.xml")
    output = result.stdout.str()
    result.stdout.fnmatch_lines(["gradcheck: seed 7", f"rootdir: {pytester.path}"])
    found = failures(output)
    words = {shlex.split(command)[1]: command for command in found}
    assert set(words) == {
        "../a folder/test_it.py::test_each[a b]",
        "../a folder/test_it.py::test_each[it's [$HOME]::`x`]",
        *(f"../a folder/test_it.py::test_random[conv1d-{n}]" for n in range(1, 5)),
        "../a folder/test_it.py::Case::test_gradients",
        "../a folder/test_it.py::Case::test_sizes",
    }
    assert all(shlex.split(command)[2:] == ["--gradcheck-seed", "7"] for command in found)
    assert found[words["../a folder/test_it.py::test_random[conv1d-2]"]].startswith("dX: the sign is wrong [GC201]")
    assert found[words["../a folder/test_it.py::Case::test_gradients"]].startswith("gradient of x is wrong")
    assert output.count("Y: the shape is 8 x 8 x 7, should be 8 x 8 x 8, for conv2d") >= 1
    together = shlex.join(["pytest", *QUIET, *words, "--gradcheck-seed", "7"])
    again = failures(pasted(together, Path.cwd()).stdout)
    assert again == found
    odd = words["../a folder/test_it.py::test_each[it's [$HOME]::`x`]"]
    alone = pasted(odd, Path.cwd())
    assert alone.returncode == 1
    assert " 1 failed in " in alone.stdout
    assert failures(alone.stdout) == {odd: found[odd]}
    entries = re.findall(r"^E +((?:dX|gradient of x)\[.*)", output, re.MULTILINE)
    assert len(entries) == 7
    assert re.findall(r"^E +(gradient of x\[.*)", alone.stdout, re.MULTILINE) == [entries[1]]


# what it costs, and without it


def test_nothing_is_loaded_that_is_not_used(pytester: pytest.Pytester) -> None:
    """A run that does not use the plugin loads no NumPy, SymPy or other library; one that does is noticed."""
    pytester.makeconftest(PROBE)
    pytester.makepyfile(test_plain="def test(): pass", test_numpy="def test(assert_gradients): pass")
    (pytester.path / "other.toml").write_text("", encoding="utf-8")
    unused = ran(pytester, "-s", "test_plain.py", "other.toml", ".", "--ignore=test_numpy.py").stdout.str()
    assert "LOADED END True" in unused
    assert re.search("LOADED .*numpy.* END True", ran(pytester, "-s", "test_numpy.py").stdout.str())


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    """With -p no:gradcheck there is no header, no marker, no option, and no claims file is a test."""
    (pytester.path / "notes.claims.toml").write_text(CLAIMS, encoding="utf-8")
    pytester.makepyfile(
        "from gradcheck import random_layers\ndef test(): assert random_layers('dense', 1)[0].seed == 0"
    )
    result = ran(pytester, "-p", "no:gradcheck")
    result.assert_outcomes(passed=1)
    assert "gradcheck: seed" not in result.stdout.str()
    assert ran(pytester, "-p", "no:gradcheck", "--gradcheck-seed", "1").ret == pytest.ExitCode.USAGE_ERROR


def test_an_interrupt_ends_the_run(pytester: pytest.Pytester) -> None:
    """Ctrl-C while a claims file is verified is no verdict on its claims."""
    pytester.path.joinpath("notes.claims.toml").write_text(CLAIMS, encoding="utf-8")
    pytester.makeconftest(
        """
        import gradcheck.numeric.check

        def interrupted(*args):
            raise KeyboardInterrupt

        gradcheck.numeric.check.trial = interrupted
        """
    )
    result = ran(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes()


def test_a_marker_of_another_meaning_is_left_alone(pytester: pytest.Pytester) -> None:
    """A project may have a marker of that name for something else."""
    pytester.makepyfile(test_it="import pytest\n@pytest.mark.gradients\ndef test(): pass\n")
    ran(pytester).assert_outcomes(passed=1)
