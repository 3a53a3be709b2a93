"""From what a broker says right now to entities: listen, pick, review."""

from collections.abc import Mapping
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_DEVICE_CLASS, CONF_NAME, CONF_PLATFORM
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util.uuid import random_uuid_hex

from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import (
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from ..mapping.suggest import Proposal, ProposedDevice
from ..selectors import BOOLEAN, TEXT
from .entities import CONF_ENTITIES, EntitySteps
from .fields import Problem
from .preview import preview, shortened

CONF_AGAIN: Final = "again"
CONF_CHANGE: Final = "change"
CONF_DEVICES: Final = "devices"
CONF_USE_AVAILABILITY: Final = "use_availability"

_SAMPLES: Final = 12
"""Of a device. A line is cut by the browser, but found by all that it holds."""
_TOPICS: Final = 4
_SAMPLE_LENGTH: Final = 24


class TopicSteps(EntitySteps):
    """The steps that make entities out of heard topics."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        super().__init__()
        self._chosen: list[ProposedDevice] = []
        self._drafts: dict[str, EntityConfig] = {}
        """The proposals that were changed before they were taken, by their keys."""
        self._drafted: str | None = None
        """The key of the proposal in a form."""
        self._reviewed: dict[str, Any] = {}
        """What the review had been told when a proposal was to be changed."""

    # --- pick ------------------------------------------------------------------------

    @override
    async def async_step_pick(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of the devices that were heard are meant."""
        problem = None
        if user_input is not None:
            if user_input.get(CONF_AGAIN):
                return await self.async_step_listen()
            self._drafts, self._drafted, self._reviewed = {}, None, {}
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
        if user_input is None:
            sure = [key for key, (_, proposal) in proposals.items() if proposal.sure]
            values: dict[str, Any] = {
                CONF_NAME: self._chosen[0].name,
                CONF_ENTITIES: sure or list(proposals),
                CONF_USE_AVAILABILITY: True,
                **self._reviewed,
            }
        else:
            values = dict(user_input)
            values[CONF_NAME] = values.get(CONF_NAME, "").strip()
            chosen = [key for key in values[CONF_ENTITIES] if key in proposals]
            if new and not values[CONF_NAME]:
                problem = Problem(CONF_NAME, "name_missing")
            elif (change := values.pop(CONF_CHANGE, None)) in proposals:
                if new:
                    self._name = values[CONF_NAME]
                self._drafted, self._reviewed = change, values
                return await self._to_form(self._stored())
            elif not chosen:
                problem = Problem(CONF_ENTITIES, "nothing_chosen")
            else:
                if new:
                    self._name = values[CONF_NAME]
                    self._data[CONF_DEVICE] |= self._chosen[0].info
                if not values.get(CONF_USE_AVAILABILITY, False):
                    shared = {}
                self._add([proposals[key] for key in chosen], shared)
                return await self.async_step_menu()
        topics = [topic for device in self._chosen for topic in device.topics]
        return self._show(
            "review",
            self._review_schema(proposals, values, new=new, shared=bool(shared)),
            problem,
            topics=", ".join(f"`{topic}`" for topic in topics[:_TOPICS])
            + (", …" if len(topics) > _TOPICS else ""),
            availability_topic=", ".join(
                dict.fromkeys(each[CONF_AVAILABILITY_TOPIC] for each in shared.values())
            ),
        )

    def _review_schema(
        self,
        proposals: dict[str, tuple[ProposedDevice, Proposal]],
        values: Mapping[str, Any],
        *,
        new: bool,
        shared: bool,
    ) -> vol.Schema:
        options = [
            SelectOptionDict(value=key, label=self._row(device, proposal))
            for key, (device, proposal) in proposals.items()
        ]
        rows: dict[Any, Any] = {}
        if new:
            name = {"suggested_value": values[CONF_NAME]}
            rows[vol.Required(CONF_NAME, description=name)] = TEXT
        rows[vol.Required(CONF_ENTITIES, default=values[CONF_ENTITIES])] = (
            SelectSelector(
                SelectSelectorConfig(
                    options=options, multiple=True, mode=SelectSelectorMode.LIST
                )
            )
        )
        if shared:
            marker = vol.Optional(
                CONF_USE_AVAILABILITY, default=values.get(CONF_USE_AVAILABILITY, True)
            )
            rows[marker] = BOOLEAN
        rows[vol.Optional(CONF_CHANGE)] = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )
        return vol.Schema(rows)

    def _row(self, device: ProposedDevice, proposal: Proposal) -> str:
        """Return a proposal as one line: what it is called, its value, what it is."""
        config = self._drafts.get(proposal.key, proposal.config)
        name = config.get(CONF_NAME) or device.name
        if len(self._chosen) > 1 and config.get(CONF_NAME) is not None:
            name = f"{device.name} {name}"
        kinds = [config[CONF_PLATFORM], config.get(CONF_DEVICE_CLASS)]
        kind = ", ".join(each.replace("_", " ") for each in kinds if each)
        payloads = self._last_heard(config.get(CONF_STATE_TOPIC))
        # Where the state is told in another way than it was heard, only that is known.
        payload = (
            proposal.payload
            if config is proposal.config
            else (payloads[-1] if payloads else proposal.payload)
        )
        return f"{name}: {preview(self.hass, config, payload)} ({kind})"

    @override
    def _stored(self) -> EntityConfig:
        if self._drafted is None:
            return super()._stored()
        _, proposal = self._proposals()[self._drafted]
        return self._drafts.get(self._drafted, proposal.config)

    @override
    async def _keep(self, config: EntityConfig) -> SubentryFlowResult:
        if self._drafted is None:
            return await super()._keep(config)
        self._drafts[self._drafted] = config
        chosen = self._reviewed[CONF_ENTITIES]
        self._reviewed[CONF_ENTITIES] = list(dict.fromkeys([*chosen, self._drafted]))
        self._drafted = None
        return await self.async_step_review()

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
            config = dict(self._drafts.get(proposal.key, proposal.config))
            name = config.get(CONF_NAME)
            if not alone and len(self._chosen) > 1:
                config[CONF_NAME] = " ".join(filter(None, (device.name, name)))
            elif not alone and name is None:
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
