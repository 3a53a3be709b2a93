"""The triggers that automations can use."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import Trigger

from .triggers.connection import BrokerConnectedTrigger, BrokerDisconnectedTrigger
from .triggers.message import MessageReceivedTrigger
from .triggers.silence import TopicSilentTrigger

TRIGGERS: dict[str, type[Trigger]] = {
    "message_received": MessageReceivedTrigger,
    "topic_silent": TopicSilentTrigger,
    "broker_connected": BrokerConnectedTrigger,
    "broker_disconnected": BrokerDisconnectedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their names."""
    return TRIGGERS
