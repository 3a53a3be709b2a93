"""The shapes that states are published in."""

from datetime import timedelta
import json
import math
from typing import Any, override

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .conftest import AddEntry
from .support.peer import Peer
from .support.rules import change, expect, publishing, rule


async def test_json(hass: HomeAssistant, add_entry: AddEntry, topics: Peer) -> None:
    """State, attributes and time of the change go in one payload."""
    hass.states.async_set("light.a", "on", {"brightness": 1, "b": {1: [2]}})
    entry = await add_entry(subentries=[rule("light.a", topic="x", payload="json")])
    message = await topics.next()
    state = hass.states.get("light.a")
    assert state is not None
    assert json.loads(message.payload) == {
        "state": "on",
        "attributes": {"brightness": 1, "b": {"1": [2]}},
        "last_changed": state.last_changed.isoformat(),
    }

    # Of the attributes, those that are published count.
    change(hass, entry, attributes=["brightness"])
    assert json.loads((await topics.next()).payload)["attributes"] == {"brightness": 1}
    hass.states.async_set("light.a", "on", {"brightness": 1, "b": 3})
    hass.states.async_set("light.a", "on", {"brightness": 2, "b": 3})
    assert json.loads((await topics.next()).payload)["attributes"] == {"brightness": 2}
    hass.states.async_set("light.a", "on", {"brightness": 2, "b": 4})
    await topics.no_message()


async def test_json_of_anything(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Attributes that JSON does not know are told as well as possible."""

    class Strange:
        @override
        def __str__(self) -> str:
            return "strange"

    attributes: dict[str, Any] = {
        "set": {1},
        "time": dt_util.utc_from_timestamp(0),
        "delta": timedelta(seconds=1),
        "strange": Strange(),
        "missing": [math.nan, -math.inf, "NaN"],
    }
    hass.states.async_set("sensor.a", "1", attributes)
    await add_entry(subentries=[rule("sensor.a", topic="x", payload="json")])
    payload = (await topics.next()).payload
    told = json.loads(payload, parse_constant=pytest.fail)["attributes"]
    assert told["missing"] == [None, None, "NaN"]
    assert told["set"] == [1]
    assert told["time"] == "1970-01-01T00:00:00+00:00"
    assert told["strange"] == "strange"
    assert told["delta"]


async def test_template(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A template makes the payload, or nothing, or a mistake that is logged once."""
    hass.states.async_set("sensor.a", "1", {"unit": "m", "friendly_name": "A"})
    entry = await add_entry(
        subentries=[
            rule(
                "sensor.a",
                topic="x",
                payload="template",
                payload_template=(
                    "{% if value != '2' %}{{ 6 // value | int }}"
                    " {{ attributes.unit }} {{ entity_id }} {{ domain }} {{ object_id }}"
                    " {{ name }} {{ state.state }} {{ last_changed.year > 2000 }}"
                    "{% endif %}"
                ),
            )
        ]
    )
    says = "m sensor.a sensor a A"
    await expect(topics, ("x", f"6 {says} 1 True"))
    for value in ("2", "0", "00", "3"):
        hass.states.async_set("sensor.a", value, {"unit": "m", "friendly_name": "A"})
        await hass.async_block_till_done()
        while value.startswith("0") and publishing(entry).counters.failed < len(value):
            await topics.no_message(0.01)
    await expect(topics, ("x", f"2 {says} 3 True"))
    assert caplog.text.count("The payload of sensor.a") == 1
    assert publishing(entry).counters.failed == 2


async def test_statestream(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Topics and payloads are those of core's mqtt_statestream; no ghosts, though."""
    hass.states.async_set(
        "light.a", "on", {"brightness": 1, "effect": None, "mode": "x", "a/b": 1}
    )
    entry = await add_entry(
        subentries=[rule("light.a", base="ha", attribute_topics=True)]
    )
    await expect(
        topics,
        ("ha/light/a/state", "on"),
        ("ha/light/a/brightness", "1"),
        ("ha/light/a/effect", "null"),
        ("ha/light/a/mode", '"x"'),
    )
    hass.states.async_set("light.a", "on", {"brightness": 2, "effect": None})
    await expect(topics, ("ha/light/a/brightness", "2"), ("ha/light/a/mode", ""))
    change(hass, entry, attributes=["effect"])
    await expect(
        topics,
        ("ha/light/a/state", "on"),
        ("ha/light/a/effect", "null"),
        ("ha/light/a/brightness", ""),
    )
    change(hass, entry, attribute_topics=False)
    await expect(topics, ("ha/light/a/state", "on"), ("ha/light/a/effect", ""))


async def test_attributes_of_other_topics(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Where the topic ends with the entity, its attributes hang on it."""
    for name in "ab":
        hass.states.async_set(f"light.{name}", "on", {"brightness": 1})
    await add_entry(
        subentries=[
            rule(
                "light.a",
                "light.b",
                topic="{{ object_id }}",
                attribute_topics=True,
                retain=False,
                qos=0,
            )
        ]
    )
    await expect(
        topics, ("a", "on"), ("a/brightness", "1"), ("b", "on"), ("b/brightness", "1")
    )
