"""A first layer of 3x3 filters on one grey image (HW in, HWF out) that updates itself in backprop (blog style).

Wrong on purpose: the update has the wrong sign, the filters climb up the gradient.
"""

import numpy as np


class Conv3x3:
    """No padding and no bias; backprop returns nothing, since nobody is before this layer."""

    def __init__(self, num_filters):
        self.num_filters = num_filters
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def iterate_regions(self, image):
        """All 3x3 regions, with their positions."""
        height, width = image.shape
        for row in range(height - 2):
            for col in range(width - 2):
                yield row, col, image[row : row + 3, col : col + 3]

    def forward(self, image):
        self.last_image = image
        output = np.zeros((image.shape[0] - 2, image.shape[1] - 2, self.num_filters))
        for row, col, region in self.iterate_regions(image):
            output[row, col] = np.tensordot(self.filters, region, axes=2)
        return output

    def backprop(self, d_l_d_out, learn_rate):
        d_l_d_filters = np.zeros_like(self.filters)
        for row, col, region in self.iterate_regions(self.last_image):
            for f in range(self.num_filters):
                d_l_d_filters[f] += d_l_d_out[row, col, f] * region
        self.filters += learn_rate * d_l_d_filters
