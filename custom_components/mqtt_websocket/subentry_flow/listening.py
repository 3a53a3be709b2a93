"""The steps that listen to a broker, until a person has heard enough."""

from abc import abstractmethod
import asyncio
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.const import UnitOfTemperature
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..broker.broker import Broker
from ..broker.errors import BrokerError
from ..broker.topics import validate_filter
from ..mapping.suggest import ProposedDevice, suggest
from ..publishing import Publishing
from ..selectors import TEXT
from .draft import DeviceDraft
from .fields import Field, Problem, checked, entered_values, form_schema
from .listener import Listener

CONF_FILTER: Final = "topic_filter"
CONF_SECONDS: Final = "seconds"

DEFAULT_FILTER: Final = "#"
DEFAULT_SECONDS: Final = 60
MAX_SECONDS: Final = 300

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


class ListenSteps(DeviceDraft):
    """The steps that collect topics.

    What was heard lives as long as the flow, and nowhere else.

    The frontend's progress dialog has no button. So it stands only until there is
    something to show; then a menu does, which ends the listening that goes on behind it.
    """

    def __init__(self) -> None:
        """Start with nothing heard."""
        super().__init__()
        self._listener = Listener()
        self._listening: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[Any] | None = None
        self._heard_filter = ""
        self._wanted: dict[str, Any] = {}
        self._found: dict[str, ProposedDevice] = {}
        self._problem: Problem | None = None
        self._count_shown = 0
        self._in_menu = False
        self._interval = 0.0
        self._next_look = 0.0

    @abstractmethod
    async def async_step_pick(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of what was heard is meant."""

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening when the flow is closed."""
        self._cancel()

    def _cancel(self) -> None:
        for task in (self._listening, self._settling):
            if task is not None:
                task.cancel()
        self._listening = self._settling = None

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
        self._cancel()
        self._in_menu = False
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
                self._begin(broker)
                return await self.async_step_listening()
        return self._show("listen", form_schema(_LISTEN, values, problem), problem)

    def _running_broker(self) -> Broker | None:
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        broker: Broker = entry.runtime_data.broker
        return broker if broker.connected else None

    def _begin(self, broker: Broker) -> None:
        # The same again adds to what was heard.
        if self._heard_filter != self._wanted[CONF_FILTER]:
            self._listener = Listener()
            self._heard_filter = self._wanted[CONF_FILTER]
        self._interval = 1.0
        self._listening = self.hass.async_create_background_task(
            self._listen(broker), "MQTT over WebSocket listens to topics"
        )
        self._settling = self.hass.async_create_task(
            self._settle(self._listening),
            "MQTT over WebSocket waits for something to show",
        )

    async def _settle(self, listening: asyncio.Task[None]) -> None:
        paused = asyncio.ensure_future(self._listener.paused.wait())
        try:
            await asyncio.wait((paused, listening), return_when=asyncio.FIRST_COMPLETED)
        finally:
            paused.cancel()

    async def _listen(self, broker: Broker) -> None:
        # Taken now: the entry may be unloaded before the end.
        publishing: Publishing = self._get_entry().runtime_data.publishing
        self._found = {}
        listener = self._listener
        try:
            await listener.listen(
                broker,
                self._wanted[CONF_FILTER],
                self._wanted[CONF_SECONDS],
                self._tick,
            )
        except BrokerError as err:
            self._problem = Problem(CONF_FILTER, err.key, dict(err.details))
        except TimeoutError:
            self._problem = Problem("base", "no_answer")
        else:
            self._found = await self._suggest(publishing)
            if not self._found:
                self._problem = Problem("base", "nothing_heard")
        # Who looks at the menu goes on to what was found; who has left it chooses already.
        if self._in_menu:
            self.async_notify_flow_changed()

    async def _suggest(self, publishing: Publishing) -> dict[str, ProposedDevice]:
        # What Home Assistant says itself is no device.
        heard = {
            topic: payloads
            for topic, payloads in self._listener.heard.items()
            if not publishing.publishes_to(topic)
        }
        metric = self.hass.config.units.temperature_unit == UnitOfTemperature.CELSIUS
        found = await self.hass.async_add_executor_job(
            lambda: suggest(heard, metric=metric)
        )
        return {device.key: device for device in found}

    @callback
    def _tick(self, progress: float) -> None:
        """Let the browser ask again for the texts, which have the number of topics.

        And the progress after that: when it asks, it takes the ring away.
        """
        if len(self._listener.heard) != self._count_shown and (
            not self._in_menu or self.hass.loop.time() >= self._next_look
        ):
            self.async_notify_flow_changed()
        if not self._in_menu:
            self.async_update_progress(progress)

    async def async_step_listening(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show how listening goes until there is something to pick from."""
        if self._settling is None or self._settling.done():
            return self.async_show_progress_done(next_step_id="heard")
        return self.async_show_progress(
            step_id="listening",
            progress_action="listening",
            progress_task=self._settling,
            description_placeholders=self._so_far(),
        )

    def _so_far(self) -> dict[str, str]:
        self._count_shown = len(self._listener.heard)
        return {
            "count": str(self._count_shown),
            "topic_filter": self._wanted[CONF_FILTER],
            "seconds": str(int(self._wanted[CONF_SECONDS])),
        }

    async def async_step_heard(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer to end the listening, while it goes on."""
        if not self._listener.listening:
            return await self._heard_all()
        # Shown anew more and more rarely: that takes the focus away.
        self._interval *= 2
        self._next_look = self.hass.loop.time() + self._interval
        self._in_menu = True
        so_far = self._so_far()
        return self.async_show_menu(
            step_id="heard",
            menu_options=[*(["stop"] if self._count_shown else []), "listen"],
            description_placeholders=so_far,
        )

    async def async_step_stop(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """End the listening."""
        self._listener.enough.set()
        return await self._heard_all()

    async def _heard_all(self) -> SubentryFlowResult:
        self._in_menu = False
        if TYPE_CHECKING:
            assert self._listening is not None
        await asyncio.wait((self._listening,))
        if self._problem is not None:
            return await self.async_step_listen()
        return await self.async_step_pick()

    def _last_heard(self, topic: Any) -> list[str]:
        """Return the last payloads of a topic, the very last one at the end."""
        return self._listener.heard.get(topic, [])
