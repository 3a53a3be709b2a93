"""The form of a device: what it is, and what its entities have in common."""

from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.helpers import config_validation as cv

from ...mapping.schemas.common import (
    CONF_CONFIGURATION_URL,
    CONF_HW_VERSION,
    CONF_MANUFACTURER,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_SERIAL_NUMBER,
    CONF_SUGGESTED_AREA,
    CONF_SW_VERSION,
)
from ...selectors import TEXT
from ..fields import Field
from .common import AVAILABILITY, MESSAGES

SECTION_DETAILS: Final = "details"


def _detail(key: str, **more: Any) -> Field:
    return Field(
        key=key, selector=TEXT, section=SECTION_DETAILS, keep=str.strip, **more
    )


NAME: Final = Field(key=CONF_NAME, selector=TEXT, required=True)
"""The device's name is not in its data: it is the subentry's title."""

INFO: Final = (
    Field(key=CONF_MANUFACTURER, selector=TEXT, keep=str.strip),
    Field(key=CONF_MODEL, selector=TEXT, keep=str.strip),
    _detail(CONF_MODEL_ID),
    _detail(CONF_SERIAL_NUMBER),
    _detail(CONF_SW_VERSION),
    _detail(CONF_HW_VERSION),
    _detail(
        CONF_CONFIGURATION_URL, check=cv.configuration_url, error="invalid_device_url"
    ),
    _detail(CONF_SUGGESTED_AREA),
)
"""What is known of the device itself."""

SHARED: Final = (*AVAILABILITY, *MESSAGES)
"""What its entities use where they do not say otherwise."""
