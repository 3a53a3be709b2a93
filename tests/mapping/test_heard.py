"""Where the values of a payload end: in depth, number, length and names."""

import json
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping.heard import number, values_in
from custom_components.mqtt_websocket.mapping.template import ValueTemplate


def found(content: Any) -> list[Any]:
    """Return the values in one JSON payload."""
    return [value.value for value in values_in([json.dumps(content)])]


def nested(levels: int) -> Any:
    """Return a number below so many keys."""
    content: Any = 1
    for _ in range(levels):
        content = {"a": content}
    return content


def test_depth() -> None:
    """Eight levels are read, no ninth."""
    assert found(nested(8)) == [1]
    assert found(nested(9)) == []


def test_lists() -> None:
    """Ten items are values, eleven a series."""
    assert found([*range(10)]) == [*range(10)]
    assert found([*range(11)]) == []


def test_many() -> None:
    """Two hundred values of one topic are enough."""
    assert found({f"k{each}": each for each in range(300)}) == [*range(200)]


def test_long_texts() -> None:
    """A text that is too long for a state is no value; nor is an empty one."""
    assert found({"a": "x" * 255, "b": "x" * 256, "c": ""}) == ["x" * 255]


def test_long_numbers() -> None:
    """Forty digits are no measurement."""
    assert number("1" * 39) == float("1" * 39)
    assert number("1" * 40) is None


def test_scaled() -> None:
    """A value with what describes it is one value; with anything else, all are."""
    described = {
        "value": 4,
        "unit": "W",
        "min": 0,
        "max": 9,
        "timestamp": 1,
        "ts": 1,
        "type": "x",
        "datatype": "y",
    }
    assert [(each.value, each.unit) for each in values_in([json.dumps(described)])] == [
        (4, "W")
    ]
    assert found({"value": 4, "power": 5}) == [4, 5]


def test_lists_of_names() -> None:
    """Items are found by their names, unless one has none."""
    (named,) = values_in(['[{"name": "x", "value": 1}, {"name": "y"}]'])
    assert (named.value, named.parts) == (1, ("x",))
    assert found([{"name": "x", "value": 1}, {"value": 2}]) == ["x", 1, 2]


@pytest.mark.parametrize(
    "key",
    ["and", "in", "is", "not", "or", "if", "else", "items", "get", "a b", "1a", 'q"'],
)
async def test_keys_that_are_no_names(hass: HomeAssistant, key: str) -> None:
    """A template takes them out also where Jinja means something else by them."""
    payload = json.dumps({key: 42})
    (value,) = values_in([payload])
    template = ValueTemplate(hass, f"{{{{ {value.expression} }}}}")
    assert str(template.render(Message("a", payload.encode()))) == "42"
