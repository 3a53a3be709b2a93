"""Publish rules: which of Home Assistant's entities go to the broker, and where."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME

from ..const import DEFAULT_DISCOVERY_PREFIX
from ..publishing.preview import Preview, async_preview
from ..publishing.rule import (
    CONF_ATTRIBUTE_TOPICS,
    CONF_ATTRIBUTES,
    CONF_COMMAND_ERRORS,
    CONF_COMMAND_LOCKS,
    CONF_COMMANDS,
    CONF_PAYLOAD,
    CONF_PAYLOAD_TEMPLATE,
    CONF_QOS,
    CONF_TOPIC,
    DEFAULT_BASE,
    DEFAULT_TOPIC,
    Payload,
    Rule,
    rule_from_data,
)
from .fields import Field, Problem, entered_values, explained, form_schema
from .forms.publish_rule import (
    PRESET_STATESTREAM,
    SECTION_COMMANDS,
    SECTION_SHAPE,
    rule_fields,
)
from .storing import StoringSubentryFlow

_UNKNOWN: Final = dict.fromkeys(("entity", "error", "topic", "field"), "?")
_EXAMPLES: Final = {
    "default_base": DEFAULT_BASE,
    "default_topic": DEFAULT_TOPIC,
    "example_topic": f"{DEFAULT_BASE}/light/kitchen/state",
    "example_command_topic": f"{DEFAULT_BASE}/light/kitchen/set",
    "example_error_topic": f"{DEFAULT_BASE}/light/kitchen/error",
    "example_payload_template": (
        "{{ {'value': value, 'unit': attributes.unit_of_measurement} | tojson }}"
    ),
    "default_prefix": DEFAULT_DISCOVERY_PREFIX,
    "example_announced_topic": f"{DEFAULT_BASE}/light/kitchen/announced",
    "example_attribute_topic": f"{DEFAULT_BASE}/light/kitchen/brightness",
    "variables": "`base`, `domain`, `object_id`, `entity_id`, `area`",
    "payload_variables": (
        "`value`, `attributes`, `entity_id`, `domain`, `object_id`, `name`,"
        " `last_changed`, `state`"
    ),
}
_PAYLOAD_SHOWN: Final = 120
_ENTITIES_SHOWN: Final = 5


class PublishRuleSubentryFlow(StoringSubentryFlow):
    """Makes a publish rule, or changes one.

    Nothing is stored before a person has seen what the rule will publish.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._fields: tuple[Field, ...] = ()
        self._values: dict[str, Any] = {}
        self._hidden: dict[str, Any] = {}
        self._title = ""
        self._data: dict[str, Any] = {}
        self._preview = Preview()

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a rule."""
        await self._load_texts()
        return self._step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule."""
        await self._load_texts()
        if not self._values:
            subentry = self._get_reconfigure_subentry()
            self._values = {**subentry.data, CONF_NAME: subentry.title}
        return self._step("reconfigure", user_input)

    async def async_step_change(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the form, which is as it was sent."""
        is_new = self.source != SOURCE_RECONFIGURE
        return self._step("user" if is_new else "reconfigure", None)

    async def async_step_save(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Store the rule."""
        return self._store(self._title, self._data)

    def _step(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        if not self._fields:
            self._fields = rule_fields(self.hass)
            shown = {field.key for field in self._fields}
            self._hidden = {
                key: value for key, value in self._values.items() if key not in shown
            }
        problem = None
        if user_input is not None:
            self._values = entered_values(self._fields, user_input)
            problem = self._check()
            if problem is None:
                return self._preview_menu()
        values = dict(self._values)
        if CONF_QOS in values:
            values[CONF_QOS] = str(values[CONF_QOS])
        return self.async_show_form(
            step_id=step_id,
            data_schema=form_schema(self._fields, values, problem),
            errors={} if problem is None else {problem.place: problem.key},
            description_placeholders={
                **_UNKNOWN,
                **_EXAMPLES,
                **({} if problem is None else self._explained(step_id, problem)),
            },
        )

    def _check(self) -> Problem | None:
        """Make a rule of what was entered, or return what is wrong with that."""
        data = {**self._hidden, **self._values}
        self._title = data.pop(CONF_NAME, "").strip()
        if not self._title:
            return Problem(CONF_NAME, "name_missing")
        problem = next(_contradictions(data), None)
        if problem is not None:
            return problem
        if data.get(CONF_PAYLOAD) == PRESET_STATESTREAM:
            data |= {CONF_PAYLOAD: Payload.STATE.value, CONF_ATTRIBUTE_TOPICS: True}
        data[CONF_QOS] = int(data[CONF_QOS])
        self._data = data
        try:
            rule = rule_from_data(data)
        except vol.Invalid as err:
            return explained(self._fields, err)
        entry = self._get_entry()
        is_loaded = entry.state is ConfigEntryState.LOADED
        self._preview = async_preview(
            self.hass,
            rule,
            entry.entry_id,
            entry.runtime_data.devices if is_loaded else None,
        )
        return _problem(self._preview)

    # --- what it will do --------------------------------------------------------------

    async def async_step_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the rule will do."""
        return self._preview_menu()

    def _preview_menu(self) -> SubentryFlowResult:
        rule = rule_from_data(self._data)
        entities = list(self._preview.topics)
        shown = ", ".join(f"`{each}`" for each in entities[:_ENTITIES_SHOWN])
        return self.async_show_menu(
            step_id="preview",
            menu_options=["save", "change"],
            description_placeholders={
                "name": self._title,
                "count": str(len(entities)),
                "entities": shown + (" …" if len(entities) > _ENTITIES_SHOWN else ""),
                "topics": "\n".join(
                    f"- `{topic}`: {_code(payload)}"
                    for topic, payload in self._preview.samples
                )
                or "-",
                "commands": self._commanded(rule),
                "announced": self._announced(),
            },
        )

    def _announced(self) -> str:
        """Return how many entities are announced as what."""
        counts = self._preview.announced
        return ", ".join(f"{key}: {counts[key]}" for key in sorted(counts)) or "-"

    def _commanded(self, rule: Rule) -> str:
        """Return the locks that strangers could open, and what else takes commands."""
        if not rule.commands:
            return "-"
        locks = self._preview.of_domain("lock") if rule.command_locks else []
        topic = f"`{rule.base}/+/+/set/#`"
        return (
            f"{topic} (🔓 {', '.join(f'`{each}`' for each in locks)})"
            if locks
            else topic
        )


def _code(payload: str) -> str:
    """Return a payload as code for Markdown, in one line."""
    text = " ".join(payload.replace("`", "'").split())
    if len(text) > _PAYLOAD_SHOWN:
        text = f"{text[:_PAYLOAD_SHOWN]}…"
    return f"`{text}`" if text else "(–)"


def _contradictions(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what was entered and would do nothing."""
    payload = data.get(CONF_PAYLOAD, Payload.STATE)
    template = data.get(CONF_PAYLOAD_TEMPLATE)
    if payload == Payload.TEMPLATE and not template:
        yield Problem(SECTION_SHAPE, "template_missing")
    if template and payload != Payload.TEMPLATE:
        yield Problem(SECTION_SHAPE, "template_unused")
    if payload == PRESET_STATESTREAM and (
        data.get(CONF_TOPIC, DEFAULT_TOPIC) != DEFAULT_TOPIC
    ):
        yield Problem(CONF_TOPIC, "statestream_topic")
    if (
        data.get(CONF_ATTRIBUTES)
        and payload not in (Payload.JSON, PRESET_STATESTREAM)
        and not data.get(CONF_ATTRIBUTE_TOPICS)
    ):
        yield Problem(SECTION_SHAPE, "attributes_unused")
    if not data.get(CONF_COMMANDS) and (
        data.get(CONF_COMMAND_ERRORS) or data.get(CONF_COMMAND_LOCKS)
    ):
        yield Problem(SECTION_COMMANDS, "commands_off")


def _problem(preview: Preview) -> Problem | None:
    """Return what is wrong with what a rule would do."""
    for entity_id, message in preview.problems.items():
        return Problem(
            CONF_TOPIC,
            "invalid_topic_template",
            {"entity": entity_id, "error": message},
        )
    if preview.shared is not None:
        one, other, topic = preview.shared
        return Problem(
            CONF_TOPIC, "same_topic", {"entity": f"{one}, {other}", "topic": topic}
        )
    if preview.occupied is not None:
        entity_id, topic = preview.occupied
        return Problem(
            CONF_TOPIC, "command_topic", {"entity": entity_id, "topic": topic}
        )
    if preview.looped is not None:
        entity_id, topic = preview.looped
        return Problem(CONF_TOPIC, "own_topic", {"entity": entity_id, "topic": topic})
    if preview.payload_problem is not None:
        entity_id, message = preview.payload_problem
        return Problem(
            SECTION_SHAPE,
            "invalid_payload_template",
            {"entity": entity_id, "error": message},
        )
    return None
