"""Fixtures for all tests."""

from collections.abc import AsyncIterator, Awaitable, Generator, Iterable, Iterator
import faulthandler
import os
from typing import Any, Protocol

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant

from .support.peer import Peer
from .support.server import MqttServer
from .support.translations import (
    DOMAIN,
    check_translations,
    ignore_missing_translations,
)

__all__ = ["check_translations", "ignore_missing_translations"]

TEARDOWN_TIMEOUT = 60
_real_stderr = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Remember where the terminal is, before pytest captures standard error."""
    config.stash[_real_stderr] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """End the run, with a traceback, when a test's teardown hangs.

    pytest-timeout ends a test that hangs, but only once, and what the test leaves
    behind can then keep its fixtures from finishing.
    """
    faulthandler.dump_traceback_later(
        TEARDOWN_TIMEOUT, exit=True, file=item.config.stash[_real_stderr]
    )
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find what stands in custom_components.

    Where there is one: the tests of the rooms that know nothing of it are many.
    """
    if "hass" in request.fixturenames:
        if "recorder_mock" in request.fixturenames:
            request.getfixturevalue("recorder_mock")  # it has to come before hass
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which Home Assistant complained about how we use it."""
    yield
    for phase in ("setup", "call"):
        for record in caplog.get_records(phase):
            message = record.getMessage()
            if DOMAIN in message and message.startswith("Detected "):
                pytest.fail(message)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return snapshots that know Home Assistant's registries and states."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a running MQTT server; `MqttServer` makes others with other options.

    A test that makes its own asks for the fixture `socket_enabled`: connections to
    127.0.0.1 are refused without it.
    """
    async with MqttServer() as running:
        yield running


@pytest.fixture
async def peer(server: MqttServer) -> AsyncIterator[Peer]:
    """Return a client that is connected to `server`."""
    async with Peer(server) as connected:
        yield connected


@pytest.fixture
def no_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave all attempts to come back to the test: by itself, a broker waits for long."""
    monkeypatch.setattr(
        "custom_components.mqtt_websocket.broker.broker._FIRST_DELAY", 60.0
    )


@pytest.fixture
async def topics(peer: Peer) -> Peer:
    """Return a peer that hears everything."""
    await peer.subscribe("#")
    return peer


class AddEntry(Protocol):
    """Makes a config entry of ours and sets it up."""

    def __call__(
        self,
        *,
        options: dict[str, Any] | None = None,
        subentries: Iterable[ConfigSubentryData] = (),
        setup: bool = True,
        **data: Any,
    ) -> Awaitable[MockConfigEntry]:
        """Add an entry with this data; its URL is the server's if none is given.

        The entry is returned whatever became of its setup: look at its state.
        """


@pytest.fixture
async def add_entry(hass: HomeAssistant, server: MqttServer) -> AsyncIterator[AddEntry]:
    """Return a function that adds a config entry; all are unloaded after the test."""
    added: list[MockConfigEntry] = []

    async def add(
        *,
        options: dict[str, Any] | None = None,
        subentries: Iterable[ConfigSubentryData] = (),
        setup: bool = True,
        **data: Any,
    ) -> MockConfigEntry:
        url = data.setdefault("url", server.ws_url)
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=url,
            data=data,
            options=options,
            subentries_data=tuple(subentries),
        )
        entry.add_to_hass(hass)
        added.append(entry)
        if setup:
            await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
        return entry

    yield add

    for entry in added:
        # A test may have removed it, or unloaded it.
        if hass.config_entries.async_get_entry(entry.entry_id) is None:
            continue
        if entry.state in (ConfigEntryState.LOADED, ConfigEntryState.SETUP_RETRY):
            await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
