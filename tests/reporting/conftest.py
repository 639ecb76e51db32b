"""The made-up results of `outcomes.made`, built once."""

from __future__ import annotations

import pytest

from outcomes import made
from phaseline.outcomes.results import Outcomes


@pytest.fixture(scope="session")
def campaign() -> Outcomes:
    return made.campaign()


@pytest.fixture(scope="session")
def project() -> Outcomes:
    return made.project()


@pytest.fixture(scope="session")
def duel() -> Outcomes:
    return made.duel()


@pytest.fixture(scope="session")
def large() -> Outcomes:
    return made.large()
