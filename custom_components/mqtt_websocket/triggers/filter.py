"""The topic filter of a trigger, and the messages that come for it."""

from collections.abc import Callable
from typing import Any

import voluptuous as vol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.template import Template
from homeassistant.helpers.typing import TemplateVarsType

from ..broker.errors import InvalidTopic
from ..broker.message import MessageHandler
from ..broker.topics import validate_filter
from ..connection import broker_error
from ..runtime import MqttWebsocketConfigEntry
from .follow import BrokerFollower


def topic_filter_template(value: Any) -> Template:
    """Validate a topic filter, or a template that becomes one when it is attached."""
    template = cv.template(value)
    if template.is_static:
        try:
            validate_filter(template.template)
        except InvalidTopic as err:
            raise vol.Invalid(str(broker_error(err))) from err
    return template


def render_limited(template: Template, variables: TemplateVarsType) -> str:
    """Return what a template becomes when a trigger is attached. Raises TemplateError."""
    rendered: str = template.async_render(variables, limited=True, parse_result=False)
    return rendered


def render_filter(template: Template, variables: TemplateVarsType) -> str:
    """Return the topic filter. Raises a HomeAssistantError: it is none, or no text."""
    try:
        return validate_filter(render_limited(template, variables))
    except InvalidTopic as err:
        raise broker_error(err) from err


@callback
def listen_to_filter(
    hass: HomeAssistant,
    config_entry_id: str | None,
    topic_filter: str,
    qos: int,
    handler: Callable[[MqttWebsocketConfigEntry], MessageHandler],
) -> CALLBACK_TYPE:
    """Listen to the broker that is meant whenever it is there; return the end.

    The topic filter is a valid one. ``handler`` returns the handler of one broker's messages.
    """
    unsubscribe: CALLBACK_TYPE | None = None

    def follow(entry: MqttWebsocketConfigEntry | None) -> None:
        nonlocal unsubscribe
        if unsubscribe is not None:
            unsubscribe()
            unsubscribe = None
        if entry is not None:
            unsubscribe = entry.runtime_data.broker.subscribe(
                topic_filter, handler(entry), qos
            )

    return BrokerFollower(hass, config_entry_id, follow).start()
