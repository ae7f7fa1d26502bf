"""Mistakes in a 2-D convolution with groups, in what is kept from call to call, and in where gradients are put."""

import numpy as np

from mutants.conv2d import Conv2d, Im2colConv2d, MapsConv2d, TapsConv2d

_workspace = {}


def workspace(shape):
    """A buffer of a shape, made once to spare the allocation."""
    return _workspace.setdefault(shape, np.zeros(shape))


class FirstGroupInput(Conv2d):
    """The return stands within the loop over the groups: the other channels of dx stay zero."""

    def input_gradient(self, dy):  # noqa: RET503
        dx, channels = np.zeros_like(self.x), self.w.shape[1]
        for g, (part, w) in enumerate(zip(np.split(dy, self.groups, 1), np.split(self.w, self.groups), strict=True)):
            dx[:, g * channels : (g + 1) * channels] = self.group_input_gradient(part, w)
            return dx


class FirstGroupChannels(TapsConv2d):
    """dx has one group's channels only."""

    def input_gradient(self, dy):
        filters = len(self.w) // self.groups
        return self.group_input_gradient(dy[:, :filters], self.w[:filters])


class FirstGroupFilters(Conv2d):
    """The slices do not move on with the group: every group's filters but the first's stay zero."""

    def filter_gradient(self, dy):
        dw, filters, channels = np.zeros_like(self.w), len(self.w) // self.groups, self.w.shape[1]
        for _ in range(self.groups):
            dw[:filters] = self.group_filter_gradient(dy[:, :filters], self.xp[:, :channels])
        return dw


class GroupsIgnoredInput(Conv2d):
    """All filters at once, as if there were one group: dx has too few channels."""

    def input_gradient(self, dy):
        return self.group_input_gradient(dy, self.w)


class GroupsTiledInput(Im2colConv2d):
    """All filters at once, and what comes out is given to every group."""

    def input_gradient(self, dy):
        return np.tile(self.group_input_gradient(dy, self.w), (1, self.groups, 1, 1))


class GroupsIgnoredFilters(MapsConv2d):
    """Every filter's gradient with every channel, also of the groups that it does not see."""

    def filter_gradient(self, dy):
        return self.group_filter_gradient(dy, self.xp)

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], xp.shape[1], *self.w.shape[2:]))
        for n, f, c in np.ndindex(*dy.shape[:2], xp.shape[1]):
            dw[f, c] += self.gather(xp[n, c], dy[n, f])
        return dw


class FirstGroupsInputForAll(Conv2d):
    """All filters at once, with the channels that the first group sees."""

    def filter_gradient(self, dy):
        return self.group_filter_gradient(dy, self.xp[:, : self.w.shape[1]])


class GroupsInterleavedInput(Conv2d):
    """Every group-th channel of dy is taken for a group's, not the channels in a row."""

    def input_gradient(self, dy):
        parts = [(dy[:, g :: self.groups], w) for g, w in enumerate(np.split(self.w, self.groups))]
        return np.concatenate([self.group_input_gradient(*part) for part in parts], 1)


class GroupsStackedBehind(TapsConv2d):
    """The groups' gradients are stacked on an axis behind the channels, and the reshape interleaves them."""

    def input_gradient(self, dy):
        parts = zip(np.split(dy, self.groups, 1), np.split(self.w, self.groups), strict=True)
        return np.stack([self.group_input_gradient(*part) for part in parts], 2).reshape(self.x.shape)


class GroupsInterleavedFilters(TapsConv2d):
    """Every group-th channel of the input is taken for a group's, not the channels in a row."""

    def filter_gradient(self, dy):
        parts = [(part, self.xp[:, g :: self.groups]) for g, part in enumerate(np.split(dy, self.groups, 1))]
        return np.concatenate([self.group_filter_gradient(*part) for part in parts])


class GroupsInReverse(Conv2d):
    """Each group's gradient is put before the ones that are there already."""

    def filter_gradient(self, dy):
        dw = np.zeros((0, *self.w.shape[1:]))
        for part, xp in zip(np.split(dy, self.groups, 1), np.split(self.xp, self.groups, 1), strict=True):
            dw = np.concatenate([self.group_filter_gradient(part, xp), dw])
        return dw


class FiltersSummedInTheLayer(Conv2d):
    """dw is zero once, in the constructor, and then added to by every backward pass."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.dw = np.zeros_like(self.w)

    def filter_gradient(self, dy):
        return self.dw + super().filter_gradient(dy)


class BiasSummedInTheLayer(Conv2d):
    """db is zero once, in the constructor, and then added to by every backward pass."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.db = np.zeros_like(self.b)

    def bias_gradient(self, dy):
        self.db += dy.sum(axis=(0, 2, 3))
        return self.db


class FiltersSummedInTheClass(Conv2d):
    """The sums belong to the class, so that all layers and all passes add to the same."""

    sums = {}  # noqa: RUF012

    def filter_gradient(self, dy):
        self.sums[self.w.shape] = self.sums.get(self.w.shape, 0) + super().filter_gradient(dy)
        return self.sums[self.w.shape]


class WorkspaceNotCleared(TapsConv2d):
    """The buffer for dx is shared by all layers of a module, and nobody sets it to zero."""

    def zeros(self, dy, w):
        return workspace((len(dy), w.shape[1], *self.xp.shape[2:]))


class GradientsExchanged(Conv2d):
    """dw is returned, and dx is kept where dw should be looked for."""

    def backward(self, dy):
        self.dx, self.db = self.input_gradient(dy), self.bias_gradient(dy)
        return self.filter_gradient(dy)


class FiltersAndBiasExchanged(Conv2d):
    """dw and db are assigned in the wrong order."""

    def backward(self, dy):
        self.db, self.dw = self.filter_gradient(dy), self.bias_gradient(dy)
        return self.input_gradient(dy)


class UpstreamReturned(Conv2d):
    """dx is kept, and dy is handed on as it came."""

    def backward(self, dy):
        self.dx, self.dw, self.db = self.input_gradient(dy), self.filter_gradient(dy), self.bias_gradient(dy)
        return dy


class UpdatedBeforeUse(Conv2d):
    """The filters have taken their step before dx is computed with them."""

    def backward(self, dy, lr):
        self.w -= lr * self.filter_gradient(dy)
        self.b -= lr * self.bias_gradient(dy)
        return self.input_gradient(dy)


class UpdatedFilterByFilter(MapsConv2d):
    """Each filter takes its step before its part of dx is added."""

    def backward(self, dy, lr):
        step = lr * self.filter_gradient(dy)
        self.b -= lr * self.bias_gradient(dy)
        parts = []
        for g, part in enumerate(np.split(dy, self.groups, 1)):
            filters = slice(g * part.shape[1], (g + 1) * part.shape[1])
            self.w[filters] -= step[filters]
            parts.append(self.group_input_gradient(part, self.w[filters]))
        return np.concatenate(parts, 1)
