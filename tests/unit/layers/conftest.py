"""The libraries whose arrays layers are tested with."""

from __future__ import annotations

import pytest
from array_libraries import LIBRARIES, Arrays


@pytest.fixture(params=LIBRARIES)
def arrays(request: pytest.FixtureRequest) -> Arrays:
    return Arrays(request.param)
