"""The broker room's fixtures, for the same room against real parts."""

import pytest

from tests.broker.conftest import auto_enable_custom_integrations, http, make_broker
from tests.support.server import MOSQUITTO

__all__ = ["auto_enable_custom_integrations", "http", "make_broker"]


@pytest.fixture(autouse=True)
def real_parts() -> None:
    """Skip where the broker in Python would stand for the real one."""
    if MOSQUITTO is None:
        pytest.skip("needs Mosquitto")
