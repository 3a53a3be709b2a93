"""Whatever a device says, what can be controlled stays in one piece."""

from itertools import product
import json
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)

from .conftest import AddEntry
from .support.devices import furnish
from .support.peer import Payload, Peer
from .test_climate import SENSORS, VALUES, room
from .test_cover import POSITION, TILT, flap
from .test_fan import fan
from .test_light import json_lamp, lamp, template_lamp
from .test_lock import door
from .test_update import firmware

_HUGE = "9" * 400
_TEXTS = (
    *("", " ", "0", "-1", "1", "50", "1.5", "1e400", "-1e300", "nan", "-inf", _HUGE),
    *("ON", "OFF", "None", "none", "null", "true", "[]", "{}", "[[[", "\0", "ä" * 300),
    *("1,2", "1,2,3", "0,0,0,0", "1,2,3,4,5", f"{_HUGE},{_HUGE}", "nan,inf,0", ",,,,"),
    *("heat", "heat_cool", "eco", "open", "stopped", "LOCKED", "hs", "onoff", "white"),
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**18,
    1.5e300,
    "",
    "x",
    "9" * 400,
    [],
    [1],
    {},
    {"r": 1},
)
_KEYS = (
    "brightness",
    "color_temp",
    "effect",
    "position",
    "tilt_position",
    "latest_version",
)
_MODES: tuple[Any, ...] = ("hs", "rgb", "color_temp", "nosuch", None, [], {})
_JSON: tuple[dict[str, Any], ...] = (
    *({"state": "ON", key: value} for key, value in product(_KEYS, _VALUES)),
    *(
        {"state": "ON", "color_mode": mode, "color": color, "color_temp": color}
        for mode, color in product(
            _MODES,
            (*_VALUES, dict.fromkeys("rgbcwhsxy", "9" * 400), dict.fromkeys("rgbcwhsxy", 1e300)),
        )
    ),
)  # fmt: skip
_PAYLOADS: tuple[Payload, ...] = (*_TEXTS, b"\xff\xfe", *_JSON)


async def test_any_payload(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """No payload raises out of a handler, or makes a state that is no JSON."""
    colors = ("brightness", "rgb", "rgbw", "rgbww", "hs", "xy", "color_temp", "effect")
    house = await furnish(
        hass,
        add_entry,
        peer,
        # All of them read all of it: one topic with a wildcard is each topic.
        *(
            {
                key: "any/+"
                if key.endswith("topic") and "command" not in key
                else value
                for key, value in component.items()
                if key != "set_position_topic"
            }
            for component in (
                lamp(*colors, color_mode_state_topic="x", effect_list=["x"]),
                lamp(*colors, color_temp_kelvin=True),
                json_lamp("hs", "rgb", "color_temp", effect=True),
                json_lamp(
                    "rgb", "rgbw", "rgbww", "xy", "white", color_temp_kelvin=True
                ),
                template_lamp(),
                flap(**POSITION, **TILT),
                fan(),
                door(),
                firmware(),
                room(*VALUES, **SENSORS),
                room(
                    *VALUES, modes=["heat", "heat_cool", "turbo"], temperature_unit="F"
                ),
            )
        ),
    )
    assert len(house.runtime.devices.running["device-1"].entities) == 11
    states: list[State] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            states.append(state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    for payload in _PAYLOADS:
        await peer.publish("any/topic", payload, qos=0)
    await house.quiet()
    assert house.runtime.broker.counters.handler_errors == 0
    assert house.runtime.bad_payloads.count > len(_PAYLOADS)
    assert len(states) > len(_PAYLOADS)
    for state in states:
        json.loads(state.as_dict_json)
