"""How a target is told its sizes: which parameter is which, in which style, and what is not known."""

from itertools import product

import pytest

from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options, from_arrays, options_of, styled
from gradcheck.errors import TargetError
from gradcheck.targets.exchange import Description, Parameter

CASE = Case(4, 2, 6, 2, (9, 8), (3, 5), (2, 2), (1, 3), ((1, 1), (1, 1)))
NCHW = "z (h i) y x"


def taking(*parameters, name="Conv2d", takes=("x",), binds=None):
    """A target with these parameters: a required one by its name alone, an optional one with its default."""
    found = [
        one
        if isinstance(one, Parameter)
        else Parameter("build", one, required=True)
        if isinstance(one, str)
        else Parameter("build", one[0], required=False, default=one[1])
        for one in parameters
    ]
    return Description("class", name, "layer.py", 1, tuple(found), takes, (), binds)


def value(role, style, case=CASE, family=None, layout=NCHW):
    """What the parameter of a role is given."""
    options = Options({role: ("given",)}, styles={role: style} if style else {})
    return options.values(case, family or Family(2), layout)["given"]


SQUARE = CASE.having(m=(3, 3), d=(2, 2))


@pytest.mark.parametrize(
    ("role", "style", "case", "expected"),
    [
        ("k", "", CASE, 2),
        ("p", "", CASE, 6),
        ("g", "", CASE, 2),
        ("multiplier", "", CASE, 3),
        ("Q", "", CASE, 0),
        ("s", "int", CASE, 2),
        ("s", "tuple", CASE, (2, 2)),
        ("d", "int", CASE, (1, 3)),  # two numbers cannot be told as one
        ("d", "int", SQUARE, 2),
        ("m", "int", CASE, (3, 5)),
        ("m", "int", SQUARE, 3),
        ("m", "tuple", SQUARE, (3, 3)),
        ("m", "weights", CASE, (6, 1, 3, 5)),
        ("P", "int", CASE, 1),
        ("P", "tuple", CASE, (1, 1)),
        ("P", "int", CASE.having(padding=((1, 1), (2, 2))), (1, 2)),
        ("P", "int", CASE.having(padding=((1, 0), (2, 2))), ((1, 0), (2, 2))),
        ("P", "string", CASE, "same"),
        ("P", "string", CASE.having(padding=((0, 1), (0, 0))), "same"),
        ("P", "string", CASE.having(padding=((0, 0), (0, 0))), "valid"),
        ("n", "tuple", CASE, (2, 9, 8)),
        ("n", "int", CASE, 9),
    ],
)
def test_a_size_is_given_in_its_style(role, style, case, expected):
    """A number, a tuple, a word, or the shape of the weights."""
    assert value(role, style, case) == expected


@pytest.mark.parametrize(
    ("layout", "expected"),
    [("z y x (h i)", (9, 8, 2)), ("(h i) y x", (2, 9, 8)), ("y x", (9, 8)), ("y x (h i) z", (9, 8, 2))],
)
def test_an_inputs_shape_is_in_the_inputs_layout(layout, expected):
    """The shape that a layer is told is that of its input, samples aside."""
    assert value("n", "tuple", layout=layout) == expected


def test_a_dense_layer_is_told_how_many_inputs_it_has():
    """Without positions the input's size is the number of channels, or a shape of one side."""
    dense = CASE.having(n=(), m=(), s=(), d=(), padding=())
    assert value("n", "int", dense, Family(0), "z (h i)") == 2
    assert value("n", "tuple", dense, Family(0), "z (h i)") == (2,)


def test_a_line_of_its_own_is_told_all_its_sizes():
    """A binding has its sizes by name."""
    case = Case(1, 1, 1, 1, (), (), (), (), (), (("n", 3), ("s", 2)))
    assert value("own", "", case, Family(0), "X0") == {"n": 3, "s": 2}


def test_options_in_one_parameter_come_together():
    """A parameter that holds several options is a dict of them."""
    options = Options({"s": ("conv", "stride"), "P": ("conv", "pad"), "p": ("filters",)})
    assert options.values(CASE, Family(2), NCHW) == {"conv": {"stride": 2, "pad": 1}, "filters": 6}


def test_what_the_user_passed_is_passed_on():
    """A value for a parameter that is no size comes with every run."""
    options = Options({"s": ("stride",)}, passed={"activation": "relu"})
    assert options.values(CASE, Family(2), NCHW) == {"activation": "relu", "stride": 2}


def test_what_the_user_passed_is_not_changed():
    """A dict that the user passes keeps its entries, from one run to the next."""
    passed = {"conv": {"stride": 1, "mode": "fast"}}
    Options({"s": ("conv", "stride")}, passed=passed).values(CASE, Family(2), NCHW)
    assert passed == {"conv": {"stride": 1, "mode": "fast"}}


def test_parameters_are_known_by_their_names():
    """Channels, filters, sides, stride and padding, whatever they are called."""
    found = options_of(taking("in_channels", "numFilters", "kernel_size", ("stride", 1), ("pad", 0)), {})
    assert dict(found.named) == {
        "k": ("in_channels",),
        "p": ("numFilters",),
        "m": ("kernel_size",),
        "s": ("stride",),
        "P": ("pad",),
    }
    assert all(found.takes(role) for role in "kpmsP")
    assert not any(found.takes(role) for role in "dgn")


def test_keys_that_are_looked_up_are_options():
    """A dict of options is known by the keys that the code reads."""
    held = Parameter("forward", "conv_param", required=True, keys=("stride", "pad", "mode"))
    found = options_of(taking(held, name="conv_forward", takes=("x", "w", "b")), {})
    assert dict(found.named) == {"s": ("conv_param", "stride"), "P": ("conv_param", "pad")}


def test_a_switch_is_no_size():
    """A parameter whose default is a truth value turns something on, however it is called."""
    assert not options_of(taking("filters", ("padding", False)), {}).takes("P")
    assert options_of(taking("filters", ("padding", 0)), {}).takes("P")


def test_arrays_are_no_options():
    """Operands, cotangents and what a pass keeps are no sizes."""
    forward = [Parameter("forward", name, required=True) for name in ("x", "w")]
    backward = [Parameter("backward", "d", required=True), Parameter("backward", "cache", required=True)]
    assert not set(options_of(taking(*forward, *backward, name="conv_forward"), {}).named) - {"d"}


def test_depth_beside_the_inputs_shape_is_that_of_the_output():
    """A layer that is told its input's shape needs no channels: the depth is the number of filters."""
    assert dict(options_of(taking("input_shape", "kernel_size", "depth"), {}).named) == {
        "n": ("input_shape",),
        "m": ("kernel_size",),
        "p": ("depth",),
    }


@pytest.mark.parametrize("name", ["in_channels", "input_depth"])
def test_channels_that_are_called_the_inputs_stay_channels(name):
    """Beside the input's shape, what is called the input's is the number of channels."""
    assert options_of(taking("input_shape", "kernel_size", name), {}).named["k"] == (name,)


def test_what_nothing_is_known_of_must_be_set():
    """A required parameter without a meaning is named, with the option that gives it."""
    with pytest.raises(TargetError, match=r"needs temperature, mode, .* --set temperature=VALUE --set mode"):
        options_of(taking("in_channels", "temperature", "mode"), {})


def test_what_is_set_need_not_be_known():
    """A value that the user gives is passed, and the parameter is no option any more."""
    found = options_of(taking("in_channels", "temperature", ("stride", 1)), {"temperature": 0.5, "stride": 2})
    assert dict(found.named) == {"k": ("in_channels",)}
    assert found.passed == {"temperature": 0.5, "stride": 2}
    assert found.fixed == {"s": 2}


def test_a_size_that_is_no_parameter_can_be_fixed():
    """A size that the target is not told can be said to be fixed in it."""
    found = options_of(taking("filters"), {"stride": 2})
    assert (found.passed, found.fixed) == ({}, {"s": 2})


def test_a_strange_name_is_refused():
    """A name that is neither a parameter nor a size is told, with those that there are."""
    with pytest.raises(TargetError, match=r"^colour: Conv2d has no such parameter \(it has filters\)"):
        options_of(taking("filters"), {"colour": 1})


def test_a_binding_needs_nothing():
    """A binding says itself what its parameters are."""
    assert not options_of(taking("temperature", binds=("conv2d", {}, ())), {}).named


@pytest.mark.parametrize(
    ("parameter", "role", "style"),
    [
        (("padding", "valid"), "P", "string"),
        (("padding", (0, 0)), "P", "tuple"),
        (("padding", 0), "P", "int"),
        (("stride", (1, 1)), "s", "tuple"),
        ("input_shape", "n", "tuple"),
        (("dilation", 1), "d", "int"),
    ],
)
def test_a_default_says_in_which_style_a_size_is_given(parameter, role, style):
    """A tuple or a word by default is asked for as that."""
    assert options_of(taking("filters", parameter), {}).styles[role] == style


def test_every_combination_of_styles_is_tried_once():
    """The styles of the options that there are, combined, and what the defaults say comes first."""
    options = options_of(taking("kernel_size", ("stride", (1, 1)), ("padding", "same")), {})
    found = [tuple(one.styles[role] for role in "msP") for one in styled(options)]
    assert found[0] == ("int", "tuple", "string")
    assert len(found) == len(set(found))
    assert set(found) == set(
        product(("int", "tuple", "weights"), ("int", "tuple"), ("int", "tuple", "string", "default"))
    )


def test_options_without_styles_are_tried_as_they_are():
    """Channels and filters are numbers: there is one way to give them."""
    options = options_of(taking("in_channels", "out_channels"), {})
    assert list(styled(options)) == [options]


def test_a_constructor_may_take_the_arrays_themselves():
    """A name that could be a size or an array is read as an array, once that is asked for."""
    read = from_arrays(taking("filters", ("bias", None), ("stride", 1)))
    assert read
    assert read.takes == ("x", "w")
    assert [p.name for p in read.parameters] == ["bias", "stride"]


def test_a_target_of_sizes_alone_is_not_read_once_more():
    """Where no name could be an array there is no second reading."""
    assert from_arrays(taking("in_channels", "out_channels", "kernel_size")) is None
