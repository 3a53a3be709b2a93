"""Flows that fix what issues.py has raised."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import voluptuous as vol

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .broker.errors import BrokerError, ConnackRefused
from .connection import async_probe, async_settings, broker_error
from .const import CONF_SECURITY, CONF_VERIFY_SSL, DOMAIN
from .issues import Issue

_NOTHING_TO_ENTER: Final = vol.Schema({})


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    if issue_id.startswith(Issue.VERIFICATION_OFF):
        return VerificationFlow()
    return ReconfigureFlow()


class _BrokerRepair(RepairsFlow):
    """A flow about one broker."""

    @property
    def _entry(self) -> ConfigEntry:
        if TYPE_CHECKING:
            assert self.data is not None
        entry_id = str(self.data["entry_id"])
        return self.hass.config_entries.async_get_known_entry(entry_id)

    def _confirm(
        self, errors: dict[str, str] | None = None, **more: str
    ) -> RepairsFlowResult:
        """Show what is wrong and what would be done."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        known = (issue and issue.translation_placeholders) or {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=_NOTHING_TO_ENTER,
            errors=errors,
            description_placeholders={**known, **more},
        )

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the question."""
        return self._confirm()


class ReconfigureFlow(_BrokerRepair):
    """Leads to the broker's form. The issue goes when its cause is gone."""

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Go on with the form."""
        form = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_RECONFIGURE, "entry_id": self._entry.entry_id},
        )
        return self.async_abort(
            reason="reconfigure", next_flow=(FlowType.CONFIG_FLOW, form["flow_id"])
        )


class VerificationFlow(_BrokerRepair):
    """Has certificates verified again, if the server's holds by now."""

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Try it, and keep it if it works."""
        entry = self._entry
        security = {**entry.data[CONF_SECURITY], CONF_VERIFY_SSL: True}
        data = {**entry.data, CONF_SECURITY: security}
        try:
            settings = await async_settings(self.hass, data, entry.options)
            # Not with the client id of the running connection, which that would end. A
            # broker that wants this very id has shown its certificate as well.
            await async_probe(self.hass, replace(settings, client_id=None))
        except ConnackRefused:
            pass
        except BrokerError as err:
            return self._confirm(
                {"base": "cannot_verify"}, reason=str(broker_error(err))
            )
        self.hass.config_entries.async_update_entry(entry, data=data)
        if entry.state is not ConfigEntryState.LOADED:
            # Its update listener is gone, so nothing else would reload it.
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})
