"""The actions of MQTT over WebSocket, one kind a module."""

from typing import Final

from homeassistant.core import HomeAssistant, SupportsResponse, callback
from homeassistant.helpers.service import async_register_admin_service

from ..const import DOMAIN
from .publish import PUBLISH_SCHEMA, async_publish
from .request import REQUEST_SCHEMA, async_request
from .retained import (
    GET_RETAINED_SCHEMA,
    REMOVE_RETAINED_SCHEMA,
    async_get_retained,
    async_remove_retained,
)

ACTIONS: Final = (
    ("publish", async_publish, PUBLISH_SCHEMA, SupportsResponse.OPTIONAL),
    ("request", async_request, REQUEST_SCHEMA, SupportsResponse.ONLY),
    ("get_retained", async_get_retained, GET_RETAINED_SCHEMA, SupportsResponse.ONLY),
    (
        "remove_retained",
        async_remove_retained,
        REMOVE_RETAINED_SCHEMA,
        SupportsResponse.OPTIONAL,
    ),
)


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions; they are there with or without a broker."""
    # As core's mqtt.publish: a topic can switch anything and tell anything, so that
    # people who may not change Home Assistant may neither write nor read them.
    # Automations may.
    for name, action, schema, response in ACTIONS:
        async_register_admin_service(hass, DOMAIN, name, action, schema, response)
