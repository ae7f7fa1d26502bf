"""Mistakes in the bias's gradient of a 2-D convolution, and in its forward pass."""

import numpy as np

from mutants.conv2d import Conv2d, TapsConv2d


class SummedOverBatchOnly(Conv2d):
    """A bias's gradient for every position."""

    def bias_gradient(self, dy):
        return dy.sum(axis=0)


class SummedOverSpaceOnly(Conv2d):
    """A bias's gradient for every sample."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(2, 3))


class SummedOverEverything(Conv2d):
    """One number for all filters."""

    def bias_gradient(self, dy):
        return np.sum(dy)


class SummedOverChannelsLast(Conv2d):
    """The axes of a layout with the channels last: one number for every column."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 1, 2))


class AxesKept(Conv2d):
    """keepdims leaves a gradient that broadcasts like the bias, but has three axes more."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2, 3), keepdims=True)


class FirstSample(Conv2d):
    """Only the first sample is looked at."""

    def bias_gradient(self, dy):
        return dy[0].reshape(dy.shape[1], -1).sum(axis=1)


class LastSample(Conv2d):
    """= instead of += over the samples."""

    def bias_gradient(self, dy):
        db = np.zeros_like(self.b)
        for one in dy:
            db = one.sum(axis=(1, 2))
        return db


class MeanOverBatch(Conv2d):
    """Averaged over the batch, which the loss did already."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(2, 3)).mean(axis=0)


class MeanOverPositions(Conv2d):
    """Averaged over the positions, as if the bias were used at one of them."""

    def bias_gradient(self, dy):
        return dy.mean(axis=(2, 3)).sum(axis=0)


class PositionsOverwritten(Conv2d):
    """= instead of += over the positions."""

    def bias_gradient(self, dy):
        db = np.zeros_like(self.b)
        for a, b in np.ndindex(*dy.shape[2:]):
            db = dy[:, :, a, b].sum(axis=0)
        return db


class LastWindowsLost(Conv2d):
    """The loops end one position early."""

    def bias_gradient(self, dy):
        db = np.zeros_like(self.b)
        for a in range(dy.shape[2] - 1):
            for b in range(dy.shape[3] - 1):
                db += dy[:, :, a, b].sum(axis=0)
        return db


class PositionsCounted(Conv2d):
    """The derivative of the output by the bias, 1, is added up, without what comes from above."""

    def bias_gradient(self, dy):
        return np.full_like(self.b, dy[:, 0].size)


class Doubled(Conv2d):
    """Added up in the loop, and then the whole sum once more."""

    def bias_gradient(self, dy):
        db = dy.sum(axis=(0, 2, 3))
        for one in dy:
            db += one.sum(axis=(1, 2))
        return db


class Negated(Conv2d):
    """The sign of an update is in the gradient."""

    def bias_gradient(self, dy):
        return -dy.sum(axis=(0, 2, 3))


class LastOutputsLost(Conv2d):
    """The output's size is one too small; the backward pass agrees with it."""

    def output_size(self):
        return [(n - e) // self.stride for n, e in zip(self.xp.shape[2:], self.extents(), strict=True)]


class OutputsOfTheRemainder(Conv2d):
    """The output's size is rounded up, with zeros for what is missing; the backward pass agrees with it."""

    def forward(self, x):
        y, s = super().forward(x), self.stride
        more = [(e - n) % s for n, e in zip(self.xp.shape[2:], self.extents(), strict=True)]
        if any(more):
            self.xp = np.pad(self.xp, ((0, 0), (0, 0), *((0, k) for k in more)))
            parts = zip(np.split(self.xp, self.groups, 1), np.split(self.w, self.groups), strict=True)
            y = np.concatenate([self.group_output(*part) for part in parts], 1) + self.b[:, None, None]
        return y


class OutputsCountedWithoutTheRemainder(TapsConv2d):
    """n // s - m // s + 1 for (n - m) // s + 1: sometimes a row too many, which stays zero."""

    def forward(self, x):
        y, s = super().forward(x), self.stride
        size = [n // s - e // s + 1 for n, e in zip(self.xp.shape[2:], self.extents(), strict=True)]
        out = np.zeros((*y.shape[:2], *size))
        out[:, :, : y.shape[2], : y.shape[3]] = y
        return out

    def backward(self, dy):
        oh, ow = self.output_size()
        return super().backward(dy[:, :, :oh, :ow])


class StrideOnlyInTheSize(Conv2d):
    """The output has the stride's size, but its windows are side by side; the backward pass agrees with it."""

    def window(self, a, b):
        (eh, ew), d = self.extents(), self.dilation
        return slice(a, a + eh, d), slice(b, b + ew, d)


class DilationOnlyInTheSize(Conv2d):
    """The output has the dilation's size, but its windows have no gaps; the backward pass agrees with it."""

    def window(self, a, b):
        (kh, kw), s = self.w.shape[2:], self.stride
        return slice(s * a, s * a + kh), slice(s * b, s * b + kw)


class PaddedBeforeOnly(Conv2d):
    """All of the padding is put above and left; the backward pass does not know."""

    def group_output(self, xp, w):
        p, (height, width) = self.padding, self.x.shape[2:]
        moved = np.zeros_like(xp)
        moved[:, :, 2 * p :, 2 * p :] = xp[:, :, p : p + height, p : p + width]
        return super().group_output(moved, w)


class BiasTwice(Conv2d):
    """The bias is added to each group's output and to the whole; the backward pass adds it once."""

    def forward(self, x):
        return super().forward(x) + self.b.reshape(1, -1, 1, 1)


class BiasTwiceInBothPasses(Conv2d):
    """The bias is added twice, and its gradient is right for that."""

    def forward(self, x):
        return super().forward(x) + self.b.reshape(1, -1, 1, 1)

    def bias_gradient(self, dy):
        return 2 * dy.sum(axis=(0, 2, 3))


class BiasForgotten(Conv2d):
    """The forward pass does not add the bias; the backward pass has its gradient."""

    def forward(self, x):
        self.x, self.xp = x, self.pad(x)
        parts = zip(np.split(self.xp, self.groups, 1), np.split(self.w, self.groups), strict=True)
        return np.concatenate([self.group_output(*part) for part in parts], 1)


class BiasForTheFirstSample(BiasForgotten):
    """The bias is added to the first sample alone; its gradient does not know."""

    def forward(self, x):
        y = super().forward(x)
        y[0] += self.b[:, None, None]
        return y


class BiasWithEveryTap(TapsConv2d):
    """The bias is added within the loop over the filter's entries; its gradient does not know."""

    def forward(self, x):
        self.x, self.xp = x, self.pad(x)
        y = np.zeros((len(x), len(self.w), *self.output_size()))
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *y.shape[2:])
            taps = zip(np.split(self.xp[:, :, rows, cols], self.groups, 1), np.split(self.w, self.groups), strict=True)
            y += np.concatenate([np.einsum("ncab,fc->nfab", tap, w[:, :, u, v]) for tap, w in taps], 1)
            y += self.b[:, None, None]
        return y
