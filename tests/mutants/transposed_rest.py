"""Mistakes in a transposed 2-D convolution: the filters' and the bias's gradient, the forward pass, call to call."""

import numpy as np

from mutants.conv2d import correlate
from mutants.transposed import ConvTranspose2d, CorrelatedConvTranspose2d


class FilterGradientRotated(ConvTranspose2d):
    """Each window is rotated before it is added up."""

    def filter_gradient(self, dy):
        dyp, dw = self.uncrop(dy), np.zeros_like(self.w)
        for a, b in np.ndindex(*self.x.shape[2:]):
            rows, cols = self.window(a, b)
            dw += np.einsum("ni,njuv->ijuv", self.x[:, :, a, b], np.rot90(dyp[:, :, rows, cols], 2, axes=(2, 3)))
        return dw


class FilterAxesSwapped(CorrelatedConvTranspose2d):
    """The gradient has the outputs first, as a convolution's has."""

    def filter_gradient(self, dy):
        dyp = self.uncrop(dy).swapaxes(0, 1)
        return correlate(dyp, self.x.swapaxes(0, 1), stride=self.dilation, dilation=self.stride)


class InputReshaped(ConvTranspose2d):
    """x.reshape(I, -1), whose first axis is the batch, for a transpose and a reshape."""

    def filter_gradient(self, dy):
        dyp = self.uncrop(dy)
        windows = [dyp[(slice(None), slice(None), *self.window(a, b))] for a, b in np.ndindex(*self.x.shape[2:])]
        columns = np.stack(windows, 1).reshape(len(dy) * len(windows), -1)
        return (self.x.reshape(len(self.w), -1) @ columns).reshape(self.w.shape)


class LastSampleFilters(ConvTranspose2d):
    """= instead of += over the samples."""

    def filter_gradient(self, dy):
        for x, dyp in zip(self.x, self.uncrop(dy), strict=True):
            dw = np.zeros_like(self.w)
            for a, b in np.ndindex(*x.shape[1:]):
                dw += np.multiply.outer(x[:, a, b], dyp[(slice(None), *self.window(a, b))])
        return dw


class BatchKept(ConvTranspose2d):
    """One gradient for every sample."""

    def filter_gradient(self, dy):
        dyp, dw = self.uncrop(dy), np.zeros((len(dy), *self.w.shape))
        for a, b in np.ndindex(*self.x.shape[2:]):
            rows, cols = self.window(a, b)
            dw += self.x[:, :, a, b][:, :, None, None, None] * dyp[:, None, :, rows, cols]
        return dw


class MeanOverBatch(ConvTranspose2d):
    """Divided by the batch size."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy) / len(self.x)


class DyPaddedBehindOnly(ConvTranspose2d):
    """The windows are read from zeros that hold dy at their corner, not in their middle."""

    def filter_gradient(self, dy):
        dyp, dw = self.placed(dy, 0), np.zeros_like(self.w)
        for a, b in np.ndindex(*self.x.shape[2:]):
            rows, cols = self.window(a, b)
            dw += np.tensordot(self.x[:, :, a, b], dyp[:, :, rows, cols], (0, 0))
        return dw


class StrideIgnored(CorrelatedConvTranspose2d):
    """dy is correlated with the input as it is, without the stride's gaps: there are too many entries."""

    def filter_gradient(self, dy):
        return correlate(self.uncrop(dy).swapaxes(0, 1), self.x.swapaxes(0, 1), stride=self.dilation).swapaxes(0, 1)


class DilationIgnored(ConvTranspose2d):
    """The windows of dy are read without gaps."""

    def filter_gradient(self, dy):
        dyp, dw, s, (kh, kw) = self.uncrop(dy), np.zeros_like(self.w), self.stride, self.w.shape[2:]
        for a, b in np.ndindex(*self.x.shape[2:]):
            window = dyp[:, :, s * a : s * a + kh, s * b : s * b + kw]
            dw += np.tensordot(self.x[:, :, a, b], window, (0, 0))
        return dw


class WindowsOverwritten(ConvTranspose2d):
    """= instead of += over the inputs' positions."""

    def filter_gradient(self, dy):
        dyp = self.uncrop(dy)
        for a, b in np.ndindex(*self.x.shape[2:]):
            rows, cols = self.window(a, b)
            dw = np.tensordot(self.x[:, :, a, b], dyp[:, :, rows, cols], (0, 0))
        return dw


class Halved(ConvTranspose2d):
    """A half is put in, of a squared error whose derivative has lost it."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy) / 2


class BiasPerPosition(ConvTranspose2d):
    """A bias's gradient for every position."""

    def bias_gradient(self, dy):
        return np.sum(dy, axis=0)


class BiasPerSample(ConvTranspose2d):
    """A bias's gradient for every sample."""

    def bias_gradient(self, dy):
        return np.einsum("njab->nj", dy)


class BiasMeanOverPositions(ConvTranspose2d):
    """Divided by the number of positions."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2, 3)) / (dy.shape[2] * dy.shape[3])


class BiasPositionsCounted(ConvTranspose2d):
    """Ones are added up, without what comes from above."""

    def bias_gradient(self, dy):
        return np.ones(dy.shape).sum(axis=(0, 2, 3))


class FiltersSummedInTheLayer(ConvTranspose2d):
    """dw is made once, and += keeps what the last backward pass left."""

    def backward(self, dy):
        if not hasattr(self, "dw"):
            self.dw = np.zeros_like(self.w)
        self.dw += self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)


class GradientsExchanged(ConvTranspose2d):
    """dw is returned, and dx is kept."""

    def backward(self, dy):
        self.db = self.bias_gradient(dy)
        self.dx = self.input_gradient(dy)
        return self.filter_gradient(dy)


class UpdatedBeforeUse(ConvTranspose2d):
    """The step is taken before dx is computed."""

    def backward(self, dy, lr):
        self.w -= lr * self.filter_gradient(dy)
        self.b -= lr * self.bias_gradient(dy)
        return self.input_gradient(dy)


class OutputWindowsOverwritten(ConvTranspose2d):
    """= instead of += where the windows of the output overlap."""

    def full_output(self, x):
        full = np.zeros((len(x), self.w.shape[1], *self.full_size()))
        for a, b in np.ndindex(*x.shape[2:]):
            rows, cols = self.window(a, b)
            full[:, :, rows, cols] = np.tensordot(x[:, :, a, b], self.w, 1)
        return full


class OutputNotCropped(ConvTranspose2d):
    """The forward pass returns the full output; the backward pass agrees with it."""

    def crop(self, full):
        return full

    def uncrop(self, dy):
        return self.placed(dy, 0)


class OutputCroppedTwice(ConvTranspose2d):
    """Twice the padding is taken from every side; the backward pass agrees with it."""

    def crop(self, full):
        p = 2 * self.padding
        return full[:, :, p : max(p, full.shape[2] - p), p : max(p, full.shape[3] - p)]

    def uncrop(self, dy):
        return self.placed(dy, 2 * self.padding)


class OutputEmptyWithoutPadding(ConvTranspose2d):
    """[p:-p] is empty when p is 0; the backward pass is right."""

    def crop(self, full):
        p = self.padding
        return full[:, :, p:-p, p:-p]


class OutputCroppedBeforeOnly(ConvTranspose2d):
    """The output loses its first rows and columns, but not its last; the backward pass agrees with it."""

    def crop(self, full):
        return full[:, :, self.padding :, self.padding :]


class LastOutputsLost(ConvTranspose2d):
    """The full output is one row and one column short, s * n + m - 2 by miscounting; the backward pass is right."""

    def forward(self, x):
        return super().forward(x)[:, :, :-1, :-1]

    def backward(self, dy):
        missing = [n - 2 * self.padding - k for n, k in zip(self.full_size(), dy.shape[2:], strict=True)]
        return super().backward(np.pad(dy, ((0, 0), (0, 0), *((0, k) for k in missing))))


class BiasInsideTheWindows(ConvTranspose2d):
    """The bias is added with every window, so that where windows overlap it counts more than once."""

    def forward(self, x):
        self.x = x
        full = np.zeros((len(x), self.w.shape[1], *self.full_size()))
        for a, b in np.ndindex(*x.shape[2:]):
            rows, cols = self.window(a, b)
            full[:, :, rows, cols] += np.tensordot(x[:, :, a, b], self.w, 1) + self.b[:, None, None]
        return self.crop(full)
