"""Differentiable functions that are not multilinear, with gradients by hand: correct ones, and twins with one mistake.

The correct gradients are accurate to rounding, at inputs of 1e-8 and of 1e8 too; at a kink any subgradient is correct.
The mistakes stand in known_mistakes.py. Each puts some entry of some gradient off by more than 1e-5 of its value.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from known_mistakes import MISTAKES, elementwise, mean_constant

Arrays = tuple[np.ndarray, ...]
Draw = Callable[[np.random.Generator], Arrays]
Forward = Callable[..., np.ndarray | Arrays]
Vjp = Callable[..., Arrays]
Row = tuple[str, Forward, Vjp, Draw]
EPSILON = 1e-5
TARGETS = np.array([0, 3, 1, 1, 2])
SIGNS = np.array([1, -1, -1, 1, 1, -1])
SELU = {"scale": 1.0507009873554805, "alpha": 1.6732632423543772}


@dataclass(frozen=True)
class Known:
    """A function with a gradient, and whether the gradient is correct at the inputs that are drawn."""

    name: str
    forward: Forward
    vjp: Vjp
    draw: Draw
    correct: bool
    dtype: str = "float64"
    note: str = ""


# inputs


def normal(*shapes: tuple[int, ...], scale: float = 1.0) -> Draw:
    """Normally distributed arrays."""
    return lambda rng: tuple(scale * rng.standard_normal(shape) for shape in shapes)


def positive(*shapes: tuple[int, ...], scale: float = 1.0) -> Draw:
    """Arrays of positive numbers within a factor of 4."""
    return lambda rng: tuple(scale * rng.uniform(0.5, 2, shape) for shape in shapes)


def shuffled(*values: float) -> Draw:
    """The values in any order."""
    return lambda rng: (rng.permutation(np.array(values)),)


def ranging(rng: np.random.Generator) -> Arrays:
    """Nine positive numbers from 1e-8 to 2e8, in order."""
    return (10.0 ** np.arange(-8, 9, 2) * rng.uniform(1, 2, 9),)


def signed_ranging(rng: np.random.Generator) -> Arrays:
    """Nine numbers of either sign whose sizes run from 1e-8 to 2e8, in order."""
    return (ranging(rng)[0] * rng.choice([-1.0, 1.0], 9),)


def tied(rng: np.random.Generator) -> Arrays:
    """Images of zeros and ones."""
    return (rng.integers(0, 2, (2, 2, 4, 4)).astype(float),)


def regular(scale: float = 1.0) -> Draw:
    """A matrix that is well-conditioned."""
    return lambda rng: (scale * (4 * np.eye(4) + rng.uniform(-1, 1, (4, 4))),)


def spread(scale: float = 1.0) -> Draw:
    """Values, means and deviations."""
    return lambda rng: (*normal((3, 4), (3, 4), scale=scale)(rng), *positive((3, 4), scale=scale)(rng))


def with_zero(rng: np.random.Generator) -> Arrays:
    """Rows with a zero in them."""
    return (rng.uniform(0.5, 2, (3, 5)) * (np.arange(5) != 2),)


def scaled(draw: Draw, *scales: float) -> Draw:
    """The inputs of another draw, each times its scale."""
    return lambda rng: tuple(array * scale for array, scale in zip(draw(rng), scales, strict=True))


# functions of each entry


def sigmoid(x):
    """1 / (1 + exp(-x)), accurate on both sides."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_slope(x):
    """The sigmoid's derivative."""
    return sigmoid(x) * sigmoid(-x)


def tanh_slope(x):
    """The derivative of tanh, accurate where it is small."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def softplus(x):
    """log(1 + exp(x))."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def relu(x):
    """The input where it is positive."""
    return np.maximum(x, 0)


def leaky_relu(x):
    """The input, a hundredth of it where it is negative."""
    return np.where(x > 0, x, 0.01 * x)


def exponential_unit(x, scale=1.0, alpha=1.0):
    """Elu, and selu with its constants."""
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def exponential_slope(x, scale=1.0, alpha=1.0):
    """The derivative of elu and of selu."""
    return scale * np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def erfc(x):
    """The complementary error function."""
    return np.vectorize(math.erfc, otypes=[x.dtype])(x)


def distribution(x):
    """The normal distribution function."""
    return erfc(-x / math.sqrt(2)) / 2


def density(x):
    """The normal density."""
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def gelu_tanh(x):
    """The approximation of gelu by tanh."""
    return x * sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))


def gelu_tanh_slope(x):
    """The derivative of the approximation of gelu by tanh."""
    z, dz = x + 0.044715 * x**3, 1 + 3 * 0.044715 * x**2
    root = math.sqrt(8 / math.pi)
    return sigmoid(root * z) + x * sigmoid_slope(root * z) * root * dz


def mish_vjp(dy, x, inner=sigmoid):
    """The gradient of the input times the tanh of its softplus."""
    return (dy * (np.tanh(softplus(x)) + x * tanh_slope(softplus(x)) * inner(x)),)


def softsign(x):
    """The input over 1 plus its size."""
    return x / (1 + np.abs(x))


def softsign_slope(x):
    """The derivative of softsign."""
    return 1 / (1 + np.abs(x)) ** 2


def parametric_relu_vjp(dy, x, slope):
    """Gradients for the input and for the slopes."""
    return dy * np.where(x > 0, 1, slope), (dy * np.minimum(x, 0)).sum(0)


def power_vjp(dy, x, y):
    """The gradients for base and exponent."""
    return dy * y * x ** (y - 1), dy * x**y * np.log(x)


def division_vjp(dy, x, y):
    """The gradients for dividend and divisor."""
    return dy / y, -dy * x / y**2


def gated_vjp(dy, x, gate):
    """The gradients for the input and for the gate before its sigmoid."""
    return dy * sigmoid(gate), dy * x * sigmoid_slope(gate)


def polar_vjp(dy, radius, angle):
    """The gradients of the coordinates for polar ones."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return dy[0] * cosine + dy[1] * sine, radius * (dy[1] * cosine - dy[0] * sine)


# functions of rows


def softmax(x):
    """The shares of the exponentials along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_step(dy, s):
    """The gradient of softmax from its output."""
    return s * (dy - (s * dy).sum(-1, keepdims=True))


def softmax_vjp(dy, x, step=softmax_step):
    """The gradient of softmax."""
    return (step(dy, softmax(x)),)


def logsumexp(x):
    """The logarithm of the sum of the exponentials along the last axis."""
    largest = x.max(-1, keepdims=True)
    return np.log(np.exp(x - largest).sum(-1)) + largest[..., 0]


def logsumexp_vjp(dy, x, kept=lambda s: s):
    """Every entry gets its share."""
    return (dy[..., None] * kept(softmax(x)),)


def log_softmax(x):
    """The logarithm of softmax."""
    return x - logsumexp(x)[..., None]


def log_softmax_vjp(dy, x):
    """The gradient of log-softmax."""
    return (dy - softmax(x) * dy.sum(-1, keepdims=True),)


def l2_norm(x):
    """The length of every row."""
    return np.sqrt((x**2).sum(-1))


def l2_norm_vjp(dy, x):
    """The directions of the rows."""
    return (x * (dy / l2_norm(x))[..., None],)


def cosine(x, y):
    """The cosines between the rows."""
    return (x * y).sum(-1) / (l2_norm(x) * l2_norm(y))


def cosine_vjp(dy, x, y):
    """What of the other direction stands at right angles, over the length."""
    a, b = x / l2_norm(x)[:, None], y / l2_norm(y)[:, None]
    dy, c = dy[:, None], (a * b).sum(-1, keepdims=True)
    return dy * (b - c * a) / l2_norm(x)[:, None], dy * (a - c * b) / l2_norm(y)[:, None]


def cumulative_product_vjp(dy, x):
    """Every later product, with the entry replaced by 1."""
    size = x.shape[-1]
    others = np.cumprod(np.where(np.eye(size, dtype=bool), 1, x[..., None, :]), -1)
    return ((dy[..., None, :] * others * np.triu(np.ones((size, size), bool))).sum(-1),)


# losses


def cross_entropy(x, divisor=1):
    """The negative log-likelihood of the targets, summed over the samples."""
    return -log_softmax(x)[np.arange(len(x)), TARGETS].sum() / divisor


def cross_entropy_vjp(dy, x, divisor=1):
    """The shares, less one at the target."""
    return (dy * (softmax(x) - np.eye(x.shape[1], dtype=bool)[TARGETS]) / divisor,)


def squared_error(x, t):
    """The mean of the squared differences."""
    return ((x - t) ** 2).mean()


def squared_error_vjp(dy, x, t):
    """Twice the mean differences, and their negatives."""
    dx = dy * 2 * (x - t) / x.size
    return dx, -dx


def huber(x, t, threshold=1):
    """Half the squared difference, beyond the threshold linear."""
    size = np.abs(x - t)
    return np.where(size <= threshold, size**2 / 2, threshold * (size - threshold / 2)).mean()


def huber_vjp(dy, x, t, threshold=1):
    """The differences, cut off at the threshold."""
    dx = dy * np.clip(x - t, -threshold, threshold) / x.size
    return dx, -dx


def hinge(scores):
    """How far the scores fall short of the margin, on average."""
    return np.maximum(0, 1 - SIGNS * scores).mean()


def hinge_vjp(dy, scores, short=np.less):
    """The signs of those that fall short."""
    return (-dy * SIGNS * short(SIGNS * scores, 1) / scores.size,)


def divergence_vjp(dy, p, q):
    """The gradients for both distributions, which need not be normalised."""
    return dy[:, None] * (np.log(p / q) + 1), -dy[:, None] * p / q


def likelihood(x, mean, deviation):
    """The logarithm of the normal density, of each entry."""
    return -np.log(deviation) - ((x - mean) / deviation) ** 2 / 2 - math.log(2 * math.pi) / 2


def likelihood_vjp(dy, x, mean, deviation):
    """The gradients of the normal log-likelihood."""
    r = (x - mean) / deviation
    return -dy * r / deviation, dy * r / deviation, dy * (r - 1) * (r + 1) / deviation


# normalisations


def standardised(x, axis):
    """The input with mean 0 and variance 1 along the axis, and the deviation that it was divided by."""
    centred = x - x.mean(axis, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis, keepdims=True) + EPSILON)
    return centred / deviation, deviation


def standardised_step(dy, z, deviation, axis):
    """The gradient of a standardisation from its output."""
    return (dy - dy.mean(axis, keepdims=True) - z * (dy * z).mean(axis, keepdims=True)) / deviation


def normalised(x, gamma, beta, axis=0):
    """Batch norm over the first axis, layer norm over the last."""
    return gamma * standardised(x, axis)[0] + beta


def normalised_vjp(dy, x, gamma, beta, axis=0, step=standardised_step):
    """The gradients of batch norm and layer norm."""
    z, deviation = standardised(x, axis)
    return step(dy * gamma, z, deviation, axis), (dy * z).sum(0), dy.sum(0)


layer_norm = partial(normalised, axis=-1)
layer_norm_vjp = partial(normalised_vjp, axis=-1)


def group_norm(x, gamma, beta, groups=2):
    """The channels standardised in groups."""
    z = standardised(x.reshape(len(x), groups, -1), -1)[0].reshape(x.shape)
    return gamma[:, None] * z + beta[:, None]


def group_norm_vjp(dy, x, gamma, beta, groups=2, step=standardised_step):
    """The gradients of group norm."""
    z, deviation = standardised(x.reshape(len(x), groups, -1), -1)
    dx = step((dy * gamma[:, None]).reshape(z.shape), z, deviation, -1)
    return dx.reshape(x.shape), (dy * z.reshape(x.shape)).sum((0, 2)), dy.sum((0, 2))


def rms_norm(x, gamma):
    """The rows over their root mean square."""
    return gamma * x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON)


def rms_norm_vjp(dy, x, gamma, step=mean_constant):
    """The gradients of RMS norm; its step is layer norm's without the mean."""
    root = np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON)
    return step(dy * gamma, x / root, root, -1), (dy * x / root).sum(0)


# matrices, windows and cells


def determinant_vjp(dy, a):
    """The cofactors."""
    return (dy * np.linalg.det(a) * np.linalg.inv(a).T,)


def inverse_vjp(dy, a):
    """The upstream gradient between two transposed inverses."""
    inverse = np.linalg.inv(a)
    return (-inverse.T @ dy @ inverse.T,)


def squared_product_vjp(dy, a, b):
    """The gradients of the squared product."""
    dz = 2 * (a @ b) * dy
    return dz @ b.T, a.T @ dz


def attention(q, k, v):
    """Scaled dot-product attention."""
    return softmax(q @ k.T / math.sqrt(q.shape[1])) @ v


def attention_vjp(dy, q, k, v, root=math.sqrt, step=softmax_step):
    """The gradients of attention."""
    s = softmax(q @ k.T / math.sqrt(q.shape[1]))
    dz = step(dy @ v.T, s) / root(q.shape[1])
    return dz @ k, dz.T @ q, s.T @ dy


def perceptron(x, w, b, w2, b2):
    """Two dense layers with tanh between them."""
    return np.tanh(x @ w + b) @ w2 + b2


def perceptron_vjp(dy, x, w, b, w2, b2, slope=tanh_slope):
    """The gradients of two dense layers with tanh between them."""
    z = x @ w + b
    dz = dy @ w2.T * slope(z)
    return dz @ w.T, x.T @ dz, dz.sum(0), np.tanh(z).T @ dy, dy.sum(0)


def windows(x):
    """The 2 by 2 windows of images, each on the last axis."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).swapaxes(3, 4).reshape(n, c, h // 2, w // 2, 4)


def first_largest(entries):
    """Which entry of a window is the first that is largest."""
    return np.eye(4, dtype=bool)[entries.argmax(-1)]


def shared(entries):
    """Equal shares for the entries that are largest."""
    largest = entries == entries.max(-1, keepdims=True)
    return largest / largest.sum(-1, keepdims=True)


def max_pool_vjp(dy, x, shares=first_largest):
    """The gradient goes to the largest of every window."""
    parts = dy[..., None] * shares(windows(x))
    return (parts.reshape(*dy.shape, 2, 2).swapaxes(3, 4).reshape(x.shape),)


def convolution(x, w):
    """A one-dimensional convolution, before its tanh."""
    return np.einsum("ncok,fck->nfo", np.lib.stride_tricks.sliding_window_view(x, w.shape[2], 2), w)


def convolution_vjp(dy, x, w, slope=tanh_slope, order=-1):
    """The gradients of the tanh of a one-dimensional convolution."""
    dz = dy * slope(convolution(x, w))
    padded = np.pad(dz, ((0, 0), (0, 0), (w.shape[2] - 1,) * 2))
    dw = np.einsum("nfo,ncok->fck", dz, np.lib.stride_tricks.sliding_window_view(x, w.shape[2], 2))
    return convolution(padded, w.swapaxes(0, 1)[..., ::order]), dw


def lstm_gates(x, h, w, u, b):
    """The input, forget and output gates and the candidate."""
    i, f, o, g = np.split(x @ w + h @ u + b, 4, axis=1)
    return sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)


def lstm(x, h, c, w, u, b):
    """The new hidden state and the new cell state."""
    i, f, o, g = lstm_gates(x, h, w, u, b)
    cell = f * c + i * g
    return o * np.tanh(cell), cell


def lstm_step(dh, dc, out, cell):
    """The gradient of the new cell state, in both of its uses."""
    return dc + dh * out * tanh_slope(cell)


def lstm_vjp(dy, x, h, c, w, u, b, step=lstm_step):
    """The gradients of an LSTM cell."""
    i, f, o, g = lstm_gates(x, h, w, u, b)
    cell = f * c + i * g
    dc = step(*dy, o, cell)
    slopes = dc * g * i * (1 - i), dc * c * f * (1 - f), dy[0] * np.tanh(cell) * o * (1 - o), dc * i * (1 - g**2)
    dz = np.concatenate(slopes, axis=1)
    return dz @ w.T, dz @ u.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(0)


SMOOTH: tuple[Row, ...] = (
    ("relu", relu, elementwise(lambda x: x > 0), normal((3, 4))),
    ("leaky relu", leaky_relu, elementwise(lambda x: np.where(x > 0, 1, 0.01)), normal((3, 4))),
    ("parametric relu", lambda x, a: np.where(x > 0, x, a * x), parametric_relu_vjp, normal((5, 3), (3,))),
    ("elu", exponential_unit, elementwise(exponential_slope), normal((3, 4))),
    ("selu", partial(exponential_unit, **SELU), elementwise(partial(exponential_slope, **SELU)), normal((3, 4))),
    ("gelu", lambda x: x * distribution(x), elementwise(lambda x: distribution(x) + x * density(x)), normal((3, 4))),
    ("gelu by tanh", gelu_tanh, elementwise(gelu_tanh_slope), normal((3, 4))),
    ("silu", lambda x: x * sigmoid(x), elementwise(lambda x: sigmoid(x) * (1 + x * sigmoid(-x))), normal((3, 4))),
    ("mish", lambda x: x * np.tanh(softplus(x)), mish_vjp, normal((3, 4))),
    ("softplus", softplus, elementwise(sigmoid), normal((3, 4), scale=4)),
    ("softplus at 1e-8", softplus, elementwise(sigmoid), normal((3, 4), scale=1e-8)),
    ("sigmoid", sigmoid, elementwise(sigmoid_slope), normal((3, 4), scale=2)),
    ("tanh", np.tanh, elementwise(tanh_slope), normal((3, 4))),
    ("tanh at 1e-8", np.tanh, elementwise(tanh_slope), normal((3, 4), scale=1e-8)),
    ("tanh from 1e-8 to 1e8", np.tanh, elementwise(tanh_slope), signed_ranging),
    ("softsign", softsign, elementwise(softsign_slope), normal((3, 4))),
    ("softsign from 1e-8 to 1e8", softsign, elementwise(softsign_slope), signed_ranging),
    ("cube", lambda x: x**3, elementwise(lambda x: 3 * x**2), normal((3, 4))),
    ("cube at 1e8", lambda x: x**3, elementwise(lambda x: 3 * x**2), normal((3, 4), scale=1e8)),
    ("cube at 1e-8", lambda x: x**3, elementwise(lambda x: 3 * x**2), normal((3, 4), scale=1e-8)),
    ("cube from 1e-8 to 1e8", lambda x: x**3, elementwise(lambda x: 3 * x**2), signed_ranging),
    ("reciprocal", lambda x: 1 / x, elementwise(lambda x: -1 / x**2), positive((3, 4))),
    ("reciprocal at 1e8", lambda x: 1 / x, elementwise(lambda x: -1 / x**2), positive((3, 4), scale=1e8)),
    ("reciprocal at 1e-8", lambda x: 1 / x, elementwise(lambda x: -1 / x**2), positive((3, 4), scale=1e-8)),
    ("square root", np.sqrt, elementwise(lambda x: 0.5 / np.sqrt(x)), positive((3, 4))),
    ("square root at 1e-8", np.sqrt, elementwise(lambda x: 0.5 / np.sqrt(x)), positive((3, 4), scale=1e-8)),
    ("logarithm", np.log, elementwise(lambda x: 1 / x), positive((3, 4))),
    ("logarithm from 1e-8 to 1e8", np.log, elementwise(lambda x: 1 / x), ranging),
    ("exponential", np.exp, elementwise(np.exp), normal((3, 4))),
    ("exponential at 1e-8", np.exp, elementwise(np.exp), normal((3, 4), scale=1e-8)),
    ("sine", np.sin, elementwise(np.cos), normal((3, 4))),
    ("sine of 3x", lambda x: np.sin(3 * x), elementwise(lambda x: 3 * np.cos(3 * x)), normal((3, 4))),
    ("sine at 1e8", np.sin, elementwise(np.cos), normal((3, 4), scale=1e8)),
    ("power", np.power, power_vjp, positive((3, 4), (3, 4))),
    ("division", np.divide, division_vjp, positive((3, 4), (3, 4))),
    ("division of 1e8 by 1e-8", np.divide, division_vjp, scaled(positive((3, 4), (3, 4)), 1e8, 1e-8)),
    ("gated unit", lambda x, gate: x * sigmoid(gate), gated_vjp, normal((3, 4), (3, 4))),
    ("polar coordinates", lambda r, a: (r * np.cos(a), r * np.sin(a)), polar_vjp, positive((6,), (6,))),
    # rows
    ("softmax", softmax, softmax_vjp, normal((3, 4))),
    ("softmax at 1e-8", softmax, softmax_vjp, normal((3, 4), scale=1e-8)),
    ("softmax at 1e8", softmax, softmax_vjp, normal((3, 4), scale=1e8)),
    ("log-softmax", log_softmax, log_softmax_vjp, normal((3, 4))),
    ("log-sum-exp", logsumexp, logsumexp_vjp, normal((3, 4))),
    ("l2 norm", l2_norm, l2_norm_vjp, normal((3, 4))),
    ("l2 norm at 1e-8", l2_norm, l2_norm_vjp, normal((3, 4), scale=1e-8)),
    ("cosine similarity", cosine, cosine_vjp, normal((3, 4), (3, 4))),
    ("cosine similarity of 1e8 and 1e-8", cosine, cosine_vjp, scaled(normal((3, 4), (3, 4)), 1e8, 1e-8)),
    ("cumulative product", lambda x: np.cumprod(x, -1), cumulative_product_vjp, positive((3, 5))),
    ("cumulative product with a zero", lambda x: np.cumprod(x, -1), cumulative_product_vjp, with_zero),
    # losses
    ("cross-entropy, sum", cross_entropy, cross_entropy_vjp, normal((5, 4))),
    ("cross-entropy, mean", partial(cross_entropy, divisor=5), partial(cross_entropy_vjp, divisor=5), normal((5, 4))),
    ("mean squared error", squared_error, squared_error_vjp, normal((3, 4), (3, 4))),
    ("mean squared error at 1e8", squared_error, squared_error_vjp, normal((3, 4), (3, 4), scale=1e8)),
    ("mean squared error at 1e-8", squared_error, squared_error_vjp, normal((3, 4), (3, 4), scale=1e-8)),
    ("huber", huber, huber_vjp, normal((4, 5), (4, 5), scale=1.5)),
    ("huber at 1e8", huber, huber_vjp, normal((4, 5), (4, 5), scale=1e8)),
    ("hinge", hinge, hinge_vjp, normal((6,), scale=2)),
    ("kl divergence", lambda p, q: (p * np.log(p / q)).sum(-1), divergence_vjp, positive((3, 4), (3, 4))),
    ("log-likelihood", likelihood, likelihood_vjp, spread()),
    ("log-likelihood at 1e-8", likelihood, likelihood_vjp, spread(1e-8)),
    # normalisations
    ("batch norm", normalised, normalised_vjp, normal((6, 3), (3,), (3,))),
    ("batch norm at 1e-8", normalised, normalised_vjp, scaled(normal((6, 3), (3,), (3,)), 1e-8, 1, 1)),
    ("layer norm", layer_norm, layer_norm_vjp, normal((4, 5), (5,), (5,))),
    ("layer norm at 1e8", layer_norm, layer_norm_vjp, scaled(normal((4, 5), (5,), (5,)), 1e8, 1, 1)),
    ("group norm", group_norm, group_norm_vjp, normal((2, 4, 3), (4,), (4,))),
    ("rms norm", rms_norm, rms_norm_vjp, normal((4, 5), (5,))),
    ("rms norm at 1e-8", rms_norm, rms_norm_vjp, scaled(normal((4, 5), (5,)), 1e-8, 1)),
    # matrices, windows and cells
    ("outer product", lambda x: np.outer(x, x), lambda dy, x: (dy @ x + x @ dy,), normal((5,))),
    ("determinant", np.linalg.det, determinant_vjp, regular()),
    ("determinant at 1e-8", np.linalg.det, determinant_vjp, regular(1e-8)),
    ("inverse", np.linalg.inv, inverse_vjp, regular()),
    ("inverse at 1e8", np.linalg.inv, inverse_vjp, regular(1e8)),
    ("squared product", lambda a, b: (a @ b) ** 2, squared_product_vjp, normal((3, 4), (4, 2))),
    (
        "squared product of 1e8 and 1e-8",
        lambda a, b: (a @ b) ** 2,
        squared_product_vjp,
        scaled(normal((3, 4), (4, 2)), 1e8, 1e-8),
    ),
    ("attention", attention, attention_vjp, normal((3, 4), (5, 4), (5, 2))),
    ("perceptron", perceptron, perceptron_vjp, normal((4, 3), (3, 5), (5,), (5, 2), (2,))),
    ("max-pool", lambda x: windows(x).max(-1), max_pool_vjp, normal((2, 2, 4, 4))),
    ("tanh of a convolution", lambda x, w: np.tanh(convolution(x, w)), convolution_vjp, normal((2, 3, 7), (4, 3, 3))),
    ("lstm cell", lstm, lstm_vjp, normal((2, 3), (2, 4), (2, 4), (3, 16), (4, 16), (16,), scale=0.7)),
)
AT_KINKS: tuple[Row, ...] = (
    ("relu at zeros", relu, elementwise(lambda x: x > 0), shuffled(-1.5, -0.5, 0, 0, 0, 0.5, 2)),
    ("relu at zeros, slope 1", relu, elementwise(lambda x: x >= 0), shuffled(-1.5, -0.5, 0, 0, 0, 0.5, 2)),
    ("leaky relu at zeros", leaky_relu, elementwise(lambda x: np.where(x > 0, 1, 0.01)), shuffled(-1, 0, 0, 2)),
    ("absolute value at zeros", np.abs, elementwise(np.sign), shuffled(-1.5, -0.5, 0, 0, 0.5, 2)),
    ("hinge at the margin", hinge, hinge_vjp, lambda rng: (SIGNS * rng.permutation([-1.0, 0.5, 1, 1, 1, 2]),)),
    ("max-pool with ties", lambda x: windows(x).max(-1), max_pool_vjp, tied),
    ("max-pool with ties, shared", lambda x: windows(x).max(-1), partial(max_pool_vjp, shares=shared), tied),
)
FLOAT32 = {
    *("relu", "gelu", "silu", "tanh", "cube", "softmax", "log-sum-exp", "mean squared error", "huber"),
    *("layer norm", "attention", "max-pool", "tanh of a convolution"),
}


def cast(draw: Draw, dtype: str) -> Draw:
    """The inputs of another draw in another type."""
    return lambda rng: tuple(array.astype(dtype) for array in draw(rng))


def functions(rows: tuple[Row, ...], note: str) -> Iterator[Known]:
    """Every correct gradient with its mistaken twins, some in both types."""
    for name, forward, right, draw in rows:
        for dtype in ("float64", "float32") if name in FLOAT32 else ("float64",):
            full = name if dtype == "float64" else f"{name} in {dtype}"
            yield Known(full, forward, right, cast(draw, dtype), True, dtype, note)
            for mistake, made in MISTAKES.get(name, {}).items():
                yield Known(f"{full}: {mistake}", forward, made(right), cast(draw, dtype), False, dtype, note)


FUNCTIONS = (*functions(SMOOTH, ""), *functions(AT_KINKS, "some inputs lie at kinks"))
