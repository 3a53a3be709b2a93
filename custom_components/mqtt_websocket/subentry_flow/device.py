"""Devices that a person makes: a device, and as many entities as it has."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_NAME

from .as_text import TextSteps
from .draft import availability_twice, shared_options
from .fields import Problem, checked, entered_values, form_schema, merged, shown_values
from .forms.common import SECTION_AVAILABILITY
from .forms.device import INFO, NAME, SHARED
from .from_topics import TopicSteps


class DeviceSubentryFlow(TopicSteps, TextSteps):
    """Makes a device with its entities, or changes one.

    Nothing is stored before the last step.
    """

    # --- the ways in, and the way out -----------------------------------------------

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how to begin a device."""
        await self._load_texts()
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
        await self._load_texts()
        subentry = self._get_reconfigure_subentry()
        self._name = subentry.title
        self._data |= deepcopy(dict(subentry.data))
        return await self.async_step_menu()

    @override
    async def async_step_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to do next."""
        # First, so that it is seen without scrolling also below many entities.
        options = ["finish"] if self._entities else []
        options += ["listen", "add_entity"]
        if self._editable():
            options.append("edit_entity")
        if len(self._entities) > 1:
            options.append("remove_entities")
        options += ["device", "paste"]
        if self._entities:
            options.append("export")
        return self.async_show_menu(
            step_id="menu",
            menu_options=options,
            description_placeholders={
                "device": self._name,
                "entities": "\n".join(f"- {self._line(key)}" for key in self._entities)
                or "-",
            },
        )

    def _line(self, key: str) -> str:
        """Return an entity as a line of the menu: with its value, if that was heard."""
        value = self._value(self._entities[key])
        return f"{self._label(key)}: **{value}**" if value else self._label(key)

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Store the device."""
        return self._store(self._name, self._data)

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
        if availability_twice(data):
            return Problem(SECTION_AVAILABILITY, "availability_twice")
        for key, config in self._entities.items():
            if availability_twice({**shared_options(data), **config}):
                return Problem(
                    SECTION_AVAILABILITY,
                    "availability_conflict",
                    {"entity": self._label(key)},
                )
        self._name, self._data = values[CONF_NAME].strip(), data
        return None
