"""Convolution of NCHW batches with a bias (1, F, 1, 1), grown out of code for one image (student project style).

Wrong on purpose: the gradient of the filters still looks at the first sample of the batch alone.
"""

import numpy as np


class ConvLayer:
    """ConvLayer(num_filters, filter_size, channels): forward_pass, backprop."""

    def __init__(self, num_filters, filter_size, channels):
        self.filter_size = filter_size
        self.filters = np.random.randn(num_filters, channels, filter_size, filter_size) / filter_size**2
        self.bias = np.zeros((1, num_filters, 1, 1))

    def forward_pass(self, batch):
        self.batch = batch
        k = self.filter_size
        n, _, h, w = batch.shape
        output = np.zeros((n, len(self.filters), h - k + 1, w - k + 1))
        for y in range(h - k + 1):
            for x in range(w - k + 1):
                window = batch[:, :, y : y + k, x : x + k]
                output[:, :, y, x] = np.einsum("ncij,fcij->nf", window, self.filters)
        return output + self.bias

    def backprop(self, d_output):
        k = self.filter_size
        d_batch = np.zeros(self.batch.shape)
        d_filters = np.zeros(self.filters.shape)
        for y in range(d_output.shape[2]):
            for x in range(d_output.shape[3]):
                window = self.batch[0, :, y : y + k, x : x + k]
                d_filters += d_output[0, :, y, x].reshape(-1, 1, 1, 1) * window
                d_batch[:, :, y : y + k, x : x + k] += np.tensordot(d_output[:, :, y, x], self.filters, axes=1)
        d_bias = d_output.sum(axis=(0, 2, 3)).reshape(self.bias.shape)
        return d_batch, d_filters, d_bias
