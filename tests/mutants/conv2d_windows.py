"""Mistakes in the input's gradient of a 2-D convolution: padding, stride, dilation, and windows that overlap."""

import numpy as np

from mutants.conv2d import Conv2d, CorrelatedConv2d, Im2colConv2d, MapsConv2d, TapsConv2d, correlate


class PaddingKept(Conv2d):
    """The gradient of the padded input is returned."""

    def crop(self, dxp):
        return dxp


class PaddingRemovedTwice(TapsConv2d):
    """Each group's gradient has been cut already when the whole is cut."""

    def input_gradient(self, dy):
        dx, p = super().input_gradient(dy), self.padding
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]


class CutOnTheFirstAxes(Conv2d):
    """The padding is cut off as if the channels were the last axis."""

    def crop(self, dxp):
        p = self.padding
        return dxp[:, p:-p, p:-p, :] if p else dxp


class CutFromTheRowsOnly(TapsConv2d):
    """The padding is cut off above and below, but not left and right."""

    def crop(self, dxp):
        p, height = self.padding, self.x.shape[2]
        return dxp[:, :, p : p + height]


class CutBeforeOnly(Conv2d):
    """The padding is cut off above and left, but not below and right."""

    def crop(self, dxp):
        return dxp[:, :, self.padding :, self.padding :]


class EmptyWithoutPadding(Conv2d):
    """[p:-p] is empty when p is 0."""

    def crop(self, dxp):
        p = self.padding
        return dxp[:, :, p:-p, p:-p]


class CutAtTheCorner(Conv2d):
    """As many rows and columns as the input has, but from the corner of the padded one."""

    def crop(self, dxp):
        height, width = self.x.shape[2:]
        return dxp[:, :, :height, :width]


class CutFromTheEnd(CorrelatedConv2d):
    """As many rows and columns as the input has, but the last ones of the padded one."""

    def crop(self, dxp):
        height, width = self.x.shape[2:]
        return dxp[:, :, -height:, -width:]


class PaddedAsForward(CorrelatedConv2d):
    """The upstream gradient is padded as the input was, as if that were always what is left of the filter."""

    def surrounded(self, frame, turned):
        return self.pad(frame)

    def crop(self, dxp):
        return dxp


class PaddedEvenly(CorrelatedConv2d):
    """The zeros that the result's size asks for are shared out evenly, also those of the stride's remainder."""

    def spread(self, dy):
        s, (oh, ow) = self.stride, dy.shape[2:]
        frame = np.zeros((*dy.shape[:2], s * (oh - 1) + 1, s * (ow - 1) + 1))
        frame[:, :, ::s, ::s] = dy
        return frame

    def surrounded(self, frame, turned):
        around = [(0, 0), (0, 0)]
        for n, e, size in zip(self.xp.shape[2:], self.extents(), frame.shape[2:], strict=True):
            missing = n + e - 1 - size
            around.append((missing // 2, missing - missing // 2))
        return np.pad(frame, around)


class CentreOfEvenFilters(CorrelatedConv2d):
    """dy is put at the windows' centres, and an even window has two: the forward pass's, not the other, is taken."""

    def spread(self, dy):
        s, (oh, ow), frame = self.stride, dy.shape[2:], np.zeros((*dy.shape[:2], *self.xp.shape[2:]))
        ch, cw = ((e - 1) // 2 for e in self.extents())
        frame[:, :, ch : ch + s * oh : s, cw : cw + s * ow : s] = dy
        return frame

    def surrounded(self, frame, turned):
        return np.pad(frame, [(0, 0), (0, 0), *(((e - 1) // 2, e // 2) for e in self.extents())])


class NoZerosBetween(CorrelatedConv2d):
    """The upstream gradient is correlated as it is, without the stride's zeros between its entries."""

    def spread(self, dy):
        return dy


class WindowsSideBySide(Conv2d):
    """The windows begin at a, b instead of s * a, s * b."""

    def group_input_gradient(self, dy, w):
        dxp, d, (eh, ew) = self.zeros(dy, w), self.dilation, self.extents()
        for a, b in np.ndindex(*dy.shape[2:]):
            dxp[:, :, a : a + eh : d, b : b + ew : d] += np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)


class RemainderLost(CorrelatedConv2d):
    """The result's size is worked out backwards from dy's: the rows that no window reached are missing."""

    def spread(self, dy):
        s, (oh, ow) = self.stride, dy.shape[2:]
        frame = np.zeros((*dy.shape[:2], s * (oh - 1) + 1, s * (ow - 1) + 1))
        frame[:, :, ::s, ::s] = dy
        return frame

    def crop(self, dxp):
        p, (height, width) = self.padding, dxp.shape[2:]
        return dxp[:, :, p : height - p, p : width - p]


class WindowsNotDilated(Conv2d):
    """The windows' gradients are added to neighbouring rows and columns, without the gaps."""

    def group_input_gradient(self, dy, w):
        dxp, s, (kh, kw) = self.zeros(dy, w), self.stride, w.shape[2:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dxp[:, :, s * a : s * a + kh, s * b : s * b + kw] += np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)


class FilterNotDilated(CorrelatedConv2d):
    """The padding knows of the dilation, the correlation does not."""

    def correlated(self, frame, turned):
        return correlate(frame, turned)


class WindowsOverwritten(Conv2d):
    """= instead of += where windows overlap."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dxp[:, :, rows, cols] = np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)


class TapsOverwritten(TapsConv2d):
    """= instead of += over the filter's entries."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for u, v in np.ndindex(*w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dxp[:, :, rows, cols] = np.einsum("nfab,fc->ncab", dy, w[:, :, u, v])
        return self.crop(dxp)


class FiltersOverwritten(MapsConv2d):
    """Every filter begins a new sum, so that the last one's alone is kept."""

    def sample(self, dxp, dy, w):
        for dy_map, filters in zip(dy, w, strict=True):
            dxp[...] = 0
            for dxp_map, f in zip(dxp, filters, strict=True):
                self.scatter(dxp_map, dy_map, f)


class RepeatedPlacesLost(Im2colConv2d):
    """+= at an array of places, some of them repeated, adds only one of them; np.add.at adds all."""

    def image(self, columns, dxp, size):
        (kh, kw), (oh, ow), s, d = self.w.shape[2:], size, self.stride, self.dilation
        rows = (d * np.arange(kh)[:, None] + s * np.arange(oh))[:, None, :, None]
        cols = (d * np.arange(kw)[:, None] + s * np.arange(ow))[None, :, None, :]
        columns = columns.reshape(dxp.shape[1], kh, kw, len(dxp), oh, ow)
        dxp[:, :, rows, cols] += columns.transpose(3, 0, 1, 2, 4, 5)
        return dxp


class LastWindowsLost(Conv2d):
    """The loops end one window early, below and right."""

    def group_input_gradient(self, dy, w):
        dxp, (oh, ow) = self.zeros(dy, w), dy.shape[2:]
        for a in range(oh - 1):
            for b in range(ow - 1):
                rows, cols = self.window(a, b)
                dxp[:, :, rows, cols] += np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)


class LastColumnLost(MapsConv2d):
    """The loop over the columns of windows ends one early."""

    def scatter(self, dxp_map, dy_map, f):
        for a in range(dy_map.shape[0]):
            for b in range(dy_map.shape[1] - 1):
                dxp_map[self.window(a, b)] += dy_map[a, b] * f
