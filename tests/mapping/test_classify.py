"""What a value is taken for: how keys end, what flags and times look like, units, ranges."""

import json
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping.classify import (
    Kind,
    classify,
    key_fits,
    on_off,
    place_words,
    shape_of,
    without_unit,
)
from custom_components.mqtt_websocket.mapping.heard import Value
from custom_components.mqtt_websocket.mapping.suggest import suggest
from custom_components.mqtt_websocket.mapping.suggestions import Family, Rule, Shape
from custom_components.mqtt_websocket.mapping.template import ValueTemplate


def kinds(
    payload: Any, topic: str = "home/thing", *, metric: bool = True
) -> list[Kind]:
    """Return what the values of a payload are taken for."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    (device,) = suggest({topic: [text]}, metric=metric)
    return [each.kind for each in device.candidates]


def classes(
    payload: Any, topic: str = "home/thing", *, metric: bool = True
) -> list[tuple[str | None, str | None]]:
    """Return their device classes and units."""
    return [
        (None if kind.rule is None else kind.rule.device_class, kind.unit)
        for kind in kinds(payload, topic, metric=metric)
    ]


def told(value: Any, text: str, *rules: Rule, **changes: Any) -> Kind:
    """Return what a family with these rules takes a value for."""
    units = changes.pop("units", None)
    beside = frozenset(changes.pop("beside", ()))
    family = Family(name="test", topics=(), values=rules, units=units)
    changes = {"unit": None, "neighbours": {}, "metric": True} | changes
    return classify(
        Value(path=(), value=value, payload="", beside=beside), text, family, **changes
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("power", True),
        ("active power", True),
        ("power 12", True),
        ("power l1", True),
        ("power phase a", True),
        ("power channel 2", True),
        ("power l1 2", True),
        ("power l4", False),
        ("power phase d", False),
        ("power 1 factor", False),
        ("powerful", False),
        ("empower", False),
        ("", False),
    ],
)
def test_how_a_key_ends(text: str, expected: bool) -> None:
    """Its last words count, and a number behind them says which of several."""
    assert key_fits("power|energy", text) is expected
    assert key_fits(r"relay \d", "a relay 1")
    assert not key_fits(r"relay \d", "a relay")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, ("True", "False")),
        (False, ("True", "False")),
        ("ON", ("ON", "OFF")),
        ("off", ("on", "off")),
        ("Yes", ("Yes", "No")),
        ("oN", None),
        ("1", None),
        (1, None),
        (0.0, None),
    ],
)
def test_flags(value: Any, expected: tuple[str, str] | None) -> None:
    """A flag reads as a template gives it."""
    assert on_off(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ON", Shape.FLAG),
        (False, Shape.FLAG),
        (1, Shape.NUMBER),
        ("-4.5e3", Shape.NUMBER),
        ("idle", Shape.TEXT),
        ("T", Shape.TEXT),
        ("2026-11-23T05:00:00+00:00", Shape.TIME),
        ("2026-11-23T05:00:00Z", Shape.TIME),
        ("2026-11-23 05:00:00+00:00", Shape.TEXT),
        ("2026-11-23T05:00:00", Shape.TEXT),
        ("2026-13-23T05:00:00Z", Shape.TEXT),
        (f"2026-11-23T05:00:00.{'0' * 18}Z", Shape.TIME),
        (f"2026-11-23T05:00:00.{'0' * 19}Z", Shape.TEXT),
    ],
)
def test_shapes(value: Any, expected: Shape) -> None:
    """Times need a zone; of which one, nobody could guess."""
    assert shape_of(value) is expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("outside c", "°C", "outside"),
        ("outside c", "°F", "outside c"),
        ("outside celsius", "°C", "outside"),
        ("wind km h", "km/h", "wind"),
        ("c", "°C", "c"),
        ("c outside", "°C", "c outside"),
        ("outside", None, "outside"),
    ],
)
def test_without_unit(text: str, unit: str | None, expected: str) -> None:
    """Only the value's own unit goes, and only from the end."""
    assert without_unit(text, unit) == expected


def test_words_of_a_place() -> None:
    """What has no words leaves no gap."""
    assert place_words(("ENERGY", "-", "ApparentPower")) == "energy apparent power"
    assert place_words(()) == ""


def test_which_unit_counts() -> None:
    """The device's own word, then the payload's, then what stands in the next key."""
    heard = {"temperature unit": "K"}

    def unit(text: str, *, said: str | None = None, own: str | None = None) -> Any:
        value = Value(path=(), value=5, payload="", unit=own)
        return classify(
            value, text, None, unit=said, neighbours=heard, metric=True
        ).unit

    assert unit("temperature", said="%", own="°F") == "%"
    assert unit("temperature", own="°F") == "°F"
    assert unit("temperature") == "K"
    assert unit("foo") is None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"temperature": 50, "temp_unit": "F"}, ("temperature", "°F")),
        ({"temperature": 50, "temperature_unit": "C"}, ("temperature", "°C")),
        ({"dew_point": 50, "temp_unit": "F"}, ("temperature", "°F")),
        ({"pressure": 1000, "pressure_unit": "hPa"}, ("pressure", "hPa")),
        ({"gust": 5, "speed_unit": "km/h"}, ("wind_speed", "km/h")),
        ({"temperature": 500, "speed_unit": "km/h"}, (None, None)),
        ({"temperature": 500, "my_temp_unit": "C"}, (None, None)),
    ],
)
def test_a_unit_in_the_next_key(
    payload: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    """It counts for what it is a unit of."""
    assert classes(payload)[0] == expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        # The end of a key is surely a unit, or a letter that may be one.
        ("outside_celsius", 50, ("temperature", "°C")),
        ("supply_kwh", 50, (None, "kWh")),
        ("energy_kwh", 50, ("energy", "kWh")),
        ("temperature_f", 50, ("temperature", "°F")),
        ("garden_temperature_c", 80, ("temperature", "°C")),
        ("current_a", 0.5, ("current", "A")),
        ("phase_a", 0.5, (None, None)),
        ("a", 0.5, (None, None)),
        ("celsius", 50, (None, None)),
        # A unit alone makes a class, unless the key tells a difference.
        ("outside_hpa", 50, ("pressure", "hPa")),
        ("outside_hpa_trend", 50, (None, None)),
        ("trend_hpa", 50, (None, "hPa")),
        # What the payload says counts more.
        ("outside_celsius", {"value": 50, "unit": "°F"}, ("temperature", "°F")),
        ("offset_celsius", 50, (None, "°C")),
    ],
)
def test_a_unit_in_the_key(
    key: str, value: Any, expected: tuple[str | None, str | None]
) -> None:
    """A letter is a unit only where a rule asks for it."""
    assert classes({key: value}) == [expected]


@pytest.mark.parametrize(
    ("payload", "shape", "unit"),
    [
        ({"x": "idle %"}, Shape.TEXT, None),
        ({"outside_celsius": "idle"}, Shape.TEXT, None),
        ({"outside_celsius": "ON"}, Shape.FLAG, None),
        ({"value": "idle", "unit": "°C"}, Shape.TEXT, None),
        ({"value": 5, "unit": "furlong"}, Shape.NUMBER, "furlong"),
        ({"value": 5, "unit": "degc"}, Shape.NUMBER, "°C"),
    ],
)
def test_only_numbers_have_units(payload: Any, shape: Shape, unit: str | None) -> None:
    """A text has none, whatever stands beside it."""
    (kind,) = kinds(payload)
    assert (kind.shape, kind.unit) == (shape, unit)


def test_a_unit_alone_has_a_precision() -> None:
    """And is measured."""
    ((kind),) = kinds({"outside_hpa": 1013.25})
    assert kind.rule is not None
    assert (kind.rule.precision, kind.rule.state_class) == (1, "measurement")
    assert (kind.rule.keys, kind.on_off) == ("", None)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        # Bounds are part of what may be.
        ({"humidity": 1}, [("humidity", "%")]),
        ({"humidity": 0.99}, [(None, None)]),
        ({"humidity": 100}, [("humidity", "%")]),
        ({"humidity": 100.01}, [(None, None)]),
        ({"humidity": "100"}, [("humidity", "%")]),
        # With a unit that is told, they don't count.
        ({"humidity": "0 %"}, [("humidity", "%")]),
        ({"humidity": "5 W"}, [("power", "W")]),
        # What must be whole, and what must not.
        ({"battery": 50}, [("battery", "%")]),
        ({"battery": 50.5}, [(None, None)]),
        ({"battery": "50.0"}, [(None, None)]),
        ({"current": 4.0, "voltage": 230}, [("current", "A"), ("voltage", "V")]),
        ({"current": 4.5, "voltage": 230}, [("current", "A"), ("voltage", "V")]),
        ({"current": 4, "voltage": 230}, [(None, None), ("voltage", "V")]),
        # What must stand beside it.
        ({"power": 40, "volts": 230}, [("power", "W"), ("voltage", "V")]),
        ({"power": 40, "phase_voltage": 230}, [("power", "W"), ("voltage", "V")]),
        ({"power": 40, "voltage_set": 1}, [(None, None), (None, None)]),
        ({"power": "40 W"}, [("power", "W")]),
        ({"power": 40}, [(None, None)]),
        # Numbers behind the key say which of several.
        ({"humidity": {"1": 5}}, [("humidity", "%")]),
        # A flag that a rule takes as 1 and 0, and one that it does not.
        ({"motion": 1}, [("motion", None)]),
        ({"motion": 2}, [(None, None)]),
        ({"motion": "0"}, [("motion", None)]),
        ({"motion": True}, [("motion", None)]),
        ({"smoke": 1}, [(None, None)]),
        ({"smoke": "on"}, [("smoke", None)]),
        ({"smoke": "idle"}, [(None, None)]),
    ],
)
def test_ranges(
    payload: dict[str, Any], expected: list[tuple[str | None, str | None]]
) -> None:
    """A class needs a value that can be one."""
    assert classes(payload) == expected


def test_flags_in_numbers() -> None:
    """They read as they are written."""
    assert [kind.on_off for kind in kinds({"motion": 1, "pir": "0", "n": 1})] == [
        ("1", "0"), ("1", "0"), None,
    ]  # fmt: skip
    assert [kind.on_off for kind in kinds({"motion": "off", "x": True, "y": "a"})] == [
        ("on", "off"), ("True", "False"), None,
    ]  # fmt: skip
    # A rule for a text says nothing about one of two.
    ((kind),) = kinds({"version": "on"})
    assert (kind.shape, kind.on_off) == (Shape.TEXT, None)


def test_a_text_that_looks_like_something_else() -> None:
    """Where a device describes itself, "on" may be a name; a number is no text."""
    payload = {"model": "on", "serial": 5, "fw": "1.2a", "supply": "1.2a"}
    assert [(kind.shape, kind.unit) for kind in kinds(payload)] == [
        (Shape.TEXT, None),
        (Shape.NUMBER, None),
        (Shape.TEXT, None),
        (Shape.NUMBER, "A"),
    ]


@pytest.mark.parametrize("topic", ["home/thing/version", "home/thing"])
async def test_a_version_with_a_letter(hass: HomeAssistant, topic: str) -> None:
    """It is shown as it is, not as so many amperes."""
    payload = "1.2a" if topic.endswith("version") else '{"version": "1.2a"}'
    ((proposal,),) = [each.proposals() for each in suggest({topic: [payload]})]
    assert "unit_of_measurement" not in proposal.config
    assert "device_class" not in proposal.config
    template = ValueTemplate(hass, proposal.config.get("value_template"))
    assert template.render(Message(topic, payload.encode())) == "1.2a"


def test_metric_rules() -> None:
    """Only where people use metric units, and only in a range that they live in."""
    assert classes({"garden_temperature": 20}) == [("temperature", "°C")]
    assert classes({"garden_temperature": 20}, metric=False) == [(None, None)]
    assert classes({"garden_temperature": "20 °C"}, metric=False) == [
        ("temperature", "°C")
    ]
    assert classes({"garden_temperature": 46}) == [(None, None)]


FOO = Rule(keys="foo", units=("W", "kW"), device_class="power", precision=3)


@pytest.mark.parametrize(
    ("value", "text", "rule", "changes", "expected"),
    [
        # A family's rules see the whole key, before the unit at its end is taken.
        (5, "bar kwh", Rule(keys="bar kwh", device_class="x"), {}, ("x", None)),
        (5, "bar c", Rule(keys="bar c", device_class="x"), {}, ("x", None)),
        (5, "bar kwh", Rule(keys="bar", device_class="x"), {}, ("x", "kWh")),
        # A letter is a unit only where the rule asks for that.
        (5, "foo w", FOO, {}, ("power", "W")),
        (5, "foo v", FOO, {}, (None, None)),
        (5, "foo kw", FOO, {}, ("power", "kW")),
        (5, "foo kw", Rule(keys="foo kw", units=("kW",)), {}, (None, "kW")),
        (5, "foo", FOO, {}, (None, None)),
        (5, "foo", FOO, {"unit": "W"}, ("power", "W")),
        (5, "foo", FOO, {"unit": "kW"}, ("power", "kW")),
        (5, "foo", FOO, {"unit": "mm"}, (None, "mm")),
        # What the family says of units.
        (5, "foo", FOO, {"units": {"foo": "W"}}, ("power", "W")),
        (5, "foo", FOO, {"units": {"oo": "kW", "foo": "W"}}, ("power", "W")),
        (5, "foo", FOO, {"units": {"foo": "W"}, "unit": "kW"}, ("power", "kW")),
        (5, "bar", FOO, {"units": {"foo": "W"}}, (None, None)),
        ("idle", "foo", FOO, {"units": {"foo": "W"}}, (None, None)),
        ("ON", "foo", Rule(keys="foo", shape=Shape.FLAG, device_class="x"),
         {"units": {"foo": "W"}}, ("x", None)),
        (5, "bar c", Rule(keys="bar", device_class="x"), {}, (None, None)),
        # Without units, any; with an assumed one, that.
        (5, "bar", Rule(keys="bar", device_class="x"), {"unit": "mm"}, ("x", "mm")),
        (5, "bar", Rule(keys="bar", units=("m",), assumes="m", device_class="x"), {},
         ("x", "m")),
        # One of two in numbers, by the family's own rules always.
        (1, "bar", Rule(keys="bar", shape=Shape.FLAG, device_class="x"), {},
         ("x", None)),
        ("0", "bar", Rule(keys="bar", shape=Shape.FLAG, device_class="x"), {},
         ("x", None)),
        (2, "bar", Rule(keys="bar", shape=Shape.FLAG, device_class="x"), {},
         (None, None)),
        ("idle", "bar", Rule(keys="bar", shape=Shape.FLAG, device_class="x"), {},
         (None, None)),
        # Bounds of a flag are those of nothing.
        (0, "bar",
         Rule(keys="bar", shape=Shape.FLAG, low=5, whole=False, device_class="x"), {},
         ("x", None)),
        # Exactly at the bounds.
        (5, "bar", Rule(keys="bar", low=5, device_class="x"), {}, ("x", None)),
        (4.9, "bar", Rule(keys="bar", low=5, device_class="x"), {}, (None, None)),
        (5, "bar", Rule(keys="bar", high=5, device_class="x"), {}, ("x", None)),
        (5.1, "bar", Rule(keys="bar", high=5, device_class="x"), {}, (None, None)),
        ("5.", "bar", Rule(keys="bar", whole=True, device_class="x"), {}, (None, None)),
        ("1e3", "bar", Rule(keys="bar", whole=True, device_class="x"), {}, ("x", None)),
        # Beside counts only where no unit is told.
        (5, "bar", Rule(keys="bar", beside="foo", device_class="x"), {}, (None, None)),
        (5, "bar", Rule(keys="bar", beside="foo", device_class="x"),
         {"beside": ["a foo"]}, ("x", None)),
        (5, "bar", Rule(keys="bar", beside="foo", device_class="x"),
         {"unit": "m"}, ("x", "m")),
        # A text rule takes what reads "on" only where a device describes itself.
        ("on", "bar", Rule(keys="bar", shape=Shape.TEXT, device_class="x"), {},
         (None, None)),
        ("on", "bar", Rule(keys="bar", shape=Shape.TEXT, diagnostic=True,
                           device_class="x"), {}, ("x", None)),
        (5, "bar", Rule(keys="bar", shape=Shape.TEXT, diagnostic=True,
                        device_class="x"), {}, (None, None)),
        ("on", "bar", Rule(keys="bar", diagnostic=True, device_class="x"), {},
         (None, None)),
    ],
)  # fmt: skip
def test_rules(
    value: Any,
    text: str,
    rule: Rule,
    changes: dict[str, Any],
    expected: tuple[str | None, str | None],
) -> None:
    """The first rule counts whose key, looks, unit and bounds all fit."""
    kind = told(value, text, rule, **changes)
    found = None if kind.rule is None else kind.rule.device_class
    assert (found, kind.unit) == expected


def test_own_rules_come_first() -> None:
    """What a family knows counts more than what is known in general."""
    own = Rule(keys="humidity", device_class="x")
    assert told(50, "humidity", own).rule is own
    # The reading without its unit comes before the general rules for the whole.
    general = told(50, "humidity")
    assert general.rule is not None
    assert general.rule.device_class == "humidity"
