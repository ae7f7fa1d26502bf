"""Layers by name: the line of notation and the operands' sizes. Literals only.

n input sides, m filter sides, k channels, p filters, s strides, P and Q padding before and after,
d dilation, g groups, N the batch.
"""

CATALOGUE: dict[str, tuple[str, dict[str, str]]] = {
    # Dense layers and forms
    "dense": ("Y[j] += W[j,i] * X[i]", {"W": "p k", "X": "k"}),
    "bilinear": ("Y[j] += W[j,i,l] * X[i] * Z[l]", {"W": "p k q", "X": "k", "Z": "q"}),
    "attention_scores": ("S[h,a,b] += Q[h,a,i] * K[h,b,i]", {"Q": "g n k", "K": "g m k"}),
    "bias": ("Y[z,j,a,b] += B[j]", {"B": "p", "Y": "N p o o"}),
    # Convolutions of stride one
    "conv1d": ("Y[j,a] += X[i,a+u] * F[j,i,u]", {"X": "k n", "F": "p k m"}),
    "conv2d": (
        "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv2d_rectangular": (
        "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]",
        {"X": "k n1 n2", "F": "p k m1 m2"},
    ),
    "conv3d": (
        "Y[j,a,b,c] += X[i,a+u,b+v,c+w] * F[j,i,u,v,w]",
        {"X": "k n n n", "F": "p k m m m"},
    ),
    "conv3d_rectangular": (
        "Y[j,a,b,c] += X[i,a+u,b+v,c+w] * F[j,i,u,v,w]",
        {"X": "k n1 n2 n3", "F": "p k m1 m2 m3"},
    ),
    "conv2d_batch": (
        "Y[z,j,a,b] += X[z,i,a+u,b+v] * F[j,i,u,v]",
        {"X": "N k n n", "F": "p k m m"},
    ),
    "conv2d_grouped": (
        "Y[h,j,a,b] += X[h,i,a+u,b+v] * F[h,j,i,u,v]",
        {"X": "g k n n", "F": "g p k m m"},
    ),
    "depthwise2d": ("Y[i,a,b] += X[i,a+u,b+v] * F[i,u,v]", {"X": "k n n", "F": "k m m"}),
    "trueconv2d": (
        "Y[j,a,b] += X[i,a+m-1-u,b+m-1-v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    # Stride, padding, dilation
    "conv2d_strided": (
        "Y[j,a,b] += X[i,s*a+u,s*b+v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv2d_padded": (
        "Y[j,a,b] += pad(X, P)[i,a+u,b+v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv2d_asymmetric": (
        "Y[j,a,b] += pad(X, P, Q)[i,a+u,b+v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv2d_dilated": (
        "Y[j,a,b] += X[i,a+d*u,b+d*v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv1d_general": (
        "Y[j,a] += pad(X, P)[i,s*a+d*u] * F[j,i,u]",
        {"X": "k n", "F": "p k m"},
    ),
    "conv2d_general": (
        "Y[j,a,b] += pad(X, P)[i,s*a+d*u,s*b+d*v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
    ),
    "conv1d_transposed": (
        "Y[j,y] += pad(dilate(X, s), d*(m-1)-P, d*(m-1)-P+Q)[i,y+d*(m-1-u)] * F[i,j,u]",
        {"X": "k n", "F": "k p m"},
    ),
    "conv2d_transposed": (
        "Y[j,y,x] += pad(dilate(X, s), d*(m-1)-P, d*(m-1)-P+Q)[i,y+d*(m-1-u),x+d*(m-1-v)] * F[i,j,u,v]",
        {"X": "k n n", "F": "k p m m"},
    ),
    "avgpool2d": ("Y[i,a,b] += X[i,s*a+u,s*b+v] * W[u,v]", {"X": "k n n", "W": "m m"}),
    "local2d": (
        "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,a,b,u,v]",
        {"X": "k n n", "F": "p k n-m+1 n-m+1 m m"},
    ),
}
