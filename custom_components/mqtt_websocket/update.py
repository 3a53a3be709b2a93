"""Updates: which version is installed, which is the latest, and a command to install."""

from collections.abc import Iterator
from typing import Any, override

import voluptuous as vol

from homeassistant.components.update import UpdateEntity
from homeassistant.components.update.const import UpdateEntityFeature
from homeassistant.const import CONF_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import json_loads

from .const import DOMAIN
from .control import ControlEntity, Value, told_by
from .entity import Reader, StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.schemas.update import (
    CONF_DISPLAY_PRECISION,
    CONF_LATEST_VERSION_TEMPLATE,
    CONF_LATEST_VERSION_TOPIC,
    CONF_PAYLOAD_INSTALL,
    CONF_RELEASE_SUMMARY,
    CONF_RELEASE_URL,
    CONF_TITLE,
    KEYS,
    TOLD,
)
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the updates of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.UPDATE, MqttUpdate, async_add_entities
    )


class MqttUpdate(ControlEntity, UpdateEntity):
    """An update."""

    _default_name = "MQTT Update"
    _state = StateOf(
        "_attr_entity_picture",
        "_attr_in_progress",
        "_attr_installed_version",
        "_attr_latest_version",
        "_attr_release_summary",
        "_attr_release_url",
        "_attr_title",
        "_attr_update_percentage",
    )
    _meaning = told_by(KEYS)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._attr_display_precision = config[CONF_DISPLAY_PRECISION]
        self._attr_release_summary = config.get(CONF_RELEASE_SUMMARY)
        self._attr_release_url = config.get(CONF_RELEASE_URL)
        self._attr_title = config.get(CONF_TITLE)
        features = UpdateEntityFeature.PROGRESS
        if CONF_COMMAND_TOPIC in config:
            features |= UpdateEntityFeature.INSTALL
        self._attr_supported_features = features

    @override
    def _forget_state(self) -> None:
        self._attr_in_progress = False
        self._attr_installed_version = None
        self._attr_latest_version = None
        self._attr_update_percentage = None

    @property
    @override
    def entity_picture(self) -> str | None:
        """The picture that was configured or told, not that of the integration."""
        return self._attr_entity_picture

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        yield from self._reading(
            CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE, self._take_state, strict=True
        )
        yield from self._reading(
            CONF_LATEST_VERSION_TOPIC,
            CONF_LATEST_VERSION_TEMPLATE,
            self._take_latest_version,
        )

    def _take_state(self, value: Value) -> None:
        """Take the installed version, or a JSON object with whatever is known."""
        try:
            found = json_loads(value)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self._attr_installed_version = str(value)
            return
        try:
            told: dict[str, Any] = TOLD(found)
        except vol.Invalid as err:
            # Not its text, which shows the payload.
            path = ".".join(str(each) for each in err.path)
            raise PayloadError(f"its JSON is not as it should be: {path}") from err
        for key, each in told.items():
            setattr(self, f"_attr_{key}", each)
        if "update_percentage" in told and "in_progress" not in told:
            self._attr_in_progress = told["update_percentage"] is not None

    def _take_latest_version(self, value: Value) -> None:
        if isinstance(value, str):
            self._attr_latest_version = value

    # --- commands -----------------------------------------------------------------

    @override
    async def async_install(
        self, version: str | None, backup: bool, **kwargs: Any
    ) -> None:
        """Command to install. Raises a translated HomeAssistantError."""
        if (payload := self._config.get(CONF_PAYLOAD_INSTALL)) is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_payload_install",
                translation_placeholders={"entity_id": self.entity_id},
            )
        await self._command(CONF_COMMAND_TOPIC, payload)
