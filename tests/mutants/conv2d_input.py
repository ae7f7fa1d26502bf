"""Mistakes in the input's gradient of a 2-D convolution: the filter's orientation, the axes, the batch, the factor."""

import numpy as np

from mutants.conv2d import Conv2d, CorrelatedConv2d, Im2colConv2d, MapsConv2d, TapsConv2d


class FilterNotRotated(CorrelatedConv2d):
    """The full correlation is taken with the filter as it is."""

    def turned(self, w):
        return w.transpose(1, 0, 2, 3)


class FilterRotatedTwice(CorrelatedConv2d):
    """The filter is rotated, and then the convolution's loop rotates it again."""

    def correlated(self, frame, turned):
        d, (kh, kw), (oh, ow) = self.dilation, turned.shape[2:], self.xp.shape[2:]
        dxp = np.zeros((len(frame), len(turned), oh, ow))
        for a, b in np.ndindex(oh, ow):
            for u, v in np.ndindex(kh, kw):
                dxp[:, :, a, b] += frame[:, :, a + d * u, b + d * v] @ turned[:, :, kh - 1 - u, kw - 1 - v].T
        return dxp


class FilterReadBackwards(TapsConv2d):
    """The taps are scattered in the order of a rotated filter, which only the gathering form needs."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for u, v in np.ndindex(*w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dxp[:, :, rows, cols] += np.einsum("nfab,fc->ncab", dy, w[:, :, -1 - u, -1 - v])
        return self.crop(dxp)


class RowsReversedOnly(CorrelatedConv2d):
    """The filter is turned upside down, but not left to right."""

    def turned(self, w):
        return w[:, :, ::-1].transpose(1, 0, 2, 3)


class ColumnsReversedOnly(CorrelatedConv2d):
    """The filter is mirrored left to right, as np.fliplr would, but not upside down."""

    def turned(self, w):
        return np.flip(w, axis=-1).swapaxes(0, 1)


class RotatedOnce(CorrelatedConv2d):
    """np.rot90 without its count: by 90 degrees instead of 180."""

    def turned(self, w):
        return np.rot90(w, axes=(2, 3)).transpose(1, 0, 2, 3)


class RotatedBackOnce(CorrelatedConv2d):
    """Transposed and mirrored upside down: the other rotation by 90 degrees."""

    def turned(self, w):
        return w.transpose(1, 0, 3, 2)[:, :, :, ::-1]


class EveryAxisFlipped(CorrelatedConv2d):
    """np.flip without axes: it reverses the channels and the filters too."""

    def turned(self, w):
        return np.flip(w).transpose(1, 0, 2, 3)


class InputChannelsFlipped(CorrelatedConv2d):
    """One axis too many is reversed, the filter's channels."""

    def turned(self, w):
        return np.flip(w, axis=(1, 2, 3)).transpose(1, 0, 2, 3)


class FiltersFlipped(CorrelatedConv2d):
    """The filters are reversed instead of swapped with the channels: each meets another one's gradient."""

    def turned(self, w):
        return w.swapaxes(0, 1)[:, ::-1, ::-1, ::-1]


class ChannelsWrongWayRound(MapsConv2d):
    """The loops are the forward pass's: output maps are paired with the filter's input channels."""

    def sample(self, dxp, dy, w):
        for dxp_map, filters in zip(dxp, w, strict=False):
            for dy_map, f in zip(dy, filters, strict=False):
                self.scatter(dxp_map, dy_map, f)


class SidesSwapped(CorrelatedConv2d):
    """The rows of the result are built in the inner loop, so that height and width change places."""

    def group_input_gradient(self, dy, w):
        turned, d, p = self.turned(w), self.dilation, self.padding
        frame, (eh, ew), (height, width) = self.surrounded(self.spread(dy), turned), self.extents(), self.x.shape[2:]
        dx = [
            [
                np.tensordot(frame[:, :, a : a + eh : d, b : b + ew : d], turned, ([1, 2, 3], [1, 2, 3]))
                for a in range(p, p + height)
            ]
            for b in range(p, p + width)
        ]
        return np.array(dx).transpose(2, 3, 0, 1)


class BatchStaysSecond(Im2colConv2d):
    """The channels are the first axis of the matrix product, and nobody swaps them back."""

    def image(self, columns, dxp, size):
        return super().image(columns, dxp, size).swapaxes(0, 1)


class FilterReshaped(CorrelatedConv2d):
    """Filters and channels are exchanged by a reshape."""

    def turned(self, w):
        return w.reshape(w.shape[1], w.shape[0], *w.shape[2:])[:, :, ::-1, ::-1]


class GradientReshaped(Im2colConv2d):
    """dy.reshape(F, -1), whose first axis is the batch."""

    def column_gradient(self, dy, w):
        return w.reshape(len(w), -1).T @ dy.reshape(dy.shape[1], -1)


class FiltersReshaped(Im2colConv2d):
    """w.reshape(-1, F) for the transpose of w.reshape(F, -1)."""

    def column_gradient(self, dy, w):
        return w.reshape(-1, len(w)) @ self.flat(dy)


class ColumnsReshaped(Im2colConv2d):
    """The columns are read as if the samples came first, not after the channels and taps."""

    def image(self, columns, dxp, size):
        columns = columns.reshape(*dxp.shape[:2], *self.w.shape[2:], *size)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *size)
            dxp[:, :, rows, cols] += columns[:, :, u, v]
        return dxp


class FirstSample(MapsConv2d):
    """The return stands within the loop over the samples."""

    def group_input_gradient(self, dy, w):  # noqa: RET503
        dxp = self.zeros(dy, w)
        for n in range(len(dy)):
            self.sample(dxp[n], dy[n], w)
            return self.crop(dxp)


class LastSample(MapsConv2d):
    """The sample's gradient is put in its place after the loop, not within it."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for n in range(len(dy)):
            one = np.zeros(dxp.shape[1:])
            self.sample(one, dy[n], w)
        dxp[n] = one
        return self.crop(dxp)


class MeanOverBatch(Conv2d):
    """The upstream gradient is divided by the batch size, which the loss did already."""

    def group_input_gradient(self, dy, w):
        return super().group_input_gradient(dy / len(dy), w)


class UpstreamIgnored(Conv2d):
    """Every window adds the filters themselves, whatever comes from above."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dxp[:, :, rows, cols] += w.sum(axis=0)
        return self.crop(dxp)


class Subtracted(Conv2d):
    """The windows' gradients are subtracted, as an update would be."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dxp[:, :, rows, cols] -= np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)


class Doubled(MapsConv2d):
    """The 2 of a squared error's derivative is put in once more."""

    def scatter(self, dxp_map, dy_map, f):
        for (a, b), g in np.ndenumerate(dy_map):
            dxp_map[self.window(a, b)] += 2 * g * f
