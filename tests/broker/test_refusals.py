"""Answers to CONNECT, and to the upgrade, that are not what one would expect."""

import asyncio

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import probe
from tests.support.scripted import CONNACK_311, Script, until_closed, websocket_server

from .conftest import settings_for
from .test_connect import refusal

PATIENCE = 10
"""Seconds. Whoever waits for the other half of the deadline needs 30."""


def answering(answer: bytes) -> Script:
    """Answer any CONNECT like this, whatever its version."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive_bytes()
        await websocket.send_bytes(answer)
        await until_closed(websocket)

    return script


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1, errors.ProtocolUnsupported),
        (2, errors.ClientIdRejected),
        (3, errors.ServerBusy),
        (4, errors.BadCredentials),
        (5, errors.NotAuthorized),
        (6, errors.ConnackRefused),
    ],
)
async def test_refused_in_the_form_of_mqtt_311(
    http: aiohttp.ClientSession, code: int, error: type[errors.ConnectError]
) -> None:
    """A server that knows no MQTT 5 answers as it always does; its reason is found."""
    async with (
        asyncio.timeout(PATIENCE),
        websocket_server(answering(bytes([0x20, 2, 0, code]))) as url,
    ):
        found = await refusal(http, url, timeout=60)
    assert type(found) is error


async def test_accepted_in_the_form_of_mqtt_311(http: aiohttp.ClientSession) -> None:
    """It may even take the CONNECT of MQTT 5 for one of its own."""
    async with (
        asyncio.timeout(PATIENCE),
        websocket_server(answering(CONNACK_311)) as url,
    ):
        assert await probe(http, settings_for(url, timeout=60)) == "3.1.1"


async def test_refused_with_a_code_that_nobody_knows(
    http: aiohttp.ClientSession,
) -> None:
    """A code that MQTT 5 got later is a refusal as well."""
    async with (
        asyncio.timeout(PATIENCE),
        websocket_server(answering(b"\x20\x03\x00\xfe\x00")) as url,
    ):
        found = await refusal(http, url, timeout=60)
    assert type(found) is errors.ConnackRefused
    assert found.details == {"reason": "254"}


@pytest.mark.parametrize(
    "answer",
    [b"\x20\x03\x00\x05\x00", b"\x20\x03\x01\xfe\x00", b"\x20\x7f\x00\xfe\x00"],
)
async def test_connack_that_is_none(http: aiohttp.ClientSession, answer: bytes) -> None:
    """What only begins like a CONNACK refuses nothing."""
    async with websocket_server(answering(answer)) as url:
        found = await refusal(http, url, timeout=2, protocol="5")
    assert isinstance(found, errors.NotMqtt | errors.ConnackTimedOut)


async def test_no_version_is_taken(http: aiohttp.ClientSession) -> None:
    """What a server said counts, if its next answer can't be understood."""
    async with websocket_server(answering(b"\x20\x03\x00\x84\x00")) as url:
        found = await refusal(http, url)
    assert type(found) is errors.ProtocolUnsupported


async def test_a_frame_that_is_too_large_instead_of_connack(
    http: aiohttp.ClientSession,
) -> None:
    """The server did not hang up: it sent what can't be taken."""
    async with websocket_server(answering(bytes(2_000_000))) as url:
        found = await refusal(http, url, max_frame=1_000_000)
    assert type(found) is errors.InvalidHandshake


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://user:secret@other.example/mqtt", "https://other.example/mqtt"),
        ("//secret@other.example?key=secret", "//other.example"),
        ("/login#secret", "/login"),
        ("/a@b/c", "/a@b/c"),
        ("/\xe9", "/\\udce9"),
        ("", ""),
    ],
)
async def test_location_of_a_redirect(
    http: aiohttp.ClientSession, location: str, shown: str
) -> None:
    """It is shown without secrets, and in characters that can be shown."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
            b"Location: " + location.encode("latin-1") + b"\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await refusal(http, f"ws://127.0.0.1:{port}/")
    assert type(found) is errors.HttpRedirect
    assert found.details["location"] == shown
    found.details["location"].encode()
