"""The steps in which a device comes in, or goes out, as text."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_DEVICE
from homeassistant.util.uuid import random_uuid_hex

from ..const import CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX
from ..mapping.schemas.common import CONF_AVAILABILITY, CONF_AVAILABILITY_TOPIC
from ..selectors import LINES, TEXT
from .draft import DeviceDraft
from .exchange import Pasted, PasteError, discovery_message, read_pasted
from .fields import Problem

CONF_PAYLOAD: Final = "payload"
CONF_TEXT: Final = "text"
CONF_TOPIC: Final = "topic"


class TextSteps(DeviceDraft):
    """The steps for pasting and exporting."""

    async def async_step_paste(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for YAML, or for a discovery payload."""
        problem = None
        text = ""
        if user_input is not None:
            text = user_input.get(CONF_TEXT, "")
            try:
                self._take(read_pasted(text))
            except PasteError as err:
                problem = Problem(CONF_TEXT, err.key, err.placeholders)
            else:
                return await self.async_step_menu()
        marker = vol.Required(CONF_TEXT, description={"suggested_value": text})
        return self._show("paste", vol.Schema({marker: LINES}), problem)

    def _take(self, pasted: Pasted) -> None:
        """Take what was pasted into the device. Raises PasteError."""
        kinds = {CONF_AVAILABILITY, CONF_AVAILABILITY_TOPIC}
        for config in pasted.entities:
            if kinds <= {**self._data, **pasted.shared, **config}.keys():
                raise PasteError("availability_twice")
        shared = pasted.shared
        if self.source != SOURCE_RECONFIGURE and not self._entities:
            self._name = pasted.name or self._name or self._get_entry().title
            self._data[CONF_DEVICE] |= pasted.info
            self._data |= shared
            shared = {}
        # Else they had their own device, with options that those here don't have.
        for config in pasted.entities:
            self._entities[random_uuid_hex()] = {**shared, **config}

    async def async_step_export(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the device as a discovery message, to be copied."""
        if user_input is not None:
            return await self.async_step_menu()
        prefix = self._get_entry().options.get(
            CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX
        )
        topic, payload = discovery_message(self._name, self._data, prefix)
        schema = vol.Schema(
            {
                vol.Optional(CONF_TOPIC, description={"suggested_value": topic}): TEXT,
                vol.Optional(
                    CONF_PAYLOAD, description={"suggested_value": payload}
                ): LINES,
            }
        )
        return self._show("export", schema)
