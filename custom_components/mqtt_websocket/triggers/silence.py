"""The trigger on topics that have become silent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

import voluptuous as vol

from homeassistant.const import CONF_FOR, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.trigger import (
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)
from homeassistant.util import dt as dt_util

from ..broker.message import Message
from ..const import ATTR_CONFIG_ENTRY_ID
from ..properties import binary_as_text
from ..runtime import MqttWebsocketConfigEntry
from .base import BrokerTrigger
from .filter import render_filter, topic_filter_template
from .follow import BrokerFollower

CONF_TOPIC: Final = "topic"
CONF_EACH_TOPIC: Final = "each_topic"

_MAX_TOPICS: Final = 1000
"""How many topics are watched by themselves: anybody can make up more."""

_CONFIG_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS): {
            vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
            vol.Required(CONF_TOPIC): topic_filter_template,
            vol.Required(CONF_FOR): vol.All(
                cv.positive_time_period, vol.Range(min=timedelta(milliseconds=1))
            ),
            vol.Optional(CONF_EACH_TOPIC, default=False): cv.boolean,
        }
    }
)


class TopicSilentTrigger(BrokerTrigger):
    """Fires when no message came for a time, once for each silence.

    What is retained is no sign of life. While the broker is away nothing can come: the
    time begins again with the connection.
    """

    _schema = _CONFIG_SCHEMA

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Watch for as long as the trigger is attached."""
        watch = _Watch(
            self._hass,
            render_filter(self._options[CONF_TOPIC], self._variables),
            self._options[CONF_FOR],
            run_action,
            each_topic=self._options[CONF_EACH_TOPIC],
        )
        return BrokerFollower(self._hass, self._config_entry_id, watch.follow).start()


class _Silence:
    """Waits for one silence: that of a topic, or of all that match the filter."""

    def __init__(
        self,
        hass: HomeAssistant,
        topic: str,
        duration: timedelta,
        fell_silent: Callable[[_Silence], None],
    ) -> None:
        """``fell_silent`` is called once for each silence."""
        self.topic = topic
        self.last: Message | None = None
        self.last_received: datetime | None = None
        self._hass = hass
        self._seconds = duration.total_seconds()
        self._fell_silent = fell_silent
        self._cancel: CALLBACK_TYPE | None = None
        self._since = 0.0
        self._told = False

    @callback
    def start(self) -> None:
        """Count from now on, unless this silence was told already."""
        self._since = self._hass.loop.time()
        if not self._told and self._cancel is None:
            self._wait(self._seconds)

    @callback
    def stop(self) -> None:
        """Count no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def heard(self, message: Message) -> None:
        """A sign of life: the time begins again.

        The timer is left alone, it will see. Topics may have thousands of messages.
        """
        self.last = message
        self.last_received = dt_util.utcnow()
        self._told = False
        self.start()

    def _wait(self, seconds: float) -> None:
        self._cancel = async_call_later(
            self._hass, seconds, HassJob(self._look, cancel_on_shutdown=True)
        )

    @callback
    def _look(self, _now: datetime) -> None:
        self._cancel = None
        left = self._since + self._seconds - self._hass.loop.time()
        if left > 0:
            self._wait(left)
        else:
            self._told = True
            self._fell_silent(self)


class _Watch:
    """Watches the topics of a filter while there is a connection."""

    def __init__(
        self,
        hass: HomeAssistant,
        topic_filter: str,
        duration: timedelta,
        run_action: TriggerActionRunner,
        *,
        each_topic: bool,
    ) -> None:
        self._hass = hass
        self._topic_filter = topic_filter
        self._duration = duration
        self._run_action = run_action
        self._each_topic = each_topic
        self._silences: dict[str, _Silence] = {}
        self._entry: MqttWebsocketConfigEntry | None = None
        self._ends: list[CALLBACK_TYPE] = []
        if not each_topic:
            # Also for what never says a word.
            self._add(topic_filter)

    def _add(self, topic: str) -> _Silence:
        silence = _Silence(self._hass, topic, self._duration, self._fell_silent)
        self._silences[topic] = silence
        return silence

    @callback
    def follow(self, entry: MqttWebsocketConfigEntry | None) -> None:
        """Listen to a broker that is there, or to none any more."""
        while self._ends:
            self._ends.pop()()
        self._entry = entry
        if entry is not None:
            broker = entry.runtime_data.broker
            self._ends = [
                broker.subscribe(self._topic_filter, self._heard),
                broker.listen(self._look),
            ]
        self._look()

    @callback
    def _look(self) -> None:
        """Count the time only while messages could come."""
        entry = self._entry
        connected = entry is not None and entry.runtime_data.broker.connected
        for silence in self._silences.values():
            if connected:
                silence.start()
            else:
                silence.stop()

    @callback
    def _heard(self, message: Message) -> None:
        key = message.topic if self._each_topic else self._topic_filter
        silence = self._silences.get(key)
        if silence is None:
            if len(self._silences) >= _MAX_TOPICS:
                return
            silence = self._add(key)
            # What is retained says that there is such a topic, and no more.
            silence.start()
        if not message.retain:
            silence.heard(message)

    @callback
    def _fell_silent(self, silence: _Silence) -> None:
        entry = self._entry
        if TYPE_CHECKING:
            assert entry is not None  # the time is counted only while there is one
        topic, last = silence.topic, silence.last
        data: dict[str, Any] = {
            ATTR_CONFIG_ENTRY_ID: entry.entry_id,
            "broker": entry.title,
            "topic": topic,
            "seconds": self._duration.total_seconds(),
            "last_topic": None if last is None else last.topic,
            "last_payload": None if last is None else binary_as_text(last.payload),
            "last_received": (
                None
                if silence.last_received is None
                else silence.last_received.isoformat()
            ),
        }
        self._run_action(data, f"no MQTT message on {topic} for {self._duration}")
