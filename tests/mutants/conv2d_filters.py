"""Mistakes in the filters' gradient of a 2-D convolution."""

import numpy as np

from mutants.conv2d import Conv2d, CorrelatedConv2d, Im2colConv2d, MapsConv2d, TapsConv2d, correlate


class Rotated(TapsConv2d):
    """The entries are stored backwards, as if the gradient had to be rotated like the filter."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for u, v in np.ndindex(*dw.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, :, -1 - u, -1 - v] = np.einsum("nfab,ncab->fc", dy, xp[:, :, rows, cols])
        return dw


class RotatedAfterwards(CorrelatedConv2d):
    """The right gradient is rotated by np.rot90 twice, to undo a rotation that there was not."""

    def group_filter_gradient(self, dy, xp):
        return np.rot90(super().group_filter_gradient(dy, xp), 2, axes=(2, 3))


class UpstreamRotated(CorrelatedConv2d):
    """The input is convolved with dy, not correlated: dy is rotated."""

    def group_filter_gradient(self, dy, xp):
        return super().group_filter_gradient(dy[:, :, ::-1, ::-1], xp)


class ChannelsFirst(Conv2d):
    """The product is taken the other way round: channels first, then filters."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((xp.shape[1], dy.shape[1], *self.w.shape[2:]))
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dw += np.einsum("ncuv,nf->cfuv", xp[:, :, rows, cols], dy[:, :, a, b])
        return dw


class SidesSwapped(TapsConv2d):
    """The rows of the filter are built in the inner loop, so that its height and width change places."""

    def group_filter_gradient(self, dy, xp):
        (kh, kw), size, dw = self.w.shape[2:], dy.shape[2:], []
        for v in range(kw):
            taps = [xp[(slice(None), slice(None), *self.tap(u, v, *size))] for u in range(kh)]
            dw.append([np.tensordot(dy, tap, ([0, 2, 3], [0, 2, 3])) for tap in taps])
        return np.array(dw).transpose(2, 3, 0, 1)


class UpstreamReshaped(Im2colConv2d):
    """dy.reshape(F, -1), whose first axis is the batch, for a transpose and a reshape."""

    def group_filter_gradient(self, dy, xp):
        flat = dy.reshape(dy.shape[1], -1)
        return (flat @ self.columns(xp, *dy.shape[2:]).T).reshape(-1, *self.w.shape[1:])


class ProductReshaped(Im2colConv2d):
    """The product is taken as columns times dy, and then reshaped to the filters without its transpose."""

    def product(self, flat, columns):
        return columns @ flat.T


class TapsBeforeChannels(TapsConv2d):
    """The taps are stacked before the channels, and a reshape is to put them after."""

    def group_filter_gradient(self, dy, xp):
        taps = [self.tap(u, v, *dy.shape[2:]) for u, v in np.ndindex(*self.w.shape[2:])]
        stacked = np.stack([np.einsum("nfab,ncab->fc", dy, xp[:, :, rows, cols]) for rows, cols in taps], 1)
        return stacked.reshape(-1, *self.w.shape[1:])


class FirstSample(TapsConv2d):
    """Only the first sample's input and gradient are looked at."""

    def group_filter_gradient(self, dy, xp):
        return super().group_filter_gradient(dy[:1], xp[:1])


class LastSample(MapsConv2d):
    """= instead of += over the samples."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for n, f, c in np.ndindex(*dy.shape[:2], xp.shape[1]):
            dw[f, c] = self.gather(xp[n, c], dy[n, f])
        return dw


class BatchKept(TapsConv2d):
    """The einsum keeps the batch: one gradient for every sample."""

    def filter_gradient(self, dy):
        parts = zip(np.split(dy, self.groups, 1), np.split(self.xp, self.groups, 1), strict=True)
        return np.concatenate([self.group_filter_gradient(*part) for part in parts], 1)

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((*dy.shape[:2], *self.w.shape[1:]))
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[..., u, v] = np.einsum("nfab,ncab->nfc", dy, xp[:, :, rows, cols])
        return dw


class MeanOverBatch(MapsConv2d):
    """The mean of the samples' gradients, not their sum."""

    def group_filter_gradient(self, dy, xp):
        each = [super(MeanOverBatch, self).group_filter_gradient(dy[n : n + 1], xp[n : n + 1]) for n in range(len(dy))]
        return np.mean(each, axis=0)


class UnpaddedInput(CorrelatedConv2d):
    """The input itself is correlated with dy, without the padding that the forward pass gave it."""

    def filter_gradient(self, dy):
        parts = zip(np.split(dy, self.groups, 1), np.split(self.x, self.groups, 1), strict=True)
        return np.concatenate([self.group_filter_gradient(*part) for part in parts])


class InputInTheCorner(Conv2d):
    """The input is put into zeros of the padded size, but at their corner."""

    def group_filter_gradient(self, dy, xp):
        p, (height, width) = self.padding, self.x.shape[2:]
        moved = np.zeros_like(xp)
        moved[:, :, :height, :width] = xp[:, :, p : p + height, p : p + width]
        return super().group_filter_gradient(dy, moved)


class EdgesRepeated(TapsConv2d):
    """The backward pass pads the input with its edges, the forward pass with zeros."""

    def filter_gradient(self, dy):
        p = self.padding
        self.xp = np.pad(self.x, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge")
        return super().filter_gradient(dy)


class CentreOfEvenFilters(Conv2d):
    """The windows are laid around their centres, and those of even windows are one off."""

    def group_filter_gradient(self, dy, xp):
        dw, s, d, (eh, ew) = np.zeros((dy.shape[1], *self.w.shape[1:])), self.stride, self.dilation, self.extents()
        around = np.pad(xp, ((0, 0), (0, 0), (eh // 2, eh), (ew // 2, ew)))
        for a, b in np.ndindex(*dy.shape[2:]):
            row, col = s * a + (eh - 1) // 2, s * b + (ew - 1) // 2
            dw += np.tensordot(dy[:, :, a, b], around[:, :, row : row + eh : d, col : col + ew : d], (0, 0))
        return dw


class DyNotDilated(CorrelatedConv2d):
    """The input is correlated with dy as it is, without the stride's gaps."""

    def group_filter_gradient(self, dy, xp):
        return correlate(xp.swapaxes(0, 1), dy.swapaxes(0, 1), stride=self.dilation).swapaxes(0, 1)


class WindowsSideBySide(TapsConv2d):
    """The windows are read at a, b instead of s * a, s * b."""

    def group_filter_gradient(self, dy, xp):
        dw, d, (oh, ow) = np.zeros((dy.shape[1], *self.w.shape[1:])), self.dilation, dy.shape[2:]
        for u, v in np.ndindex(*dw.shape[2:]):
            dw[:, :, u, v] = np.einsum("nfab,ncab->fc", dy, xp[:, :, d * u : d * u + oh, d * v : d * v + ow])
        return dw


class WindowsNotDilated(TapsConv2d):
    """The filter's entries are met with neighbouring rows and columns, without the gaps."""

    def group_filter_gradient(self, dy, xp):
        dw, s, (oh, ow) = np.zeros((dy.shape[1], *self.w.shape[1:])), self.stride, dy.shape[2:]
        for u, v in np.ndindex(*dw.shape[2:]):
            dw[:, :, u, v] = np.einsum("nfab,ncab->fc", dy, xp[:, :, u : u + s * oh : s, v : v + s * ow : s])
        return dw


class WindowsOverwritten(Conv2d):
    """= instead of += over the windows."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dw = np.tensordot(dy[:, :, a, b], xp[:, :, rows, cols], (0, 0))
        return dw


class ChannelsOverwritten(MapsConv2d):
    """Each channel's gradient is written to the whole filter: the last channel's is left."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for f, c in np.ndindex(*dw.shape[:2]):
            dw[f] = sum(self.gather(xp[n, c], dy[n, f]) for n in range(len(dy)))
        return dw


class LastWindowsLost(Conv2d):
    """The loops end one window early, below and right."""

    def group_filter_gradient(self, dy, xp):
        return super().group_filter_gradient(dy[:, :, :-1, :-1], xp)


class MeanOverPositions(TapsConv2d):
    """The mean over the windows, not their sum."""

    def group_filter_gradient(self, dy, xp):
        return super().group_filter_gradient(dy, xp) / (dy.shape[2] * dy.shape[3])


class UpstreamIgnored(TapsConv2d):
    """The inputs that an entry meets are added up, whatever comes from above."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for u, v in np.ndindex(*dw.shape[2:]):
            dw[:, :, u, v] = xp[(slice(None), slice(None), *self.tap(u, v, *dy.shape[2:]))].sum(axis=(0, 2, 3))
        return dw


class Halved(Im2colConv2d):
    """The half of a squared error is put in once more."""

    def product(self, flat, columns):
        return 0.5 * flat @ columns.T


class Subtracted(Conv2d):
    """The windows' gradients are subtracted, as an update would be."""

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dw -= np.tensordot(dy[:, :, a, b], xp[:, :, rows, cols], (0, 0))
        return dw
