"""The engine: scenario to tables, tables through compiled kernels, histories out. Knows no file and no plot.

The day stands in `day.one_day`, in the order of ``docs/model.md``; each step is a function in the module of its name.
"""

from phaseline.engine.cache import ENGINE_FINGERPRINT, is_warm, prepare

prepare()  # before any kernel is defined

from phaseline.engine.compile import CompiledModel, CompiledPlan, compile_plan, compile_scenario
from phaseline.engine.day import BINS, FIXED_POINT
from phaseline.engine.run import BLOCK, Chunk, Watched, explain, simulate, watch
from phaseline.engine.warmup import warm_up

__all__ = [
    "BINS",
    "BLOCK",
    "ENGINE_FINGERPRINT",
    "FIXED_POINT",
    "Chunk",
    "CompiledModel",
    "CompiledPlan",
    "Watched",
    "compile_plan",
    "compile_scenario",
    "explain",
    "is_warm",
    "simulate",
    "warm_up",
    "watch",
]
