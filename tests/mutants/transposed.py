"""A transposed 2-D convolution in plain NumPy, right in two ways, and the mistakes in its input's gradient."""

import numpy as np

from mutants.conv2d import correlate


class ConvTranspose2d:
    """Window by window: every input is spread over its window of the output, which is then cropped."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1):
        kh, kw = np.broadcast_to(kernel_size, 2)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.w = np.random.default_rng().normal(size=(in_channels, out_channels, kh, kw))
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        return self.crop(self.full_output(x)) + self.b[:, None, None]

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)

    def full_output(self, x):
        full = np.zeros((len(x), self.w.shape[1], *self.full_size()))
        for a, b in np.ndindex(*x.shape[2:]):
            rows, cols = self.window(a, b)
            full[:, :, rows, cols] += np.tensordot(x[:, :, a, b], self.w, 1)
        return full

    def input_gradient(self, dy):
        dyp, dx = self.uncrop(dy), np.zeros_like(self.x)
        for a, b in np.ndindex(*dx.shape[2:]):
            rows, cols = self.window(a, b)
            dx[:, :, a, b] = np.tensordot(dyp[:, :, rows, cols], self.w, ([1, 2, 3], [1, 2, 3]))
        return dx

    def filter_gradient(self, dy):
        dyp, dw = self.uncrop(dy), np.zeros_like(self.w)
        for a, b in np.ndindex(*self.x.shape[2:]):
            rows, cols = self.window(a, b)
            dw += np.tensordot(self.x[:, :, a, b], dyp[:, :, rows, cols], (0, 0))
        return dw

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2, 3))

    def full_size(self):
        return [self.stride * (n - 1) + e for n, e in zip(self.x.shape[2:], self.extents(), strict=True)]

    def extents(self):
        """How many rows and columns a window spans."""
        return [self.dilation * (m - 1) + 1 for m in self.w.shape[2:]]

    def window(self, a, b):
        """The rows and columns of the full output that the input at a, b is spread over."""
        (eh, ew), s, d = self.extents(), self.stride, self.dilation
        return slice(s * a, s * a + eh, d), slice(s * b, s * b + ew, d)

    def crop(self, full):
        p = self.padding
        return full[:, :, p : full.shape[2] - p, p : full.shape[3] - p]

    def uncrop(self, dy):
        return self.placed(dy, self.padding)

    def placed(self, dy, start):
        """Zeros of the full output's size, with dy put into them."""
        full = np.zeros((*dy.shape[:2], *self.full_size()))
        full[:, :, start : start + dy.shape[2], start : start + dy.shape[3]] = dy
        return full


class CorrelatedConvTranspose2d(ConvTranspose2d):
    """The input's gradient is a convolution layer's output: dy correlated with the filters as they are."""

    def input_gradient(self, dy):
        return correlate(self.uncrop(dy), self.filters(), stride=self.stride, dilation=self.dilation)

    def filters(self):
        return self.w

    def filter_gradient(self, dy):
        dyp = self.uncrop(dy).swapaxes(0, 1)
        dw = correlate(dyp, self.x.swapaxes(0, 1), stride=self.dilation, dilation=self.stride)
        return dw.swapaxes(0, 1)


class FilterRotated(CorrelatedConvTranspose2d):
    """The filter is rotated, as a convolution's backward pass would have it."""

    def filters(self):
        return self.w[:, :, ::-1, ::-1]


class RowsReversed(CorrelatedConvTranspose2d):
    """The filter is turned upside down."""

    def filters(self):
        return np.flip(self.w, axis=2)


class RotatedOnce(CorrelatedConvTranspose2d):
    """The filter is rotated by 90 degrees, and it should not be at all."""

    def filters(self):
        return np.rot90(self.w, 1, (2, 3))


class ChannelsReversed(CorrelatedConvTranspose2d):
    """A list of maps is filled at its front, so that the output channels are met backwards."""

    def filters(self):
        maps = []
        for j in range(self.w.shape[1]):
            maps.insert(0, self.w[:, j])
        return np.stack(maps, axis=1)


class FilterReshaped(CorrelatedConvTranspose2d):
    """The weights are believed to have the outputs first, and put right by a transpose and a reshape."""

    def filters(self):
        return self.w.transpose(1, 0, 2, 3).reshape(self.w.shape)


class SidesSwapped(CorrelatedConvTranspose2d):
    """The image is transposed on its way, with the filters, and not back."""

    def input_gradient(self, dy):
        image, filters = self.uncrop(dy).swapaxes(2, 3), self.w.swapaxes(2, 3)
        return correlate(image, filters, stride=self.stride, dilation=self.dilation)


class ProductReshaped(ConvTranspose2d):
    """A matrix product with the channels first is reshaped to the input, whose batch comes first."""

    def input_gradient(self, dy):
        dyp = self.uncrop(dy)
        windows = [dyp[(slice(None), slice(None), *self.window(a, b))] for a, b in np.ndindex(*self.x.shape[2:])]
        columns = np.stack(windows, 1).reshape(len(dy) * len(windows), -1).T
        return (self.w.reshape(len(self.w), -1) @ columns).reshape(self.x.shape)


class FirstSample(ConvTranspose2d):
    """dx is filled for the first sample only."""

    def input_gradient(self, dy):
        dx = np.zeros_like(self.x)
        dx[0] = super().input_gradient(dy)[0]
        return dx


class DyNotPadded(CorrelatedConvTranspose2d):
    """dy is correlated without the rows that the padding cut off."""

    def input_gradient(self, dy):
        return correlate(dy, self.filters(), stride=self.stride, dilation=self.dilation)


class CentreOfEvenFilters(CorrelatedConvTranspose2d):
    """The windows are laid around their centres, and those of even windows are one off."""

    def input_gradient(self, dy):
        shifts = [e // 2 - (e - 1) // 2 for e in self.extents()]
        moved = np.pad(self.uncrop(dy), ((0, 0), (0, 0), *((0, k) for k in shifts)))[:, :, shifts[0] :, shifts[1] :]
        return correlate(moved, self.filters(), stride=self.stride, dilation=self.dilation)


class StrideIgnored(ConvTranspose2d):
    """The windows are read side by side."""

    def input_gradient(self, dy):
        dyp, dx, d, (eh, ew) = self.uncrop(dy), np.zeros_like(self.x), self.dilation, self.extents()
        for a, b in np.ndindex(*dx.shape[2:]):
            window = dyp[:, :, a : a + eh : d, b : b + ew : d]
            dx[:, :, a, b] = np.einsum("njuv,ijuv->ni", window, self.w)
        return dx


class CorrelatedWithoutStride(CorrelatedConvTranspose2d):
    """The correlation is the one of stride one: dx is too large."""

    def input_gradient(self, dy):
        return correlate(self.uncrop(dy), self.filters(), dilation=self.dilation)


class DilationIgnored(CorrelatedConvTranspose2d):
    """dy is correlated with the filters without their gaps, as many windows as the input has."""

    def input_gradient(self, dy):
        height, width = self.x.shape[2:]
        return correlate(self.uncrop(dy), self.filters(), stride=self.stride)[:, :, :height, :width]


class OutputsOverwritten(ConvTranspose2d):
    """= instead of += over the output channels."""

    def input_gradient(self, dy):
        dyp = self.uncrop(dy)
        for j in range(dyp.shape[1]):
            dx = correlate(dyp[:, j : j + 1], self.w[:, j : j + 1], stride=self.stride, dilation=self.dilation)
        return dx


class LastWindowsLost(ConvTranspose2d):
    """The loops end one input early, below and right."""

    def input_gradient(self, dy):
        dyp, dx = self.uncrop(dy), np.zeros_like(self.x)
        for a in range(dx.shape[2] - 1):
            for b in range(dx.shape[3] - 1):
                rows, cols = self.window(a, b)
                dx[:, :, a, b] = np.einsum("njuv,ijuv->ni", dyp[:, :, rows, cols], self.w)
        return dx


class UpstreamIgnored(ConvTranspose2d):
    """Every input's gradient is the sum of what its filters reach, whatever comes from above."""

    def input_gradient(self, dy):
        reached, dx = self.uncrop(np.ones_like(dy)), np.zeros_like(self.x)
        for a, b in np.ndindex(*dx.shape[2:]):
            rows, cols = self.window(a, b)
            dx[:, :, a, b] = np.einsum("njuv,ijuv->ni", reached[:, :, rows, cols], self.w)
        return dx


class Subtracted(ConvTranspose2d):
    """The sign of an update is in the gradient."""

    def input_gradient(self, dy):
        return super().input_gradient(-dy)
