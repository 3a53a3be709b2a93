"""Tag scanners: a topic that says which tag was held in front of a device."""

from typing import Any, Final, override

from homeassistant.components.tag import TAG_DATA, async_scan_tag
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_VALUE_TEMPLATE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..bad_payloads import BadPayloads
from ..broker.broker import Broker
from ..broker.message import Message
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.template import TemplateScope, ValueTemplate
from .base import Listener

MAX_TAG_ID: Final = 255
"""Characters of a tag's id. It ends in the entity registry."""
MAX_TAGS: Final = 1000
"""Tags that Home Assistant knows, from when on no more are made of what is scanned:
each stays for ever, and whoever may publish on the topic can think of any number."""


class TagScanner(Listener):
    """A scanner that was announced."""

    label = "a tag scanner"

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        broker: Broker,
        bad_payloads: BadPayloads,
        config: EntityConfig,
        device_id: str | None,
        scope: TemplateScope,
    ) -> None:
        """Take a validated config. Without a device, tags are scanned by nobody."""
        super().__init__(hass, entry, broker, bad_payloads, config)
        self._device_id = device_id
        self._value = ValueTemplate(hass, config.get(CONF_VALUE_TEMPLATE), scope=scope)

    @override
    def _take(self, message: Message) -> None:
        tag_id = str(self._value.render(message, "")).strip()
        if not tag_id:
            return  # a template's way to say: no tag
        self._check(tag_id)
        self._entry.async_create_task(
            self._hass, self._scan(message, tag_id), "mqtt_websocket tag scanned"
        )

    def _check(self, tag_id: str) -> None:
        """Raise PayloadError for an id that Home Assistant should not keep."""
        if len(tag_id) > MAX_TAG_ID:
            raise PayloadError(f"the tag's id has more than {MAX_TAG_ID} characters")
        known = self._hass.data.get(TAG_DATA)
        if (
            known is not None
            and tag_id not in known.data
            and len(known.data) >= MAX_TAGS
        ):
            raise PayloadError(
                f"the tag is unknown, and Home Assistant has {MAX_TAGS} tags already"
            )

    async def _scan(self, message: Message, tag_id: str) -> None:
        try:
            await async_scan_tag(self._hass, tag_id, self._device_id)
        except HomeAssistantError as err:
            # Without the default configuration there need not be any tags.
            self._complain(message, err)
