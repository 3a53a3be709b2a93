"""Which messages an automation wants: their payload, a value in it, or a template."""

import codecs
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import voluptuous as vol

from homeassistant.const import (
    CONF_ABOVE,
    CONF_BELOW,
    CONF_PAYLOAD,
    CONF_VALUE_TEMPLATE,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import TemplateError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.template import Template, result_as_boolean
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from ..broker.message import Message
from ..broker.topics import wildcards
from ..mapping.payload import DEFAULT_ENCODING, PayloadError, json_value, text
from ..mapping.template import ValueTemplate, ValueTemplateError
from ..properties import properties_as_dict
from .filter import render_limited
from .json_path import JsonPath

CONF_ENCODING: Final = "encoding"
CONF_JSON_PATH: Final = "json_path"
CONF_MATCH_TEMPLATE: Final = "match_template"


def _encoding(value: Any) -> str:
    """Validate the name of a text encoding; empty for bytes."""
    encoding = cv.string(value)
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError as err:
            raise vol.Invalid(str(err)) from err
    return encoding


def _json_path(value: Any) -> JsonPath | None:
    """Validate a path. An empty field means none, as blueprints can't leave it out."""
    if not (path := cv.string(value)):
        return None
    try:
        return JsonPath.parse(path)
    except ValueError as err:
        raise vol.Invalid(f"not a path in JSON: {err}") from err


MATCH_SCHEMA: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_PAYLOAD): cv.template,
    vol.Optional(CONF_JSON_PATH): _json_path,
    vol.Optional(CONF_VALUE_TEMPLATE): cv.template,
    vol.Optional(CONF_ABOVE): vol.Coerce(float),
    vol.Optional(CONF_BELOW): vol.Coerce(float),
    vol.Optional(CONF_MATCH_TEMPLATE): cv.template,
    vol.Optional(CONF_ENCODING, default=DEFAULT_ENCODING): _encoding,
}


def possible_match(options: dict[str, Any]) -> dict[str, Any]:
    """Validate that options agree with each other, so that some message can match."""
    if options.get(CONF_JSON_PATH) is not None and CONF_VALUE_TEMPLATE in options:
        raise vol.Invalid(
            f"use one of {CONF_JSON_PATH} and {CONF_VALUE_TEMPLATE}: each says where"
            " the value is",
            path=[CONF_JSON_PATH],
        )
    above, below = options.get(CONF_ABOVE), options.get(CONF_BELOW)
    if above is not None and below is not None and above >= below:
        raise vol.Invalid(
            f"no number is above {above:g} and below {below:g}", path=[CONF_ABOVE]
        )
    return options


class Unusable(Exception):
    """A message can't be judged. ``reason`` is a key, ``error`` says more."""

    def __init__(self, reason: str, error: object) -> None:
        """Keep both, for traces and the log."""
        super().__init__(reason)
        self.reason = reason
        self.error = str(error)


class MessageMatch:
    """Reads messages and decides about them."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: dict[str, Any],
        topic_filter: str,
        variables: Mapping[str, Any],
    ) -> None:
        """Take validated options (MATCH_SCHEMA). Raises TemplateError."""
        self._topic_filter = topic_filter
        self._variables = variables
        self._encoding: str = options[CONF_ENCODING]
        self._path: JsonPath | None = options.get(CONF_JSON_PATH)
        self._above: float | None = options.get(CONF_ABOVE)
        self._below: float | None = options.get(CONF_BELOW)
        self._template: Template | None = options.get(CONF_MATCH_TEMPLATE)
        self._value: ValueTemplate | None = None
        if (template := options.get(CONF_VALUE_TEMPLATE)) is not None:
            self._value = ValueTemplate(
                hass, template.template, encoding=self._encoding
            )
        self._wanted: str | None = None
        if (payload := options.get(CONF_PAYLOAD)) is not None:
            self._wanted = render_limited(payload, variables)

    def read(self, message: Message) -> dict[str, Any] | None:
        """Return what to tell of a message, or None if it is not wanted.

        Raises Unusable.
        """
        data: dict[str, Any] = {}
        try:
            payload: str | bytes = (
                text(message, self._encoding) if self._encoding else message.payload
            )
        except PayloadError as err:
            raise Unusable("payload_not_text", err) from err
        value: Any = payload
        if self._value is not None:
            value = data["value"] = self._from_template(message)
        elif self._path is not None:
            try:
                document = json_value(message, self._encoding)
            except PayloadError as err:
                raise Unusable("payload_not_json", err) from err
            try:
                value = data["value"] = self._path.find(document)
            except LookupError:
                return None  # messages of several kinds share many a topic
        if self._wanted is not None and not _equals(value, self._wanted):
            return None
        if not self._in_range(value):
            return None
        with suppress(PayloadError):  # without JSON there is no such variable
            data["payload_json"] = json_value(message, self._encoding)
        data |= {
            "topic": message.topic,
            "payload": payload,
            "payload_bytes": len(message.buffer),
            "qos": message.qos,
            "retain": message.retain,
            "wildcards": wildcards(self._topic_filter, message.topic),
            "properties": properties_as_dict(message.properties),
        }
        return data if self._template_agrees(value, data) else None

    def _from_template(self, message: Message) -> str | bytes:
        if TYPE_CHECKING:
            assert self._value is not None
        try:
            # Jinja's own errors, such as an undefined variable, give None.
            value = self._value.render(message, None)
        except ValueTemplateError as err:
            raise Unusable("value_template_failed", err) from err
        if value is None:
            raise Unusable("value_template_failed", "no value")
        return value

    def _in_range(self, value: Any) -> bool:
        if self._above is None and self._below is None:
            return True
        if isinstance(value, bool):
            raise Unusable("value_not_a_number", "true and false are no numbers")
        try:
            number = float(value)
        except (TypeError, ValueError) as err:
            raise Unusable("value_not_a_number", err) from err
        # Not the other way round: nan is neither above nor below anything.
        return (self._above is None or number > self._above) and (
            self._below is None or number < self._below
        )

    def _template_agrees(self, value: Any, data: dict[str, Any]) -> bool:
        if self._template is None:
            return True
        variables = {**self._variables, **data, "value": value}
        if "payload_json" in data:
            variables["value_json"] = data["payload_json"]
        try:
            return result_as_boolean(self._template.async_render(variables))
        except TemplateError as err:
            raise Unusable("match_template_failed", err) from err


def _equals(value: Any, wanted: str) -> bool:
    """Compare a value with what a person wrote, which is text."""
    match value:
        case str():
            return value == wanted
        case bytes():
            return value == wanted.encode()
        case bool():
            # YAML makes True of true.
            return wanted.strip().lower() == str(value).lower()
    try:
        parsed = json_loads(wanted)
    except JSON_DECODE_EXCEPTIONS:
        return False
    return not isinstance(parsed, bool) and bool(parsed == value)
