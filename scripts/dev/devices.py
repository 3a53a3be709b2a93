"""Simulated devices that speak MQTT the way common firmware does.

home/livingroom/climate    a sensor: plain JSON
meter/SENSOR               an energy meter: nested JSON, as Tasmota sends
relay/kitchen/...          a relay: commands, state, availability
zigbee2mqtt/...            a plug and its bridge that announce themselves to Home Assistant
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import json
import random
from typing import Any, override

import aiomqtt

HOST = "127.0.0.1"
TOPICS = (
    "home/livingroom/climate",
    "meter/SENSOR",
    "relay/kitchen/{state,set,availability}",
    "zigbee2mqtt/Desk plug",
    "homeassistant/+/+/+/config",
)
_INTERVAL = 5.0
_ORIGIN = {
    "name": "Zigbee2MQTT",
    "sw": "2.6.3",
    "url": "https://www.zigbee2mqtt.io",
}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _walk(value: float, step: float, low: float, high: float) -> float:
    """Move a value by a random step and keep it within its limits."""
    return min(high, max(low, value + random.uniform(-step, step)))


class Device:
    """A device: what it says when it comes, every few seconds, and when spoken to."""

    name: str
    commands: tuple[str, ...] = ()
    availability: tuple[str, str, str] | None = None  # topic, present, absent

    def __init__(self) -> None:
        """Know no client yet."""
        self._client: aiomqtt.Client | None = None

    async def run(self, port: int) -> None:
        """Live on the broker at this port; come back whenever it does."""
        while True:
            try:
                await self._live(port)
            except* aiomqtt.MqttError:
                await asyncio.sleep(1)

    async def _live(self, port: int) -> None:
        will = None
        if self.availability:
            topic, present, absent = self.availability
            will = aiomqtt.Will(topic, absent, qos=1, retain=True)
        async with aiomqtt.Client(
            HOST, port, identifier=f"simulated-{self.name}", will=will
        ) as self._client:
            if self.availability:
                await self.say(topic, present)
            await self.introduce()
            for command in self.commands:
                await self._client.subscribe(command, qos=1)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._measure())
                tasks.create_task(self._obey(self._client))

    async def _measure(self) -> None:
        while True:
            await self.measure()
            await asyncio.sleep(_INTERVAL)

    async def _obey(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload
            text = (
                payload.decode(errors="replace") if isinstance(payload, bytes) else ""
            )
            await self.obey(message.topic.value, text)

    async def say(self, topic: str, payload: str | dict[str, Any]) -> None:
        """Publish a retained message."""
        assert self._client is not None
        if isinstance(payload, dict):
            payload = json.dumps(payload)
        await self._client.publish(topic, payload, qos=1, retain=True)

    async def introduce(self) -> None:
        """Say what has to be said once on each connection."""

    async def measure(self) -> None:
        """Say what the world looks like now."""

    async def obey(self, topic: str, payload: str) -> None:
        """Do what a message of one of the command topics asks for."""


class Climate(Device):
    """A battery powered thermometer and hygrometer."""

    name = "climate"

    def __init__(self) -> None:
        """Begin with a pleasant room."""
        super().__init__()
        self._temperature, self._humidity = 21.3, 46.0

    @override
    async def measure(self) -> None:
        """Report all values in one flat JSON object."""
        self._temperature = _walk(self._temperature, 0.15, 17, 26)
        self._humidity = _walk(self._humidity, 0.6, 30, 70)
        report = {
            "temperature": round(self._temperature, 2),
            "humidity": round(self._humidity, 1),
            "battery": 87,
            "linkquality": random.randint(90, 140),
        }
        await self.say("home/livingroom/climate", report)


class Meter(Device):
    """An energy meter with Tasmota's telemetry."""

    name = "meter"
    availability = ("meter/LWT", "Online", "Offline")

    def __init__(self) -> None:
        """Begin with some history."""
        super().__init__()
        self._power, self._voltage, self._total = 412.0, 231.0, 1843.512

    @override
    async def measure(self) -> None:
        """Report as Tasmota does, the values nested under ENERGY."""
        self._power = _walk(self._power, 60, 40, 3200)
        self._voltage = _walk(self._voltage, 0.8, 225, 238)
        self._total += self._power * _INTERVAL / 3_600_000
        energy = {
            "TotalStartTime": "2025-01-01T00:00:00",
            "Total": round(self._total, 5),
            "Yesterday": 9.871,
            "Today": round(self._total - 1840, 5),
            "Power": round(self._power),
            "ApparentPower": round(self._power / 0.97),
            "Factor": 0.97,
            "Voltage": round(self._voltage),
            "Current": round(self._power / self._voltage, 3),
        }
        await self.say("meter/SENSOR", {"Time": _now(), "ENERGY": energy})


class Relay(Device):
    """A relay with a topic each for commands, state and availability."""

    name = "relay"
    commands = ("relay/kitchen/set",)
    availability = ("relay/kitchen/availability", "online", "offline")

    def __init__(self) -> None:
        """Begin switched off."""
        super().__init__()
        self._on = False

    @override
    async def introduce(self) -> None:
        """Report the state."""
        await self.say("relay/kitchen/state", "ON" if self._on else "OFF")

    @override
    async def obey(self, topic: str, payload: str) -> None:
        """Switch and report."""
        if payload in ("ON", "OFF", "TOGGLE"):
            self._on = not self._on if payload == "TOGGLE" else payload == "ON"
            await self.introduce()


class Plug(Device):
    """A metering plug behind Zigbee2MQTT, which announces both to Home Assistant."""

    name = "zigbee2mqtt"
    availability = (
        "zigbee2mqtt/bridge/state",
        json.dumps({"state": "online"}),
        json.dumps({"state": "offline"}),
    )
    commands = ("zigbee2mqtt/Desk plug/set", "homeassistant/status")

    _address = "0x00158d00018255df"
    _bridge = "0x00124b0024c2b3a1"
    _topic = "zigbee2mqtt/Desk plug"

    def __init__(self) -> None:
        """Begin switched on."""
        super().__init__()
        self._on, self._power, self._energy = True, 63.0, 12.41

    @override
    async def introduce(self) -> None:
        """Announce the bridge's entity, and the plug's."""
        await self._announce_bridge()
        sensor = {"state_class": "measurement", "enabled_by_default": True}
        power = {"device_class": "power", "unit_of_measurement": "W"}
        energy = {
            "device_class": "energy",
            "unit_of_measurement": "kWh",
            "state_class": "total_increasing",
        }
        switch = {
            "command_topic": f"{self._topic}/set",
            "name": None,
            "payload_off": "OFF",
            "payload_on": "ON",
            "value_template": "{{ value_json.state }}",
        }
        await self._announce("switch", "switch", switch)
        await self._announce("sensor", "power", {**sensor, **power})
        await self._announce("sensor", "energy", {**sensor, **energy})
        signal = {"unit_of_measurement": "lqi", "icon": "mdi:signal"}
        diagnostic = {"entity_category": "diagnostic", "enabled_by_default": False}
        await self._announce(
            "sensor", "linkquality", {**sensor, **signal, **diagnostic}
        )

    async def _announce_bridge(self) -> None:
        # The node is "zigbee2mqtt" in ASCII codes.
        node = f"1221051039810110150109113116116_{self._bridge}"
        await self.say(
            f"homeassistant/binary_sensor/{node}/connection_state/config",
            {
                "device": {
                    "hw_version": "zStack3x0 20230507",
                    "identifiers": [f"zigbee2mqtt_bridge_{self._bridge}"],
                    "manufacturer": "Zigbee2MQTT",
                    "model": "Bridge",
                    "name": "Zigbee2MQTT Bridge",
                    "sw_version": "2.6.3",
                },
                "device_class": "connectivity",
                "entity_category": "diagnostic",
                "name": "Connection state",
                "origin": _ORIGIN,
                "payload_off": "offline",
                "payload_on": "online",
                "state_topic": "zigbee2mqtt/bridge/state",
                "unique_id": f"bridge_{self._bridge}_connection_state_zigbee2mqtt",
                "value_template": "{{ value_json.state }}",
            },
        )

    async def _announce(self, platform: str, key: str, config: dict[str, Any]) -> None:
        await self.say(
            f"homeassistant/{platform}/{self._address}/{key}/config",
            {
                "availability": [
                    {
                        "topic": "zigbee2mqtt/bridge/state",
                        "value_template": "{{ value_json.state }}",
                    }
                ],
                "device": {
                    "identifiers": [f"zigbee2mqtt_{self._address}"],
                    "manufacturer": "Innr",
                    "model": "Smart plug",
                    "model_id": "SP 240",
                    "name": "Desk plug",
                    "via_device": f"zigbee2mqtt_bridge_{self._bridge}",
                },
                "origin": _ORIGIN,
                "state_topic": self._topic,
                "unique_id": f"{self._address}_{key}_zigbee2mqtt",
                "value_template": f"{{{{ value_json.{key} }}}}",
                **config,
            },
        )

    @override
    async def measure(self) -> None:
        """Report everything in one JSON object."""
        self._power = _walk(self._power, 4, 20, 120)
        power = self._power if self._on else 0.0
        self._energy += power * _INTERVAL / 3_600_000
        report = {
            "state": "ON" if self._on else "OFF",
            "power": round(power, 1),
            "energy": round(self._energy, 4),
            "voltage": 231,
            "current": round(power / 231, 3),
            "linkquality": random.randint(120, 200),
        }
        await self.say(self._topic, report)

    @override
    async def obey(self, topic: str, payload: str) -> None:
        """Switch as ``ON`` or ``{"state": "ON"}`` says; announce to a new Home Assistant."""
        if topic == "homeassistant/status":
            if payload == "online":
                await self.introduce()
            return
        try:
            wanted = (
                json.loads(payload)["state"] if payload.startswith("{") else payload
            )
        except ValueError, KeyError:
            return
        if wanted in ("ON", "OFF", "TOGGLE"):
            self._on = not self._on if wanted == "TOGGLE" else wanted == "ON"
            await self.measure()


DEVICES: tuple[Callable[[], Device], ...] = (Climate, Meter, Relay, Plug)


@asynccontextmanager
async def running_devices(port: int) -> AsyncIterator[None]:
    """Run all devices on the broker at this port."""
    tasks = [asyncio.create_task(device().run(port)) for device in DEVICES]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
