"""What a message costs, in calls: no clock is fair on a loaded machine, counting is."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
import json
import sys
from types import FrameType
from typing import Any

import pytest

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.broker.pipe import ClientSocket

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer
from .support.rules import remove, rule

_OURS = "custom_components/mqtt_websocket/"


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the calls of our functions, by file and name."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and _OURS in code.co_filename:
            calls[f"{code.co_filename.partition(_OURS)[2]} {code.co_name}"] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def hear(house: House, topic: str, payload: str) -> Counter[str]:
    """Let the broker's messages come to this one, and count what that takes."""
    message = Message(topic, payload.encode())
    with counted() as calls:
        house.runtime.broker._receive(message)
    return calls


def sensor(topic: str, name: str, **config: Any) -> dict[str, Any]:
    """Return a sensor with an id that follows from its name."""
    return {
        "platform": "sensor",
        "name": name,
        "default_entity_id": f"sensor.{name}",
        "state_topic": topic,
        **config,
    }


async def test_no_more_for_more_entities_and_filters(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Among hundreds of others a message costs what it costs alone."""
    few = [sensor("few/plain", "plain"), sensor("few/+/wild", "wild")]
    house = await furnish(hass, add_entry, peer, *few)
    heard = ("few/plain", "few/a/wild", "few/b/wild")
    hear(house, "few/plain", "0")
    alone = [hear(house, topic, str(n)) for n, topic in enumerate(heard, start=1)]
    many = [sensor(f"many/{n}", f"many_{n}") for n in range(100)]
    many += [sensor(f"many/+/{n}", f"wild_{n}") for n in range(100)]
    await house.change({f"c{n}": each for n, each in enumerate([*few, *many])})
    hear(house, "few/plain", "0")
    among = [hear(house, topic, str(n)) for n, topic in enumerate(heard, start=11)]
    assert house.state("sensor.plain").state == "11"
    assert house.state("sensor.wild").state == "13"
    assert among == alone
    assert sum(alone[0].values()) < 40


async def test_one_payload_is_parsed_once(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Ten readers of one message share what the first has found."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        *(
            sensor("json", f"s{n}", value_template=f"{{{{ value_json.v{n} }}}}")
            for n in range(10)
        ),
    )
    calls = hear(house, "json", json.dumps({f"v{n}": n for n in range(10)}))
    assert [house.state(f"sensor.s{n}").state for n in range(10)] == list("0123456789")
    assert calls["mapping/payload.py _parse"] == 1
    assert calls["entity.py _receive"] == 10
    assert calls["broker/topics.py match"] == 1


async def test_other_peoples_states_cost_nothing_without_rules(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Only an entry that publishes listens to all states of Home Assistant."""

    def listeners() -> int:
        return hass.bus.async_listeners().get(EVENT_STATE_CHANGED, 0)

    await add_entry()
    before = listeners()
    publishing = await add_entry(subentries=[rule("sensor.other")])
    assert listeners() == before + 1
    await peer.subscribe("#")
    hass.states.async_set("sensor.other", "1")
    message = await peer.next("homeassistant_states/sensor/other/state")
    assert message.payload == b"1"
    remove(hass, publishing)
    await hass.async_block_till_done()
    assert listeners() == before


async def test_a_large_payload_is_not_copied_for_each_piece(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The socket takes some of 5 MiB at a time; what is left then stays where it is."""
    written: list[Any] = []
    send = ClientSocket.send

    def note(sock: ClientSocket, data: bytes) -> int:
        written.append(memoryview(data).obj)
        return send(sock, data)

    monkeypatch.setattr(ClientSocket, "send", note)
    await add_entry()
    await peer.subscribe("large")
    payload = "x" * (5 * 1024 * 1024)
    await hass.services.async_call(
        "mqtt_websocket",
        "publish",
        {"topic": "large", "payload": payload},
        blocking=True,
    )
    message = await peer.next("large")
    assert message.payload == payload.encode()
    of_payload = [packet for packet in written if len(packet) > len(payload)]
    assert len(of_payload) > 1
    assert all(packet is of_payload[0] for packet in of_payload)
