"""gradcheck prove: a layer that nobody wrote a claims file for."""

import json

import pytest
from click.testing import CliRunner

from gradcheck.cli import main

GENERAL = ("Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,u]", "--shape", "X=k n", "--shape", "F=p k m")


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of gradcheck prove."""
    result = CliRunner().invoke(main, ["prove", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_general_convolution() -> None:
    """Sizes, gradients, what is done to get them, and the hypothesis that is needed are told."""
    code, told, _ = run(*GENERAL)
    assert code == 0
    assert "needed, and assumed: d*m + 1 <= d + n + 2*P" in told
    assert "Y: p x ((d + n + 2*P - d*m - 1)//s + 1)" in told
    assert "dX: k x n\n" in told
    assert "dF: p x k x m\n" in told
    assert "d*m - d - P before and d*m - P - d + (d + n + 2*P - d*m - 1)%s after" in told
    assert "zero: dX[i,x] is 0, whatever the values, where no 0 <= a <= (d + n + 2*P - d*m - 1)//s, " in told
    assert "0 <= u <= m - 1 has s*a + d*u = P + x" in told
    for name in ("zero insertion: ", "rotation: ", "padding: ", "crop: "):
        assert f"\n  {name}" in told


def test_a_hypothesis_that_is_given_is_not_needed() -> None:
    """What follows from --where is not asked for."""
    assert "needed" not in run(*GENERAL, "--where", "d*(m-1)+1 <= n+2*P")[1]


def test_explain_shows_every_step() -> None:
    """With --explain the derivation follows, with its certificates."""
    plain, explained = run(*GENERAL)[1], run(*GENERAL, "--explain")[1]
    assert explained.startswith(plain)
    assert "differentiate" in explained
    assert "because" in explained
    assert "0 <= " in explained


def test_json_has_all_steps() -> None:
    """The JSON names what is needed and what is done, and has the certificates."""
    data = json.loads(run(*GENERAL, "--format", "json")[1])
    assert data["schema"] == "gradcheck.layer/1"
    assert data["needed"] == ["d*m + 1 <= d + n + 2*P"]
    by_tensor = {one["tensor"]: one for one in data["derivations"]}
    assert by_tensor["dX"]["size"] == ["k", "n"]
    assert [one["what"] for one in by_tensor["dX"]["named"]] == ["zero insertion", "rotation", "padding", "zero"]
    assert any(step["certificates"] for step in by_tensor["dX"]["steps"])


@pytest.mark.parametrize(("form", "start"), [("latex", "\\documentclass"), ("markdown", "# ")])
def test_documents(form: str, start: str) -> None:
    """The same as a document for an author."""
    code, told, _ = run(*GENERAL, "--format", form)
    assert code == 0
    assert told.startswith(start)
    assert "size rule" in told


def test_a_layer_that_nobody_thought_of() -> None:
    """Two operands that a strided output index moves, one of them backwards."""
    code, told, _ = run("Y[a] += X[2*a+u] * Z[a+v] * F[u,v]", "--shape", "X=n", "--shape", "Z=l", "--shape", "F=m r")
    assert code in (0, 2)
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Y[j,a] += X[i, a*u] * F[j,i,u]", "--shape", "X=k n", "--shape", "F=p k m"), "'a*u' is not affine"),
        (("Y[a] += X[a+u]", "--shape", "X=n"), "unknown index u"),
        (("Y[a] += X[a+u] * F[u]", "--shape", "X=n"), "no sizes for F"),
        (("Y[a] += X[a+u] * F[u]", "--shape", "X=n n", "--shape", "F=m"), "X is read with 1 indices, but has 2 sizes"),
        (("conv1d", "--where", "m <= q"), "unknown size 'q'"),
        (("conv1d", "--shape", "X"), "expected a tensor and its sizes"),
        (("conv7d",), "unknown layer 'conv7d'"),
    ],
)
def test_what_is_no_layer_is_refused(arguments: tuple[str, ...], says: str) -> None:
    """A layer outside the notation gets an error that says which rule it breaks, and exit code 2."""
    code, _, told = run(*arguments)
    assert code == 2
    assert says in told
