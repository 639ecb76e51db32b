"""Piecewise-linear profiles over the share of the depth: commitment, resistance, people.

Points lie at increasing x in [0, 1]; before the first and after the last the profile is constant.
"""

from math import sqrt

from phaseline.engine.jit import routine


@routine
def height(point, first, num, x):
    """Value of the profile at x."""
    if x <= point[first].x:
        return point[first].y
    for i in range(first + 1, first + num):
        if x <= point[i].x:
            left = point[i - 1]
            share = (x - left.x) / (point[i].x - left.x)
            return left.y + share * (point[i].y - left.y)
    return point[first + num - 1].y


@routine
def area(point, first, num, x):
    """Integral of the profile from 0 to x, for x in [0, 1]."""
    total = point[first].y * min(x, point[first].x)
    for i in range(first + 1, first + num):
        left = point[i - 1]
        if x <= left.x:
            return total
        end = min(x, point[i].x)
        slope = (point[i].y - left.y) / (point[i].x - left.x)
        run = end - left.x
        total += run * (left.y + 0.5 * slope * run)
    last = point[first + num - 1]
    if x > last.x:
        total += last.y * (x - last.x)
    return total


@routine
def reach(point, first, num, wanted):
    """The x in [0, 1] up to which the integral is `wanted`; 1 if it is never reached. Profiles must be positive."""
    x0 = 0.0
    y0 = point[first].y
    left = wanted
    for i in range(first, first + num + 1):
        if i < first + num:
            x1, y1 = point[i].x, point[i].y
        else:
            x1, y1 = 1.0, y0
        run = x1 - x0
        if run > 0.0:
            piece = 0.5 * (y0 + y1) * run
            if left <= piece:
                slope = (y1 - y0) / run
                # the root of slope s^2 / 2 + y0 s = left, in the form that does not cancel
                return min(1.0, x0 + 2.0 * left / (y0 + sqrt(max(0.0, y0 * y0 + 2.0 * slope * left))))
            left -= piece
        x0, y0 = x1, y1
    return 1.0
