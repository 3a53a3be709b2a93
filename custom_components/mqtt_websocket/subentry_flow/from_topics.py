"""From what a broker says right now to entities: listen, pick, review."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE, CONF_NAME, CONF_PLATFORM, UnitOfTemperature
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util.uuid import random_uuid_hex

from ..broker.broker import Broker
from ..broker.errors import BrokerError
from ..broker.topics import validate_filter
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import (
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from ..mapping.suggest import Proposal, ProposedDevice, suggest
from .draft import DeviceDraft
from .fields import Field, Problem, checked, entered_values, form_schema
from .listener import Listener
from .preview import preview, shortened
from .selectors import BOOLEAN, TEXT

CONF_AGAIN: Final = "again"
CONF_DEVICES: Final = "devices"
CONF_ENTITIES: Final = "entities"
CONF_FILTER: Final = "topic_filter"
CONF_SECONDS: Final = "seconds"
CONF_USE_AVAILABILITY: Final = "use_availability"

DEFAULT_FILTER: Final = "#"
DEFAULT_SECONDS: Final = 10
MAX_SECONDS: Final = 120

_SAMPLES: Final = 12
"""Of a device. A line is cut by the browser, but found by all that it holds."""
_TOPICS: Final = 4
_SAMPLE_LENGTH: Final = 24

_LISTEN: Final = (
    Field(
        key=CONF_FILTER,
        selector=TEXT,
        default=DEFAULT_FILTER,
        keep=str.strip,
        check=validate_filter,
    ),
    Field(
        key=CONF_SECONDS,
        selector=NumberSelector(
            NumberSelectorConfig(
                min=1,
                max=MAX_SECONDS,
                step=1,
                mode=NumberSelectorMode.SLIDER,
                unit_of_measurement="s",
            )
        ),
        default=DEFAULT_SECONDS,
    ),
)


class TopicSteps(DeviceDraft):
    """The steps that make entities out of heard topics.

    What was heard lives as long as the flow, and nowhere else.
    """

    def __init__(self) -> None:
        """Start with nothing heard."""
        super().__init__()
        self._listener = Listener()
        self._listening: asyncio.Task[None] | None = None
        self._heard_filter = ""
        self._count_shown = 0
        self._wanted: dict[str, Any] = {}
        self._found: dict[str, ProposedDevice] = {}
        self._chosen: list[ProposedDevice] = []
        self._problem: Problem | None = None

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening when the flow is closed."""
        if self._listening is not None:
            self._listening.cancel()

    # --- listen ----------------------------------------------------------------------

    async def async_step_listen(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to listen to, and for how long."""
        broker = self._running_broker()
        if broker is None:
            return self.async_abort(
                reason="not_connected",
                description_placeholders={"broker": self._get_entry().title},
            )
        # Kept until the next try: browsers ask for a step more than once.
        problem = self._problem
        values = self._wanted
        if user_input is not None:
            self._problem = None
            values = entered_values(_LISTEN, user_input)
            values.setdefault(CONF_FILTER, DEFAULT_FILTER)
            values.setdefault(CONF_SECONDS, DEFAULT_SECONDS)
            values[CONF_FILTER] = values[CONF_FILTER].strip()
            if (problem := checked(_LISTEN, values)) is None:
                self._wanted = values
                return await self.async_step_listening()
        return self._show("listen", form_schema(_LISTEN, values, problem), problem)

    def _running_broker(self) -> Broker | None:
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        broker: Broker = entry.runtime_data.broker
        return broker if broker.connected else None

    async def async_step_listening(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show how listening goes."""
        if self._listening is None:
            # The same again adds to what was heard.
            if self._heard_filter != self._wanted[CONF_FILTER]:
                self._listener = Listener()
                self._heard_filter = self._wanted[CONF_FILTER]
            self._listener.full.clear()
            self._listening = self.hass.async_create_task(
                self._listen(), "MQTT over WebSocket listens to topics"
            )
        if not self._listening.done():
            self._count_shown = len(self._listener.heard)
            return self.async_show_progress(
                step_id="listening",
                progress_action="listening",
                progress_task=self._listening,
                description_placeholders={
                    "count": str(self._count_shown),
                    "topic_filter": self._wanted[CONF_FILTER],
                    "seconds": str(int(self._wanted[CONF_SECONDS])),
                },
            )
        task, self._listening = self._listening, None
        try:
            await task
        except BrokerError as err:
            self._problem = Problem(CONF_FILTER, err.key, dict(err.details))
        except TimeoutError:
            self._problem = Problem("base", "no_answer")
        else:
            if not self._found:
                self._problem = Problem("base", "nothing_heard")
        return self.async_show_progress_done(
            next_step_id="pick" if self._problem is None else "listen"
        )

    async def _listen(self) -> None:
        broker = self._running_broker()
        self._found = {}
        if broker is None:
            return
        listener = self._listener

        def tick(progress: float) -> None:
            self.async_update_progress(progress)
            # The text has the number of topics: the browser asks for it again, once it
            # listens to such events.
            if len(listener.heard) != self._count_shown:
                self.async_notify_flow_changed()

        await listener.listen(
            broker, self._wanted[CONF_FILTER], self._wanted[CONF_SECONDS], tick
        )
        metric = self.hass.config.units.temperature_unit == UnitOfTemperature.CELSIUS
        found = await self.hass.async_add_executor_job(
            lambda: suggest(listener.heard, metric=metric)
        )
        self._found = {device.key: device for device in found}

    def _last_heard(self, topic: Any) -> list[str]:
        """Return the last payloads of a topic, the very last one at the end."""
        return self._listener.heard.get(topic, [])

    # --- pick ------------------------------------------------------------------------

    async def async_step_pick(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of the devices that were heard are meant."""
        problem = None
        if user_input is not None:
            if user_input.get(CONF_AGAIN):
                return await self.async_step_listen()
            chosen = user_input.get(CONF_DEVICES, [])
            self._chosen = [self._found[key] for key in chosen if key in self._found]
            if self._proposals():
                return await self.async_step_review()
            problem = Problem(
                CONF_DEVICES, "nothing_new" if self._chosen else "nothing_chosen"
            )
        options = [
            SelectOptionDict(value=key, label=_summary(device))
            for key, device in self._found.items()
        ]
        schema = vol.Schema(
            {
                vol.Optional(CONF_DEVICES): SelectSelector(
                    SelectSelectorConfig(
                        options=options,
                        multiple=True,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                vol.Optional(CONF_AGAIN, default=False): BOOLEAN,
            }
        )
        return self._show(
            "pick",
            schema,
            problem,
            count=str(len(self._listener.heard)),
            devices=str(len(options)),
        )

    # --- review ------------------------------------------------------------------------

    def _proposals(self) -> dict[str, tuple[ProposedDevice, Proposal]]:
        """Return what is proposed of the chosen devices, and is not there yet."""
        there = {
            (config.get(CONF_STATE_TOPIC), config.get(CONF_VALUE_TEMPLATE))
            for config in self._entities.values()
        }
        return {
            proposal.key: (device, proposal)
            for device in self._chosen
            for proposal in device.proposals()
            if (
                proposal.config.get(CONF_STATE_TOPIC),
                proposal.config.get(CONF_VALUE_TEMPLATE),
            )
            not in there
        }

    async def async_step_review(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what would be made, each with its value, and ask for what is wanted."""
        proposals = self._proposals()
        shared = self._offered_availability()
        new = self.source != SOURCE_RECONFIGURE and not self._entities
        problem = None
        name = self._chosen[0].name
        keys = [key for key, (_, proposal) in proposals.items() if proposal.sure]
        chosen: list[str] = keys or list(proposals)
        if user_input is not None:
            name = user_input.get(CONF_NAME, "").strip()
            chosen = [key for key in user_input[CONF_ENTITIES] if key in proposals]
            if new and not name:
                problem = Problem(CONF_NAME, "name_missing")
            elif not chosen:
                problem = Problem(CONF_ENTITIES, "nothing_chosen")
            else:
                if new:
                    self._name = name
                    self._data[CONF_DEVICE] |= self._chosen[0].info
                if not user_input.get(CONF_USE_AVAILABILITY, False):
                    shared = {}
                self._add([proposals[key] for key in chosen], shared)
                return await self.async_step_menu()
        rows: dict[Any, Any] = {}
        if new:
            rows[vol.Required(CONF_NAME, description={"suggested_value": name})] = TEXT
        rows[vol.Required(CONF_ENTITIES, default=chosen)] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=key, label=self._row(device, proposal))
                    for key, (device, proposal) in proposals.items()
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
        if shared:
            rows[vol.Optional(CONF_USE_AVAILABILITY, default=True)] = BOOLEAN
        topics = [topic for device in self._chosen for topic in device.topics]
        return self._show(
            "review",
            vol.Schema(rows),
            problem,
            topics=", ".join(f"`{topic}`" for topic in topics[:_TOPICS])
            + (", …" if len(topics) > _TOPICS else ""),
            availability_topic=", ".join(
                dict.fromkeys(each[CONF_AVAILABILITY_TOPIC] for each in shared.values())
            ),
        )

    def _row(self, device: ProposedDevice, proposal: Proposal) -> str:
        """Return a proposal as one line: what it is called, what it is, and its value."""
        config = proposal.config
        name = config[CONF_NAME] or device.name
        if len(self._chosen) > 1 and config[CONF_NAME] is not None:
            name = f"{device.name} {name}"
        platform = config[CONF_PLATFORM].replace("_", " ")
        value = preview(self.hass, config, proposal.payload)
        return f"{name}: {value} ({platform})"

    def _offered_availability(self) -> dict[str, Mapping[str, str]]:
        """Return how the chosen devices tell that they are there, by their keys."""
        if {CONF_AVAILABILITY, CONF_AVAILABILITY_TOPIC} & self._data.keys():
            return {}
        return {device.key: device.shared for device in self._chosen if device.shared}

    def _add(
        self,
        proposals: list[tuple[ProposedDevice, Proposal]],
        shared: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Take proposals over into the device."""
        alone = len(self._chosen) == 1 and not self._entities
        for device, proposal in proposals:
            config: EntityConfig = dict(proposal.config)
            if not alone and len(self._chosen) > 1:
                config[CONF_NAME] = " ".join(
                    filter(None, (device.name, config[CONF_NAME]))
                )
            elif not alone and config[CONF_NAME] is None:
                config[CONF_NAME] = device.name
            if alone:
                self._data |= shared.get(device.key, {})
            else:
                config |= shared.get(device.key, {})
            self._entities[random_uuid_hex()] = config


def _summary(device: ProposedDevice) -> str:
    """Return a device as one line: its name, a topic and values, to be searched."""
    samples = device.samples
    shown = ", ".join(
        f"{name} {shortened(value, _SAMPLE_LENGTH)}"
        for name, value in samples[:_SAMPLES]
    )
    more = ", …" if len(samples) > _SAMPLES else ""
    return f"{device.name} ({device.topics[0]}): {shown}{more}"
