"""How kernels are compiled: one decorator, so that every kernel is compiled alike."""

from numba import njit

kernel = njit(nogil=True, cache=True, _nrt=False)
"""Compile without the interpreter lock and without reference counts.

Kernels allocate nothing: they get their arrays and write into them. Counting references to those arrays atomically, as Numba
does otherwise each time a record is touched, took longer than the simulation itself (see docs/decisions).
"""
