"""The padding rules, and the strides, dilations and paddings that explain an output, against plain counting."""

from itertools import product

import pytest

from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.geometry import CUTS, DILATIONS, RULES, STRIDES, explaining, padded

SMALL = [(n, m, s, d) for n, m, s, d in product(range(1, 10), range(1, 6), range(1, 4), range(1, 4))]
BASE = Case(2, 2, 3, 1, (9, 8), (3, 3), (1, 1), (1, 1), ((0, 0), (0, 0)))
HALF, FLOOR, BEHIND, FRONT, SAME = (
    "'same' (half the filter on each side)",
    "'same' (m//2 on each side)",
    "'same' (the odd zero behind)",
    "'same' (the odd zero in front)",
    "'same' (for a side of n/s)",
)
FULL = "'full' (m - 1)"


def side(n, m, s, d, zeros):
    """The side of an output, its windows counted."""
    starts = range(0, sum(zeros) + n, s)
    return sum(start + d * (m - 1) < sum(zeros) + n for start in starts)


def zeros(rule, n, m, s, d):
    """The padding of one axis by a rule."""
    (found,) = padded(Case(1, 1, 1, 1, (n,), (m,), (s,), (d,), ((7, 7),)), rule).padding
    return found


@pytest.mark.parametrize(("rule", "amount"), [("0", 0), ("1", 1), ("2", 2)])
def test_a_number_is_that_much_padding(rule, amount):
    """A rule that is a number does not look at the sizes."""
    assert {zeros(rule, *axis) for axis in SMALL} == {(amount, amount)}


@pytest.mark.parametrize("rule", [BEHIND, FRONT])
def test_same_keeps_the_side_of_every_layer_of_stride_one(rule):
    """With the odd zero on one side the output is as large as the input, for even filters too."""
    assert all(side(n, m, 1, d, zeros(rule, n, m, 1, d)) == n for n, m, _, d in SMALL)


def test_the_odd_zero_is_where_the_rule_says():
    """An even filter has one zero more behind, or in front."""
    assert (zeros(BEHIND, 9, 4, 1, 1), zeros(FRONT, 9, 4, 1, 1)) == ((1, 2), (2, 1))


def test_half_the_filter_keeps_the_side_where_the_filter_is_odd():
    """Half the filter on each side is 'same' for odd filters, and one entry less for even ones."""
    assert all(side(n, m, 1, 1, zeros(HALF, n, m, 1, 1)) == n - (m % 2 == 0) for n, m, _, _ in SMALL if n > 1)


def test_a_floored_half_adds_an_entry_where_the_filter_is_even():
    """m//2 zeros on each side are 'same' for odd filters, and one entry more for even ones."""
    assert all(side(n, m, 1, 1, zeros(FLOOR, n, m, 1, 1)) == n + (m % 2 == 0) for n, m, _, _ in SMALL)


def test_same_of_a_strided_layer_has_a_side_of_n_over_s():
    """The output of every stride and dilation has n/s entries, rounded up."""
    assert all(side(n, m, s, d, zeros(SAME, n, m, s, d)) == -(-n // s) for n, m, s, d in SMALL)


def test_same_of_a_strided_layer_pads_no_more_than_it_needs():
    """Without its last zero the output would be smaller, and no zero in front is one more than behind."""
    for n, m, s, d in SMALL:
        before, after = zeros(SAME, n, m, s, d)
        assert before in (after, after - 1)
        assert not after or side(n, m, s, d, (before, after - 1)) < -(-n // s)


def test_full_reads_every_window_that_meets_the_image():
    """The first window ends at the first entry."""
    assert all(zeros(FULL, *axis) == (d * (m - 1),) * 2 for axis in SMALL for _, m, _, d in [axis])
    assert all(side(n, m, 1, d, zeros(FULL, n, m, 1, d)) == n + d * (m - 1) for n, m, _, d in SMALL)


def test_no_two_rules_are_the_same():
    """Every rule differs from every other on some small layer."""
    every = [tuple(zeros(rule, *axis) for axis in SMALL) for rule in RULES]
    assert len(set(every)) == len(RULES)


def test_of_a_transposed_layer_no_two_rules_cut_the_same_off():
    """What is cut off is one of the rules, and as much in front as behind."""
    assert set(CUTS) < set(RULES)
    assert all(before == after for rule in CUTS for before, after in (zeros(rule, *axis) for axis in SMALL))
    assert len({tuple(zeros(rule, *axis) for axis in SMALL) for rule in CUTS}) == len(CUTS)


def test_each_axis_is_padded_by_its_own_sizes():
    """A filter that is not square has another padding on each axis."""
    case = BASE.having(m=(3, 5), padding=((0, 0), (0, 0)))
    assert padded(case, HALF).padding == ((1, 1), (2, 2))
    assert padded(case, HALF).having(padding=case.padding) == case


def counted(case, family):
    """The sides of an output by counting."""
    axes = zip(case.n, case.m, case.s, case.d, case.padding, strict=True)
    if family.transposed:
        return tuple(s * (n - 1) + d * (m - 1) + 1 - sum(pads) for n, m, s, d, pads in axes)
    return tuple(side(*axis) for axis in axes)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("free", ["", "s", "d", "P", "sd", "sP", "dP", "sdP"])
def test_what_explains_an_output_is_found_and_nothing_else(free, transposed):
    """All small strides, dilations and rules with an output of that size, and only these, in every combination."""
    family, sides, every = (Family(2, True), (17, 15), CUTS) if transposed else (Family(2), (5, 4), RULES)
    found = list(explaining(BASE, family, sides, frozenset(free)))
    expected = []
    for s, d, rule in product(
        STRIDES if "s" in free else (1,), DILATIONS if "d" in free else (1,), every if "P" in free else ("",)
    ):
        case = BASE.having(s=(s, s), d=(d, d))
        case = padded(case, rule) if rule else case
        if counted(case, family) == sides:
            expected.append((case, rule))
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert len(set(found)) == len(found)


def test_an_output_is_explained_by_the_plainest_sizes_first():
    """No stride and no padding come first."""
    assert next(explaining(BASE, Family(2), (7, 6), frozenset("sdP"))) == (BASE, "0")


def test_an_output_that_nothing_explains_has_no_case():
    """A side larger than any padding allows is not explained."""
    assert not list(explaining(BASE, Family(2), (90, 90), frozenset("sdP")))


def test_without_an_output_every_layer_that_has_one_is_a_case():
    """Where the output's shape is not known, every stride, dilation and rule that leaves an entry is tried."""
    free = frozenset("sdP")
    found = list(explaining(BASE, Family(2), None, free))
    assert len(found) == len(STRIDES) * len(DILATIONS) * len(RULES)
    small = list(explaining(BASE.having(n=(3, 3)), Family(2), None, free))
    assert 0 < len(small) < len(found)
    assert all(min(counted(case, Family(2))) >= 1 for case, _ in small)


def test_what_a_target_is_told_stays_as_it_is():
    """Sizes that are not free are those of the case."""
    case = BASE.having(s=(2, 1), padding=((1, 0), (0, 0)))
    assert list(explaining(case, Family(2), counted(case, Family(2)), frozenset())) == [(case, "")]
    assert not list(explaining(case, Family(2), (7, 6), frozenset()))


def test_a_dense_layer_has_nothing_to_explain():
    """Without spatial axes there is one case, whatever is free."""
    case = BASE.having(n=(), m=(), s=(), d=(), padding=())
    assert list(explaining(case, Family(0), (), frozenset("sdP"))) == [(case, "")]
