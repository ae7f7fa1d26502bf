"""Every kind of claim is checked on every layer: it passes when it is true, and fails when a fault is planted."""

from functools import cache
from itertools import product

import numpy as np
import oracles
import pytest

from gradcheck.claims.claim import Claim
from gradcheck.claims.parsing import parse_formula, parse_identity, parse_shape
from gradcheck.claims.reader import parse_document, read_document
from gradcheck.evidence import Check
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric.check import Mismatch, check, compare
from gradcheck.numeric.draw import draw
from gradcheck.numeric.formulas import Evaluation
from gradcheck.numeric.trial import trial

DOCUMENT = read_document()
SIZES = {"k": 2, "n": 4, "p": 3, "m": 2}
PARSERS = {"shape": parse_shape, "identity": parse_identity, "formula": parse_formula}


def statement(kind, text, layer=DOCUMENT.layer):
    """The statement of a claim of this kind."""
    return PARSERS[kind](text, layer)


def evaluation(layer=DOCUMENT.layer, sizes=SIZES):
    """One layer with random integers, for formulas to be evaluated on."""
    one = trial(layer, 1, sizes, 0)
    return Evaluation(one.arrays, one.sizes)


def planted(name, change):
    """The arrays of a layer, one of them changed."""
    one = trial(DOCUMENT.layer, 1, SIZES, 0)
    return Evaluation({**one.arrays, name: change(one.arrays[name])}, one.sizes)


def claims(**said):
    """Claims named by their kinds."""
    return [Claim(kind, "", statement(kind, text)) for kind, text in said.items()]


drawn = cache(draw)  # the same sizes for many documents


def states(said, layers=60, seed=0, document=DOCUMENT):
    """The state after each layer."""
    return list(check(document.layer, said, drawn(document.layer, document.where, layers, seed), seed))


def last(said, layers=60, seed=0, document=DOCUMENT):
    """The state at the end, with the check of each claim."""
    return states(said, layers, seed, document)[-1]


def samples(said, layers=60, seed=0):
    """What was drawn and compared on each layer."""
    return [state.sample for state in states(said, layers, seed)]


TRUE = [
    ("shape", {"X": "k n n"}, 3),
    ("shape", {"Y": "p n-m+1 n-m+1", "dY": "p n-m+1 n-m+1"}, 6),
    ("shape", {"F[j]": "k m m"}, 9),
    ("shape", {"F[j,i]": "m m"}, 12),
    ("shape", {"sum(j, corr(pad(dY[j], m-1), rot180(F[j,i])))": "n n"}, 4),
    ("identity", "n - (n-m+1) + 1 = m", 2),
    ("identity", "side(Y[j]) = n-m+1", 7),
    ("identity", "depth(dX) = depth(F[j]) = k", 5),
    ("identity", "padding(dX) = m-1", 5),
    ("identity", "padding(dF) = 0", 2),
    ("formula", "Y[j] = sum(i, corr(X[i], F[j,i]))", 27),
    ("formula", "dF[j,i] = corr(X[i], dY[j])", 24),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], m-1), rot180(F[j,i])))", 32),
    ("formula", "dX[i] = sum(j, conv(pad(dY[j], m-1), F[j,i]))", 32),
]


@pytest.mark.parametrize(("kind", "text", "compared"), TRUE)
def test_true_claims_pass(kind, text, compared):
    """A true statement is compared in every integer that it speaks of, and nothing is raised."""
    assert compare(statement(kind, text), DOCUMENT.layer, evaluation()) == compared


FALSE = [
    ("shape", {"Y": "p n-m+2 n-m+1"}, "the shape of Y", "3 x 4 x 3", "3 x 3 x 3"),
    ("shape", {"X": "n n k"}, "the shape of X", "4 x 4 x 2", "2 x 4 x 4"),
    ("shape", {"X": "k n n", "F[j,i]": "m n"}, "the shape of F[j,i]", "2 x 4", "2 x 2"),
    (
        "shape",
        {"corr(pad(dY[j], m-1), X[j])": "m m"},
        "corr(pad(dY[j], m - 1), X[j])",
        "X[2] is outside X, which is 2 x 4 x 4",
        "defined",
    ),
    ("identity", "side(Y[j]) = n-m+2", "side(Y[j]) = n - m + 2", "3 and 4", "equal"),
    ("identity", "side(X) = n", "side(X) = n", "2 and 4", "equal"),
    ("identity", "depth(dX) = p", "depth(dX) = p", "2 and 3", "equal"),
    ("identity", "padding(dX) = m", "padding(dX) = m", "1 and 2", "equal"),
    ("identity", "n = m", "n = m", "4 and 2", "equal"),
    (
        "identity",
        "depth(pad(Y, -2)) = p",
        "pad(Y, -2)",
        "nothing is left of 3 x 3 x 3 after a padding of -2 before and -2 after",
        "defined",
    ),
    ("formula", "dF[j,i] = conv(X[i], dY[j])", "dF[0,0,0,0]", None, None),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))", "dX[0,0,0]", None, None),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], m-2), rot180(F[j,i])))", "the shape of dX[i]", "2 x 2", "4 x 4"),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], m), rot180(F[j,i])))", "the shape of dX[i]", "6 x 6", "4 x 4"),
    (
        "formula",
        "dX[i] = sum(j, corr(pad(dY[j], m-1), rot180(F[i,j])))",
        "dX[i] at i = 0",
        "F[0,2] is outside F, which is 3 x 2 x 2 x 2",
        "defined",
    ),
]


@pytest.mark.parametrize(("kind", "text", "where", "got", "should"), FALSE)
def test_false_claims_are_mismatches(kind, text, where, got, should):
    """A false statement is refused, with what it gives and what is the case."""
    with pytest.raises(Mismatch) as caught:
        compare(statement(kind, text), DOCUMENT.layer, evaluation())
    assert str(caught.value.difference.where) == where
    assert str(caught.value.difference.got) == got or got is None
    assert str(caught.value.difference.should) == should or should is None


def test_a_whole_tensor_is_compared_with_an_entry_in_its_place():
    """A formula without free indices names the place alone."""
    layer = parse_document(DENSE, "dense.toml").layer
    one = evaluation(layer, {"p": 2, "k": 1})
    broken = Evaluation({**one.arrays, "dX": one.arrays["dX"] + 1}, one.sizes)
    with pytest.raises(Mismatch) as caught:
        compare(statement("formula", "dX = sum(j, corr(W[j], dY))", layer), layer, broken)
    where = str(caught.value.difference.where)
    assert where.startswith("the shape of dX") or where == "dX[0]"


DENSE = """
title = "dense"
layer = "dense"
[[claim]]
id = "no-padding"
identity = "padding(dX) = 0"
"""


@pytest.mark.parametrize(
    ("name", "change", "kind", "text", "where"),
    [
        ("dX", lambda a: a + 1, "formula", TRUE[12][1], "dX[0,0,0]"),
        ("dX", lambda a: a + np.eye(a.size)[-1].reshape(a.shape), "formula", TRUE[12][1], "dX[1,3,3]"),
        ("dX", lambda a: a[..., 1:], "formula", TRUE[12][1], "the shape of dX[i]"),
        ("dF", lambda a: a[..., ::-1], "formula", TRUE[11][1], "dF[0,0,0,0]"),
        ("Y", lambda a: a[:, 1:], "shape", TRUE[1][1], "the shape of Y"),
        ("Y", lambda a: a[:, :, 1:], "identity", TRUE[6][1], "side(Y[j]) = n - m + 1"),
        ("dX", lambda a: a[1:], "identity", TRUE[7][1], "depth(dX) = depth(F[j]) = k"),
        ("X", lambda a: a[..., 1:], "identity", TRUE[8][1], "padding(dX) = m - 1"),
    ],
)
def test_a_fault_in_an_array_is_found(name, change, kind, text, where):
    """One wrong array makes the true claim about it fail, wherever in the array the fault is."""
    with pytest.raises(Mismatch) as caught:
        compare(statement(kind, text), DOCUMENT.layer, planted(name, change))
    assert str(caught.value.difference.where) == where


def test_a_mismatch_shows_both_entries():
    """What the formula gives and what the finite difference gives are whole numbers."""
    one = planted("dX", lambda a: a + 1)
    expected = one.arrays["dX"][0, 0, 0]
    with pytest.raises(Mismatch) as caught:
        compare(statement(*TRUE[12][:2]), DOCUMENT.layer, one)
    difference = caught.value.difference
    assert (str(difference.got), str(difference.should)) == (str(int(expected - 1)), str(int(expected)))


def test_all_claims_of_the_document_pass():
    """Every claim of the document is checked on as many layers as asked for, in at least one integer of each."""
    state = last(DOCUMENT.claims, 30)
    assert {one.status for one in state.checks} == {"passed"}
    assert {one.layers for one in state.checks} == {30}
    assert all(one.elements >= 30 for one in state.checks)


def test_the_state_after_each_layer():
    """A state comes out after each layer, so that an interrupt loses nothing."""
    found = states(DOCUMENT.claims[:2], 5)
    assert [state.checks[0].layers for state in found] == [1, 2, 3, 4, 5]
    assert [state.checks[0].elements for state in found] == [3, 6, 9, 12, 15]


def test_differences_are_counted_over_all_layers():
    """As many differences are told as the operands of all layers have entries."""
    sizes = draw(DOCUMENT.layer, DOCUMENT.where, 20, 0)
    operands = sum(s["k"] * s["n"] ** 2 + s["p"] * s["k"] * s["m"] ** 2 for s in sizes)
    assert sum(sample.differences for sample in samples(DOCUMENT.claims[:1], 20)) == operands


FIRST_FALSE = [
    ("shape", {"Y": "p n-m+1 m"}, lambda s: s["n"] - s["m"] + 1 != s["m"]),
    ("shape", {"F": "k p m m"}, lambda s: s["k"] != s["p"]),
    ("identity", "depth(dX) = p", lambda s: s["k"] != s["p"]),
    ("identity", "m*m = m", lambda s: s["m"] > 1),
    ("identity", "padding(dX) = n-m", lambda s: s["n"] - s["m"] != s["m"] - 1),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], n-m), rot180(F[j,i])))", lambda s: s["n"] - s["m"] != s["m"] - 1),
    ("formula", "dX[i] = sum(j, corr(pad(dY[j], m-1), rot180(F[i,j])))", lambda s: s["k"] != s["p"] or s["k"] > 1),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("kind", "text", "false"), FIRST_FALSE)
def test_the_first_failing_layer_is_named(kind, text, false, seed):
    """A failure has the number from 1 and the sizes of the first layer at which the claim is false."""
    numbered = enumerate(drawn(DOCUMENT.layer, DOCUMENT.where, 60, seed), start=1)
    number, sizes = next((n, sizes) for n, sizes in numbered if false(sizes))
    (found,) = last([Claim("c", "", statement(kind, text))], 60, seed).checks
    assert (found.status, found.layers) == ("failed", number)
    assert (found.failure.layer, dict(found.failure.sizes)) == (number, sizes)


def test_each_layer_is_a_sample():
    """A sample has the sizes that were drawn, and a difference for every entry of its operands."""
    sizes = draw(DOCUMENT.layer, DOCUMENT.where, 20, 3)
    found = samples(DOCUMENT.claims, 20, 3)
    assert [dict(sample.sizes) for sample in found] == [dict(one) for one in sizes]
    entries = [s["k"] * s["n"] ** 2 + s["p"] * s["k"] * s["m"] ** 2 for s in sizes]
    assert [sample.differences for sample in found] == entries
    assert {sample.failed for sample in found} == {()}


def mixed():
    """True claims and false ones, which fail on different layers and in between."""
    texts = {
        "depth": ("identity", "depth(dX) = p"),
        "input": ("shape", {"X": "k n n"}),
        "filters": ("shape", {"F": "k p m m"}),
        "square": ("identity", "m*m = m"),
        "filter": ("formula", TRUE[11][1]),
        "never": ("identity", "m = m+1"),
    }
    return [Claim(name, "", statement(*said)) for name, said in texts.items()]


def test_what_the_samples_compared_is_what_the_checks_did():
    """After every layer the elements of all samples are those of all checks, a failed claim's among neither."""
    compared, before = 0, 0
    for state in states(mixed(), 25, 1):
        compared += state.sample.elements
        elements = sum(one.elements for one in state.checks)
        assert compared == elements
        assert state.sample.elements == elements - before
        before = elements


def test_a_sample_compares_what_its_claims_speak_of():
    """The integers compared on a layer are the sizes and the entries that the claims there have."""
    said = claims(shape={"X": "k n n"}, identity="side(Y[j]) = n-m+1", formula=TRUE[11][1])
    sizes = draw(DOCUMENT.layer, DOCUMENT.where, 12, 0)
    expected = [3 + (2 * s["p"] + 1) + s["p"] * s["k"] * s["m"] ** 2 for s in sizes]
    assert [sample.elements for sample in samples(said, 12)] == expected


@pytest.mark.parametrize("seed", [0, 1])
def test_a_sample_names_the_claims_that_failed_on_it(seed):
    """A claim is named by the first layer on which it is false, in the claims' order, and by no other."""
    said = mixed()
    sizes = draw(DOCUMENT.layer, DOCUMENT.where, 40, seed)
    found = states(said, 40, seed)
    false = {
        "depth": lambda s: s["k"] != s["p"],
        "filters": lambda s: s["k"] != s["p"],
        "square": lambda s: s["m"] > 1,
        "never": lambda s: True,
    }
    first = {name: next(n for n, s in enumerate(sizes) if is_false(s)) for name, is_false in false.items()}
    assert [state.sample.failed for state in found] == [
        tuple(claim.id for claim in said if first.get(claim.id) == n) for n in range(40)
    ]
    for claim, one in zip(said, found[-1].checks, strict=True):
        named = [n for n, state in enumerate(found, start=1) if claim.id in state.sample.failed]
        assert named == ([one.failure.layer] if one.failure else [])


def test_a_claim_passed_over_adds_nothing_to_a_sample():
    """A claim whose arrays are too large is in no sample, neither as compared nor as failed."""
    too_large = Claim("c", "", statement("shape", {"pad(X, 99999)": "k n n"}))
    found = samples([too_large, *claims(shape={"X": "k n n"})], 5)
    assert [(sample.elements, sample.failed) for sample in found] == [(3, ())] * 5


@pytest.mark.parametrize("text", ["dF[j,i] = conv(X[i], dY[j])", "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))"])
def test_a_wrong_reading_fails(text):
    """A missing rotation and a true convolution fail on some layer with m > 1."""
    (found,) = last([Claim("c", "", statement("formula", text))]).checks
    assert found.status == "failed"
    assert dict(found.failure.sizes)["m"] > 1 or "dF" in text


def test_a_failed_claim_leaves_the_others_alone():
    """One false claim fails; the true ones beside it are checked on every layer."""
    false, true = claims(identity="n = m"), claims(shape={"X": "k n n"})
    state = last(false + true)
    assert [one.status for one in state.checks] == ["failed", "passed"]
    assert state.checks[1].layers == 60


def test_a_failed_claim_is_checked_no_further():
    """The first failure stands: it is not overwritten by a later one."""
    said = claims(identity="n = m")
    (found,) = last(said, 60).checks
    assert last(said, found.failure.layer).checks[0] == found


def test_the_same_seed_gives_the_same_checks():
    """Two runs agree in every number, and another seed has other ones."""
    said = claims(formula="dF[j,i] = conv(X[i], dY[j])", shape={"F[j]": "k m m"})
    assert last(said, seed=5) == last(said, seed=5)
    assert last(said, seed=5) != last(said, seed=6)


def test_no_layers_are_no_check():
    """Without sizes to test nothing comes out, which nobody can take for a pass."""
    assert list(check(DOCUMENT.layer, DOCUMENT.claims, (), 0)) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("shape", {"pad(X, 99999)": "k n n"}),
        ("identity", "side(pad(Y[j], 10**9)) = n"),
        ("formula", "dX[i] = sum(j, corr(pad(dY[j], 9999999), rot180(F[j,i])))"),
    ],
)
def test_a_claim_about_arrays_too_large_is_not_checked(kind, text):
    """A claim that would take too much memory is neither passed nor failed, and the others are checked."""
    too_large, (true,) = Claim("c", "", statement(kind, text)), claims(shape={"X": "k n n"})
    assert [one.status for one in last([too_large, true], 5).checks] == ["not run", "passed"]
    assert last([too_large, true], 5).checks[0] == Check()


def test_a_dense_layer_has_no_padding():
    """Where nothing slides, the windows reach nowhere beyond the cotangent."""
    document = parse_document(DENSE, "dense.toml")
    assert last(document.claims, 10, 0, document).checks == (Check(layers=10, elements=20),)


NOTHING = """
title = "nothing"
layer = "conv1d"
where = ["m <= n", "{}"]
[[claim]]
id = "gradient"
formula = "dX[i] = sum(j, corr(pad(dY[j], m-1), rot180(F[j,i])))"
[[claim]]
id = "size"
shape = {{ dX = "k n", dF = "p k m" }}
[[claim]]
id = "padding"
identity = "padding(dX) = m-1"
"""


@pytest.mark.parametrize("hypothesis", ["p >= 0", "k >= 0"])
def test_claims_stay_true_where_a_depth_is_zero(hypothesis):
    """Without filters the input gradient is zero, without channels it is empty; the formulas still hold."""
    document = parse_document(NOTHING.format(hypothesis), "nothing.toml")
    assert [one.status for one in last(document.claims, 30, 0, document).checks] == ["passed"] * 3


GENERAL = """
title = "general"
layer = "conv1d_general"
where = ["d*(m-1)+1 <= n+2*P", "r = (n+2*P-d*(m-1)-1) % s"]
[[claim]]
id = "output"
formula = "Y[j] = sum(i, corr(pad(X[i], P), F[j,i], stride=s, dilation=d))"
[[claim]]
id = "filter-gradient"
formula = "dF[j,i] = crop(corr(pad(X[i], P), dY[j], stride=d, dilation=s), 0, r//d)"
[[claim]]
id = "input-gradient"
formula = "dX[i] = sum(j, corr(pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-P+r), rot180(F[j,i]), dilation=d))"
[[claim]]
id = "sizes"
shape = { Y = "p (n+2*P-d*(m-1)-1)//s+1", "pad(X[i], P, P-1)" = "n+2*P-1" }
[[claim]]
id = "between"
identity = "side(dilate(dY[j], s)) = n+2*P-d*(m-1)-r"
"""


def changed(old, new):
    """The claims of the general layer, with something in them changed."""
    assert old in GENERAL
    return parse_document(GENERAL.replace(old, new), "general.toml")


def test_claims_with_zeros_pass():
    """Paddings of two amounts, crops, dilations and options of slides are checked on every layer."""
    document = changed("general", "general")
    found = last(document.claims, 60, 0, document)
    assert [one.status for one in found.checks] == ["passed"] * 5
    assert {one.layers for one in found.checks} == {60}


@pytest.mark.parametrize(
    ("claim", "old", "new"),
    [
        ("output", ", stride=s, dilation=d))", ", stride=s))"),
        ("output", ", stride=s, dilation=d))", ", dilation=d))"),
        ("output", ", stride=s, dilation=d))", ", stride=d, dilation=s))"),
        ("output", "sum(i, corr(pad(X[i], P)", "sum(i, corr(pad(X[i], P, P-1)"),
        ("output", "sum(i, corr", "sum(i, conv"),
        ("filter-gradient", "0, r//d", "0"),
        ("filter-gradient", "0, r//d", "r//d, 0"),
        ("filter-gradient", "0, r//d", "0, r"),
        ("filter-gradient", "stride=d, dilation=s", "stride=s, dilation=d"),
        ("input-gradient", "d*(m-1)-P+r", "d*(m-1)-P"),
        ("input-gradient", "d*(m-1)-P, d*(m-1)-P+r", "d*(m-1)-P+r, d*(m-1)-P"),
        ("input-gradient", "pad(dilate(dY[j], s)", "pad(dilate(dY[j], d)"),
        ("input-gradient", ', dilation=d))"\n[[claim]]\nid = "sizes', '))"\n[[claim]]\nid = "sizes'),
        ("sizes", "P-1)", "P)"),
        ("sizes", "//s+1", "//s"),
        ("between", '-r"', '"'),
    ],
)
def test_a_fault_in_the_zeros_is_found(claim, old, new):
    """One amount, one option or one side that is another makes that claim fail, and no other."""
    document = changed(old, new)
    found = last(document.claims, 60, 0, document)
    assert [c.id for c, one in zip(document.claims, found.checks, strict=True) if one.status == "failed"] == [claim]


ZEROS = [
    z for z in product((1, 2, 5), (1, 2, 3), (1, 2, 3), (1, 2, 3), (0, 1, 4)) if z[0] + 2 * z[4] > z[3] * (z[1] - 1)
]


@pytest.mark.parametrize("kind", ["conv1d_general", "conv2d_general"])
def test_the_padding_of_a_strided_gradient_counts_the_zeros_between(kind):
    """On the left d*(m-1)-P, on the right r more: r entries beyond the last window are met by zeros alone."""
    layer = parse_layer(kind, {})
    for n, m, s, d, P in ZEROS if kind == "conv1d_general" else ZEROS[::7]:  # noqa: N806
        left, r = d * (m - 1) - P, (n + 2 * P - d * (m - 1) - 1) % s
        one = evaluation(layer, {"k": 1, "p": 1, "n": n, "m": m, "s": s, "d": d, "P": P})
        with pytest.raises(Mismatch) as caught:
            compare(statement("identity", "padding(dX) = 99", layer), layer, one)
        assert str(caught.value.difference.got) == " and ".join(map(str, dict.fromkeys([left, left + r, 99])))
        assert reach(n, m, s, d, P) == (left, left + r)


def reach(n, m, s, d, before):
    """How far beyond the cotangent, its entries s places apart, the gradient's windows reach, entry by entry."""
    places = [e + before - d * u for e in range(n) for u in range(m)]
    last_place = max(s * a for a, _, _ in oracles.windows(oracles.line(n, before, before), m, s, d))
    return -min(places), max(places) - last_place


@pytest.mark.parametrize(
    ("line", "shapes", "sizes", "told"),
    [
        ("Y[a] += X[a+m-1-u] * F[u]", {"X": "n", "F": "m"}, {"n": 5, "m": 3}, "2"),
        ("Y[a] += X[n-m-a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 5, "m": 3}, "2"),
        ("Y[a] += X[2*a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 6, "m": 3}, "2 and 3"),
        ("Y[a] += pad(X, 1, 0)[a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 5, "m": 3}, "1 and 2"),
        ("Y[a] += pad(X, -1)[a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 5, "m": 3}, "3"),
        ("Y[a] += X[5*a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 9, "m": 3}, "2 and 3"),
        ("conv1d_transposed", {}, {"k": 1, "p": 1, "n": 3, "m": 2, "P": 1, "Q": 2, "s": 3, "d": 2}, "1 and -1"),
        ("Y[a] += X[a+u+v] * F[u] * G[v]", {"X": "n", "F": "m", "G": "l"}, {"n": 6, "m": 3, "l": 2}, "3"),
        ("Y[a,b] += X[a+u,2*b+u] * F[u]", {"X": "n n", "F": "m"}, {"n": 6, "m": 3}, "2 and 3"),
    ],
)
def test_the_padding_of_other_gradients(line, shapes, sizes, told):
    """Windows that run backwards, crop, or add to what is strided are measured as they lie."""
    layer = parse_layer(line, shapes)
    with pytest.raises(Mismatch) as caught:
        compare(statement("identity", "padding(dX) = 99", layer), layer, evaluation(layer, sizes))
    assert str(caught.value.difference.got) == f"{told} and 99"


@pytest.mark.parametrize("text", ["padding(dX) = d*(m-1)-P", "padding(dX) = d*(m-1)-P+r"])
@pytest.mark.parametrize(("where", "one_sided"), [('"r = 0"', True), ('"r >= 1"', False)])
def test_one_padding_is_true_of_both_sides_or_fails(text, where, one_sided):
    """The two sides are one amount exactly where the last window ends at the last place."""
    said = GENERAL.replace('identity = "side', f'identity = "{text}"\n[[claim]]\nid = "other"\nidentity = "side')
    document = parse_document(said.replace('% s"]', f'% s", {where}]'), "general.toml")
    checks = dict(
        zip([claim.id for claim in document.claims], last(document.claims, 40, 0, document).checks, strict=True)
    )
    assert (checks["between"].status == "passed") is one_sided


BIAS = """
title = "bias"
layer = "Y[j,a] += B[j]"
shapes = { B = "p", Y = "p o" }
[[claim]]
id = "size"
shape = { Y = "p o", dB = "p", dY = "p o" }
[[claim]]
id = "gradient"
formula = "dB[j] = sum(a, dY[j,a])"
[[claim]]
id = "nothing-slides"
identity = "padding(dB) = 0"
"""


def test_a_bias_is_checked():
    """Where no operand bounds an index, the sizes that are given do."""
    document = parse_document(BIAS, "bias.toml")
    assert [one.status for one in last(document.claims, 20, 0, document).checks] == ["passed"] * 3


@pytest.mark.parametrize(
    ("claim", "old", "new"),
    [
        ("size", 'Y = "p o", dB', 'Y = "o p", dB'),
        ("gradient", "sum(a, dY[j,a])", "sum(a, dY[a,j])"),
        ("nothing-slides", "padding(dB) = 0", "padding(dB) = o-1"),
    ],
)
def test_a_fault_in_a_claim_about_a_bias_is_found(claim, old, new):
    """Axes exchanged, or a padding where there is none, make that claim fail, and no other."""
    document = parse_document(BIAS.replace(old, new), "bias.toml")
    found = last(document.claims, 20, 0, document)
    assert [c.id for c, one in zip(document.claims, found.checks, strict=True) if one.status == "failed"] == [claim]
