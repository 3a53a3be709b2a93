"""Diagnostics tell all that helps, and nothing that is secret."""

import json
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import ExtendedJSONEncoder

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.devices import Device
from custom_components.mqtt_websocket.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
    redacted,
)
from custom_components.mqtt_websocket.identity import home_of

from .conftest import AddEntry
from .support.devices import DEVICE, House, device, furnish
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until


def dump(diagnostics: dict[str, Any]) -> str:
    """Return diagnostics as they are downloaded."""
    return json.dumps(diagnostics, cls=ExtendedJSONEncoder)


class Secrets:
    """Unique texts, and whether one of them came out."""

    def __init__(self) -> None:
        """Start with none."""
        self.made: list[str] = []

    def __call__(self) -> str:
        """Return a new one."""
        self.made.append(f"s3cr3t{len(self.made):02}x")
        return self.made[-1]

    def found(self, text: str) -> list[str]:
        """Return those that are in a text."""
        return [each for each in self.made if each in text]


def pem(kind: str, content: str) -> str:
    """Return something that looks like PEM."""
    return f"-----BEGIN {kind}-----\n{content}\n-----END {kind}-----\n"


def secret_data(secret: Secrets) -> dict[str, Any]:
    """Return entry data with a secret in every field that may hold one."""
    return {
        "url": f"wss://{secret()}:{secret()}@example.com:8084/mqtt?token={secret()}#{secret()}",
        "username": secret(),
        "password": secret(),
        "discovery": True,
        "security": {
            "verify_ssl": True,
            "ca_certificate": pem("CERTIFICATE", secret()),
            "client_certificate": pem("CERTIFICATE", secret())
            + pem("PRIVATE KEY", secret()),
            "client_key": pem("ENCRYPTED PRIVATE KEY", secret()),
            "client_key_password": secret(),
        },
        "connection": {
            "client_id": secret(),
            "protocol": "auto",
            "keepalive": 60,
            "headers": [
                {"name": "Authorization", "value": f"Bearer {secret()}"},
                {"name": "Cookie", "value": secret()},
            ],
            "proxy": f"http://{secret()}:{secret()}@proxy.example.com:3128/?{secret()}",
        },
    }


def test_no_field_comes_out() -> None:
    """Nothing secret is left of the data; what helps is."""
    secret = Secrets()
    data = secret_data(secret)
    before = json.dumps(data)
    shown = redacted(data)
    assert secret.found(json.dumps(data)) == secret.made
    assert json.dumps(data) == before  # the entry itself is not touched
    assert secret.found(dump(shown)) == []
    assert shown["url"] == "wss://**REDACTED**@example.com:8084/mqtt?**REDACTED**"
    assert shown["connection"]["proxy"] == (
        "http://**REDACTED**@proxy.example.com:3128/?**REDACTED**"
    )
    assert shown["connection"]["headers"] == [
        {"name": "Authorization", "value": "**REDACTED**"},
        {"name": "Cookie", "value": "**REDACTED**"},
    ]
    assert shown["connection"]["keepalive"] == 60
    assert shown["security"]["verify_ssl"] is True
    assert shown["discovery"] is True


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ws://example.com", "ws://example.com"),
        ("ws://example.com/a/b", "ws://example.com/a/b"),
        # A question mark in a password ends what a parser takes for the host.
        ("ws://user:pa?ss@example.com", "**REDACTED**"),
        ("ws://[secret", "**REDACTED**"),
        ("user:secret@example.com", "**REDACTED**"),
    ],
)
def test_addresses(url: str, shown: str) -> None:
    """An address that can't be understood is not shown at all."""
    assert redacted({"url": url}) == {"url": shown}


def test_proxy_of_the_environment() -> None:
    """It is a word, and no address."""
    connection = {"proxy": "environment"}
    shown = redacted({"url": "ws://example.com", "connection": connection})
    assert shown["connection"] == connection


def broken() -> dict[str, dict[str, Any]]:
    """Return components, one of which is wrong."""
    return {
        "a": {
            "platform": "sensor",
            "name": "A",
            "state_topic": "boiler/a",
            "unit_of_measurement": "W",
        },
        "b": {"platform": "sensor"},
        "c": {
            "platform": "switch",
            "name": "C",
            "command_topic": "boiler/c/set",
            "enabled_by_default": False,
        },
    }


async def test_entry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """The broker, its devices and what went wrong are told."""
    secret = Secrets()
    data = {
        **secret_data(secret),
        "url": f"{server.ws_url}?token={secret()}",
        "connection": {"client_id": secret(), "headers": []},
    }
    hass.states.async_set("light.lamp", "on")
    rule = device({}, subentry_id="rule")
    rule["subentry_type"] = "publish_rule"
    rule["data"] = {"entities": ["light.lamp"], "topic": "out", "announce": True}
    entry = await add_entry(subentries=(device(broken()), rule), **data)
    house = House(hass, entry, peer)
    await house.quiet()
    await house.say("boiler/a", "21")
    await house.say("boiler/a", "warm")
    house.runtime.devices.set_device(
        Device(
            key="node",
            payload={
                "device": {"identifiers": ["node"], "name": "Node"},
                "origin": {"name": "test"},
                "components": {},
            },
        )
    )
    found = await async_get_config_entry_diagnostics(hass, entry)
    text = dump(found)
    assert secret.found(text) == []
    assert found["broker"]["state"] == "connected"
    assert found["broker"]["protocol"] == house.runtime.broker.protocol
    assert found["broker"]["last_error"] is None
    assert found["broker"]["server_limits"]["maximum_qos"] == 2
    assert found["broker"]["certificate_ends"] is None
    assert found["broker"]["counters"]["connections"] == 1
    assert found["bad_payloads"] == {"count": 1, "topics": {"boiler/a": 1}}
    assert found["publish_rules"] == {
        "rule": {
            "entities": {"light.lamp": "out"},
            "announced": {
                "light.lamp": f"homeassistant/device/{home_of(hass)}"
                "/light_lamp_binary_sensor/config"
            },
            "problems": {},
        }
    }
    boiler, node = found["devices"]
    assert boiler["source"] == "subentry"
    assert boiler["name"] == "Boiler"
    assert list(boiler["invalid_components"]) == ["b"]
    sensor = boiler["entities"]["a"]
    assert sensor["entity_id"] == "sensor.boiler_a"
    assert sensor["state"] == "21"
    assert sensor["config"]["state_topic"] == "boiler/a"
    switch = boiler["entities"]["c"]
    assert switch["disabled_by"] == "integration"
    assert switch["state"] is None
    assert node["source"] == "announcement"
    assert node["origin"] == {"name": "test"}

    await server.kill()
    await until(hass, lambda: not house.runtime.broker.connected)
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["broker"]["state"] == "disconnected"
    assert found["broker"]["last_error"]["key"]
    assert secret.found(dump(found)) == []


async def test_entry_that_is_not_loaded(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Diagnostics are wanted most when nothing works."""
    await server.stop()
    secret = Secrets()
    data = {
        **secret_data(secret),
        "url": f"{server.ws_url}?token={secret()}",
        "connection": {},
        "security": {},
    }
    entry = await add_entry(subentries=(device(broken()),), **data)
    registered = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "x")}
    )
    for found in (
        await async_get_config_entry_diagnostics(hass, entry),
        await async_get_device_diagnostics(hass, entry, registered),
    ):
        assert found["state"] == "setup_retry"
        assert found["reason"] == "connection_refused"
        assert found["reason_details"]["port"] == str(server.ws_port)
        assert found["subentries"][0]["data"]["components"] == broken()
        assert secret.found(dump(found)) == []


async def test_device(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A device's diagnostics are about that device alone."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        subentries=(device(broken()), device({}, subentry_id="other", title="Other")),
    )
    registered = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, DEVICE), house.entry.entry_id
    )
    assert registered is not None
    found = await async_get_device_diagnostics(hass, house.entry, registered)
    assert [each["name"] for each in found["devices"]] == ["Boiler"]
    assert found["broker"]["state"] == "connected"
    assert list(found["devices"][0]["entities"]) == ["a", "c"]
