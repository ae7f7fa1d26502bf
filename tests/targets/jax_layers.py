"""Layers in JAX: right ones, and ones with a single mistake in their backward rule."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax


def conv2d(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """JAX's own convolution, with each of its sizes."""
    (s, d), p = (jnp.broadcast_to(jnp.array(one), 2).tolist() for one in (stride, dilation)), padding
    pads = [(one, one) for one in (p if isinstance(p, tuple) else (p, p))]
    y = lax.conv_general_dilated(x, w, s, pads, rhs_dilation=d, feature_group_count=groups)
    return y + b[:, None, None]


@jax.jit
def linear(x, w):
    """A compiled function."""
    return x @ w.T


def narrowed_linear(x, w):
    """A dense layer that computes with 32 bits."""
    return jnp.matmul(x.astype("float32"), w.astype("float32"))


def conv(x, w, stride):
    """A convolution along one axis."""
    return lax.conv_general_dilated(x, w, (stride,), "VALID")


def keep(x, w, stride):
    """The forward rule: the output, and both operands for backward."""
    return conv(x, w, stride), (x, w)


def gradients(stride, memory, dy):
    """The right backward rule."""
    return jax.vjp(partial(conv, stride=stride), *memory)[1](dy)


def ruled(backward):
    """The convolution with this backward rule."""

    @partial(jax.custom_vjp, nondiff_argnums=(2,))
    def conv1d(x, w, stride):
        return conv(x, w, stride)

    conv1d.defvjp(keep, backward)
    return conv1d


right = ruled(gradients)


@ruled
def filter_not_rotated(stride, memory, dy):
    """The filter is turned round once too often."""
    x, w = memory
    return gradients(stride, (x, w[:, :, ::-1]), dy)[0], gradients(stride, memory, dy)[1]


@ruled
def filter_gradient_rotated(stride, memory, dy):
    """The filters' gradient comes out turned round."""
    dx, dw = gradients(stride, memory, dy)
    return dx, dw[:, :, ::-1]


@ruled
def last_sample_only(stride, memory, dy):
    """= instead of += over the samples."""
    x, w = memory
    return gradients(stride, memory, dy)[0], gradients(stride, (x[-1:], w), dy[-1:])[1]


@ruled
def stride_ignored(stride, memory, dy):
    """The filters' gradient as if the windows were next to each other."""
    x, w = memory
    reach = dy.shape[2] + w.shape[2] - 1
    return gradients(stride, memory, dy)[0], gradients(1, (x[:, :, :reach], w), dy)[1]


@ruled
def wrong_sign(stride, memory, dy):
    """The input's gradient is negated."""
    dx, dw = gradients(stride, memory, dy)
    return -dx, dw


@ruled
def batch_kept(stride, memory, dy):
    """A filters' gradient for every sample."""
    x, w = memory
    samples = [gradients(stride, (one[None], w), g[None])[1] for one, g in zip(x, dy, strict=True)]
    return gradients(stride, memory, dy)[0], jnp.stack(samples)


@jax.custom_vjp
def affine(x, w, b):
    """A dense layer whose bias gets a gradient of shape (1, F)."""
    return x @ w.T + b


affine.defvjp(
    lambda x, w, b: (affine(x, w, b), (x, w)),
    lambda memory, dy: (dy @ memory[1], dy.T @ memory[0], dy.sum(0, keepdims=True)),
)

without_rules = jax.custom_vjp(conv, nondiff_argnums=(2,))


@jax.custom_vjp
def symbolic_linear(x, w):
    """A dense layer whose forward rule is told which operands matter."""
    return x @ w.T


symbolic_linear.defvjp(
    lambda x, w: (symbolic_linear(x.value, w.value), (x.value, w.value)),
    lambda memory, dy: (dy @ memory[1], -(dy.T @ memory[0])),
    symbolic_zeros=True,
)


def paired_forward(x, w):
    """A forward pass in JAX that has a backward pass beside it."""
    return jnp.matmul(x, w)


def paired_backward(dy, x, w):
    """The backward pass of paired_forward."""
    return jnp.matmul(dy, w.T), jnp.matmul(x.T, dy)


def in_numpy(x, w):
    """Nothing of JAX."""
    return x @ w
