"""A transposed 1-D convolution in plain NumPy, right in two ways, and mistakes in its passes."""

import numpy as np


class ConvTranspose1d:
    """By an array of places: a row for every input, a column for every filter entry."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1):
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.w = np.random.default_rng().normal(size=(in_channels, out_channels, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        full = np.zeros((len(x), self.w.shape[1], self.full_size()))
        np.add.at(full, (slice(None), slice(None), self.places()), np.einsum("nia,ijm->njam", x, self.w))
        return self.crop(full) + self.b[:, None]

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)

    def input_gradient(self, dy):
        return np.einsum("njam,ijm->nia", self.windows(dy), self.w)

    def filter_gradient(self, dy):
        return np.einsum("nia,njam->ijm", self.x, self.windows(dy))

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2))

    def windows(self, dy):
        return self.uncrop(dy)[:, :, self.places()]

    def places(self):
        return self.stride * np.arange(self.x.shape[2])[:, None] + self.dilation * np.arange(self.w.shape[2])

    def full_size(self):
        return self.stride * (self.x.shape[2] - 1) + self.dilation * (self.w.shape[2] - 1) + 1

    def crop(self, full):
        return full[:, :, self.padding : full.shape[2] - self.padding]

    def uncrop(self, dy):
        full = np.zeros((*dy.shape[:2], self.full_size()))
        full[:, :, self.padding : self.padding + dy.shape[2]] = dy
        return full


class CorrelatedConvTranspose1d(ConvTranspose1d):
    """Row by row, with np.correlate; stride and dilation choose among the results."""

    def input_gradient(self, dy):
        full, dx, d = self.uncrop(dy), np.zeros_like(self.x), self.dilation
        for n, i, j in np.ndindex(len(dy), *self.w.shape[:2]):
            row = np.zeros(d * (self.w.shape[2] - 1) + 1)
            row[::d] = self.w[i, j]
            dx[n, i] += self.valid(full[n, j], row)[:: self.stride]
        return dx

    def filter_gradient(self, dy):
        full, dw, s = self.uncrop(dy), np.zeros_like(self.w), self.stride
        for n, i, j in np.ndindex(len(dy), *self.w.shape[:2]):
            row = np.zeros(s * (self.x.shape[2] - 1) + 1)
            row[::s] = self.x[n, i]
            dw[i, j] += np.correlate(full[n, j], row, "valid")[:: self.dilation]
        return dw

    def valid(self, dy, w):
        return np.correlate(dy, w, "valid")


class FilterRotated(CorrelatedConvTranspose1d):
    """np.convolve for np.correlate: the filter is turned round."""

    def valid(self, dy, w):
        return np.convolve(dy, w, "valid")


class FilterReshaped(ConvTranspose1d):
    """The weights are believed to have the outputs first, and put right by a reshape."""

    def input_gradient(self, dy):
        outputs_first = self.w.transpose(1, 0, 2)
        return np.einsum("njam,ijm->nia", self.windows(dy), outputs_first.reshape(self.w.shape))


class ChannelsLast(ConvTranspose1d):
    """dx has its channels on the last axis, as the matrix product leaves them."""

    def input_gradient(self, dy):
        return np.tensordot(self.windows(dy), self.w, ([1, 3], [1, 2]))


class DyNotPadded(ConvTranspose1d):
    """The windows are read from dy as it came; a place beyond its end reads a zero."""

    def input_gradient(self, dy):
        missing = self.full_size() - dy.shape[2]
        behind = np.pad(dy, ((0, 0), (0, 0), (0, missing)))
        return np.einsum("njam,ijm->nia", behind[:, :, self.places()], self.w)


class StrideIgnored(CorrelatedConvTranspose1d):
    """The first of the correlation's results are taken, not every stride-th."""

    def input_gradient(self, dy):
        full, dx, d, n_in = self.uncrop(dy), np.zeros_like(self.x), self.dilation, self.x.shape[2]
        for n, i, j in np.ndindex(len(dy), *self.w.shape[:2]):
            row = np.zeros(d * (self.w.shape[2] - 1) + 1)
            row[::d] = self.w[i, j]
            dx[n, i] += self.valid(full[n, j], row)[:n_in]
        return dx


class DilationIgnored(ConvTranspose1d):
    """The windows of dy are read without gaps."""

    def input_gradient(self, dy):
        places = self.stride * np.arange(self.x.shape[2])[:, None] + np.arange(self.w.shape[2])
        return np.einsum("njam,ijm->nia", self.uncrop(dy)[:, :, places], self.w)


class OutputsOverwritten(CorrelatedConvTranspose1d):
    """= instead of += over the output channels."""

    def input_gradient(self, dy):
        dx = np.zeros_like(self.x)
        for j, rows in enumerate(self.windows(dy).swapaxes(0, 1)):
            dx = np.einsum("nam,im->nia", rows, self.w[:, j])
        return dx


class FilterGradientRotated(ConvTranspose1d):
    """The einsum meets the windows backwards."""

    def filter_gradient(self, dy):
        return np.einsum("nia,njam->ijm", self.x, self.windows(dy)[..., ::-1])


class ProductReshaped(ConvTranspose1d):
    """A matrix product whose rows are the outputs is reshaped to filters with the inputs first."""

    def filter_gradient(self, dy):
        columns = self.windows(dy).transpose(1, 3, 0, 2).reshape(self.w.shape[1] * self.w.shape[2], -1)
        return (columns @ self.x.transpose(0, 2, 1).reshape(-1, len(self.w))).reshape(self.w.shape)


class BatchKept(ConvTranspose1d):
    """The matrix product runs over the batch, and is not summed over it."""

    def filter_gradient(self, dy):
        windows = self.windows(dy).swapaxes(1, 2)
        return (self.x @ windows.reshape(*windows.shape[:2], -1)).reshape(len(dy), *self.w.shape)


class FirstSampleFilters(ConvTranspose1d):
    """The input and the gradient of the first sample alone."""

    def filter_gradient(self, dy):
        return np.einsum("ia,jam->ijm", self.x[0], self.windows(dy)[0])


class MeanOverPositions(ConvTranspose1d):
    """The mean over the inputs' positions, not their sum."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy) / self.x.shape[2]


class BiasScalar(ConvTranspose1d):
    """One number for all outputs."""

    def bias_gradient(self, dy):
        return dy.sum()


class BiasLastWindowLost(ConvTranspose1d):
    """The loop over the positions ends one early."""

    def bias_gradient(self, dy):
        db = np.zeros_like(self.b)
        for a in range(dy.shape[2] - 1):
            db += dy[:, :, a].sum(axis=0)
        return db


class OutputEmptyWithoutPadding(ConvTranspose1d):
    """[p:-p] is empty when p is 0; the backward pass is right."""

    def crop(self, full):
        return full[..., self.padding : -self.padding]


class OutputPlacesLost(ConvTranspose1d):
    """+= at an array of places, some of them repeated, adds only one of them."""

    def forward(self, x):
        self.x = x
        full = np.zeros((len(x), self.w.shape[1], self.full_size()))
        full[:, :, self.places()] += np.einsum("nia,ijm->njam", x, self.w)
        return self.crop(full) + self.b[:, None]
