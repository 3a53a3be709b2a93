"""Tag scanners: a topic that says which tag was held in front of a device."""

from typing import Any, Final

from homeassistant.components.tag import TAG_DATA, async_scan_tag
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_VALUE_TEMPLATE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .broker.message import Message
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import CONF_QOS, CONF_TOPIC
from .mapping.template import TemplateScope, ValueTemplate

MAX_TAG_ID: Final = 255
"""Characters of a tag's id. It ends in the entity registry."""
MAX_TAGS: Final = 1000
"""Tags that Home Assistant knows, from when on no more are made of what is scanned:
each stays for ever, and whoever may publish on the topic can think of any number."""


class TagScanner:
    """A scanner that was announced.

    As with events, a retained message says what was, not what happens: it scans nothing.
    """

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
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._bad_payloads = bad_payloads
        self._topic: Final[str] = config[CONF_TOPIC]
        self._qos: Final[int] = config[CONF_QOS]
        self._device_id = device_id
        self._value = ValueTemplate(hass, config.get(CONF_VALUE_TEMPLATE), scope=scope)
        self._unsubscribe: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Begin to listen."""
        self._unsubscribe = self._broker.subscribe(
            self._topic, self._receive, self._qos
        )

    @callback
    def stop(self) -> None:
        """Listen no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _receive(self, message: Message) -> None:
        if message.retain:
            return
        try:
            tag_id = str(self._value.render(message, "")).strip()
            if not tag_id:
                return  # a template's way to say: no tag
            self._check(tag_id)
        except PayloadError as err:
            self._complain(message, err)
            return
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

    def _complain(self, message: Message, reason: object) -> None:
        self._bad_payloads.add(message, "a tag scanner", reason)
