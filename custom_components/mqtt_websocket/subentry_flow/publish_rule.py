"""Publish rules: which of Home Assistant's entities go to the broker, and where."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig

from ..publishing.rule import (
    CONF_ENTITIES,
    CONF_QOS,
    CONF_RETAIN,
    CONF_TOPIC,
    DEFAULT_BASE,
    DEFAULT_QOS,
    DEFAULT_RETAIN,
    DEFAULT_TOPIC,
    async_resolve_targets,
    rule_from_data,
)
from .fields import Field, Problem, entered_values, explained, form_schema
from .selectors import BOOLEAN, QOS, TEMPLATE, TEXT

# All values are stored, the usual ones too: a rule goes on as it was agreed to, should
# the defaults change one day.
_FIELDS: Final = (
    Field(key=CONF_NAME, selector=TEXT, required=True),
    Field(
        key=CONF_ENTITIES,
        selector=EntitySelector(EntitySelectorConfig(multiple=True)),
        required=True,
        error="invalid_entities",
    ),
    Field(
        key=CONF_TOPIC,
        selector=TEMPLATE,
        default=DEFAULT_TOPIC,
        error="invalid_topic_template",
    ),
    Field(key=CONF_RETAIN, selector=BOOLEAN, default=DEFAULT_RETAIN),
    Field(key=CONF_QOS, selector=QOS, default=str(DEFAULT_QOS)),
)
_UNKNOWN: Final = dict.fromkeys(("entity", "error", "topic"), "?")


class PublishRuleSubentryFlow(ConfigSubentryFlow):
    """Makes a publish rule, or changes one."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a rule."""
        return self._step("user", {}, user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule."""
        subentry = self._get_reconfigure_subentry()
        stored = {**subentry.data, CONF_NAME: subentry.title}
        return self._step("reconfigure", stored, user_input)

    def _step(
        self,
        step_id: str,
        stored: Mapping[str, Any],
        user_input: dict[str, Any] | None,
    ) -> SubentryFlowResult:
        problem = None
        values = dict(stored)
        if user_input is not None:
            values = entered_values(_FIELDS, user_input)
            shown = {field.key for field in _FIELDS}
            hidden = {key: value for key, value in stored.items() if key not in shown}
            data = {**hidden, **values, CONF_QOS: int(values[CONF_QOS])}
            title = data.pop(CONF_NAME, "").strip()
            problem = _problem(self.hass, title, data)
            if problem is None:
                if self.source == SOURCE_RECONFIGURE:
                    return self.async_update_and_abort(
                        self._get_entry(),
                        self._get_reconfigure_subentry(),
                        title=title,
                        data=data,
                    )
                return self.async_create_entry(title=title, data=data)
        elif CONF_QOS in stored:
            values[CONF_QOS] = str(stored[CONF_QOS])
        return self.async_show_form(
            step_id=step_id,
            data_schema=form_schema(_FIELDS, values),
            errors={} if problem is None else {problem.place: problem.key},
            description_placeholders={
                **_UNKNOWN,
                "default_topic": DEFAULT_TOPIC,
                "example_topic": f"{DEFAULT_BASE}/light/kitchen/state",
                "variables": "`base`, `domain`, `object_id`, `entity_id`, `area`",
                **({} if problem is None else problem.placeholders),
            },
        )


def _problem(
    hass: HomeAssistant, title: str, data: Mapping[str, Any]
) -> Problem | None:
    """Return what is wrong with a rule."""
    if not title:
        return Problem(CONF_NAME, "name_missing")
    try:
        rule = rule_from_data(data)
    except vol.Invalid as err:
        return explained(_FIELDS, err)
    targets, problems = async_resolve_targets(hass, rule)
    for entity_id, message in problems.items():
        return Problem(
            CONF_TOPIC,
            "invalid_topic_template",
            {"entity": entity_id, "error": message},
        )
    taken: dict[str, str] = {}
    for entity_id, target in targets.items():
        if (other := taken.setdefault(target.topic, entity_id)) != entity_id:
            return Problem(
                CONF_TOPIC,
                "same_topic",
                {"entity": f"{other}, {entity_id}", "topic": target.topic},
            )
    return None
