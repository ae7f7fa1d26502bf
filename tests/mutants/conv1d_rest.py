"""Mistakes in a 1-D convolution: in the filters' and the bias's gradient, the forward pass, and from call to call."""

import numpy as np

from mutants.conv1d import Conv1d, ConvolvedConv1d, spread


class FilterGradientRotated(ConvolvedConv1d):
    """np.correlate with its operands exchanged: the same numbers backwards."""

    def valid(self, xp, dy):
        return np.correlate(dy, xp, "valid")


class UpstreamRotated(ConvolvedConv1d):
    """np.convolve for np.correlate: dy is turned round."""

    def valid(self, xp, dy):
        return np.convolve(xp, dy, "valid")


class FilterAxesSwapped(Conv1d):
    """The einsum names the channels before the filters."""

    def filter_gradient(self, dy):
        return np.einsum("nfa,ncam->cfm", dy, self.xp[:, :, self.places(dy.shape[2])])


class ProductReshaped(Conv1d):
    """A matrix product whose rows are channels and taps is reshaped to the filters without its transpose."""

    def filter_gradient(self, dy):
        windows = self.xp[:, :, self.places(dy.shape[2])]
        columns = windows.transpose(1, 3, 0, 2).reshape(-1, windows.shape[0] * windows.shape[2])
        return (columns @ dy.transpose(0, 2, 1).reshape(-1, len(self.w))).reshape(self.w.shape)


class UpstreamReshaped(Conv1d):
    """dy.reshape(F, -1), whose first axis is the batch."""

    def filter_gradient(self, dy):
        windows = self.xp[:, :, self.places(dy.shape[2])]
        columns = windows.transpose(1, 3, 0, 2).reshape(windows.shape[1] * windows.shape[3], -1)
        return (dy.reshape(len(self.w), -1) @ columns.T).reshape(self.w.shape)


class FirstSampleFilters(ConvolvedConv1d):
    """The sample's index is 0 where it should be the loop's."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy[0][None])


class LastSampleFilters(Conv1d):
    """= instead of += over the samples."""

    def filter_gradient(self, dy):
        places = self.places(dy.shape[2])
        for x, g in zip(self.xp, dy, strict=True):
            dw = np.einsum("fa,cam->fcm", g, x[:, places])
        return dw


class BatchKept(Conv1d):
    """The matrix product runs over the batch, and is not summed over it."""

    def filter_gradient(self, dy):
        windows = self.xp[:, :, self.places(dy.shape[2])].transpose(0, 2, 1, 3)
        each = dy @ windows.reshape(*windows.shape[:2], -1)
        return each.reshape(len(dy), *self.w.shape)


class MeanOverBatch(Conv1d):
    """Divided by the batch size."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy) / dy.shape[0]


class PaddedBehindOnly(ConvolvedConv1d):
    """The backward pass puts all of the padding behind the input."""

    def filter_gradient(self, dy):
        self.xp = np.pad(self.x, ((0, 0), (0, 0), (0, 2 * self.padding)))
        return super().filter_gradient(dy)


class UnpaddedInput(Conv1d):
    """The windows are read from the input as it came; a place beyond its end reads its last entry."""

    def filter_gradient(self, dy):
        windows = np.take(self.x, self.places(dy.shape[2]), axis=2, mode="clip")
        return np.einsum("nfa,ncam->fcm", dy, windows)


class PlacesNotStrided(ConvolvedConv1d):
    """dy is correlated as it is, without zeros between its entries."""

    def filter_gradient(self, dy):
        dw, d, m = np.zeros_like(self.w), self.dilation, self.w.shape[2]
        for n, f, c in np.ndindex(len(dy), *self.w.shape[:2]):
            used = self.xp[n, c, : dy.shape[2] + d * (m - 1)]
            dw[f, c] += np.correlate(used, dy[n, f], "valid")[::d]
        return dw


class PlacesNotDilated(Conv1d):
    """The places are worked out anew in the backward pass, without the dilation."""

    def filter_gradient(self, dy):
        places = self.stride * np.arange(dy.shape[2])[:, None] + np.arange(self.w.shape[2])
        return np.einsum("nfa,ncam->fcm", dy, self.xp[:, :, places])


class WindowsOverwritten(Conv1d):
    """= instead of += over the windows."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for a, row in enumerate(self.places(dy.shape[2])):
            dw[:] = np.tensordot(dy[:, :, a], self.xp[:, :, row], (0, 0))
        return dw


class LastWindowLost(Conv1d):
    """The slice up to -1 leaves out the last window."""

    def filter_gradient(self, dy):
        return np.einsum("nfa,ncam->fcm", dy[..., :-1], self.xp[:, :, self.places(dy.shape[2])[:-1]])


class MeanOverPositions(Conv1d):
    """The einsum's sum over the positions is made a mean."""

    def filter_gradient(self, dy):
        return np.einsum("nfa,ncam->afcm", dy, self.xp[:, :, self.places(dy.shape[2])]).mean(axis=0)


class UpstreamIgnored(ConvolvedConv1d):
    """The input is correlated with ones."""

    def filter_gradient(self, dy):
        return super().filter_gradient(np.ones_like(dy))


class Subtracted(ConvolvedConv1d):
    """-= over the samples, as in an update."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for n, f, c in np.ndindex(len(dy), *self.w.shape[:2]):
            row = spread(dy[n, f], self.stride)
            used = self.xp[n, c, : len(row) + self.dilation * (self.w.shape[2] - 1)]
            dw[f, c] -= self.valid(used, row)[:: self.dilation]
        return dw


class BiasSummedOverBatchOnly(Conv1d):
    """A bias's gradient for every position."""

    def bias_gradient(self, dy):
        return dy.sum(0)


class BiasSummedOverSpaceOnly(Conv1d):
    """A bias's gradient for every sample."""

    def bias_gradient(self, dy):
        return dy.sum(-1)


class BiasAsAColumn(Conv1d):
    """The bias's gradient is a column, as it is added in the forward pass."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2))[:, None]


class BiasMeanOverPositions(Conv1d):
    """Averaged over the positions."""

    def bias_gradient(self, dy):
        return dy.sum(axis=0).mean(axis=1)


class FiltersSummedInTheLayer(Conv1d):
    """dw is added to where there is one from the last backward pass."""

    def filter_gradient(self, dy):
        return getattr(self, "dw", 0) + super().filter_gradient(dy)


class GradientsExchanged(Conv1d):
    """What is called dx is dw, and the other way round."""

    def backward(self, dy):
        dx, self.dw = self.filter_gradient(dy), self.input_gradient(dy)
        self.db = self.bias_gradient(dy)
        return dx


class UpdatedBeforeUse(ConvolvedConv1d):
    """The step is taken before dx is computed."""

    def backward(self, dy, lr):
        self.w -= lr * self.filter_gradient(dy)
        self.b -= lr * self.bias_gradient(dy)
        return self.input_gradient(dy)


class LastOutputLost(Conv1d):
    """range(n - m) for range(n - m + 1); the backward pass agrees with it."""

    def output_size(self):
        starts = range(0, self.xp.shape[2] - self.dilation * (self.w.shape[2] - 1) - 1, self.stride)
        return len(starts)


class BiasForgotten(Conv1d):
    """The bias is in neither pass."""

    def forward(self, x):
        p = self.padding
        self.x, self.xp = x, np.pad(x, ((0, 0), (0, 0), (p, p)))
        return np.einsum("ncam,fcm->nfa", self.xp[:, :, self.places(self.output_size())], self.w)

    def bias_gradient(self, dy):
        return np.zeros_like(self.b)
