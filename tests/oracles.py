"""What layers and array formulas mean, as plain nested loops; entries are kept in dictionaries.

No line here is shared with the package: it is what the package is compared with.
"""

from itertools import product

SPATIAL = {"conv1d": 1, "conv2d": 2, "conv3d": 3, "depthwise2d": 2, "trueconv2d": 2}
OPERANDS = {"dense": ("W", "X"), **dict.fromkeys(SPATIAL, ("X", "F"))}
KINDS = tuple(OPERANDS)


def shapes(kind, k, n, m, p):
    """The sizes of the two operands of a layer."""
    if kind == "dense":
        return (p, k), (k,)
    axes = SPATIAL[kind]
    filters = (k,) if kind == "depthwise2d" else (p, k)
    return (k, *[n] * axes), (*filters, *[m] * axes)


def terms(kind, k, n, m, p):
    """Every product in the layer's sum: the output entry it adds to, and the entries it multiplies."""
    if kind == "dense":
        for j in range(p):
            for i in range(k):
                yield (j,), (j, i), (i,)
        return
    places = [a for a in range(n) if a + m <= n]
    for a in product(places, repeat=SPATIAL[kind]):
        for u in product(range(m), repeat=SPATIAL[kind]):
            back = kind == "trueconv2d"
            x = tuple(start + (m - 1 - tap if back else tap) for start, tap in zip(a, u, strict=True))
            for i in range(k):
                if kind == "depthwise2d":
                    yield (i, *a), (i, *x), (i, *u)
                    continue
                for j in range(p):
                    yield (j, *a), (i, *x), (j, i, *u)


def forward(products, left, right):
    """The output: every product added to its entry."""
    output = {}
    for y, x, f in products:
        output[y] = output.get(y, 0) + left[x] * right[f]
    return output


def backward(products, left, right, cotangent):
    """The gradients of sum(cotangent * output) with respect to both operands."""
    to_left, to_right = {}, {}
    for y, x, f in products:
        to_left[x] = to_left.get(x, 0) + right[f] * cotangent[y]
        to_right[f] = to_right.get(f, 0) + left[x] * cotangent[y]
    return to_left, to_right


def slid(signal, kernel, reverse):
    """The valid cross-correlation of two arrays, or with `reverse` their valid true convolution."""
    sides = [s - t + 1 for s, t in zip(signal.shape, kernel.shape, strict=True)]
    found = {}
    for x in product(*map(range, sides)):
        total = 0
        for u in product(*map(range, kernel.shape)):
            tap = tuple(t - 1 - e for t, e in zip(kernel.shape, u, strict=True)) if reverse else u
            total += signal[tuple(map(sum, zip(x, u, strict=True)))] * kernel[tap]
        found[x] = total
    return found
