"""Widths with which arithmetic is exact, and no wider ones; how likely a form that is not zero is zero by chance."""

from fractions import Fraction
from itertools import product

import pytest

from gradcheck.numeric.exact import BITS, WIDEST, Products, chance, coincidence, widths

MANTISSA = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
WHOLE = {"int64": 64, "int32": 32}


def products_of(arrays, *sums):
    """Sums as (terms, numbers of arrays), and how many arrays there are."""
    return arrays, [Products(terms, frozenset(of)) for terms, of in sums]


CASES = [
    products_of(1, (1, [0])),
    products_of(2, (1, [0, 1])),
    products_of(2, (4, [0, 1])),
    products_of(2, (3, [0]), (2, [1])),
    products_of(3, (6, [0, 1]), (3, [1, 2]), (9, [0, 2])),
    products_of(3, (1, [0, 1, 2])),
    products_of(3, (100, [0, 1]), (1, [1, 2]), (7, [0, 2])),
    products_of(4, (8, [0, 1, 2]), (4, [1, 2, 3]), (2, [0, 2, 3]), (1, [0, 1, 3])),
]


def held(number, dtype):
    """Whether a type holds an integer: by its sign and its digits between the first 1 and the last."""
    if dtype in WHOLE:
        return -(2 ** (WHOLE[dtype] - 1)) <= number < 2 ** (WHOLE[dtype] - 1)
    digits = bin(abs(number)).removeprefix("0b").rstrip("0")
    return len(digits) <= MANTISSA[dtype]


def entries(bits):
    """All integers of so many bits."""
    return range(-(2 ** (bits - 1)), 2 ** (bits - 1))


def worst(bits, total):
    """The largest magnitude of a sum: every entry is the lowest of its array."""
    size = total.terms
    for n in total.of:
        size *= -entries(bits[n])[0]
    return size


def reached(bits, total):
    """Every value that a partial sum may have: all subsets and orders are among the sums of up to `terms` products."""
    single = set()
    for numbers in product(*(entries(bits[n]) for n in total.of)):
        one = 1
        for number in numbers:
            one *= number
        single.add(one)
    sums, found = {0}, set()
    for _ in range(total.terms):
        sums = {before + one for before in sums for one in single}
        found |= sums
    return found


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize(("arrays", "sums"), CASES)
def test_the_worst_of_all_sums_stays_below_the_limit(dtype, arrays, sums):
    """With every entry at its lowest no sum is larger than the integers that the type holds one by one."""
    found = widths(arrays, sums, dtype)
    if found is None:
        assert any(worst([1] * arrays, total) > 2 ** BITS[dtype] for total in sums)
        return
    assert len(found) == arrays
    assert all(1 <= bits <= WIDEST for bits in found)
    assert all(worst(found, total) <= 2 ** BITS[dtype] for total in sums)


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize(("arrays", "sums"), CASES)
def test_no_array_could_have_another_bit(dtype, arrays, sums):
    """One bit more of any array takes the worst of some sum beyond the limit, unless it is as wide as arrays are."""
    found = widths(arrays, sums, dtype)
    for n in range(arrays) if found else ():
        wider = [bits + (n == one) for one, bits in enumerate(found)]
        assert found[n] == WIDEST or any(worst(wider, total) > 2 ** BITS[dtype] for total in sums)


TINY = [
    products_of(1, (1, [0])),
    products_of(1, (2, [0])),
    products_of(1, (3, [0])),
    products_of(2, (1, [0, 1])),
    products_of(2, (2, [0, 1])),
    products_of(2, (3, [0, 1])),
    products_of(3, (1, [0, 1, 2])),
    products_of(3, (2, [0, 1]), (1, [1, 2]), (2, [0, 2])),
]


@pytest.mark.parametrize(("arrays", "sums"), TINY)
def test_every_partial_sum_of_all_entries_is_held(arrays, sums):
    """All sums of all products of all entries of these widths are numbers of an 8-bit type, and not all with more."""
    found = widths(arrays, sums, "bfloat16")
    assert all(held(number, "bfloat16") for total in sums for number in reached(found, total))
    for n in range(arrays):
        wider = [bits + (n == one) for one, bits in enumerate(found)]
        assert not all(held(number, "bfloat16") for total in sums for number in reached(wider, total))


@pytest.mark.parametrize("dtype", MANTISSA)
@pytest.mark.parametrize(("arrays", "sums"), CASES)
def test_all_integers_up_to_the_worst_are_held(dtype, arrays, sums):
    """The last integers before the worst of a sum have no more digits than the type, on either side of 0."""
    found = widths(arrays, sums, dtype)
    for total in sums if found else ():
        most = worst(found, total)
        assert all(held(sign * (most - n), dtype) for sign in (1, -1) for n in range(100))


@pytest.mark.parametrize("dtype", MANTISSA)
def test_a_type_does_not_hold_the_integer_after_its_last(dtype):
    """One more than a type's mantissa has digits for is not held: the oracle tells."""
    assert held(2 ** MANTISSA[dtype], dtype)
    assert not held(2 ** MANTISSA[dtype] + 1, dtype)


def ends(bits, total):
    """The least and the greatest that a sum can be: products of the ends of each array."""
    corners = [1]
    for n in total.of:
        corners = [one * end for one in corners for end in (entries(bits[n])[0], entries(bits[n])[-1])]
    return total.terms * min(corners), total.terms * max(corners)


@pytest.mark.parametrize("dtype", WHOLE)
@pytest.mark.parametrize(("arrays", "sums"), CASES)
def test_whole_numbers_do_not_overflow(dtype, arrays, sums):
    """The least and the greatest of every sum are integers of the type: -2^31 is one of 32 bits, 2^31 is none."""
    found = widths(arrays, sums, dtype)
    assert all(held(end, dtype) for total in sums for end in ends(found, total))


def test_the_type_of_whole_numbers_ends_where_the_oracle_says():
    """An integer of 32 bits is at least -2^31 and at most 2^31 - 1."""
    assert [held(n, "int32") for n in (-(2**31) - 1, -(2**31), 2**31 - 1, 2**31)] == [False, True, True, False]


def test_an_empty_sum_is_exact():
    """A sum of no products, of a layer whose window fits nowhere, bounds nothing."""
    assert widths(1, [Products(0, frozenset({0}))], "float64") == (WIDEST,)


def test_none_where_a_bit_is_too_much():
    """Where entries of -1 and 0 already leave the type there are no widths; at the limit there are."""
    assert widths(2, [Products(2**11, frozenset({0, 1}))], "float16") == (1, 1)
    assert widths(2, [Products(2**11 + 1, frozenset({0, 1}))], "float16") is None


def test_no_array_is_wider_than_its_numbers_may_be():
    """An array that no sum bounds is as wide as arrays are."""
    assert widths(1, [], "float64") == (WIDEST,)
    assert widths(2, [Products(2**50, frozenset({0}))], "float64") == (2, WIDEST)


@pytest.mark.parametrize("terms", [1, 5, 64])
def test_bits_are_shared_alike(terms):
    """Arrays that stand in the same sums are equally wide, but for the last bit."""
    found = widths(3, [Products(terms, frozenset({0, 1, 2}))], "float64")
    assert max(found) - min(found) <= 1


def test_an_array_in_a_long_sum_does_not_narrow_the_others():
    """What one array loses to a long sum, an array of another sum does not lose."""
    narrow, wide = widths(2, [Products(2**45, frozenset({0})), Products(1, frozenset({1}))], "float64")
    assert (narrow, wide) == (7, WIDEST)


@pytest.mark.parametrize("coefficients", [c for c in product(range(-2, 3), repeat=2) if any(c)])
@pytest.mark.parametrize("bits", [(1, 1), (1, 2), (2, 1), (3, 2)])
def test_no_linear_form_is_zero_more_often(coefficients, bits):
    """Of all points of these widths at most that share are zeros of a linear form."""
    points = list(product(*map(entries, bits)))
    zeros = sum(coefficients[0] * x + coefficients[1] * y == 0 for x, y in points)
    assert Fraction(zeros, len(points)) <= chance(bits)


def test_some_linear_form_is_zero_as_often():
    """The narrowest number alone is 0 just as often as the chance says."""
    points = list(product(entries(2), entries(4)))
    assert Fraction(sum(x == 0 for x, _ in points), len(points)) == chance([2, 4])
    assert Fraction(sum(x == 0 for x, _ in points), len(points)) > chance([3, 4])


@pytest.mark.parametrize("of", list(product(range(-1, 2), repeat=4)), ids=str)
@pytest.mark.parametrize("bits", [(1, 1), (1, 3), (2, 2)])
def test_no_polynomial_that_is_linear_in_each_is_zero_more_often(of, bits):
    """Of all points at most that share are zeros of a + bx + cy + dxy, unless all of a, b, c and d are 0."""
    a, b, c, d = of
    points = list(product(*map(entries, bits)))
    zeros = sum(a + b * x + c * y + d * x * y == 0 for x, y in points)
    assert (Fraction(zeros, len(points)) <= coincidence(bits)) == any(of)


def test_a_product_is_zero_as_often():
    """A product is 0 just as often as the coincidence says: at three of four points of one bit each."""
    points = list(product(entries(1), entries(1)))
    assert Fraction(sum(x * y == 0 for x, y in points), len(points)) == coincidence([1, 1])


@pytest.mark.parametrize("of", [chance, coincidence])
def test_more_bits_are_never_worse(of):
    """With another bit in any array neither is more likely; with another array coincidence is."""
    for bits in product(range(1, 5), repeat=2):
        assert 0 < of([bits[0] + 1, bits[1]]) <= of(bits)
        assert 0 < of([bits[0], bits[1] + 1]) <= of(bits)
        assert of(bits) <= sum(2.0**-b for b in bits)
    assert coincidence([3, 3, 3]) > coincidence([3, 3])
