"""Layers in PyTorch: right ones, and ones with a single mistake in what their backward returns."""

import torch
from torch import nn
from torch.autograd import Function
from torch.nn import functional as F
from torch.nn.grad import conv2d_input, conv2d_weight


class Conv(Function):
    """A right 2-D convolution; each mistake overrides its backward."""

    @staticmethod
    def forward(ctx, x, w, b, stride=1):
        ctx.save_for_backward(x, w)
        ctx.stride = stride
        return F.conv2d(x, w, b, stride)

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        dx = conv2d_input(x.shape, w, dy, ctx.stride)
        return dx, conv2d_weight(x, w.shape, dy, ctx.stride), dy.sum((0, 2, 3)), None


class FilterNotRotated(Conv):
    """The filter is turned round once too often."""

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        return conv2d_input(x.shape, w.flip(2, 3), dy, ctx.stride), *Conv.backward(ctx, dy)[1:]


class FilterGradientRotated(Conv):
    """The filters' gradient comes out turned round."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, *rest = Conv.backward(ctx, dy)
        return dx, dw.flip(2, 3), *rest


class LastSampleOnly(Conv):
    """= instead of += over the samples."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, *rest = Conv.backward(ctx, dy)
        for x, g in zip(ctx.saved_tensors[0], dy, strict=True):
            dw = conv2d_weight(x[None], dw.shape, g[None], ctx.stride)
        return dx, dw, *rest


class StrideIgnored(Conv):
    """The filters' gradient as if the windows were next to each other."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, *rest = Conv.backward(ctx, dy)
        rows, columns = (a + m - 1 for a, m in zip(dy.shape[2:], dw.shape[2:], strict=True))
        return dx, conv2d_weight(ctx.saved_tensors[0][:, :, :rows, :columns], dw.shape, dy), *rest


class WrongSign(Conv):
    """The input's gradient is negated."""

    @staticmethod
    def backward(ctx, dy):
        dx, *rest = Conv.backward(ctx, dy)
        return -dx, *rest


class BatchKept(Conv):
    """A filters' gradient for every sample, of shape (N, F, C, kh, kw)."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, *rest = Conv.backward(ctx, dy)
        samples = zip(ctx.saved_tensors[0], dy, strict=True)
        return dx, torch.stack([conv2d_weight(x[None], dw.shape, g[None], ctx.stride) for x, g in samples]), *rest


class BiasKeepsAnAxis(Conv):
    """A bias's gradient of shape (1, F), which the engine would sum to (F,)."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, db, none = Conv.backward(ctx, dy)
        return dx, dw, db[None], none


class BiasForgotten(Conv):
    """None for the bias, which the engine takes for no gradient at all."""

    @staticmethod
    def backward(ctx, dy):
        dx, dw, *_ = Conv.backward(ctx, dy)
        return dx, dw, None, None


class OptionForgotten(Conv):
    """No None for the stride."""

    @staticmethod
    def backward(ctx, dy):
        return Conv.backward(ctx, dy)[:3]


class TurnedLinear(Function):
    """A dense layer whose forward has no ctx, its operands in an order of their own."""

    @staticmethod
    def forward(weight, x):
        return x @ weight.T

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, dy):
        weight, x = ctx.saved_tensors
        return dy.T @ x, dy @ weight


class Block1d(nn.Module):
    """A module within a module."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, stride)

    def forward(self, x):
        return self.conv(x)


class DetachedLinear(nn.Linear):
    """Its weight is cut off from the graph."""

    def forward(self, x):
        return F.linear(x, self.weight.detach(), self.bias)


class LinearByHand(nn.Module):
    """A backward pass by hand, in a module, with its sign wrong."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, in_features))

    def forward(self, x):
        self.x = x
        return x @ self.weight.T

    def backward(self, dy):
        self.dw = -dy.T @ self.x
        return dy @ self.weight


def stretched_linear(x, w):
    """A dense layer that changes its input in place."""
    x *= 2
    return F.linear(x / 2, w)


def narrowed_linear(x, w):
    """A dense layer that computes with 32 bits."""
    return F.linear(x.float(), w.float())


def wrapped_conv2d(x: torch.Tensor, w: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """A function around a Function, which it finds in its module."""
    return WrongSign.apply(x, w, x.new_zeros(len(w)), stride)


def paired_forward(x, w):
    """A forward pass in PyTorch that has a backward pass beside it."""
    return torch.matmul(x, w)


def paired_backward(dy, x, w):
    """The backward pass of paired_forward."""
    return torch.matmul(dy, w.T), torch.matmul(x.T, dy)


def in_numpy(x, w):
    """Nothing of PyTorch."""
    return x @ w
