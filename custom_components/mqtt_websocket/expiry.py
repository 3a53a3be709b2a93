"""Entities whose state is good for some seconds only: ``expire_after``."""

from datetime import datetime
from typing import override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CALLBACK_TYPE, HassJob, State, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.util import dt as dt_util

from .entity import MqttEntity
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import CONF_EXPIRE_AFTER


class ExpiringEntity(MqttEntity, RestoreEntity):
    """An entity that is unavailable when nothing was heard for ``expire_after`` seconds.

    Before the first message, too. A restart does not count as a message: what is left
    of the time goes on, and the last state is restored for as long.
    """

    _expire_after = 0
    _expired = False
    _cancel_expiry: CALLBACK_TYPE | None = None
    _expiry_job: HassJob[[datetime], None] | None = None

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        expire_after: int = config.get(CONF_EXPIRE_AFTER) or 0
        if expire_after == self._expire_after:
            return
        self._expire_after = expire_after
        self._stop_expiry()
        if self.live and expire_after and not self._expired:
            # What is shown was fresh until now: its time begins.
            self._refresh()
        else:
            self._expired = bool(expire_after)

    @override
    async def _restore(self) -> None:
        if not self._expire_after:
            return
        last_state = await self.async_get_last_state()
        if last_state is None or last_state.state in (STATE_UNKNOWN, STATE_UNAVAILABLE):
            return
        age = (dt_util.utcnow() - last_state.last_changed).total_seconds()
        remaining = self._expire_after - age
        if remaining > 0 and await self._restore_state(last_state):
            self._expired = False
            self._start_expiry(remaining)

    @override
    def _return_under_new_id(self) -> None:
        if not self._expired:
            self._refresh()  # nothing was lost but the running time

    async def _restore_state(self, last_state: State) -> bool:
        """Take over the last state; return whether it still means something."""
        raise NotImplementedError

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Let no time run for an entity that is gone."""
        self._stop_expiry()
        await super().async_will_remove_from_hass()

    @property
    @override
    def available(self) -> bool:
        """Whether the entity is there, and what it said has not expired."""
        return not self._expired and super().available

    def _refresh(self) -> None:
        """Start the time anew: something was heard, whatever it was."""
        if self._expire_after:
            self._expired = False
            self._stop_expiry()
            self._start_expiry(self._expire_after)

    def _start_expiry(self, seconds: float) -> None:
        if self._expiry_job is None:
            self._expiry_job = HassJob(self._expire, cancel_on_shutdown=True)
        self._cancel_expiry = async_call_later(self.hass, seconds, self._expiry_job)

    def _stop_expiry(self) -> None:
        if self._cancel_expiry is not None:
            self._cancel_expiry()
            self._cancel_expiry = None

    @callback
    def _expire(self, _now: datetime) -> None:
        self._cancel_expiry = None
        self._expired = True
        self.async_write_ha_state()
