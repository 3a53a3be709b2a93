"""The steps for the entities of a device, one form each."""

from collections.abc import Iterator
from functools import partialmethod
from typing import TYPE_CHECKING, Any, Final

import voluptuous as vol

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_PLATFORM, CONF_UNIQUE_ID, Platform
from homeassistant.util.uuid import random_uuid_hex

from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig, entity_config
from ..mapping.schemas.common import CONF_STATE_TOPIC
from ..mapping.schemas.light import basic_color_modes
from .draft import availability_twice
from .fields import (
    Field,
    Problem,
    checked,
    entered_values,
    explained,
    form_schema,
    merged,
    shown_values,
)
from .forms import ENTITY_FORMS, LIGHT_FORMS, OFFERED, fixed, form_of
from .forms.common import SECTION_AVAILABILITY
from .forms.sensor import contradiction
from .listening import ListenSteps
from .preview import (
    STATE_TEMPLATES,
    preview,
    rendered,
    shortened,
    state_template,
    unfit,
)

CONF_ENTITY: Final = "entity"
CONF_ENTITIES: Final = "entities"

_PAYLOAD_LENGTH: Final = 200


class EntitySteps(ListenSteps):
    """The steps that make, change and remove entities."""

    def __init__(self) -> None:
        """Start with nothing to change."""
        super().__init__()
        self._edited: str | None = None
        """The key of the entity in the form, None for a new one."""
        self._doubted: set[tuple[str, ...]] = set()
        """What was complained about once, and is kept if it comes again."""

    # --- which ----------------------------------------------------------------------

    async def async_step_add_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the platform of a new entity."""
        self._edited = None
        return self._offer("add_entity", OFFERED)

    async def async_step_light(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how a light says what it does."""
        return self._offer("light", list(LIGHT_FORMS))

    def _offer(self, step_id: str, options: list[str]) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=options,
            description_placeholders={"device": self._name},
        )

    async def async_step_edit_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entity to change."""
        editable = self._editable()
        if user_input is not None:
            self._edited = user_input[CONF_ENTITY]
        elif len(editable) == 1:
            (self._edited,) = editable
        else:
            return self._show(
                "edit_entity",
                vol.Schema({vol.Required(CONF_ENTITY): self._selector(editable)}),
            )
        return await self._to_form(self._entities[self._edited])

    def _editable(self) -> list[str]:
        """Return the keys of the entities that there is a form for."""
        return [
            key for key, config in self._entities.items() if form_of(config) is not None
        ]

    async def async_step_remove_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entities to remove."""
        problem = None
        if user_input is not None:
            chosen = set(user_input.get(CONF_ENTITIES, []))
            if chosen != set(self._entities):
                for key in chosen:
                    del self._entities[key]
                return await self.async_step_menu()
            problem = Problem(CONF_ENTITIES, "all_entities_chosen")
        return self._show(
            "remove_entities",
            vol.Schema(
                {
                    vol.Optional(CONF_ENTITIES): self._selector(
                        list(self._entities), multiple=True
                    )
                }
            ),
            problem,
        )

    # --- the form ---------------------------------------------------------------------

    async def _to_form(self, config: EntityConfig) -> SubentryFlowResult:
        form = form_of(config)
        if TYPE_CHECKING:
            assert form is not None
        return await self.async_ask_for_entity(form)

    def _stored(self) -> EntityConfig:
        """Return the entity that is to be changed, as it is; nothing for a new one."""
        return {} if self._edited is None else self._entities[self._edited]

    async def _keep(self, config: EntityConfig) -> SubentryFlowResult:
        """Take an entity as its form made it, and go on."""
        self._entities[self._edited or random_uuid_hex()] = config
        return await self.async_step_menu()

    async def async_ask_for_entity(
        self, form: str, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show an entity's form, or take what was entered in it: the step of that name."""
        fields = ENTITY_FORMS[form]
        stored = self._stored()
        shared = self._shared
        problem = None
        if user_input is None:
            values = shown_values(fields, stored)
            config = {**fixed(form), **stored}
            if stored:
                await self._hear(fields, {**shared, **config})
        else:
            values = entered_values(fields, user_input)
            config = {**fixed(form), **merged(fields, stored, values)}
            problem = await self._entity_problem(fields, config)
            if problem is None:
                return await self._keep(config)
        # What the device gives to all of its entities need not be said again.
        schema = form_schema(fields, values, problem, optional=shared)
        now = self._now(form, fields, {**shared, **config})
        return self._show(form, schema, problem, now=now)

    async def _entity_problem(
        self, fields: tuple[Field, ...], config: EntityConfig
    ) -> Problem | None:
        whole = {**self._shared, **config}
        if (problem := checked(fields, config, self._shared)) is not None:
            return problem
        if availability_twice(whole):
            return Problem(SECTION_AVAILABILITY, "availability_twice")
        platform = config[CONF_PLATFORM]
        if platform == Platform.SENSOR and (problem := contradiction(whole)):
            return problem
        try:
            # The id that an entity will have is not known yet, and not in question.
            valid = entity_config(platform, {CONF_UNIQUE_ID: "-", **whole})
            if form_of(config) == "light_basic":
                basic_color_modes(valid)
        except vol.Invalid as err:
            return explained(fields, err)
        await self._hear(fields, whole)
        return self._heard_problem(fields, whole)

    # --- what it makes of what is heard ----------------------------------------------

    async def _hear(self, fields: tuple[Field, ...], config: EntityConfig) -> None:
        """Hear what the broker has kept on the topics that templates are for."""
        if (broker := self._running_broker()) is not None:
            keys = [CONF_STATE_TOPIC, *(each.reads for each in fields if each.reads)]
            topics = {config.get(key) for key in keys}
            await self._listener.peek(broker, [each for each in topics if each])

    def _heard_problem(
        self, fields: tuple[Field, ...], config: EntityConfig
    ) -> Problem | None:
        """Return what does not go with anything heard, once.

        Who keeps it may know of messages that were not heard.
        """
        for each, template, payloads in self._tried(fields, config):
            doubt = (each.key, str(config[str(each.reads)]), str(template))
            if doubt in self._doubted:
                continue
            problems = [
                self._tried_problem(each, template, payload, config)
                for payload in payloads
            ]
            if all(problems):
                self._doubted.add(doubt)
                return problems[-1]
        return None

    def _tried_problem(
        self, field: Field, template: str | None, payload: str, config: EntityConfig
    ) -> Problem | None:
        place = field.section or field.key
        more = {
            "field": field.key,
            "payload": shortened(payload, _PAYLOAD_LENGTH),
        }
        try:
            result = rendered(self.hass, template, payload, config)
        except PayloadError as err:
            return Problem(place, "template_fails", {**more, "error": err.reason})
        if field.key in STATE_TEMPLATES and (key := unfit(config, result)) is not None:
            return Problem(place, key, {**more, "result": shortened(result)})
        return None

    def _tried(
        self, fields: tuple[Field, ...], config: EntityConfig
    ) -> Iterator[tuple[Field, str | None, list[str]]]:
        """Yield each template that something was heard for, with that.

        Without a template the state is the payload itself, so that is tried as well.
        """
        for each in fields:
            if each.reads is None:
                continue
            template = config.get(each.key)
            if each.key in STATE_TEMPLATES and each.reads == CONF_STATE_TOPIC:
                template = state_template(config)
            elif template is None:
                continue
            if payloads := self._last_heard(config.get(each.reads)):
                yield each, template, payloads

    def _now(
        self, step_id: str, fields: tuple[Field, ...], config: EntityConfig
    ) -> str:
        """Return what an entity would show now, as far as something was heard for it."""
        lines = []
        if payloads := self._last_heard(config.get(CONF_STATE_TOPIC)):
            value = preview(self.hass, config, payloads[-1])
            lines.append(f"{_code(payloads[-1])} → **{value}**")
        for each, template, payloads in self._tried(fields, config):
            if each.key in STATE_TEMPLATES:
                continue
            try:
                value = rendered(self.hass, template, payloads[-1], config)
            except PayloadError:
                value = "?"
            name = self._field_name(step_id, each.key)
            lines.append(f"{name}: {_code(payloads[-1])} → **{shortened(value)}**")
        return "".join(f"\n\n{line}" for line in lines)

    def _value(self, config: EntityConfig) -> str:
        """Return an entity's value as it will appear, if something was heard for it."""
        whole = {**self._shared, **config}
        payloads = self._last_heard(whole.get(CONF_STATE_TOPIC))
        if not payloads or CONF_PLATFORM not in whole:
            return ""
        return preview(self.hass, whole, payloads[-1])


def _code(payload: str) -> str:
    """Return a payload as code; a backtick would end that."""
    shown = shortened(payload, _PAYLOAD_LENGTH).replace("`", "'")
    return f"`{shown}`"


# Each form is a step, and Home Assistant looks for a method of the step's name.
for _form in ENTITY_FORMS:
    setattr(
        EntitySteps,
        f"async_step_{_form}",
        partialmethod(EntitySteps.async_ask_for_entity, _form),
    )
