"""The form for a publish rule, as data."""

from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    AreaSelector,
    AreaSelectorConfig,
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    LabelSelector,
    LabelSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    Selector,
    SelectSelector,
)

from ...const import DEFAULT_DISCOVERY_PREFIX
from ...publishing.rule import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCE_PREFIX,
    CONF_ATTRIBUTE_TOPICS,
    CONF_ATTRIBUTES,
    CONF_BASE,
    CONF_COMMAND_ERRORS,
    CONF_COMMAND_LOCKS,
    CONF_COMMANDS,
    CONF_ENTITIES,
    CONF_MINIMUM_INTERVAL,
    CONF_PAYLOAD,
    CONF_PAYLOAD_TEMPLATE,
    CONF_QOS,
    CONF_RETAIN,
    CONF_THRESHOLD,
    CONF_TOPIC,
    CONF_UNAVAILABLE,
    DEFAULT_BASE,
    DEFAULT_QOS,
    DEFAULT_RETAIN,
    DEFAULT_TOPIC,
    Payload,
    Unavailable,
)
from ...publishing.selection import EXCLUDE_PREFIX, KINDS, Kind
from ...selectors import BOOLEAN, QOS, TEMPLATE, TEXT, TEXTS, select
from ..fields import Field

SECTION_CHOICE: Final = "choice"
SECTION_EXCEPT: Final = "exceptions"
SECTION_SHAPE: Final = "shape"
SECTION_PACE: Final = "pace"
SECTION_COMMANDS: Final = "command_options"
SECTION_ANNOUNCEMENT: Final = "announcement"

PRESET_STATESTREAM: Final = "statestream"
"""Stands in the form for the layout of core's mqtt_statestream; the rule has the options."""


def _number(unit: str | None = None, maximum: float | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=0, step="any", mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    if maximum is not None:
        config["max"] = maximum
    return NumberSelector(config)


def _several(options: set[str]) -> SelectSelector:
    """Return a list to choose from, or to add to: what it names may come later."""
    return select(*sorted(options), custom=True, multiple=True)


def _choices(hass: HomeAssistant) -> dict[Kind, Selector[Any]]:
    entities = er.async_get(hass).entities.values()
    domains = {state.domain for state in hass.states.async_all()}
    return {
        Kind.ENTITIES: EntitySelector(EntitySelectorConfig(multiple=True)),
        Kind.DEVICES: DeviceSelector(DeviceSelectorConfig(multiple=True)),
        Kind.AREAS: AreaSelector(AreaSelectorConfig(multiple=True)),
        Kind.LABELS: LabelSelector(LabelSelectorConfig(multiple=True)),
        Kind.DOMAINS: _several(domains | {each.domain for each in entities}),
        Kind.INTEGRATIONS: _several({each.platform for each in entities}),
        Kind.GLOBS: TEXTS,
    }


def rule_fields(hass: HomeAssistant) -> tuple[Field, ...]:
    """Return the fields of a rule.

    All values are stored, the usual ones too: a rule goes on as it was agreed to,
    should the defaults change one day.
    """
    choices = _choices(hass)
    return (
        Field(key=CONF_NAME, selector=TEXT, required=True),
        Field(
            key=CONF_ENTITIES, selector=choices[Kind.ENTITIES], error="invalid_entities"
        ),
        *(
            Field(key=kind.value, selector=choices[kind], section=SECTION_CHOICE)
            for kind in KINDS
            if kind is not Kind.ENTITIES
        ),
        *(
            Field(
                key=f"{EXCLUDE_PREFIX}{kind}",
                selector=choices[kind],
                section=SECTION_EXCEPT,
                error="invalid_entities" if kind is Kind.ENTITIES else "invalid_value",
            )
            for kind in KINDS
        ),
        Field(key=CONF_BASE, selector=TEXT, default=DEFAULT_BASE, error="invalid_base"),
        Field(
            key=CONF_TOPIC,
            selector=TEMPLATE,
            default=DEFAULT_TOPIC,
            error="invalid_topic_template",
        ),
        Field(
            key=CONF_PAYLOAD,
            selector=select(*Payload, PRESET_STATESTREAM, key="publish_payload"),
            default=Payload.STATE.value,
        ),
        Field(key=CONF_RETAIN, selector=BOOLEAN, default=DEFAULT_RETAIN),
        Field(key=CONF_QOS, selector=QOS, default=str(DEFAULT_QOS)),
        Field(
            key=CONF_PAYLOAD_TEMPLATE,
            selector=TEMPLATE,
            section=SECTION_SHAPE,
            error="invalid_payload_template",
        ),
        Field(key=CONF_ATTRIBUTES, selector=TEXTS, section=SECTION_SHAPE),
        Field(
            key=CONF_ATTRIBUTE_TOPICS,
            selector=BOOLEAN,
            section=SECTION_SHAPE,
            default=False,
        ),
        Field(
            key=CONF_UNAVAILABLE,
            selector=select(*Unavailable, key="publish_unavailable"),
            section=SECTION_SHAPE,
            default=Unavailable.PUBLISH.value,
        ),
        Field(
            key=CONF_MINIMUM_INTERVAL,
            selector=_number("s", 86_400),
            section=SECTION_PACE,
            default=0,
        ),
        Field(key=CONF_THRESHOLD, selector=_number(), section=SECTION_PACE, default=0),
        *(
            Field(key=key, selector=BOOLEAN, section=SECTION_COMMANDS, default=False)
            for key in (CONF_COMMANDS, CONF_COMMAND_ERRORS, CONF_COMMAND_LOCKS)
        ),
        Field(
            key=CONF_ANNOUNCE,
            selector=BOOLEAN,
            section=SECTION_ANNOUNCEMENT,
            default=False,
        ),
        Field(
            key=CONF_ANNOUNCE_PREFIX,
            selector=TEXT,
            section=SECTION_ANNOUNCEMENT,
            default=DEFAULT_DISCOVERY_PREFIX,
            error="invalid_prefix",
        ),
    )
