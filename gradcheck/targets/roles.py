"""What a parameter, an attribute or a result is for, read off its name. Literals and one look-up each.

Operands: x input, w filters, b bias. Then dy the cotangent, memory what forward kept for backward,
rate a learning rate. Options, in the notation's letters: k channels, p filters, m filter side,
n input sides, s stride, P padding, d dilation, g groups.
"""

import re

WORDS = {
    "x": "the input",
    "w": "the filters",
    "v": "the third operand",
    "u": "the fourth operand",
    "b": "the bias",
    "dy": "the cotangent",
}
OPERANDS = {
    "x": "x input inputs inp inputs_ image images img imgs data a_prev prev_a act activations signal batch in_data "
    "input_data input_tensor feature_map features z_prev last_input",
    "w": "w weight weights kernel kernels filter filters f theta wt kern filt conv_filter ker",
    "b": "b bias biases beta",
}
OTHERS = {
    "dy": "dy dout d_out dz grad_output grad_out grad_outputs grad gradient gradients delta deltas upstream g dl_dy "
    "d_l_d_out dl_dout dl_dz output_gradient output_grad grad_y gy dh da error err next_grad upstream_gradient "
    "cotangent ct dout_ d_y d_output doutput dloss grads delta_out top_diff dl dldy dldout dl_do output_error "
    "upstream_grad dj_dy dy_hat",
    "memory": "cache memory saved ctx context residuals residual res tape stored saved_tensors",
    "rate": "lr learning_rate learn_rate eta alpha step_size rate_of_learning learningrate",
    "x_shape": "x_shape input_shape in_shape shape x_size input_size",
    "w_shape": "w_shape weight_shape filter_shape kernel_shape",
}
OPTIONS = {
    "k": "in_channels channels input_channels num_channels n_channels nb_channels c_in cin in_depth input_depth "
    "in_features n_in n_c_prev c depth in_ch inchannels in_planes channels_in num_inputs in_dim input_dim ci ic "
    "n_inputs input_features fan_in in_units",
    "p": "out_channels num_filters n_filters nb_filters filters out_depth output_channels c_out cout n_out "
    "out_features units channels_out num_kernels n_kernels n_c out_ch outchannels out_planes num_outputs out_dim "
    "output_dim co oc n_outputs output_features fan_out out_units kernels f_num nf filter_num filter_count",
    "m": "kernel_size filter_size ksize k_size kernel size field_size receptive_field filter_shape kernel_shape m "
    "fsize kernel_dim filter_dim kernelsize window f_size ks kernel_width filter_width f kernel_length k width",
    "n": "input_shape in_shape image_shape image_size input_size shape in_size",
    "s": "stride strides s step subsampling st",
    "P": "padding pad pads p pad_size zero_padding padding_size pad_width",
    "d": "dilation dilations dilation_rate d atrous rate",
    "g": "groups group num_groups n_groups g",
    "multiplier": "depth_multiplier multiplier channel_multiplier",
    "Q": "output_padding out_padding",
}
GROUPED_OPTIONS = [
    "conv_param",
    "conv_params",
    "hparameters",
    "hparams",
    "hyperparameters",
    "params",
    "options",
    "config",
    "hp",
    "opts",
]


def _by_name(table: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in table.items():
        for name in names.split():
            found.setdefault(name, role)
    return found


_OPERAND, _OTHER, _OPTION = map(_by_name, (OPERANDS, OTHERS, OPTIONS))


def plain(name: str) -> str:
    """A name in lower case with underscores between its words: numFilters and num_filters are one."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).strip("_").lower()


def operand(name: str) -> str | None:
    """x, w or b for the name of an operand.

    >>> operand("A_prev"), operand("filters"), operand("stride")
    ('x', 'w', None)
    """
    return _OPERAND.get(plain(name))


def argument(name: str) -> str | None:
    """The role of a parameter of a forward or backward pass, options aside."""
    return _OTHER.get(plain(name)) or operand(name)


def option(name: str) -> str | None:
    """The size that a parameter of a constructor or a function is, in the notation's letters.

    >>> option("numFilters"), option("kernel_size"), option("pad")
    ('p', 'm', 'P')
    """
    return _OPTION.get(plain(name)) or _guessed(set(plain(name).split("_")))


# A name that is not in the table is read word by word; the first row of which each set has a word in it decides.
_WORDS = (
    ("s", {"stride", "strides"}),
    ("P", {"pad", "padding"}),
    ("d", {"dilation", "dilations"}),
    ("g", {"group", "groups"}),
    ("n", {"input", "image", "in"}, {"shape", "size", "sizes"}),
    (
        "m",
        {"kernel", "filter", "field", "window", "filt"},
        {"size", "width", "side", "length", "dim", "shape", "height"},
    ),
    (
        "p",
        {"num", "n", "nb", "count", "number"},
        {"kernels", "filters", "kernel", "filter", "maps", "features", "neurons"},
    ),
    ("k", {"in", "input", "inputs", "prev", "previous"}),
    ("p", {"out", "output", "outputs", "neurons", "units", "next"}),
    ("k", {"channels", "channel"}),
    ("m", {"field"}),
)


def _guessed(words: set[str]) -> str | None:
    return next((role for role, *needs in _WORDS if all(words & need for need in needs)), None)


_GRADIENT = re.compile(r"^(?:d_?l_?d_?|dl_|grads?_|gradients?_|delta_|d_|d)|_(?:grads?|gradients?|delta|diff)$")


def gradient(path: str) -> str | None:
    """The operand whose gradient something named so is: dW, grads["w"], weight_grad, params["w"].grad.

    >>> [gradient(name) for name in ("dW", 'grads["w"]', "weight.grad", "d_L_d_filters", "grad_input", "dout", "w")]
    ['w', 'w', 'w', 'w', 'x', None, None]
    """
    *outer, last = (plain(part) for part in re.findall(r"\w+", path)) if re.search(r"\w", path) else ("",)
    marked = any(part in ("grad", "grads", "gradient", "gradients") for part in (*outer, last))
    if last in ("grad", "gradient", "g", "d") and outer:
        last = outer[-1]
    stripped = _GRADIENT.sub("", _GRADIENT.sub("", last))
    if stripped == last and not marked:
        return None
    return operand(stripped) or (operand(last) if marked else None)
