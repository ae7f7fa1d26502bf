"""What each mistake is called, where in the mathematics it is, and how it is mended. Literals, and one look-up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The cause in a few words, the place in the mathematics, and the fix in a sentence; {a} is the array."""

    title: str
    place: str
    fix: str


CAUSES: dict[str, Words] = {
    "filter-not-rotated": Words(
        "the filter is not rotated by 180°",
        "dX[x] = sum over u of dY[x-u] F[u]: where u grows, x-u falls, so the filter runs backwards",
        "Reverse the filter along each of its spatial axes before the full correlation: w[..., ::-1, ::-1].",
    ),
    "filter-gradient-rotated": Words(
        "the filter's gradient is rotated by 180°",
        "dF[u] = sum over a of X[a+u] dY[a]: a correlation of X with dY, in which nothing runs backwards",
        "Slide dY over X as it is: do not flip it, and do not flip the result.",
    ),
    "filter-rotated": Words(
        "the filter is read backwards: a true convolution",
        "a cross-correlation reads F[u] at x[a+u]: nothing runs backwards; with F[m-1-u] it is a convolution",
        "Drop the flip of the filter (or, if forward is meant to be one, say --operation convolution).",
    ),
    "filter-rotated-on-one-axis": Words(
        "the filter is reversed along one axis where the other is, too (or neither)",
        "a rotation by 180° reverses every spatial axis",
        "Reverse all spatial axes of the filter, or none: not one of them.",
    ),
    "filter-rotated-by-90": Words(
        "the filter is rotated by 90° where 180° (or nothing) was meant",
        "a rotation by 180° is two of numpy.rot90",
        "Use np.rot90(w, 2, axes=...), or w[..., ::-1, ::-1].",
    ),
    "index-reversed": Words(
        "an index runs backwards where it should not, or not where it should ({variant})",
        "in the sum that {a} is, every entry meets the entries that the layer's line says",
        "Reverse, or do not reverse, the axis that this index runs along.",
    ),
    "channels-reversed": Words(
        "channels or filters are reversed along with the taps",
        "only the spatial axes of the filter run backwards; channels and filters keep their order",
        "Flip the spatial axes only: np.flip(w, axis=(-2, -1)), not np.flip(w).",
    ),
    "axes-swapped": Words(
        "two axes are swapped",
        "{a} has the axes of what it is the gradient of, in the same order",
        "Transpose {a} (or what it is made from) into the order of the array that it belongs to.",
    ),
    "reshape-for-transpose": Words(
        "a reshape stands where a transpose was meant",
        "reshape keeps the entries in the order in which they lie in memory; transpose moves the axes",
        "Transpose to the axis order that you need first, and reshape then.",
    ),
    "first-sample-only": Words(
        "only the first sample of the batch counts",
        "every sample has its own part in the loss: {a} takes all of them",
        "Run over the whole batch, and sum where the operand is shared by all samples.",
    ),
    "last-sample-only": Words(
        "only the last sample of the batch counts",
        "the loss sums over the batch, so {a} sums over it too",
        "Add up over the batch: += in the loop, or a sum over the batch axis.",
    ),
    "not-summed-over-batch": Words(
        "the sum over the batch is missing: {a} still has a batch axis",
        "the filters are shared by all samples, so their gradient sums over the samples",
        "Sum {a} over the batch axis.",
    ),
    "mean-over-batch": Words(
        "{a} is divided by the number of samples",
        "the gradient of a mean over the batch, where dY is the gradient of the mean already or the loss is a sum",
        "A convention, not an error: right if the loss averages over the batch, and dY does not do so already.",
    ),
    "mean-over-positions": Words(
        "{a} is divided by {variant}",
        "every position adds to the loss: the gradient is the sum over them, not their mean",
        "Use sum in place of mean.",
    ),
    "mean-over-filters": Words(
        "{a} is divided by the number of filters",
        "every filter adds to the loss: the gradient is the sum over them, not their mean",
        "Use sum in place of mean.",
    ),
    "mean-over-channels": Words(
        "{a} is divided by the number of channels",
        "every channel adds to the output: a sum over them, not their mean",
        "Use sum in place of mean.",
    ),
    "mean-over-taps": Words(
        "{a} is divided by {variant}",
        "every tap adds to the output: a sum over them, not their mean",
        "Use sum in place of mean.",
    ),
    "padding-not-removed": Words(
        "the padding is not removed: {a} is the gradient of the padded input",
        "the zeros around X are no part of X, so their gradients are cut off",
        "Cut P entries off each side: dx = dxp[..., P:P+n, P:P+n].",
    ),
    "padding-removed-twice": Words(
        "the padding is removed twice",
        "dX has the size of X: the padded gradient less P on each side, once",
        "Cut P entries off each side once.",
    ),
    "padding-removed-from-wrong-axes": Words(
        "the padding is removed from the wrong axes or the wrong side ({variant})",
        "the zeros lie before and behind each spatial axis, and on no other axis",
        "Cut P entries off both ends of each spatial axis: dx = dxp[..., P:P+n, P:P+n] in the layout of x.",
    ),
    "empty-at-padding-0": Words(
        "the slice [P:-P] leaves nothing where the padding is 0",
        "-0 is 0, so that [0:-0] is empty",
        "Write dxp[..., P:P+n, P:P+n], which is right for P = 0, too.",
    ),
    "backward-padding-differs": Words(
        "backward pads otherwise than forward ({variant})",
        "with padding P in forward, dY is padded by d(m-1)-P on each side in dX, and X by P in dF",
        "Pad dY by d(m-1)-P for dX, and X by P for dF.",
    ),
    "padding-differs": Words(
        "forward pads otherwise than it is told ({variant})",
        "an output has floor((n + 2P - d(m-1) - 1)/s) + 1 entries along a side",
        "Pad by P on each side of each spatial axis.",
    ),
    "padding-ignored": Words(
        "forward does not pad",
        "an output has floor((n + 2P - d(m-1) - 1)/s) + 1 entries along a side",
        "Pad x by P on each side of each spatial axis.",
    ),
    "shifted-by-one": Words(
        "for even filters, everything is shifted by one",
        "an even filter has no middle: m//2 in one pass and (m-1)//2 in the other differ by one",
        "Use the same offset in both passes, and m-1 less that offset for the cotangent.",
    ),
    "stride-ignored": Words(
        "the stride is ignored ({variant})",
        "window a begins at s*a: in dX, s-1 zeros stand between the entries of dY; in dF, X is read at s*a+u",
        "Place window a at s*a, or insert s-1 zeros between the entries of dY.",
    ),
    "remainder-lost": Words(
        "the rows that no window reaches are missing from {a}",
        "where the stride does not divide, the last r = (n+2P-d(m-1)-1) mod s rows are read by no window: "
        "their gradient is 0, but it is there",
        "Make dx of the size of x, and leave those rows 0.",
    ),
    "remainder-kept": Words(
        "{a} has taps that the filter has not",
        "where the stride does not divide, X has r rows more than the windows reach, which give more places",
        "Crop the last r rows of X before correlating it with the dilated dY.",
    ),
    "dilation-ignored": Words(
        "the dilation is ignored",
        "tap u reads at s*a + d*u, in every pass",
        "Read and write at s*a + d*u, in backward as in forward.",
    ),
    "overwritten": Words(
        "entries are overwritten where they should add up ({variant})",
        "an entry that several windows read gets a part from each of them",
        "Write += in place of =, into an array of zeros.",
    ),
    "last-window-lost": Words(
        "the last window is left out ({variant})",
        "there are floor((n + 2P - d(m-1) - 1)/s) + 1 windows along a side: with s = 1 and P = 0, n - m + 1",
        "Let the loop run over range(n - m + 1): the end of a range is not in it.",
    ),
    "first-window-lost": Words(
        "the first window is left out ({variant})",
        "windows are counted from 0",
        "Let the loop begin at 0.",
    ),
    "upstream-ignored": Words(
        "the cotangent dY is not used",
        "the chain rule multiplies by dY: without it, this is the gradient of the sum of all outputs",
        "Multiply by the gradient that comes in.",
    ),
    "one-group-only": Words(
        "only the {variant} group counts",
        "each group has its own channels, filters and part of the gradient",
        "Run over all groups.",
    ),
    "groups-mixed": Words(
        "groups are in the wrong order ({variant})",
        "group h holds the channels h*k/g to (h+1)*k/g - 1, one group after the other",
        "Split the channel axis into (g, k/g), in this order, in every pass.",
    ),
    "bias-axes": Words(
        "the bias's gradient is summed {variant}",
        "dB[j] sums dY over everything but j: the samples and all positions",
        "Sum dY over every axis but that of the filters, and give the result the shape of the bias.",
    ),
    "bias-in-forward": Words(
        "in forward, the bias is {variant}",
        "Y[j] has B[j] added once, at every position",
        "Add the bias once.",
    ),
    "wrong-position": Words(
        "in the place of {a} is {variant}",
        "gradients come in the order of the operands: input, filters, bias",
        "Return dx, dw, db in this order.",
    ),
    "none-returned": Words(
        "in the place of {a} is None",
        "every operand has a gradient",
        "Return the array that was computed.",
    ),
    "all-zero": Words("{a} is zero everywhere", "it was never added to", "Assign the result, not a copy of it."),
    "accumulated": Words(
        "{a} adds up over calls, even of fresh layers",
        "the gradient of one call has nothing to do with the call before",
        "Start from zeros in every backward pass; keep nothing in the class or the module.",
    ),
    "upstream-rotated": Words(
        "the cotangent is rotated by 180°",
        "in a correlation, nothing runs backwards; a convolution reverses what is slid",
        "Correlate with dY as it is: use a correlation in place of a convolution.",
    ),
    "groups-ignored": Words(
        "groups are ignored ({variant})",
        "a filter sees the channels of its own group, and only those",
        "Take the gradient of each group by itself.",
    ),
    "remainder-counted": Words(
        "there are windows that do not fit ({variant})",
        "an output has floor((n + 2P - d(m-1) - 1)/s) + 1 entries along a side: the last rows may be read by no window",
        "Round down: (n + 2*P - d*(m-1) - 1) // s + 1.",
    ),
    "updated-before-use": Words(
        "the filters are updated before dX is computed from them",
        "dX is made from the filters that forward used",
        "Compute all gradients first, and update then.",
    ),
    "wrong-sign": Words("the sign is wrong", "{a} is minus the gradient", "Change the sign."),
    "constant-factor": Words(
        "there is a factor of {variant} too much",
        "{a} is {variant} times the gradient, on every layer",
        "Remove the factor.",
    ),
}


def words(cause: str, variant: str, array: str) -> Words:
    """The words for a cause of what is wrong with an array."""
    found = CAUSES[cause]
    told = {"a": array, "variant": variant}
    title = found.title.replace(" ({variant})", "") if not variant else found.title
    return Words(title.format_map(told), found.place.format_map(told), found.fix.format_map(told))
