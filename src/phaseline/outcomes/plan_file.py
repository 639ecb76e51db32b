"""A plan as the text of a plan file, so that what was found can be run, changed and handed on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phaseline.scenario.quantity import Quantity
from phaseline.scenario.schema import Model
from phaseline.scenario.written import written_quantity

if TYPE_CHECKING:
    from phaseline.scenario.schema import Plan

FORMAT = "phaseline-plan/1"


def plan_text(plan: Plan, name: str, comment: str = "") -> str:
    """YAML of a plan file that `load_plan` reads back.

    Parameters
    ----------
    plan
        The plan.
    name
        Id of the plan in its file.
    comment
        First lines of the file.

    Raises
    ------
    ValueError
        If a number of the plan is a draw of an ensemble, which no plan file states.
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 110
    yaml.representer.sort_base_mapping_type_on_output = False  # keys in the order of the file format
    text = io.StringIO()
    yaml.dump({"format": FORMAT, "name": name, **_plain(plan)}, text)
    return "".join(f"# {line}\n" for line in comment.splitlines()) + text.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        return written_quantity(value)
    if isinstance(value, Model):
        return {
            field.alias or name: _plain(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if name in value.model_fields_set and getattr(value, name) is not None
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
