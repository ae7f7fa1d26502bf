"""A name tells what a parameter, an attribute or a result is for."""

import pytest

from gradcheck.targets.roles import OPERANDS, OPTIONS, OTHERS, argument, gradient, operand, option, plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("numFilters", "num_filters"),
        ("num_filters", "num_filters"),
        ("NumFilters", "num_filters"),
        ("dW", "dw"),
        ("_weights", "weights"),
        ("inputs_", "inputs"),
        ("A_prev", "a_prev"),
        ("kernel2Size", "kernel2_size"),
        ("x", "x"),
    ],
)
def test_a_name_is_made_plain(name: str, expected: str) -> None:
    """Capitals and underscores are one way to part words or the other."""
    assert plain(name) == expected


@pytest.mark.parametrize(
    ("name", "role"),
    [("A_prev", "x"), ("self_x", None), ("W", "w"), ("kernels", "w"), ("biases", "b"), ("stride", None), ("dW", None)],
)
def test_operands_are_told_by_their_names(name: str, role: str | None) -> None:
    """An operand is x, w or b; anything else is none of them."""
    assert operand(name) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("dout", "dy"),
        ("d_L_d_out", "dy"),
        ("gradOutput", "dy"),
        ("dZ", "dy"),
        ("cache", "memory"),
        ("ctx", "memory"),
        ("learning_rate", "rate"),
        ("lr", "rate"),
        ("x_shape", "x_shape"),
        ("W", "w"),
        ("X", "x"),
        ("verbose", None),
    ],
)
def test_parameters_of_a_pass_are_told_by_their_names(name: str, role: str | None) -> None:
    """A cotangent, what was kept, a learning rate and an operand are told apart."""
    assert argument(name) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("in_channels", "k"),
        ("inChannels", "k"),
        ("numFilters", "p"),
        ("out_features", "p"),
        ("kernel_size", "m"),
        ("f", "m"),
        ("input_shape", "n"),
        ("pad", "P"),
        ("zeroPadding", "P"),
        ("stride", "s"),
        ("dilation_rate", "d"),
        ("groups", "g"),
        ("depth_multiplier", "multiplier"),
        ("output_padding", "Q"),
        ("seed", None),
        ("activation", None),
        ("use_bias", None),
    ],
)
def test_options_are_told_by_their_names(name: str, role: str | None) -> None:
    """A name in the tables is the size that stands there, however its words are parted."""
    assert option(name) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("conv_stride", "s"),
        ("pad_amount", "P"),
        ("image_in_size", "n"),
        ("filter_side", "m"),
        ("number_of_kernels", "p"),
        ("prev_channels", "k"),
        ("next_channels", "p"),
        ("my_channels", "k"),
        ("layer_name", None),
    ],
)
def test_a_name_in_no_table_is_read_word_by_word(name: str, role: str | None) -> None:
    """Words that tell a size decide, and a name without them is no option."""
    assert option(name) == role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("dW", "w"),
        ("dw", "w"),
        ("d_weights", "w"),
        ("dL_dW", "w"),
        ("d_L_d_filters", "w"),
        ("grads.w", "w"),
        ("grads.dW", "w"),
        ("weight.grad", "w"),
        ("params.w.grad", "w"),
        ("grad_weight", "w"),
        ("weight_grad", "w"),
        ("weightsGradient", "w"),
        ("kernels_gradient", "w"),
        ("grad_input", "x"),
        ("dX", "x"),
        ("dA_prev", "x"),
        ("db", "b"),
        ("delta_b", "b"),
        ("bias_delta", "b"),
        ("grads.bias", "b"),
        ("w", None),
        ("weights", None),
        ("params.w", None),
        ("dout", None),
        ("data", None),
        ("", None),
        ("0", None),
    ],
)
def test_gradients_are_told_from_what_they_are_gradients_of(path: str, role: str | None) -> None:
    """A mark of a gradient, in the name or around it, makes one; without a mark it is the array itself."""
    assert gradient(path) == role


@pytest.mark.parametrize("table", [OPERANDS, OTHERS, OPTIONS], ids=["operands", "others", "options"])
def test_a_table_has_only_names_that_can_be_met(table: dict[str, str]) -> None:
    """Names stand in the tables as plain() gives them, else none of them could ever be found."""
    unreachable = {name for names in table.values() for name in names.split() if plain(name) != name}
    assert unreachable <= {"inputs_", "dout_"}


@pytest.mark.parametrize(("table", "told"), [(OPERANDS, operand), (OPTIONS, option)], ids=["operands", "options"])
def test_every_name_of_a_table_is_told(table: dict[str, str], told: object) -> None:
    """Every name has a role of its own table, that of the first row which has it."""
    for names in table.values():
        for name in names.split():
            first = next(role for role, row in table.items() if name in row.split() or plain(name) in row.split())
            assert told(name) == first  # type: ignore[operator]
