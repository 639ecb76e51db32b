"""How kernels are compiled: two decorators, so that all kernels are compiled alike.

Kernels allocate nothing: they get their arrays and write into them, so they are compiled without reference
counts (`_nrt=False`).
Counting references atomically each time a record is touched took longer than the simulation itself. See docs/decisions.
"""

from numba import njit

kernel = njit(nogil=True, cache=True, _nrt=False, forceinline=True)
"""For the steps of the day and what is small: put in place where it is called, since the tables are many to
hand over."""

routine = njit(nogil=True, cache=True, _nrt=False)
"""For what is large and has few arguments: compiled once and called."""
