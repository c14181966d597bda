from __future__ import annotations

import pytest
from fake_log import Log, make_log


@pytest.fixture
def log() -> Log:
    return make_log()
