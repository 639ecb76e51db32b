"""Posteriors in a netCDF file with the group names that ArviZ reads, written without ArviZ.

``arviz.from_netcdf(path)`` (or ``xarray.open_datatree``) opens it: groups ``posterior``, ``prior``, ``log_likelihood``,
``posterior_predictive``, ``observed_data`` and ``sample_stats``; see https://python.arviz.org, "InferenceData schema".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Group = Mapping[str, "NDArray[Any]"]


def write_inference(
    path: str | os.PathLike[str],
    groups: Mapping[str, Group],
    attributes: Mapping[str, str],
    observations: list[str],
) -> None:
    """Write groups of draws.

    Parameters
    ----------
    path
        A file that is replaced.
    groups
        By ArviZ's name of the group, arrays by name of the variable: shape (draws,) for ``posterior`` and ``prior``, (draws,
        observations) for ``log_likelihood`` and ``posterior_predictive``, (observations,) for ``observed_data`` and
        ``sample_stats``.
    attributes
        What is said of the whole file.
    observations
        Names of the observations.
    """
    import xarray as xr

    tree: dict[str, xr.Dataset] = {"/": xr.Dataset(attrs=dict(attributes))}
    for name, group in groups.items():
        variables: dict[str, Any] = {}
        for key, values in group.items():
            if name in ("observed_data", "sample_stats"):
                variables[key] = (("report",), values)
            elif values.ndim == 1:
                variables[key] = (("chain", "draw"), values[None, :])
            else:
                variables[key] = (("chain", "draw", "report"), values[None, :, :])
        coordinates: dict[str, Any] = {}
        if any("report" in dims for dims, _ in variables.values()):
            coordinates["report"] = np.array(observations, dtype=object)
        tree[f"/{name}"] = xr.Dataset(variables, coords=coordinates)
    xr.DataTree.from_dict(tree).to_netcdf(path, engine="h5netcdf")
