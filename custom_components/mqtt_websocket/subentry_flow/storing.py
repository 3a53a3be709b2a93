"""What the forms of all subentries share: how they end, and name their fields."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.core import callback
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from .fields import Problem

_FIELDS: Final = ("field", "needed")
"""The placeholders that name fields: the text of a section's error has to do that."""


class StoringSubentryFlow(ConfigSubentryFlow):
    """A flow that makes a subentry, or changes one."""

    _texts: Mapping[str, str] = {}

    async def _load_texts(self) -> None:
        """Learn what fields are called; the first thing that a flow does.

        In the language of this Home Assistant: a flow does not know its person's.
        """
        self._texts = await async_get_translations(
            self.hass, self.hass.config.language, "config_subentries", {DOMAIN}
        )

    def _explained(self, step_id: str, problem: Problem) -> dict[str, str]:
        """Return the placeholders of a problem, with fields called as in this form."""
        return {
            name: self._field_name(step_id, value) if name in _FIELDS else value
            for name, value in problem.placeholders.items()
        }

    def _field_name(self, step_id: str, key: str) -> str:
        steps = f"component.{DOMAIN}.config_subentries.{self._subentry_type}.step."
        names = {
            path: text
            for path, text in self._texts.items()
            if path.startswith(steps) and path.endswith(f".data.{key}")
        }
        here = (
            text
            for path, text in names.items()
            if path.startswith(f"{steps}{step_id}.")
        )
        # A key of another form is meant, or one that no form has.
        return next(here, next(iter(names.values()), key.replace("_", " ")))

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
