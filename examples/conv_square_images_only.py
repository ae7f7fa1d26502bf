"""Convolution with flattened weights (F, C*K*K) and a bias (F, 1), for square images alone (matrix algebra style)."""

import numpy as np


class ConvMatrix:
    """Each sample is unrolled to a matrix (C*K*K, positions), so that the layer is W @ columns + b."""

    def __init__(self, channels, num_filters, filter_size, padding=0):
        self.C, self.F, self.K, self.P = channels, num_filters, filter_size, padding
        self.W = np.random.randn(num_filters, channels * filter_size**2) / filter_size
        self.b = np.zeros((num_filters, 1))

    def unroll(self, image):
        """Columns of a padded image (C, S, S)."""
        side = image.shape[1] - self.K + 1
        columns = np.zeros((self.C * self.K * self.K, side * side))
        for r in range(side):
            for c in range(side):
                columns[:, r * side + c] = image[:, r : r + self.K, c : c + self.K].flatten()
        return columns

    def forward(self, X):
        if X.shape[2] != X.shape[3]:
            raise ValueError("ConvMatrix needs square images")
        P = self.P
        self.size = X.shape[2]
        side = self.size + 2 * P - self.K + 1
        padded = np.pad(X, ((0, 0), (0, 0), (P, P), (P, P)))
        self.columns = [self.unroll(image) for image in padded]
        return np.array([(self.W @ cols + self.b).reshape(self.F, side, side) for cols in self.columns])

    def backward(self, dY):
        """Keeps dW and db, returns dX."""
        P, K, S = self.P, self.K, self.size
        self.dW = np.zeros(self.W.shape)
        self.db = np.zeros(self.b.shape)
        dX = np.zeros((len(dY), self.C, S + 2 * P, S + 2 * P))
        side = dY.shape[2]
        for n, cols in enumerate(self.columns):
            D = dY[n].reshape(self.F, -1)
            self.dW += D @ cols.T
            self.db += D.sum(axis=1, keepdims=True)
            dcols = self.W.T @ D
            for r in range(side):
                for c in range(side):
                    dX[n, :, r : r + K, c : c + K] += dcols[:, r * side + c].reshape(self.C, K, K)
        return dX[:, :, P : P + S, P : P + S]
