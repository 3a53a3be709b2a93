"""How the form of a subentry ends."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.core import callback


class StoringSubentryFlow(ConfigSubentryFlow):
    """A flow that makes a subentry, or changes one."""

    @callback
    def _store(self, title: str, data: Mapping[str, Any]) -> SubentryFlowResult:
        """End with this subentry: a new one, or the one that is changed.

        It does not reload the entry: what runs follows by its update listener.
        """
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=title,
                data=data,
            )
        return self.async_create_entry(title=title, data=data)
