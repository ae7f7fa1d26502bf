"""The mistakes that people make in gradients by hand, for the functions of known_functions.py.

Every mistake makes a wrong gradient out of the correct one: it changes what that returns, replaces one of its steps,
or stands in its place.
"""

import math
from functools import partial

import numpy as np


def elementwise(derivative):
    """The gradient of a function of each entry, from its derivative."""
    return lambda dy, x: (dy * derivative(x),)


def changed(change, *which):
    """A change to the parts of a gradient, to all of them or to those whose numbers are given."""

    def wrong(right, dy, *inputs):
        parts = enumerate(right(dy, *inputs))
        return tuple(change(part) if number in which or not which else part for number, part in parts)

    return lambda right: partial(wrong, right)


def instead(wrong):
    """Another gradient in place of the correct one."""
    return lambda right: wrong


def slope(derivative):
    """Another derivative of a function of each entry."""
    return instead(elementwise(derivative))


def given(**steps):
    """The correct gradient with another step, or another constant."""
    return lambda right: partial(right, **steps)


def upstream_ignored(right):
    """The gradient for an upstream gradient of ones, whatever comes."""
    return lambda dy, *inputs: right(np.ones_like(dy), *inputs)


def multiplied(factor, *places):
    """A change to entries of a gradient, by their places in its flat order, or to all of them."""

    def change(gradient):
        gradient = np.array(gradient)
        gradient.flat[list(places) if places else slice(None)] *= factor
        return gradient

    return change


def positive_upstream(dy, x):
    """The upstream gradient is asked for its sign where the input should be."""
    return (dy * (dy > 0),)


def squashed(x):
    """The sigmoid."""
    return 1 / (1 + np.exp(-x))


def gelu_by_tanh(x):
    """The derivative of gelu's approximation by tanh."""
    t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    return (1 + t) / 2 + x / 2 * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)


def gelu_by_distribution(x):
    """The derivative of gelu itself."""
    distribution = (1 + np.vectorize(math.erf, otypes=[x.dtype])(x / math.sqrt(2))) / 2
    return distribution + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


# steps of softmax: of its upstream gradient and its output


def without_outer_product(dy, s):
    """Only the diagonal of the Jacobian, with its first term."""
    return s * dy


def diagonal_only(dy, s):
    """Softmax taken for a sigmoid of each entry."""
    return s * (1 - s) * dy


def first_entry_missing(s):
    """The weights of all entries but the first."""
    return s * (np.arange(s.shape[-1]) > 0)


# steps of a standardisation: of its upstream gradient, its output, the deviation that it divides by, and the axis


def mean_constant(dy, z, deviation, axis):
    """The mean is taken for a constant."""
    return (dy - z * (dy * z).mean(axis, keepdims=True)) / deviation


def variance_constant(dy, z, deviation, axis):
    """The variance is taken for a constant."""
    return (dy - dy.mean(axis, keepdims=True)) / deviation


def statistics_constant(dy, z, deviation, axis):
    """Mean and variance are both taken for constants, as at inference."""
    return dy / deviation


def squared_deviation(dy, z, deviation, axis):
    """The last division is by the variance."""
    return (dy - dy.mean(axis, keepdims=True) - z * (dy * z).mean(axis, keepdims=True)) / deviation**2


# steps of pooling: who gets the gradient in windows whose four entries lie on the last axis


def all_largest(windows):
    """Every entry that equals the maximum gets all of it."""
    return windows == windows.max(-1, keepdims=True)


def first_of_each_row(windows):
    """The largest of each row gets it."""
    rows = windows.reshape(*windows.shape[:-1], 2, 2)
    return np.eye(2, dtype=bool)[rows.argmax(-1)].reshape(windows.shape)


def smallest(windows):
    """The smallest gets it."""
    return np.eye(4, dtype=bool)[windows.argmin(-1)]


# steps of an LSTM cell: the gradient of the new cell state


def cell_state_ends(dh, dc, out, cell):
    """What comes back through the cell state itself is forgotten."""
    return dh * out * (1 - np.tanh(cell) ** 2)


def cell_without_tanh(dh, dc, out, cell):
    """The hidden state is taken for the output gate times the cell state."""
    return dc + dh * out


# whole gradients


def l2_norm_of_square(dy, x):
    """The gradient of the squared norm."""
    return (2 * x * dy[..., None],)


def cosine_norms_constant(dy, x, y):
    """The norms are taken for constants."""
    scale = dy[:, None] / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))[:, None]
    return scale * y, scale * x


def log_softmax_own_upstream(dy, x):
    """Every entry's upstream gradient stands where their sum should."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return (dy - dy * e / e.sum(-1, keepdims=True),)


def outer_one_side(dy, x):
    """Only the first of two factors is varied."""
    return (dy @ x,)


def power_without_logarithm(dy, x, y):
    """The exponent's gradient lacks the logarithm."""
    return dy * y * x ** (y - 1), dy * x**y


def division_by_y(dy, x, y):
    """The divisor is not squared."""
    return dy / y, -dy * x / y


def inverse_not_transposed(dy, a):
    """The formula of the differential, without its transposes."""
    inverse = np.linalg.inv(a)
    return (-inverse @ dy @ inverse,)


def square_without_factor(dy, a, b):
    """The square's derivative is taken to be 2."""
    return 2 * dy @ b.T, a.T @ (2 * dy)


def product_summed_forwards(dy, x):
    """The sum runs over the earlier outputs, where the later ones depend on an input."""
    return (np.cumsum(dy * np.cumprod(x, -1), -1) / x,)


def product_divided(dy, x):
    """Divides by inputs that may be zero."""
    later = np.flip(np.cumsum(np.flip(dy * np.cumprod(x, -1), -1), -1), -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (later / x,)


def divergence_without_one(dy, p, q):
    """The logarithm's own derivative is forgotten."""
    return dy[:, None] * np.log(p / q), -dy[:, None] * p / q


def likelihood_without_normalisation(dy, x, mean, deviation):
    """The deviation is missing from the normalising factor."""
    r = (x - mean) / deviation
    return -dy * r / deviation, dy * r / deviation, dy * r**2 / deviation


def likelihood_by_logarithm(dy, x, mean, deviation):
    """The deviation's gradient is that for its logarithm."""
    r = (x - mean) / deviation
    return -dy * r / deviation, dy * r / deviation, dy * (r**2 - 1)


def slope_not_masked(dy, x, slope):
    """The slope's gradient counts positive inputs too."""
    return dy * np.where(x > 0, 1, slope), (dy * x).sum(0)


def gate_derivative_missing(dy, x, gate):
    """The gate's gradient lacks the sigmoid's derivative."""
    return dy / (1 + np.exp(-gate)), dy * x


def polar_sign(dy, radius, angle):
    """The cosine's derivative has the wrong sign."""
    dx, dy = dy
    sine, cosine = np.sin(angle), np.cos(angle)
    return dx * cosine + dy * sine, radius * (dx * sine + dy * cosine)


SLIGHTLY_MORE = changed(multiplied(1.0001))
ONE_ENTRY = changed(multiplied(2, 0), 0)
NEGATED = changed(np.negative)

MISTAKES = {
    "relu": {"sign of the upstream gradient": instead(positive_upstream), "upstream ignored": upstream_ignored},
    "leaky relu": {"slope forgotten": slope(lambda x: x > 0)},
    "parametric relu": {"slope not masked": instead(slope_not_masked)},
    "elu": {"one forgotten": slope(lambda x: np.where(x > 0, 1, np.expm1(np.minimum(x, 0))))},
    "selu": {"scale forgotten": changed(multiplied(1 / 1.0507009873554805))},
    "gelu": {
        "derivative of the approximation": slope(gelu_by_tanh),
        "second term forgotten": slope(lambda x: (1 + np.vectorize(math.erf, otypes=[x.dtype])(x / math.sqrt(2))) / 2),
    },
    "gelu by tanh": {"derivative of the exact form": slope(gelu_by_distribution)},
    "silu": {"second term forgotten": slope(squashed)},
    "mish": {"inner factor forgotten": given(inner=np.ones_like)},
    "softplus": {"argument's sign": slope(lambda x: squashed(-x))},
    "softplus at 1e-8": {"derivative of relu": slope(lambda x: x > 0)},
    "sigmoid": {"applied to the output again": slope(lambda x: squashed(squashed(x)) * squashed(-squashed(x)))},
    "tanh": {
        "square of the input": slope(lambda x: 1 - x**2),
        "sign of the square": slope(lambda x: 1 + np.tanh(x) ** 2),
    },
    "tanh at 1e-8": {"its value": slope(np.tanh), "slightly more": SLIGHTLY_MORE},
    "softsign": {"not squared": slope(lambda x: 1 / (1 + np.abs(x)))},
    "softsign from 1e-8 to 1e8": {"not squared": slope(lambda x: 1 / (1 + np.abs(x)))},
    "cube": {"exponent not lowered": slope(lambda x: 3 * x), "slightly more": SLIGHTLY_MORE},
    "cube at 1e8": {"slightly more": SLIGHTLY_MORE, "one entry": ONE_ENTRY},
    "cube at 1e-8": {"factor forgotten": slope(lambda x: x**2), "negated": NEGATED},
    "cube from 1e-8 to 1e8": {"smallest entry": ONE_ENTRY, "largest entry": changed(multiplied(2, -1))},
    "reciprocal": {"sign": NEGATED},
    "reciprocal at 1e8": {"sign": NEGATED, "upstream ignored": upstream_ignored},
    "reciprocal at 1e-8": {"not squared": slope(lambda x: -1 / x)},
    "square root": {"half forgotten": slope(lambda x: 1 / np.sqrt(x))},
    "square root at 1e-8": {"root forgotten": slope(lambda x: 0.5 / x), "slightly more": SLIGHTLY_MORE},
    "logarithm": {"to base 10": slope(lambda x: 1 / (x * math.log(10)))},
    "logarithm from 1e-8 to 1e8": {
        "entry of 1": changed(multiplied(2, 4)),
        "largest entry": changed(multiplied(2, -1)),
    },
    "exponential": {"rule for powers": slope(lambda x: x * np.exp(x - 1))},
    "exponential at 1e-8": {"rule for powers": slope(lambda x: x * np.exp(x - 1)), "slightly more": SLIGHTLY_MORE},
    "sine": {"sign": NEGATED},
    "sine of 3x": {"inner factor forgotten": slope(lambda x: np.cos(3 * x))},
    "sine at 1e8": {"sign": NEGATED, "its value": slope(np.sin)},
    "power": {"logarithm forgotten": instead(power_without_logarithm)},
    "division": {"minus forgotten": changed(np.negative, 1), "divisor not squared": instead(division_by_y)},
    "division of 1e8 by 1e-8": {
        "minus forgotten": changed(np.negative, 1),
        "dividend doubled": changed(multiplied(2), 0),
    },
    "gated unit": {"sigmoid's derivative forgotten": instead(gate_derivative_missing)},
    "polar coordinates": {"sign": instead(polar_sign)},
    "softmax": {
        "outer product forgotten": given(step=without_outer_product),
        "of each entry": given(step=diagonal_only),
    },
    "softmax at 1e-8": {"outer product forgotten": given(step=without_outer_product), "slightly more": SLIGHTLY_MORE},
    "softmax at 1e8": {"outer product forgotten": given(step=without_outer_product)},
    "log-softmax": {"own upstream": instead(log_softmax_own_upstream)},
    "log-sum-exp": {"first entry missing": given(kept=first_entry_missing)},
    "l2 norm": {"of the square": instead(l2_norm_of_square)},
    "l2 norm at 1e-8": {"of the square": instead(l2_norm_of_square), "negated": NEGATED},
    "cosine similarity": {"norms constant": instead(cosine_norms_constant)},
    "cosine similarity of 1e8 and 1e-8": {"norms constant": instead(cosine_norms_constant)},
    "cumulative product": {"summed forwards": instead(product_summed_forwards)},
    "cumulative product with a zero": {"divided by zero": instead(product_divided)},
    "cross-entropy, sum": {"divided by the batch": given(divisor=5)},
    "cross-entropy, mean": {"not divided by the batch": given(divisor=1), "upstream ignored": upstream_ignored},
    "mean squared error": {"two forgotten": changed(multiplied(0.5)), "target's sign": changed(np.negative, 1)},
    "mean squared error at 1e8": {"two forgotten": changed(multiplied(0.5)), "slightly more": SLIGHTLY_MORE},
    "mean squared error at 1e-8": {"two forgotten": changed(multiplied(0.5)), "summed": changed(multiplied(12))},
    "huber": {"threshold": given(threshold=2)},
    "huber at 1e8": {"of the square": given(threshold=1e12)},
    "hinge": {"wrong side of the margin": given(short=np.greater)},
    "kl divergence": {"one forgotten": instead(divergence_without_one)},
    "log-likelihood": {"normalisation": instead(likelihood_without_normalisation), "one entry": ONE_ENTRY},
    "log-likelihood at 1e-8": {"for the logarithm": instead(likelihood_by_logarithm)},
    "batch norm": {
        "mean constant": given(step=mean_constant),
        "variance constant": given(step=variance_constant),
        "statistics constant": given(step=statistics_constant),
    },
    "batch norm at 1e-8": {"mean constant": given(step=mean_constant)},
    "layer norm": {"wrong axis": given(axis=0), "not the root": given(step=squared_deviation)},
    "layer norm at 1e8": {"variance constant": given(step=variance_constant), "negated input": changed(np.negative, 0)},
    "group norm": {"one group": given(groups=1), "mean constant": given(step=mean_constant)},
    "rms norm": {"root constant": given(step=statistics_constant)},
    "rms norm at 1e-8": {"slightly more": SLIGHTLY_MORE},
    "outer product": {"one side": instead(outer_one_side)},
    "determinant": {"not transposed": changed(np.transpose)},
    "determinant at 1e-8": {"not transposed": changed(np.transpose)},
    "inverse": {"not transposed": instead(inverse_not_transposed)},
    "inverse at 1e8": {"negated": NEGATED},
    "squared product": {"factor forgotten": instead(square_without_factor), "one entry": ONE_ENTRY},
    "squared product of 1e8 and 1e-8": {"one entry": ONE_ENTRY, "slightly more": SLIGHTLY_MORE},
    "attention": {
        "root forgotten": given(root=lambda size: 1),
        "outer product forgotten": given(step=without_outer_product),
    },
    "perceptron": {
        "square of the input": given(slope=lambda z: 1 - z**2),
        "mean for the bias": changed(multiplied(0.25), 4),
    },
    "max-pool": {"first of each row": given(shares=first_of_each_row), "smallest": given(shares=smallest)},
    "tanh of a convolution": {"filter not flipped": given(order=1), "tanh forgotten": given(slope=np.ones_like)},
    "lstm cell": {"cell state ends": given(step=cell_state_ends), "tanh forgotten": given(step=cell_without_tanh)},
    "relu at zeros": {"sign of the upstream gradient": instead(positive_upstream)},
    "absolute value at zeros": {"always 1": slope(np.ones_like)},
    "max-pool with ties": {"all of the largest": given(shares=all_largest)},
}
