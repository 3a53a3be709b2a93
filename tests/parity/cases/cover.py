"""Covers: every key of core's."""

from typing import Any

from ..case import Announce, Announced, Case, Do, Elapse, Say, Step, announce

_POSITION = {"position_topic": "it/position", "set_position_topic": "it/position/set"}
_TILT = {"tilt_command_topic": "it/tilt/set", "tilt_status_topic": "it/tilt"}


def _cover(**config: Any) -> Announced:
    return announce(
        "cover", **{"command_topic": "it/set", "state_topic": "it", **config}
    )


_SAY = tuple(
    Say("it", said)
    for said in (
        "open", "closing", "stopped", "closed", "stopped", "opening", "stopped", "None",
        "stopped", "ajar", "", "closed",
    )
)  # fmt: skip
_SAY_POSITION = tuple(
    Say("it/position", said)
    for said in (
        "50", "0", "100", "120", "-5", "33.7", "", "half", "nan", '{"position": 20}',
        '{"position": 30, "tilt_position": 40}', '{"tilt_position": 50}', "{}", "[1]",
        '{"position": "x"}', '{"position": 70, "tilt_position": "x"}', "0",
    )
)  # fmt: skip
_SAY_TILT = tuple(
    Say("it/tilt", said)
    for said in ("50", "0", "100", "101", "-1", "33.7", "", "half", "0")
)
_DO = (
    Do("open_cover"),
    Do("stop_cover"),
    Do("close_cover"),
    Do("toggle"),
    Do("toggle"),
)
_DO_POSITION = tuple(
    Do("set_cover_position", position=position) for position in (0, 1, 33, 50, 100)
)
_DO_TILT: tuple[Step, ...] = (
    Do("open_cover_tilt"),
    Do("close_cover_tilt"),
    Do("stop_cover_tilt"),
    *(
        Do("set_cover_tilt_position", tilt_position=tilt)
        for tilt in (0, 1, 33, 50, 100)
    ),
    Do("toggle_cover_tilt"),
    Do("toggle_cover_tilt"),
)
_ALL: tuple[Step, ...] = (
    *_SAY,
    *_SAY_POSITION,
    *_SAY_TILT,
    *_DO,
    *_DO_POSITION,
    *_DO_TILT,
)

CASES = [
    Case("state", _cover(), *_SAY, *_DO),
    Case("position", _cover(state_topic=..., **_POSITION), *_SAY_POSITION, *_DO, *_DO_POSITION),
    Case("position and state", _cover(**_POSITION), *_ALL),
    Case("tilt", _cover(**_TILT), *_SAY_TILT, *_DO, *_DO_TILT),
    Case("all", _cover(**_POSITION, **_TILT), *_ALL, *_SAY),
    Case("nothing told", _cover(state_topic=...), *_DO),
    Case("nothing commanded", _cover(command_topic=...), *_SAY, *_DO),
    Case("nothing", announce("cover"), *_DO),
    Case("optimistic", _cover(**_POSITION, **_TILT, optimistic=True), *_DO, *_DO_POSITION, *_DO_TILT, *_ALL),
    Case("optimistic tilt", _cover(**_TILT, tilt_optimistic=True), *_DO_TILT, *_SAY_TILT),
    Case("tilt that is not told", _cover(tilt_command_topic="it/tilt/set"), *_DO_TILT),
    Case(
        "tilt that is told with the position",
        _cover(**_POSITION, tilt_command_topic="it/tilt/set"),
        *_DO_TILT,
        *_SAY_POSITION,
        *_DO_TILT,
    ),
    Case(
        "optimistic tilt that is told with the position",
        _cover(**_POSITION, tilt_command_topic="it/tilt/set", tilt_optimistic=True),
        *_SAY_POSITION,
        *_DO_TILT,
    ),
    Case(
        "payloads",
        _cover(payload_open="1", payload_close="0", payload_stop="x", payload_stop_tilt="t", **_TILT),
        *_DO,
        *_DO_TILT,
    ),
    Case("no open", _cover(payload_open=None), *_DO),
    Case("no close", _cover(payload_close=None), *_DO),
    Case("no stop", _cover(payload_stop=None, payload_stop_tilt=None, **_TILT), *_DO, *_DO_TILT),
    Case(
        "states",
        _cover(state_open="1", state_closed="0", state_opening="+", state_closing="-", state_stopped="."),
        *(Say("it", said) for said in "1-.0.+."),
        *_SAY,
    ),
    Case(
        "equal states",
        _cover(state_open="x", state_closed="x", state_opening="y", state_closing="y", state_stopped="z"),
        *(Say("it", said) for said in "xyz"),
    ),
    Case(
        "range",
        _cover(state_topic=..., position_open=20, position_closed=10, **_POSITION),
        *(Say("it/position", said) for said in ("10", "11", "15", "20", "25", "9")),
        *_DO_POSITION,
    ),
    Case(
        "range upside down",
        _cover(state_topic=..., position_open=0, position_closed=100, **_POSITION),
        *_SAY_POSITION,
        *_DO_POSITION,
    ),
    Case(
        "range, optimistic",
        _cover(position_open=80, position_closed=20, optimistic=True, **_POSITION),
        *_DO_POSITION,
        *_DO,
    ),
    Case(
        "no range",
        _cover(state_topic=..., position_open=5, position_closed=5, **_POSITION),
        Say("it/position", "5"),
    ),
    Case(
        "range of the tilt",
        _cover(tilt_min=10, tilt_max=50, tilt_closed_value=20, tilt_opened_value=40, **_TILT),
        *(Say("it/tilt", said) for said in ("10", "20", "30", "50", "51", "9")),
        *_DO_TILT,
    ),
    Case(
        "range of the tilt upside down",
        _cover(tilt_min=100, tilt_max=0, **_TILT),
        *_SAY_TILT,
        *_DO_TILT,
    ),
    Case("no range of the tilt", _cover(tilt_min=5, tilt_max=5), refused=True),
    Case(
        "templates",
        _cover(
            value_template="{{ value_json.s }}",
            position_template=(
                '{{ {"position": value_json.p * position_open // 100, "tilt_position": tilt_max} | tojson }}'
            ),
            set_position_template=(
                "{{ value }} {{ position }} {{ position_open }} {{ position_closed }} "
                "{{ tilt_min }} {{ tilt_max }} {{ entity_id }}"
            ),
            tilt_status_template="{{ (value_json.t + tilt_min) | int }}",
            tilt_command_template=(
                "{{ value }} {{ tilt_position }} {{ position_open }} {{ position_closed }} "
                "{{ tilt_min }} {{ tilt_max }} {{ entity_id }}"
            ),
            tilt_min=10,
            tilt_max=90,
            **_POSITION,
            **_TILT,
        ),
        Say("it", {"s": "open"}),
        Say("it", {}),
        Say("it/position", {"p": 50}),
        Say("it/position", {}),
        Say("it/tilt", {"t": 30}),
        Say("it/tilt", {}),
        *_DO,
        *_DO_POSITION,
        *_DO_TILT,
    ),
    Case("class", _cover(device_class="garage"), *_SAY),
    Case("no class", _cover(device_class=None)),
    Case("no name", _cover(name=...)),
    Case("class without name", _cover(name=..., device_class="blind")),
    Case("quality of service", _cover(qos=1, retain=True), *_DO),
    Case("raw", _cover(encoding="", **_POSITION), *_SAY, *_SAY_POSITION),
    Case("encoding", _cover(encoding="latin-1", payload_open="ä"), *_DO),
    Case(
        "attributes",
        _cover(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "current_position": 5, "current_tilt_position": 5}),
        Elapse(1),
    ),
    Case("changes", _cover(), Say("it", "open", retain=True), Announce(_cover(icon="mdi:x"))),
    *(
        Case(f"{key} alone", announce("cover", **{key: value}), refused=True)
        for key, value in (
            ("set_position_topic", "a"),
            ("value_template", "{{ value }}"),
            ("position_template", "{{ value }}"),
            ("set_position_template", "{{ value }}"),
            ("tilt_command_template", "{{ value }}"),
            ("tilt_status_template", "{{ value }}"),
        )
    ),
    Case("wrong class", _cover(device_class="x"), refused=True),
    Case("wrong position", _cover(position_open="100"), refused=True),
    Case("wildcard", _cover(command_topic="a/+"), refused=True),
]  # fmt: skip
