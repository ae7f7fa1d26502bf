"""What follows from a layer alone: right in every entry, replayed, and honest about what has no rule."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from random import Random

import oracles
import pytest

from gradcheck import read_document
from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.errors import Disagreement, LayerError, Untestable
from gradcheck.evidence import Basis, Derivation, Step
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.notation.arithmetic import ONE, evaluate
from gradcheck.notation.arrays import Ref
from gradcheck.notation.sums import Equation, Guard, Read, Sized
from gradcheck.symbolic import gradients
from gradcheck.symbolic.basis import basis, replayed
from gradcheck.symbolic.certificates import holds
from gradcheck.symbolic.gradients import Gradient, gradient
from gradcheck.symbolic.theory import Theory, theory

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where
Entries = dict[tuple[int, ...], int]


def found(line: str, shapes: dict[str, str] | None = None, *where: str) -> Basis:
    """The basis of a layer."""
    layer = parse_layer(line, shapes or {})
    return basis(layer, tuple(h for text in where for h in parse_hypothesis(text, layer)))


def named(found: Basis) -> dict[str, Derivation]:
    """The derivations by their tensors."""
    return {derivation.tensor: derivation for derivation in found.derivations}


def test_the_basis_of_the_document() -> None:
    """The output and both gradients are derived, in this order, with their sizes and their windows."""
    known = basis(LAYER, WHERE)
    assert known.layer == LAYER
    assert [(d.tensor, " | ".join(map(str, d.sizes)), str(d.windows)) for d in known.derivations] == [
        ("Y", "p | n - m + 1 | n - m + 1", "Y[j,a,b] = sum_{i,u,v} X[i, a + u, b + v] F[j,i,u,v]"),
        ("dX", "k | n | n", "dX[i,x,y] = sum_{j,u,v} pad(dY, m - 1)[j, x + u, y + v] F[j, i, m - u - 1, m - v - 1]"),
        ("dF", "p | k | m | m", "dF[j,i,u,v] = sum_{a,b} dY[j,a,b] X[i, a + u, b + v]"),
    ]
    assert known.underived == ()


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (["m <= n"], ["1 <= k", "1 <= n", "1 <= p", "1 <= m", "m <= n"]),
        (["2 <= m", "m < n"], ["1 <= k", "1 <= n", "1 <= p", "2 <= m", "m < n"]),
        (["m = 3", "m <= n"], ["1 <= k", "1 <= n", "1 <= p", "m = 3", "m <= n"]),
        (["1 <= m", "m <= n"], ["1 <= k", "1 <= n", "1 <= p", "1 <= m", "m <= n"]),
    ],
)
def test_all_that_is_assumed_is_told(where: list[str], told: list[str]) -> None:
    """The least value of every size comes first, then the hypotheses, and none of them twice."""
    assert list(map(str, found("conv2d", None, *where).hypotheses)) == told


@pytest.mark.parametrize("tensor", ["Y", "dX", "dF"])
def test_the_steps_lead_to_the_sizes_and_the_windows(tensor: str) -> None:
    """A derivation goes through its windows, ends with its sizes, and leaves nothing to show."""
    derivation = named(basis(LAYER, WHERE))[tensor]
    assert derivation.windows in [said for step in derivation.steps for said in (step.before, step.after)]
    assert derivation.steps[-1].after == Sized(Ref(tensor), derivation.sizes)
    assert [step.missing for step in derivation.steps if step.missing] == []


@pytest.mark.parametrize("tensor", ["Y", "dX", "dF"])
def test_certificates_recheck(tensor: str) -> None:
    """Every certificate on which a step rests is an identity over what is not negative."""
    facts = theory(LAYER, WHERE).facts
    steps = named(basis(LAYER, WHERE))[tensor].steps
    certificates = [certificate for step in steps for certificate in step.certificates]
    assert certificates
    for certificate in certificates:
        assert holds(certificate, facts.plus([fact for _, facts_ in certificate.parts for fact in facts_]))


def entry(read: Read, at: Mapping[str, int], arrays: Mapping[str, Entries], shapes: Mapping[str, tuple]) -> int:
    """The number that is read: of the tensor, or a zero of its padding."""
    place = tuple(evaluate(e, at) for e in read.at)
    pads = [(evaluate(before, at), evaluate(after, at)) for before, after in read.pad] or [(0, 0)] * len(place)
    for x, (before, after), side in zip(place, pads, shapes[read.tensor], strict=True):
        assert 0 <= x < before + side + after
    return arrays[read.tensor].get(tuple(x - before for x, (before, _) in zip(place, pads, strict=True)), 0)


def summed(equation: Equation, sizes: Mapping[str, int], arrays: Mapping[str, Entries], shapes: Mapping) -> Entries:
    """Every entry on the left, by nested loops over the ranges."""
    totals: Entries = {}
    ranges = [range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1) for r in (*equation.free, *equation.over)]
    names = [r.index for r in (*equation.free, *equation.over)]
    for point in product(*ranges):
        at = {**sizes, **dict(zip(names, point, strict=True))}
        place = tuple(evaluate(e, at) for e in equation.left.at)
        value = 1
        for condition in equation.where:
            assert isinstance(condition, Guard)
            value *= evaluate(condition.low, at) <= evaluate(condition.value, at) <= evaluate(condition.high, at)
        for read in equation.reads:
            value *= entry(read, at, arrays, shapes)
        totals[place] = totals.get(place, 0) + value
    return totals


@pytest.mark.parametrize("kind", oracles.KINDS)
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 3, 1, 2), (1, 4, 2, 2), (2, 3, 2, 3)])
def test_sizes_and_windows_are_those_of_nested_loops(kind: str, sizes: tuple[int, int, int, int]) -> None:
    """For every layer of the catalogue, what is derived gives the sizes and the entries of plain loops."""
    at = dict(zip("knpm", sizes, strict=True))
    left, right = oracles.OPERANDS[kind]
    shapes = dict(zip((left, right), oracles.shapes(kind, **at), strict=True))
    products = list(oracles.terms(kind, **at))
    output = {y for y, _, _ in products}
    shapes["Y"] = shapes["dY"] = tuple(max(place) + 1 for place in zip(*output, strict=True))
    random = Random(str(sizes))
    filled = [product(*map(range, shapes[tensor])) for tensor in (left, right, "dY")]
    one, other, cotangent = ({place: random.randint(-9, 9) for place in places} for places in filled)
    arrays = {left: one, right: other, "dY": cotangent, "Y": oracles.forward(products, one, other)}
    arrays[f"d{left}"], arrays[f"d{right}"] = oracles.backward(products, one, other, cotangent)
    known = found(kind, None, *([] if kind == "dense" else ["m <= n"]))
    assert set(named(known)) == {"Y", f"d{left}", f"d{right}"}
    for tensor, derivation in named(known).items():
        shape = shapes[tensor if tensor == "Y" else tensor[1:]]
        assert tuple(evaluate(e, at) for e in derivation.sizes) == shape
        expected = {place: arrays[tensor].get(place, 0) for place in product(*map(range, shape))}
        assert summed(derivation.windows, at, arrays, shapes) == expected


def test_a_gradient_without_a_rule_is_left_out_with_the_reason() -> None:
    """Where a diagonal is read the gradient of the other factor is derived, and that of the matrix is underived."""
    known = found("Y[a] += X[a,a] * F[a]", {"X": "n n", "F": "n"})
    assert {d.tensor: " ".join(map(str, d.sizes)) for d in known.derivations} == {"Y": "n", "dF": "n"}
    ((tensor, reason),) = known.underived
    assert tensor == "dX"
    assert reason == "no index is summed in [a = x]: a fixed place has no gradient formula of its own"


def test_every_underived_gradient_is_named() -> None:
    """Each gradient to which no rule leads has its own reason, in the order of the operands."""
    known = found("Y[a] += F[0] * X[2*a] * G[a,1]", {"F": "m", "X": "n", "G": "p r"}, "r >= 2", "2*p <= n")
    assert list(named(known)) == ["Y", "dX"]
    fixed = "a fixed place has no gradient formula of its own"
    assert known.underived == (
        ("dF", f"no index is summed in [0 = x]: {fixed}"),
        ("dG", f"no index is summed in [1 = x]: {fixed}"),
    )


def test_strides_paddings_and_dilations_leave_nothing_underived() -> None:
    """A layer with all of them has a derivation for each gradient, with its remainder, and replays."""
    known = found("conv1d_general", None, "d*(m-1)+1 <= n+2*P")
    assert known.underived == ()
    assert {d.tensor: (str(d.windows), " | ".join(map(str, d.sizes))) for d in known.derivations[1:]} == {
        "dX": (
            "dX[i,x] = sum_{j,u} pad(dilate(dY, s), d*m - d - P, d*m - P - d + (d + n + 2*P - d*m - 1)%s)"
            "[j, x + d*u] F[j, i, m - u - 1]",
            "k | n",
        ),
        "dF": ("dF[j,i,u] = sum_{a} dY[j,a] pad(X, P)[i, s*a + d*u]", "p | k | m"),
    }
    replayed(known)


def test_what_is_true_is_not_disturbed_by_the_replay() -> None:
    """The document's basis replays."""
    replayed(basis(LAYER, WHERE))


def test_an_output_without_a_rule_is_refused() -> None:
    """Nothing is said of a layer whose indices are not bounded."""
    with pytest.raises(LayerError, match="a starts at m - 1, not at 0"):
        found("Y[a] += X[a-u] * F[u]", {"X": "n", "F": "m"})


def test_hypotheses_that_nothing_satisfies_are_refused() -> None:
    """Where there are no sizes at which to replay the steps, nothing is claimed of them."""
    with pytest.raises(Untestable, match=r"no small sizes satisfy the hypotheses .*, m < n, n < m"):
        replayed(found("conv1d", None, "m < n", "n < m"))


@pytest.mark.parametrize(
    ("where", "missing"), [([], {"n - m + 1", "n - m"}), (["m <= n+1"], {"n - m"}), (["m <= n"], set())]
)
def test_a_step_that_needs_more_than_is_assumed_says_so(where: list[str], missing: set[str]) -> None:
    """A derivation with a gap tells what is missing; that it is false there contradicts nothing."""
    known = found("conv1d", None, *where)
    assert [d.tensor for d in known.derivations] == ["Y", "dX", "dF"]
    assert {str(e) for d in known.derivations for step in d.steps for e in step.missing} == missing


def one_too_large(step: Step) -> Step:
    """A size at the end that is one too large."""
    assert isinstance(step.after, Sized)
    return replace(step, after=Sized(step.after.array, (*step.after.sizes[:-1], step.after.sizes[-1] + ONE)))


def one_too_far(step: Step) -> Step:
    """A window that reads one entry too far along."""
    assert isinstance(step.after, Equation)
    first, *rest = step.after.reads
    return replace(
        step, after=replace(step.after, reads=(replace(first, at=(*first.at[:-1], first.at[-1] + ONE)), *rest))
    )


def one_product_less(step: Step) -> Step:
    """A sum that stops one short."""
    assert isinstance(step.after, Equation)
    *others, last = step.after.over
    return replace(step, after=replace(step.after, over=(*others, replace(last, high=last.high - ONE))))


def planted(steps: tuple[Step, ...], rule: str, wrong: Callable[[Step], Step]) -> tuple[Step, ...]:
    """The steps, those by one rule made wrong."""
    assert rule in {step.rule for step in steps}
    return tuple(wrong(step) if step.rule == rule else step for step in steps)


@pytest.mark.parametrize("operand", ["X", "F"])
@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("count", one_too_large),
        ("define", one_product_less),
        ("differentiate", one_too_far),
        ("collapse", one_product_less),
        ("drop", one_too_far),
        ("drop", one_product_less),
    ],
)
def test_a_wrong_step_to_a_gradient_is_noticed(
    monkeypatch: pytest.MonkeyPatch, operand: str, rule: str, wrong: Callable[[Step], Step]
) -> None:
    """A fault planted in one step of one gradient is a disagreement, not a basis."""

    def faulty(known: Theory, name: str) -> Gradient:
        own = gradient(known, name)
        return replace(own, steps=planted(own.steps, rule, wrong)) if name == operand else own

    monkeypatch.setattr("gradcheck.symbolic.basis.gradient", faulty)
    with pytest.raises(Disagreement, match=rf"step '{rule}: .*' is false at \{{'k'"):
        replayed(basis(LAYER, WHERE))


@pytest.mark.parametrize(("rule", "wrong"), [("count", one_too_large), ("given", one_too_large)])
def test_a_wrong_step_to_the_output_is_noticed(
    monkeypatch: pytest.MonkeyPatch, rule: str, wrong: Callable[[Step], Step]
) -> None:
    """A fault planted in the sizes of the output, or of an operand, is a disagreement."""

    def faulty(layer: Layer, where: tuple) -> Theory:
        known = theory(layer, where)
        return replace(known, steps=planted(known.steps, rule, wrong))

    monkeypatch.setattr("gradcheck.symbolic.basis.theory", faulty)
    with pytest.raises(Disagreement, match=rf"step '{rule}: .*' is false at \{{'k'"):
        replayed(basis(LAYER, WHERE))


def test_a_forgotten_rotation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that runs an index backwards in the cotangent, but not in the filter, does not survive the replay."""
    reverse = gradients._reverse

    def forgetful(equation: Equation, index: str) -> Step:
        step = reverse(equation, index)
        assert isinstance(step.after, Equation)
        return replace(step, after=replace(step.after, reads=(step.after.reads[0], *equation.reads[1:])))

    monkeypatch.setattr(gradients, "_reverse", forgetful)
    monkeypatch.setattr("gradcheck.symbolic.basis.gradient", gradient.__wrapped__)
    with pytest.raises(Disagreement, match=r"step 'reverse: dX\[i,x,y\] = .*' is false at \{'k'"):
        replayed(basis(LAYER, WHERE))
