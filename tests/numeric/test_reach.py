"""Which elements may share a pass, and that nothing of it is lost: against nested loops over all elements."""

from itertools import product

import numpy as np
import pytest
from given import Given
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.numeric import reach as module
from gradcheck.numeric.reach import Axis, Tie, coloured, explored, gathered, passes, reduced, spread, units

QUICK = settings(max_examples=100, deadline=None, derandomize=True)


def window(size, m, stride=1, dilation=1):
    """Which place of an axis a window of m places that slides along it reads for which output."""
    outputs = (size - dilation * (m - 1) - 1) // stride + 1
    found = np.zeros((size, outputs), bool)
    for a, u in product(range(outputs), range(m)):
        found[stride * a + dilation * u, a] = True
    return found


def colours(axis):
    """Which places have each colour."""
    return axis.places(np.arange(axis.passes)).tolist()


def colour_of(axis, place):
    """The one colour of a place."""
    (found,) = (n for n, row in enumerate(colours(axis)) if row[place])
    return found


def meetings(axis):
    """The pairs of places that have the same colour and reach the same output."""
    colour = [colour_of(axis, place) for place in range(axis.size)]
    places = range(axis.size)
    reach = axis.tie.reach
    return [
        (i, j)
        for i, j in product(places, places)
        if i < j and colour[i] == colour[j] and any(x and y for x, y in zip(reach[i], reach[j], strict=True))
    ]


# colours


SLID = [
    (size, m, stride, dilation)
    for (size, m), stride, dilation in product(
        [(1, 1), (5, 1), (5, 3), (5, 5), (40, 4), (41, 7)], (1, 2, 3, 5), (1, 2, 3)
    )
    if dilation * (m - 1) < size
]


@pytest.mark.parametrize(("size", "m", "stride", "dilation"), SLID)
def test_a_window_takes_as_many_colours_as_it_has_places(size, m, stride, dilation):
    """However long the axis, whatever the stride and dilation: m colours, and no two places of a colour meet."""
    axis = coloured(size, Tie(0, window(size, m, stride, dilation)))
    assert axis.passes == m
    assert axis.size == size
    assert not meetings(axis)


def test_places_of_one_colour_that_meet_are_seen():
    """With a colour fewer than the window has places, some meet."""
    tie = Tie(0, window(9, 3))
    assert meetings(Axis(9, np.array([[place % 2 == n for place in range(9)] for n in range(2)]), tie))


def test_an_axis_that_is_tied_to_nothing_has_a_colour_for_each_place():
    """Each of its places has a pass of its own."""
    assert colours(coloured(4)) == [[place == n for place in range(4)] for n in range(4)]
    assert coloured(4).tie is None


@QUICK
@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=7))
def test_no_two_places_of_a_colour_meet(rows):
    """Whatever the places reach, each has one colour, and those of one colour reach disjoint outputs."""
    axis = coloured(len(rows), Tie(0, np.array(rows)))
    assert all(any(row) for row in colours(axis))
    assert not meetings(axis)


def test_an_axis_of_no_places_has_no_colours():
    """Nor does it need a pass."""
    assert passes((coloured(0, Tie(0, np.zeros((0, 3), bool))),)) == (0,)


# several axes

CASES = {  # axes of the input, and the shape of the output
    "conv1d": ((coloured(6, Tie(0, window(6, 3))),), (4,)),
    "conv2d": (
        (coloured(2), coloured(5, Tie(1, window(5, 2))), coloured(7, Tie(2, window(7, 3, 2)))),
        (3, 4, 3),
    ),
    "exchanged": ((coloured(5, Tie(1, window(5, 2))), coloured(3, Tie(0, np.eye(3, dtype=bool)))), (3, 4)),
    "matmul": ((coloured(3, Tie(0, np.eye(3, dtype=bool))), coloured(4)), (3, 2)),
    "untied": ((coloured(2), coloured(3)), (2, 2)),
    "scalar": ((), (2, 3)),
    "between": (
        (coloured(2), coloured(4, Tie(2, window(4, 2))), coloured(2, Tie(0, np.eye(2, dtype=bool)))),
        (2, 3, 3),
    ),
    "unread": ((coloured(7, Tie(0, window(7, 2, 4))),), (2,)),
}


def shape_of(reach):
    """The shape of the input."""
    return tuple(axis.size for axis in reach)


def everywhere(shape):
    """All places of an array."""
    return list(product(*map(range, shape)))


def class_of(reach, element):
    """The number of an element's class: its colours, read as the digits of a number."""
    number = 0
    for axis, place in zip(reach, element, strict=True):
        number = number * axis.passes + colour_of(axis, place)
    return number


def meets(reach, element, output):
    """Whether an element reaches an output: by all the axes that are tied."""
    pairs = zip(reach, element, strict=True)
    return all(axis.tie is None or axis.tie.reach[place, output[axis.tie.output]] for axis, place in pairs)


def count(reach):
    """How many classes there are."""
    found = 1
    for axis in reach:
        found *= axis.passes
    return found


@pytest.mark.parametrize("case", CASES)
def test_units_are_one_at_the_elements_of_a_class(case):
    """Every element is 1 in its own class, and 0 in all others."""
    reach, _ = CASES[case]
    found = units(reach, np.arange(count(reach)))
    assert found.shape == (count(reach), *shape_of(reach))
    for number, element in product(range(count(reach)), everywhere(shape_of(reach))):
        assert found[(number, *element)] == (class_of(reach, element) == number)


@pytest.mark.parametrize("case", CASES)
def test_units_of_some_classes_are_those_of_all(case):
    """Classes can be asked for by number, in any order."""
    reach, _ = CASES[case]
    some = np.arange(count(reach))[::-2]
    assert units(reach, some).tolist() == units(reach, np.arange(count(reach)))[some].tolist()


def test_passes_are_the_colours_of_the_axes():
    """The side of the window on each axis that slides, and all places of the others."""
    assert passes(CASES["conv2d"][0]) == (2, 2, 3)
    assert passes(CASES["matmul"][0]) == (1, 4)
    assert passes(()) == ()


def changes(reach, shape):
    """Outputs of every class, whatever they are, and weights."""
    random = np.random.default_rng(5)
    outputs = random.integers(-9, 10, (count(reach), *shape)).astype(float)
    return outputs, random.integers(-9, 10, shape).astype(float)


@pytest.mark.parametrize("case", CASES)
def test_what_is_gathered_is_what_each_element_reaches(case):
    """For every element the weighted sum of the outputs that it reaches, in the pass of its class."""
    reach, shape = CASES[case]
    outputs, weights = changes(reach, shape)
    found = gathered(reduced(outputs, weights, reach), reach)
    assert found.shape == shape_of(reach)
    for element in everywhere(shape_of(reach)):
        expected = 0
        for output in everywhere(shape):
            if meets(reach, element, output):
                expected += outputs[(class_of(reach, element), *output)] * weights[output]
        assert found[element] == expected


def test_what_is_gathered_by_another_reach_is_something_else():
    """With a window one shorter, elements miss outputs that they reach."""
    reach, shape = CASES["conv1d"]
    outputs, weights = changes(reach, shape)
    short = (Axis(6, reach[0].colours, Tie(0, window(6, 2)[:, :4])),)
    right, wrong = (gathered(reduced(outputs, weights, one), one).tolist() for one in (reach, short))
    assert right != wrong


@pytest.mark.parametrize("case", CASES)
def test_reduced_outputs_are_sums_over_what_is_not_tied(case):
    """Each pass keeps the axes of the output that an axis of the input is tied to, in their order."""
    reach, shape = CASES[case]
    outputs, weights = changes(reach, shape)
    tied = sorted(axis.tie.output for axis in reach if axis.tie)
    expected = np.zeros((count(reach), *(shape[n] for n in tied)))
    for number, output in product(range(count(reach)), everywhere(shape)):
        expected[(number, *(output[n] for n in tied))] += outputs[(number, *output)] * weights[output]
    assert reduced(outputs, weights, reach).tolist() == expected.tolist()


@pytest.mark.parametrize("case", CASES)
def test_values_are_spread_to_what_their_elements_reach(case):
    """For every class and output the value of the one element that reaches it, or 0."""
    reach, shape = CASES[case]
    values = np.random.default_rng(6).integers(1, 10, shape_of(reach)).astype(float)
    found = spread(values, reach, len(shape))
    assert found.shape[0] == count(reach)
    wide = np.broadcast_to(found, (count(reach), *shape))
    for number, output in product(range(count(reach)), everywhere(shape)):
        own = [e for e in everywhere(values.shape) if class_of(reach, e) == number and meets(reach, e, output)]
        assert len(own) <= 1
        assert wide[(number, *output)] == sum(values[e] for e in own)


@pytest.mark.parametrize("case", CASES)
def test_gathering_is_the_adjoint_of_spreading(case):
    """The sum of what is spread times outputs is that of the values times what is gathered of them."""
    reach, shape = CASES[case]
    outputs, weights = changes(reach, shape)
    values = np.random.default_rng(6).integers(1, 10, shape_of(reach)).astype(float)
    there = (spread(values, reach, len(shape)) * outputs * weights).sum()
    assert there == (values * gathered(reduced(outputs, weights, reach), reach)).sum()


# what is found by experiment


def convolved(x, f):
    """The sum over a window of two axes, by loops; the first axis of both is summed over."""
    (k, n, width), (m, side) = x.shape, f.shape[1:]
    found = np.zeros((n - m + 1, width - side + 1))
    for a, b, c, u, v in product(range(n - m + 1), range(width - side + 1), range(k), range(m), range(side)):
        found[a, b] += x[c, a + u, b + v] * f[c, u, v]
    return found


def multiplied(a, b):
    """The product of two matrices, by loops."""
    found = np.zeros((len(a), b.shape[1]))
    for i, j, k in product(range(len(a)), range(b.shape[1]), range(len(b))):
        found[i, j] += a[i, k] * b[k, j]
    return found


def looked_into(forward, index, *shapes):
    """The reach of an input of a function, at a point of integers."""
    random = np.random.default_rng(3)
    inputs = tuple(random.integers(1, 10, shape).astype(float) for shape in shapes)
    steps = [random.integers(1, 16, shapes[index]).astype(float) for _ in range(2)]
    return explored(Given(forward), inputs, index, steps)


def ties(reach):
    """To which axes of the output the axes are tied."""
    return [axis.tie.output if axis.tie else None for axis in reach]


def test_the_reach_of_a_convolution_is_its_window():
    """The colours of an image's axes are as many as the filter's sides, those of the channels as they are."""
    reach = looked_into(convolved, 0, (2, 7, 8), (2, 3, 2))
    assert passes(reach) == (2, 3, 2)
    assert ties(reach) == [None, 0, 1]
    assert reach[1].tie.reach.tolist() == window(7, 3).tolist()
    assert reach[2].tie.reach.tolist() == window(8, 2).tolist()


def test_every_place_of_a_filter_reaches_everything():
    """The places of a filter meet in every output."""
    assert passes(looked_into(convolved, 1, (2, 5, 6), (2, 3, 2))) == (2, 3, 2)


@pytest.mark.parametrize(("index", "expected", "tied"), [(0, (1, 4), [0, None]), (1, (4, 1), [None, 1])])
def test_the_reach_of_a_matrix_is_its_row_or_column(index, expected, tied):
    """Rows of the first matrix do not meet, and columns of the second; along the sum all do."""
    reach = looked_into(multiplied, index, (3, 4), (4, 5))
    assert passes(reach) == expected
    assert ties(reach) == tied


def test_the_reach_of_a_transposed_matrix_is_tied_crosswise():
    """The first axis reaches places of the second axis of the output, and the second those of the first."""
    reach = looked_into(lambda x: x.T.copy(), 0, (3, 4))
    assert ties(reach) == [1, 0]
    assert passes(reach) == (1, 1)


def test_elements_of_a_function_of_each_share_one_pass():
    """No two elements meet."""
    reach = looked_into(lambda x: x * x, 0, (3, 4))
    assert passes(reach) == (1, 1)
    assert ties(reach) == [0, 1]


@pytest.mark.parametrize(
    "forward",
    [
        pytest.param(lambda x: np.full((3, 4), (x * x).sum()), id="a sum"),
        pytest.param(lambda x: x / x.sum(), id="a share"),
        pytest.param(lambda x: (x, 2 * x), id="two outputs"),
        pytest.param(lambda x: np.array(x.sum()), id="a number"),
    ],
)
def test_elements_that_all_meet_are_taken_one_by_one(forward):
    """Where every element reaches every output, or outputs are several, there is a pass for each."""
    assert passes(looked_into(forward, 0, (3, 4))) == (3, 4)


def test_a_running_sum_meets_at_its_end():
    """All places reach the last output, and each only those after it."""
    (axis,) = looked_into(np.cumsum, 0, (5,))
    assert axis.passes == 5


def test_no_two_axes_are_tied_to_one():
    """The diagonal of two axes on one axis of the output is tied to one of them."""
    reach = looked_into(lambda x: np.array([x[n, n] * x[n, n] for n in range(4)]), 0, (4, 4))
    assert sorted(ties(reach), key=str) == [0, None]


def test_exploring_moves_each_place_of_each_axis_by_each_step():
    """One call at the point, and one for each place and step; the inputs are as before."""
    seen = []
    x = np.arange(6.0).reshape(2, 3)
    explored(Given(lambda y: seen.append(y.tolist()) or y), (x,), 0, [np.ones((2, 3)), 2 * np.ones((2, 3))])
    assert len(seen) == 1 + 2 * (2 + 3)
    assert x.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert seen[1] == [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]
    assert seen[-1] == [[0.0, 1.0, 4.0], [3.0, 4.0, 7.0]]


def test_one_step_misses_what_another_sees():
    """A step that happens to leave the function as it is does not hide what an element reaches, if another does not."""

    def forward(x):
        return (x % 2) * np.ones(3)[:, None]

    one, other = 2 * np.ones(3), np.ones(3)
    x = np.zeros((3,))
    (hidden,) = explored(Given(forward), (x,), 0, [one])
    assert not hidden.tie.reach.any()
    for steps in ([one, other], [other, one]):
        (seen,) = explored(Given(forward), (x,), 0, steps)
        assert seen.tie.reach.tolist() == np.eye(3, dtype=bool).tolist()


@pytest.mark.parametrize("limit", ["LONGEST", "MOST"])
def test_an_axis_that_is_too_long_is_not_explored(monkeypatch, limit):
    """Beyond so many places, or entries to look at, there is a pass for each and none to explore."""
    monkeypatch.setattr(module, limit, {"LONGEST": 4, "MOST": 24}[limit])
    seen = []
    (axis,) = looked_into(lambda x: seen.append(0) or x, 0, (5,))
    assert (axis.passes, axis.tie, len(seen)) == (5, None, 1)
    monkeypatch.setattr(module, limit, {"LONGEST": 5, "MOST": 25}[limit])
    (axis,) = looked_into(lambda x: seen.append(0) or x, 0, (5,))
    assert (axis.passes, len(seen)) == (1, 1 + 1 + 10)
