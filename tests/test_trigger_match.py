"""Which messages an automation gets: by payload, by a value in it, by a template."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.triggers.json_path import JsonPath

from .conftest import AddEntry
from .support.automation import Automate, Fired, automate_fixture, fired_fixture
from .support.peer import Peer
from .support.server import MqttServer

__all__ = ["automate_fixture", "fired_fixture"]

LAMP = {"state": "on", "battery": {"level": 12.5, "low": True}, "x.y": [1, [2, 3]]}


@pytest.mark.parametrize(
    ("options", "others", "wanted"),
    [
        # a value equals
        ({"json_path": "state", "payload": "on"}, [{"state": "off"}, {}], LAMP),
        ({"json_path": "$.battery.low", "payload": True}, [{"battery": 1}], LAMP),
        (
            {"json_path": "battery.low", "payload": "true"},
            [{"battery": {"low": 1}}, {"battery": {"low": "true "}}],
            LAMP,
        ),
        ({"json_path": "battery.level", "payload": "12.50"}, [{"battery": {}}], LAMP),
        ({"json_path": "['x.y'][1]", "payload": "[2, 3]"}, [{"x.y": [1]}], LAMP),
        ({"json_path": "n", "payload": "1"}, [{"n": True}, {"n": "x"}], {"n": 1}),
        ({"json_path": "n", "payload": "null"}, [{"n": 0}, {"n": False}], {"n": None}),
        ({"json_path": "n", "payload": "none"}, [{"n": None}], {"n": "none"}),
        ({"json_path": "$", "payload": "[1]"}, [[2], {}], [1]),
        # the path alone: it has to be there
        ({"json_path": "battery"}, [{"state": "on"}, [1], 5], LAMP),
        # numbers
        ({"above": 5}, ["5", "4.9", "-7", "nan"], "5.1"),
        ({"above": 5, "below": 6}, ["5", "6", "7"], "5.5"),
        (
            {"json_path": "battery.level", "below": 20},
            [{"battery": {"level": 20}}],
            LAMP,
        ),
        ({"json_path": "n", "above": "3"}, [{"n": "3"}], {"n": "3.5"}),
        (
            {"value_template": "{{ value_json.n * 2 }}", "above": 9},
            [{"n": 4}],
            {"n": 5},
        ),
        # templates
        (
            {"match_template": "{{ value_json.state in ('on', 'open') }}"},
            [{"state": "off"}],
            {"state": "open"},
        ),
        ({"match_template": "{{ value | int(0) is odd }}"}, ["2", "x"], "3"),
        (
            {"json_path": "battery.level", "match_template": "{{ value > 12 }}"},
            [{"battery": {"level": 1}}],
            LAMP,
        ),
        (
            {
                "match_template": "{{ wildcards[0] == 'one' and not retain and qos == 0 }}"
            },
            [],
            "x",
        ),
        ({"match_template": "{{ is_state('light.x', 'on') }}"}, [], "x"),
    ],
)
async def test_match(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    options: dict[str, Any],
    others: list[Any],
    wanted: Any,
) -> None:
    """Only messages that match trigger."""
    hass.states.async_set("light.x", "on")
    await add_entry()
    await automate("message_received", topic="a/+", **options)

    for payload in [*others, wanted]:
        await peer.publish("a/one", payload)

    trigger = await fired.next()
    if isinstance(wanted, str):
        assert trigger["payload"] == wanted
    else:
        assert trigger["payload_json"] == wanted
    assert fired.nothing


async def test_value_of_a_path(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """The value at the path is there for the actions, as what it is."""
    await add_entry()
    await automate("message_received", topic="a", json_path="battery")

    await peer.publish("a", LAMP)

    trigger = await fired.next()
    assert trigger["value"] == {"level": 12.5, "low": True}


async def test_mqtt_5_fields(
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """A message can be told by what came with it."""
    server.require_mqtt5()
    await add_entry()
    await automate(
        "message_received",
        topic="a",
        match_template="{{ properties.user_properties.sender == 'me' }}",
    )

    await peer.publish("a", "1", user_property=[("sender", "you")])
    await peer.publish("a", "2", user_property=[("sender", "me")])

    assert (await fired.next())["payload"] == "2"
    assert fired.nothing


@pytest.mark.parametrize(
    ("options", "bad", "good", "reason"),
    [
        ({"json_path": "n"}, "no JSON", {"n": 1}, "payload_not_json"),
        ({"above": 1}, "high", "2", "value_not_a_number"),
        ({"json_path": "n", "below": 2}, {"n": True}, {"n": 1}, "value_not_a_number"),
        (
            {"match_template": "{{ 1 / (value | int) > 0 }}"},
            "0",
            "1",
            "match_template_failed",
        ),
    ],
)
async def test_unusable(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, Any],
    bad: Any,
    good: Any,
    reason: str,
) -> None:
    """A message that can't be judged does not trigger; log and traces say why."""
    await add_entry()
    await automate("message_received", topic="a", **options)

    for payload in (bad, bad, good):
        await peer.publish("a", payload)

    await fired.next()
    assert fired.nothing
    assert caplog.text.count(f"did not trigger an automation ({reason})") == 1
    assert len(hass.data["trace"]["automation.test"].not_triggered) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"json_path": "a[", "field": "json_path"},
        {"json_path": "a..b", "field": "json_path"},
        {"json_path": "a", "value_template": "{{ value }}", "field": "json_path"},
        {"above": 5, "below": 5, "field": "above"},
        {"above": "high", "field": "above"},
        {"match_template": "{{", "field": "match_template"},
    ],
)
async def test_invalid_options(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, Any],
) -> None:
    """What can match nothing is refused; the error names the field."""
    await add_entry()
    field = options.pop("field")

    await automate("message_received", topic="a", **options)

    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "unavailable"
    assert f"'options.{field}'" in caplog.text


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("$", ()),
        ("a", ("a",)),
        (" $.a.b ", ("a", "b")),
        ("a[0].b[-1]", ("a", 0, "b", -1)),
        ("[1][2]", (1, 2)),
        ("['a.b'][\"c d\"].e", ("a.b", "c d", "e")),
        ("a.0", ("a", "0")),
        ("battery level.ß", ("battery level", "ß")),
    ],
)
def test_path(text: str, steps: tuple[str | int, ...]) -> None:
    """Paths are read as people write them."""
    assert JsonPath.parse(text).steps == steps


@pytest.mark.parametrize(
    "text", ["a.", "a..b", "a[", "a[b]", "a]", "a['b", "a'b'", "[0]a"]
)
def test_no_path(text: str) -> None:
    """What is no path is refused."""
    with pytest.raises(ValueError, match="can't be read"):
        JsonPath.parse(text)


@pytest.mark.parametrize(
    ("text", "document", "found"),
    [
        ("a.0", {"a": [5]}, 5),
        ("a.0", {"a": {"0": 6}}, 6),
        ("a[0]", {"a": {"0": 6}}, 6),
        ("a[-1]", {"a": [5, 7]}, 7),
    ],
)
def test_find(text: str, document: object, found: object) -> None:
    """Names and positions are not told apart where people don't."""
    assert JsonPath.parse(text).find(document) == found


@pytest.mark.parametrize(
    ("text", "document"),
    [("a", {}), ("a", []), ("[0]", []), ("a.b", {"a": "text"}), ("a", None)],
)
def test_find_nothing(text: str, document: object) -> None:
    """What is not there is not there, whatever stands in its place."""
    with pytest.raises(LookupError):
        JsonPath.parse(text).find(document)
