"""The condition, as automations check it."""

import asyncio
from typing import Any

import pytest
import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.server import MqttServer

CONDITION = f"{DOMAIN}.broker_is_connected"


async def check(hass: HomeAssistant, **options: Any) -> condition.ConditionChecker:
    """Return the condition, validated and set up."""
    config: dict[str, Any] = {"condition": CONDITION}
    if options:
        config["options"] = options
    config = await condition.async_validate_condition_config(hass, config)
    return await condition.async_from_config(hass, config)


async def test_connected(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """The condition knows the connection at every moment, and tells its changes."""
    assert await async_setup_component(hass, "homeassistant", {})
    checker = await check(hass)
    assert checker.async_check() is False
    changed = asyncio.Event()
    stop = await checker.async_track_changes(changed.set)
    assert not checker.needs_polling

    async def change() -> bool | None:
        async with asyncio.timeout(15):
            await changed.wait()
        changed.clear()
        return checker.async_check()

    entry = await add_entry()
    assert await change() is True
    named = await check(hass, config_entry_id=entry.entry_id)
    assert named.async_check() is True

    await server.stop()
    assert await change() is False

    await server.start()
    assert await change() is True

    await hass.config_entries.async_unload(entry.entry_id)
    assert await change() is False
    assert named.async_check() is False

    stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert checker.async_check() is True
    assert not changed.is_set()


async def test_which_broker(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """With several brokers one has to be chosen, also when the second comes later."""
    assert await async_setup_component(hass, "homeassistant", {})
    entry = await add_entry()
    checker = await check(hass)

    await add_entry(url=f"{server.ws_url}?second")

    assert checker.async_check() is False
    with pytest.raises(vol.Invalid):
        await check(hass)
    with pytest.raises(vol.Invalid):
        await check(hass, config_entry_id="gone")
    assert (await check(hass, config_entry_id=entry.entry_id)).async_check() is True


async def test_description(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """The editor knows the condition and its option."""
    assert await async_setup_component(hass, "homeassistant", {})
    await check(hass)

    descriptions = await condition.async_get_all_descriptions(hass)

    description = descriptions[CONDITION]
    assert description is not None
    assert description["fields"].keys() == {"config_entry_id"}
    texts = await async_get_translations(hass, "en", "conditions", [DOMAIN])
    prefix = f"component.{DOMAIN}.conditions.broker_is_connected"
    for place in ("", ".fields.config_entry_id"):
        assert texts[f"{prefix}{place}.name"]
        assert texts[f"{prefix}{place}.description"]
