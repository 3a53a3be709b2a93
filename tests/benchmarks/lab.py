"""What a measurement has at hand: a broker, a publisher, a Home Assistant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import batched
import json
import sys
from typing import Any, Final, Literal

from ..support.server import HOST, MqttServer
from .child import BenchError, Child, home_assistant
from .publisher import Publisher

type Side = Literal["core", "ours"]
type Messages = list[tuple[str, bytes | str]]
type Figures = dict[str, float]
type Run = Callable[[Plan, Side, MqttServer, Publisher], Awaitable[Figures]]

MICRO: Final = 1e6
MILLI: Final = 1e3
TICK: Final = 0.002
SENSORS: Final = 1000
"""How many take turns in a stream."""

END: Final = "sensor.b_end"
_END_TOPIC: Final = "bench/end"
_ATTEMPTS: Final = 10  # the last message may be what the broker drops
_PATIENCE: Final = 20.0
_WINDOW: Final = 400_000
# Small packets one after the other: each would wait 40 ms for the last one's receipt.
_CONFIG: Final = "set_tcp_nodelay true"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured, and with which version of MQTT."""

    quick: bool = False
    protocol: Literal["5", "3.1.1"] = "5"
    profile: bool = False

    def count(self, number: int) -> int:
        """Return how many messages there are to be."""
        return max(20, number // 10) if self.quick else number

    @property
    def deadline(self) -> float:
        """Return the seconds after which a side is not waited for any more."""
        return 90 if self.quick else 400

    @property
    def many(self) -> int:
        """Return how many entities are many.

        This integration takes 9,900 announced ones, with the one that ``announce`` adds:
        Home Assistant lets it have 10,000 for a config entry, its own among them.
        """
        return 1000 if self.quick else 9899


def sensor(number: int, topic: str, template: str | None = None, qos: int = 0) -> Any:
    """Return the announcement of a sensor; ten of them share a device."""
    config = {
        "unique_id": f"b{number}",
        "default_entity_id": f"sensor.b{number}",
        "name": f"Value {number}",
        "state_topic": topic,
        "qos": qos,
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "state_class": "measurement",
        "device": {"identifiers": [f"d{number // 10}"], "name": f"D {number // 10}"},
    }
    return config if template is None else config | {"value_template": template}


def plain_sensor(number: int, topic: str, template: str | None = None) -> Any:
    """Return the announcement of a sensor whose state may be any text."""
    config = sensor(number, topic, template)
    for key in ("device_class", "unit_of_measurement", "state_class"):
        del config[key]
    return config


def _windows(messages: Messages, size: int | None) -> Iterator[Messages]:
    """Yield the messages in lots of so many bytes at most."""
    if size is None:
        yield messages
        return
    lot: Messages = []
    left = size
    for topic, payload in messages:
        left -= len(topic) + len(payload)
        if left < 0 and lot:
            yield lot
            lot, left = [], size - len(topic) - len(payload)
        lot.append((topic, payload))
    yield lot


class Lab:
    """A Home Assistant with one of the integrations, and its broker."""

    def __init__(
        self, plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> None:
        """Take what runs; ``start`` starts Home Assistant."""
        self.plan = plan
        self.side = side
        self.server = server
        self.publisher = publisher
        self.ha: Child
        self._ends = 0

    async def add_entry(self, port: int | None = None, *, tls: bool = False) -> None:
        """Set up the config entry: discovery, no birth message, all else by default."""
        server, protocol = self.server, self.plan.protocol
        data: dict[str, Any]
        options: dict[str, Any]
        if self.side == "core":
            data = {
                "broker": HOST,
                "port": port or (server.wss_port if tls else server.ws_port),
                "protocol": protocol,
                "transport": "websockets",
                "ws_path": "/",
            }
            options = {"birth_message": {}, "discovery": True}
            if tls:
                data["certificate"] = server.ca_pem
        else:
            url = server.wss_url if tls else server.ws_url
            data = {
                "url": f"ws://{HOST}:{port}/" if port else url,
                "discovery": True,
                "connection": {"protocol": protocol},
            }
            options = {"birth": {}}
            if tls:
                data["security"] = {"verify_ssl": True, "ca_certificate": server.ca_pem}
        await self.ha.call("add_entry", data, options)

    async def set_up(
        self, count: int, port: int | None = None, *, tls: bool = False
    ) -> None:
        """Set up the config entry, and return when so many sensors are subscribed."""
        await self.add_entry(port, tls=tls)
        await self.ha.call("until_entities", count + 1)
        await self.ha.call("until_subscribed")

    async def send(self, messages: Messages, *, qos: int = 0) -> None:
        """Publish as fast as the broker takes it, and return when all is handled.

        At most 400 KB at a time: Mosquitto drops what has QoS 0 and does not fit
        into the receiver's socket and its own buffers.
        """
        for some in _windows(messages, None if qos else _WINDOW):
            await self.publisher.publish(some, qos=qos)
            await self.handled(qos)

    async def measure(
        self, messages: Messages, *, qos: int = 0, tick: float = 0.0
    ) -> dict[str, float]:
        """Send, and return what that took."""
        if self.plan.profile:
            await self.ha.call("profile")
        await self.ha.call("begin", tick)
        await self.send(messages, qos=qos)
        found: dict[str, float] = await self.ha.call("end")
        if self.plan.profile:
            sys.stderr.write(await self.ha.call("profiled"))
        return found

    async def handled(self, qos: int = 0) -> None:
        """Return when all that was published before is handled."""
        self._ends += 1
        word = f"end {self._ends}"
        for _ in range(_ATTEMPTS):
            await self.publisher.publish([(_END_TOPIC, word)], qos=qos)
            if await self.ha.call("until_state", END, word, _PATIENCE):
                return
        raise BenchError("what was published did not arrive")

    async def check(self, wanted: dict[str, str]) -> None:
        """Raise BenchError if a state is another: fast and wrong is not fast."""
        states = await self.ha.call("states", "sensor.b")
        for entity_id, value in wanted.items():
            if states.get(entity_id) != value:
                found = states.get(entity_id)
                raise BenchError(f"{entity_id} is {found}, and not {value}")


async def announce(
    publisher: Publisher, sensors: Iterable[Any], *, qos: int = 0
) -> None:
    """Announce sensors, and the one that shows that all is handled."""
    end = {
        "unique_id": "b_end",
        "default_entity_id": END,
        "state_topic": _END_TOPIC,
        "qos": qos,
    }
    await publisher.publish(
        [
            (f"homeassistant/sensor/bench/{each['unique_id']}/config", json.dumps(each))
            for each in (*sensors, end)
        ],
        qos=1,
        retain=True,
    )


async def announce_together(publisher: Publisher, sensors: Iterable[Any]) -> None:
    """Announce sensors a hundred at a time, each hundred as a device.

    And the one that shows that all is handled.
    """
    await announce(publisher, [])
    devices = [
        {
            "device": {"identifiers": [f"g{number}"], "name": f"Group {number}"},
            "origin": {"name": "bench"},
            "components": {
                each["unique_id"]: {
                    "platform": "sensor",
                    **{key: value for key, value in each.items() if key != "device"},
                }
                for each in group
            },
        }
        for number, group in enumerate(batched(sensors, 100, strict=False))
    ]
    await publisher.publish(
        [
            (f"homeassistant/device/g{number}/config", json.dumps(device))
            for number, device in enumerate(devices)
        ],
        qos=1,
        retain=True,
    )


@asynccontextmanager
async def broker(
    *, tls: bool = False, persistent: bool = False
) -> AsyncIterator[tuple[MqttServer, Publisher]]:
    """Run a Mosquitto that logs little, with a publisher connected."""
    server = MqttServer(
        tls=tls, persistent=persistent, extra_config=_CONFIG, verbose=False
    )
    try:
        await server.start()
        async with Publisher(server.port) as publisher:
            yield server, publisher
    finally:
        await server.close()  # also one that was still starting


@asynccontextmanager
async def lab(
    plan: Plan,
    side: Side,
    server: MqttServer,
    publisher: Publisher,
    *,
    recorder: bool = False,
) -> AsyncIterator[Lab]:
    """Run a Home Assistant for one side."""
    made = Lab(plan, side, server, publisher)
    async with home_assistant(side, recorder=recorder) as made.ha:
        yield made


@asynccontextmanager
async def bridge(mqtt_port: int, packets: int) -> AsyncIterator[int]:
    """Run a WebSocket listener that puts so many packets into a frame; give its port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.bridge"),
        *(str(mqtt_port), str(packets)),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
