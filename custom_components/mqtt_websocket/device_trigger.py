"""Device triggers in the automation editor: what a device has announced."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.components.device_automation import DEVICE_TRIGGER_BASE_SCHEMA
from homeassistant.const import (
    CONF_DEVICE,
    CONF_DEVICE_ID,
    CONF_DOMAIN,
    CONF_PLATFORM,
    CONF_TYPE,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import TriggerActionType, TriggerInfo
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .listeners.triggers import async_get_announced_triggers
from .mapping.schemas.device_automation import CONF_SUBTYPE

TRIGGER_SCHEMA: Final = DEVICE_TRIGGER_BASE_SCHEMA.extend(
    {vol.Required(CONF_TYPE): cv.string, vol.Required(CONF_SUBTYPE): cv.string}
)


async def async_get_triggers(
    hass: HomeAssistant, device_id: str
) -> list[dict[str, Any]]:
    """Return the triggers that a device has announced."""
    return [
        {
            CONF_PLATFORM: CONF_DEVICE,
            CONF_DOMAIN: DOMAIN,
            CONF_DEVICE_ID: device_id,
            CONF_TYPE: kind,
            CONF_SUBTYPE: subtype,
        }
        for kind, subtype in async_get_announced_triggers(hass).of_device(device_id)
    ]


async def async_attach_trigger(
    hass: HomeAssistant,
    config: ConfigType,
    action: TriggerActionType,
    trigger_info: TriggerInfo,
) -> CALLBACK_TYPE:
    """Let an automation have a trigger; it need not have been announced yet."""
    return async_get_announced_triggers(hass).attach(
        config[CONF_DEVICE_ID],
        (config[CONF_TYPE], config[CONF_SUBTYPE]),
        action,
        trigger_info,
    )
