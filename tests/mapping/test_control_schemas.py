"""The schemas of lights, covers, locks, fans, updates and climate devices are core's."""

from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from homeassistant.components.mqtt.light import (
    schema_basic,
    schema_json,
    schema_template,
)
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.mapping.schemas import (
    climate,
    cover,
    fan,
    light,
    lock,
    update,
)
from custom_components.mqtt_websocket.mapping.schemas.common import ENTITY

from .test_schemas import ANYTHING, REFUSED, SOURCES, TOPICS, _keys, assert_same

_COMMAND = {"command_topic": "a"}
_TEMPLATES = {"command_on_template": "on", "command_off_template": "off"}

PLATFORMS: dict[str, tuple[str, dict[str, Any], dict[Any, Any]]] = {
    "basic": ("light", _COMMAND, light.BASIC),
    "json": ("light", {**_COMMAND, "schema": "json"}, light.JSON),
    "template": (
        "light",
        {**_COMMAND, **_TEMPLATES, "schema": "template"},
        light.TEMPLATE,
    ),
    "cover": ("cover", {}, cover.KEYS),
    "lock": ("lock", _COMMAND, lock.KEYS),
    "fan": ("fan", _COMMAND, fan.KEYS),
    "update": ("update", {"state_topic": "a"}, update.KEYS),
    "climate": ("climate", {}, climate.KEYS),
}
"""What is to be tested: the platform, what it can't do without, its keys."""

USUAL = st.one_of(
    ANYTHING,
    st.sampled_from(
        ["ON", "None", "none", "json", "BASIC", "first", "hs", "heat", "firmware", "garage",
         "f", "^a$", "(", "0.5"]
    ),
    st.sampled_from([0.1, 0.5, 1.0, 5, 50, 100, 255]),
    st.lists(st.sampled_from(["hs", "rgb", "white", "brightness", "none", "None", "heat"])),
)  # fmt: skip


@pytest.mark.parametrize("name", PLATFORMS)
async def test_least(hass: HomeAssistant, name: str) -> None:
    """What is needed is enough; without any of it there is no entity."""
    platform, least, _ = PLATFORMS[name]
    assert assert_same(platform, least) != REFUSED
    for key in least:
        if key != "schema":
            less = {other: value for other, value in least.items() if other != key}
            assert assert_same(platform, less) == REFUSED


@pytest.mark.parametrize("name", PLATFORMS)
async def test_any(hass: HomeAssistant, name: str) -> None:
    """Any config is taken or refused as by core, and becomes the same."""
    platform, least, keys = PLATFORMS[name]
    own = sorted(str(key) for key in keys if key not in ENTITY)

    def values_of(key: str) -> st.SearchStrategy[Any]:
        if key.endswith("topic"):
            return TOPICS
        return SOURCES if key.endswith("template") else USUAL

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.sampled_from(own), min_size=1, max_size=4, unique=True).flatmap(
            lambda chosen: st.fixed_dictionaries(
                {key: values_of(key) for key in chosen}
            )
        )
    )
    def check(config: dict[str, Any]) -> None:
        assert_same(platform, {**least, **config})

    check()


async def test_keys_of_lights() -> None:
    """No key of core's is missing, and there are none of our own."""
    for ours, cores in (
        (light.BASIC, schema_basic.PLATFORM_SCHEMA_MODERN_BASIC),
        (light.JSON, schema_json.PLATFORM_SCHEMA_MODERN_JSON),
        (light.TEMPLATE, schema_template.PLATFORM_SCHEMA_MODERN_TEMPLATE),
    ):
        found: Any = cores
        assert _keys(ours) == _keys(found.schema)
