"""Cross-correlation of one grey image (HW) with one kernel, as two functions in plain Python loops (beginner style)."""

import numpy as np


def forward(image, kernel):
    """Slide the kernel over the image without padding."""
    kh, kw = len(kernel), len(kernel[0])
    rows = len(image) - kh + 1
    cols = len(image[0]) - kw + 1
    result = np.zeros((rows, cols))
    for r in range(rows):
        for c in range(cols):
            total = 0
            for i in range(kh):
                for j in range(kw):
                    total = total + image[r + i][c + j] * kernel[i][j]
            result[r][c] = total
    return result


def backward(image, kernel, d_result):
    """Give back to every pixel and every weight its share of the gradient."""
    d_image = np.zeros((len(image), len(image[0])))
    d_kernel = np.zeros((len(kernel), len(kernel[0])))
    for r in range(len(d_result)):
        for c in range(len(d_result[0])):
            for i in range(len(kernel)):
                for j in range(len(kernel[0])):
                    d_image[r + i][c + j] += kernel[i][j] * d_result[r][c]
                    d_kernel[i][j] += image[r + i][c + j] * d_result[r][c]
    return d_image, d_kernel
