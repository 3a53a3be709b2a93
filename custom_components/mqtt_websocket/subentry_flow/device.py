"""Devices that a person makes: a device, and as many entities as it has."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import (
    CONF_DEVICE,
    CONF_NAME,
    CONF_PLATFORM,
    CONF_UNIQUE_ID,
    Platform,
)
from homeassistant.util.uuid import random_uuid_hex

from ..mapping.payload import PayloadError
from ..mapping.schemas import SHARED_OPTIONS, EntityConfig, entity_config
from ..mapping.schemas.common import (
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .as_text import TextSteps
from .fields import (
    Problem,
    checked,
    entered_values,
    explained,
    form_schema,
    merged,
    shown_values,
)
from .forms import ENTITY_FORMS
from .forms.common import SECTION_AVAILABILITY
from .forms.device import INFO, NAME, SHARED
from .forms.sensor import contradiction
from .from_topics import TopicSteps
from .preview import preview, rendered, shortened

CONF_ENTITY: Final = "entity"
CONF_ENTITIES: Final = "entities"


class DeviceSubentryFlow(TopicSteps, TextSteps):
    """Makes a device with its entities, or changes one.

    Nothing is stored before the last step.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self._edited: str | None = None
        """The key of the entity in the form, None for a new one."""
        self._doubted: tuple[Any, Any] | None = None
        """Topic and template that were complained about."""

    # --- the ways in, and the way out -----------------------------------------------

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how to begin a device."""
        return self.async_show_menu(
            step_id="user", menu_options=["listen", "write", "paste"]
        )

    async def async_step_write(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin a device with what it is."""
        return await self._device_step("write", user_input, self.async_step_add_entity)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin with a device as it is stored."""
        subentry = self._get_reconfigure_subentry()
        self._name = subentry.title
        self._data |= deepcopy(dict(subentry.data))
        return await self.async_step_menu()

    @override
    async def async_step_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to do next."""
        options = ["listen", "add_entity"]
        if self._editable():
            options.append("edit_entity")
        if len(self._entities) > 1:
            options.append("remove_entities")
        options += ["device", "paste"]
        if self._entities:
            options += ["export", "finish"]
        return self.async_show_menu(
            step_id="menu",
            menu_options=options,
            description_placeholders={
                "device": self._name,
                "entities": "\n".join(f"- {self._label(key)}" for key in self._entities)
                or "-",
            },
        )

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Store the device."""
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=self._name,
                data=self._data,
            )
        return self.async_create_entry(title=self._name, data=self._data)

    # --- the device -------------------------------------------------------------------

    async def async_step_device(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change what the device is."""
        return await self._device_step("device", user_input, self.async_step_menu)

    async def _device_step(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        proceed: Callable[[], Awaitable[SubentryFlowResult]],
    ) -> SubentryFlowResult:
        fields = (NAME, *INFO, *SHARED)
        problem = None
        if user_input is None:
            values = {
                **({CONF_NAME: self._name} if self._name else {}),
                **shown_values(INFO, self._data[CONF_DEVICE]),
                **shown_values(SHARED, self._data),
            }
        else:
            values = entered_values(fields, user_input)
            if (problem := self._set_device(values)) is None:
                return await proceed()
        return self._show(step_id, form_schema(fields, values, problem), problem)

    def _set_device(self, values: dict[str, Any]) -> Problem | None:
        """Take what was entered, or return what is wrong with it."""
        if CONF_NAME not in values:
            return Problem(CONF_NAME, "name_missing")
        info = merged(INFO, self._data[CONF_DEVICE], values)
        data = {**merged(SHARED, self._data, values), CONF_DEVICE: info}
        problem = checked(INFO, info) or checked(SHARED, data)
        if problem is not None:
            return problem
        if _availability_twice(data):
            return Problem(SECTION_AVAILABILITY, "availability_twice")
        for key, config in self._entities.items():
            if _availability_twice({**_shared(data), **config}):
                return Problem(
                    SECTION_AVAILABILITY,
                    "availability_conflict",
                    {"entity": self._label(key)},
                )
        self._name, self._data = values[CONF_NAME].strip(), data
        return None

    # --- its entities --------------------------------------------------------------

    async def async_step_add_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the platform of a new entity."""
        self._edited = None
        return self.async_show_menu(
            step_id="add_entity",
            menu_options=list(ENTITY_FORMS),
            description_placeholders={"device": self._name},
        )

    async def async_step_edit_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entity to change."""
        editable = self._editable()
        if user_input is not None:
            self._edited = user_input[CONF_ENTITY]
        elif len(editable) == 1:
            (self._edited,) = editable
        else:
            return self._show(
                "edit_entity",
                vol.Schema({vol.Required(CONF_ENTITY): self._selector(editable)}),
            )
        platform = self._entities[self._edited][CONF_PLATFORM]
        return await self._entity_step(platform, None)

    async def async_step_remove_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entities to remove."""
        problem = None
        if user_input is not None:
            chosen = set(user_input.get(CONF_ENTITIES, []))
            if chosen != set(self._entities):
                for key in chosen:
                    del self._entities[key]
                return await self.async_step_menu()
            problem = Problem(CONF_ENTITIES, "all_entities_chosen")
        return self._show(
            "remove_entities",
            vol.Schema(
                {
                    vol.Optional(CONF_ENTITIES): self._selector(
                        list(self._entities), multiple=True
                    )
                }
            ),
            problem,
        )

    async def _entity_step(
        self, platform: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show an entity's form; the platform is the step's name as well."""
        fields = ENTITY_FORMS[platform]
        stored = {} if self._edited is None else self._entities[self._edited]
        problem = None
        if user_input is None:
            values = shown_values(fields, stored)
        else:
            values = entered_values(fields, user_input)
            config = {CONF_PLATFORM: platform, **merged(fields, stored, values)}
            problem = self._entity_problem(platform, config)
            if problem is None:
                self._entities[self._edited or random_uuid_hex()] = config
                return await self.async_step_menu()
        # What the device gives to all of its entities need not be said again.
        schema = form_schema(fields, values, problem, optional=_shared(self._data))
        now = self._now({**_shared(self._data), **stored})
        return self._show(platform, schema, problem, now=now)

    def _entity_problem(self, platform: str, config: EntityConfig) -> Problem | None:
        fields = ENTITY_FORMS[platform]
        if (problem := checked(fields, config)) is not None:
            return problem
        whole = {**_shared(self._data), **config}
        if _availability_twice(whole):
            return Problem(SECTION_AVAILABILITY, "availability_twice")
        if platform == Platform.SENSOR and (problem := contradiction(whole)):
            return problem
        try:
            # The id that an entity will have is not known yet, and not in question.
            entity_config(platform, {CONF_UNIQUE_ID: "-", **whole})
        except vol.Invalid as err:
            return explained(fields, err)
        return self._heard_problem(whole)

    def _heard_problem(self, config: EntityConfig) -> Problem | None:
        """Return what a template can't do with anything heard on its topic, once.

        Who keeps it may know of messages that were not heard.
        """
        template = config.get(CONF_VALUE_TEMPLATE)
        doubted = (config.get(CONF_STATE_TOPIC), template)
        problem = None
        for payload in self._last_heard(config.get(CONF_STATE_TOPIC)):
            try:
                rendered(self.hass, config, payload)
            except PayloadError as err:
                problem = Problem(
                    CONF_VALUE_TEMPLATE,
                    "template_fails",
                    {"payload": shortened(payload, 200), "error": err.reason},
                )
            else:
                return None
        if template is None or doubted == self._doubted:
            return None
        self._doubted = doubted
        return problem

    def _now(self, config: EntityConfig) -> str:
        """Return what an entity would show now, if something was heard for it."""
        payloads = self._last_heard(config.get(CONF_STATE_TOPIC))
        if not payloads or CONF_PLATFORM not in config:
            return ""
        value = preview(self.hass, config, payloads[-1])
        # A backtick would end the code.
        payload = shortened(payloads[-1], 200).replace("`", "'")
        return f"\n\n`{payload}` → **{value}**"

    # --- what is shown -----------------------------------------------------------------

    def _editable(self) -> list[str]:
        """Return the keys of the entities that there is a form for."""
        return [
            key
            for key, config in self._entities.items()
            if config.get(CONF_PLATFORM) in ENTITY_FORMS
        ]


def _shared(data: dict[str, Any]) -> dict[str, Any]:
    """Return what a device hands down to its entities."""
    return {key: data[key] for key in SHARED_OPTIONS if key in data}


def _availability_twice(config: dict[str, Any]) -> bool:
    return CONF_AVAILABILITY in config and CONF_AVAILABILITY_TOPIC in config


def _platform_step(
    platform: str,
) -> Callable[
    [DeviceSubentryFlow, dict[str, Any] | None], Awaitable[SubentryFlowResult]
]:
    """Return the step with the form of a platform."""

    async def step(
        flow: DeviceSubentryFlow, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for an entity."""
        return await flow._entity_step(platform, user_input)  # noqa: SLF001

    return step


# A step is a method of this name; what differs between them are their forms.
for _platform in ENTITY_FORMS:
    setattr(DeviceSubentryFlow, f"async_step_{_platform}", _platform_step(_platform))
