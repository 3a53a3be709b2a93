"""What core's templates make of a payload, and what ours do, in one form."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import logging
import re
from typing import Any, override

from homeassistant.components.mqtt import models
from homeassistant.components.mqtt.models import MqttValueTemplate, PayloadSentinel
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import TemplateError
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.template import Template

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping import template
from custom_components.mqtt_websocket.mapping.payload import PayloadError
from custom_components.mqtt_websocket.mapping.template import (
    TemplateScope,
    ValueTemplate,
    ValueTemplateError,
)

DEFAULT = "the default"

type Outcome = tuple[str, object, list[object]]
"""What happened, its value, and what Home Assistant's templates logged meanwhile."""


def _without_addresses(value: object) -> object:
    """Blank what differs between two objects: "<built-in method items … at 0x7f…>"."""
    return (
        re.sub(r"(?i)0x[0-9a-f]{8,}", "0x…", value) if isinstance(value, str) else value
    )


class _Logged(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[object] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # The line about the failure itself comes from another logger in ours, and what
        # compiling logs comes once for each text.
        if message.startswith("Template variable") and " when rendering " in message:
            self.messages.append(_without_addresses(message))


@contextmanager
def _logged() -> Iterator[list[object]]:
    logger = logging.getLogger("homeassistant.helpers.template")
    handler = _Logged()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    # Thousands of payloads, and what core and ours say of each.
    others = [logging.getLogger(name) for name in (models.__name__, template.__name__)]
    for other in others:
        other.disabled = True
    try:
        yield handler.messages
    finally:
        for other in others:
            other.disabled = False
        logger.removeHandler(handler)
        logger.propagate = propagate


def core_outcome(
    hass: HomeAssistant,
    source: str,
    payload: bytes,
    *,
    entity: Entity | None = None,
    default: bool = False,
    variables: dict[str, Any] | None = None,
    encoding: str = "utf-8",
) -> Outcome:
    """Render as core's MQTT client and entities do."""
    with _logged() as messages:
        try:
            value: Any = payload.decode(encoding) if encoding else payload
        except UnicodeDecodeError:
            return ("not decoded", None, messages)
        try:
            result: Any = MqttValueTemplate(
                Template(source, hass), entity=entity
            ).async_render_with_possible_json_value(
                value,
                PayloadSentinel.DEFAULT if default else PayloadSentinel.NONE,
                variables,
            )
        except Exception:  # noqa: BLE001 - whatever a template raises in core
            return ("failed", None, messages)
        if result is PayloadSentinel.DEFAULT:
            result = DEFAULT
        return ("rendered", _without_addresses(result), messages)


def our_outcome(
    hass: HomeAssistant,
    source: str,
    message: Message,
    *,
    entity: Entity | None = None,
    default: bool = False,
    variables: dict[str, Any] | None = None,
    encoding: str = "utf-8",
    scope: TemplateScope = TemplateScope.FULL,
) -> Outcome:
    """Render as our entities do."""
    value_template = ValueTemplate(
        hass, source, entity=entity, encoding=encoding, scope=scope
    )
    with _logged() as messages:
        try:
            if default:
                result: Any = value_template.render(message, DEFAULT, variables)
            else:
                result = value_template.render(message, variables=variables)
        except ValueTemplateError:
            return ("failed", None, messages)
        except PayloadError:
            return ("not decoded", None, messages)
        return ("rendered", _without_addresses(result), messages)


def assert_same(hass: HomeAssistant, source: str, payload: bytes) -> Outcome:
    """Assert that core's outcome is ours, with and without a default, in any scope."""
    # Compiled now: Jinja evaluates literals then, and what that logs it logs once.
    with suppress(TemplateError), _logged():
        Template(source, hass).ensure_valid()
    for default in (False, True):
        expected = core_outcome(hass, source, payload, default=default)
        message = Message("topic", payload)
        for scope in TemplateScope:
            # Twice: the second reader of a message finds it parsed already.
            for _ in range(2):
                outcome = our_outcome(
                    hass, source, message, default=default, scope=scope
                )
                assert outcome == expected, (source, payload, scope, outcome, expected)
    return expected
