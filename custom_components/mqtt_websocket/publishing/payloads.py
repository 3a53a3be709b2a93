"""What is published of a state: topics and payloads."""

from collections.abc import Iterator, Mapping
import json
from typing import Any, Final, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.json import JSONEncoder, json_dumps
from homeassistant.helpers.template import Template

from .rule import Payload, Rule, Unavailable
from .topics import attribute_parent, is_attribute_level

_NO_STATES: Final = (STATE_UNAVAILABLE, STATE_UNKNOWN)


class Shape:
    """Makes the messages of a rule out of states."""

    def __init__(self, hass: HomeAssistant, rule: Rule) -> None:
        """Prepare for a rule's states."""
        self._rule = rule
        self._chosen = frozenset(rule.attributes)
        self._template = (
            Template(rule.payload_template, hass)
            if rule.payload is Payload.TEMPLATE
            else None
        )

    @property
    def attributes_count(self) -> bool:
        """Whether something may have to be published when only attributes changed."""
        return self._rule.payload is not Payload.STATE or self._rule.attribute_topics

    @callback
    def messages(self, state: State, topic: str) -> dict[str, str] | None:
        """Return the payloads of a state by topic; None if there is nothing to say.

        Raises TemplateError.
        """
        rule = self._rule
        if state.state in _NO_STATES and rule.unavailable is not Unavailable.PUBLISH:
            return None if rule.unavailable is Unavailable.KEEP else {topic: ""}
        if self._template is not None:
            payload = self._template.async_render(_variables(state), parse_result=False)
            if not payload:
                return None  # a template's way to say: not this one
        elif rule.payload is Payload.JSON:
            payload = to_json(
                {
                    "state": state.state,
                    "attributes": dict(self._attributes(state)),
                    "last_changed": state.last_changed.isoformat(),
                }
            )
        else:
            payload = state.state
        if not rule.attribute_topics:
            return {topic: payload}
        parent = attribute_parent(topic)
        return {
            f"{parent}{name}": to_json(value)
            for name, value in self._attributes(state)
            if is_attribute_level(name)
        } | {topic: payload}

    def _attributes(self, state: State) -> Iterator[tuple[str, Any]]:
        for name, value in state.attributes.items():
            if not self._chosen or name in self._chosen:
                yield str(name), value


def _variables(state: State) -> Mapping[str, Any]:
    return {
        "value": state.state,
        "state": state,
        "attributes": state.attributes,
        "entity_id": state.entity_id,
        "domain": state.domain,
        "object_id": state.object_id,
        "name": state.name,
        "last_changed": state.last_changed,
    }


def to_json(value: Any) -> str:
    """Return JSON, whatever integrations put into their attributes."""
    try:
        return json_dumps(value)
    except TypeError, ValueError:
        # Slower, and knows sets and times; what even that does not know is told as text.
        text = json.dumps(value, cls=_AnythingEncoder, skipkeys=True)
    if "NaN" in text or "Infinity" in text:
        # JSON has no such numbers; the other way writes null for them as well.
        text = json.dumps(json.loads(text, parse_constant=lambda _: None))
    return text


class _AnythingEncoder(JSONEncoder):
    @override
    def default(self, o: Any) -> Any:
        """Return something that can be written as JSON."""
        try:
            return super().default(o)
        except TypeError:
            return str(o)
