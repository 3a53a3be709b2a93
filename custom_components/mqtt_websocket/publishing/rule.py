"""A publish rule: which entities go to the broker, where, in what shape, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import voluptuous as vol

from homeassistant.helpers import config_validation as cv

from ..broker.errors import InvalidTopic
from ..broker.topics import validate_topic
from ..const import DEFAULT_DISCOVERY_PREFIX
from ..mapping.schemas.common import qos_level
from .selection import EXCLUDE_PREFIX, KINDS, Kind, Selection

CONF_ENTITIES: Final = Kind.ENTITIES.value
CONF_BASE: Final = "base"
CONF_TOPIC: Final = "topic"
CONF_QOS: Final = "qos"
CONF_RETAIN: Final = "retain"
CONF_PAYLOAD: Final = "payload"
CONF_PAYLOAD_TEMPLATE: Final = "payload_template"
CONF_ATTRIBUTES: Final = "attributes"
CONF_ATTRIBUTE_TOPICS: Final = "attribute_topics"
CONF_UNAVAILABLE: Final = "unavailable"
CONF_MINIMUM_INTERVAL: Final = "minimum_interval"
CONF_THRESHOLD: Final = "threshold"
CONF_COMMANDS: Final = "commands"
CONF_COMMAND_ERRORS: Final = "command_errors"
CONF_COMMAND_LOCKS: Final = "command_locks"
CONF_ANNOUNCE: Final = "announce"
CONF_ANNOUNCE_PREFIX: Final = "announce_prefix"

DEFAULT_BASE: Final = "homeassistant_states"
DEFAULT_TOPIC: Final = "{{ base }}/{{ domain }}/{{ object_id }}/state"
# A state that a subscriber gets late must not be lost on the way, and must be there
# for whoever comes later: what mqtt_statestream does as well.
DEFAULT_QOS: Final = 1
DEFAULT_RETAIN: Final = True

_LONGEST_INTERVAL: Final = 86_400


class Payload(StrEnum):
    """What is published of a state."""

    STATE = "state"
    JSON = "json"
    TEMPLATE = "template"


class Unavailable(StrEnum):
    """What becomes of ``unavailable`` and ``unknown``."""

    PUBLISH = "publish"  # as these words
    KEEP = "keep"  # nothing is published, the last state stays
    CLEAR = "clear"  # an empty message, which removes what is retained


def _base(value: Any) -> str:
    """Validate the first levels of all topics."""
    text = cv.string(value).strip().strip("/")
    try:
        return validate_topic(text)
    except InvalidTopic as err:
        raise vol.Invalid(str(err)) from err


# Lists may be missing, and one item may stand alone.
_LISTS: Final[dict[Kind, Any]] = {
    kind: vol.All(cv.ensure_list, [cv.string]) for kind in KINDS
} | {Kind.ENTITIES: cv.entity_ids}

RULE_SCHEMA: Final = vol.Schema(
    {
        **{
            vol.Optional(f"{prefix}{kind}", default=list): _LISTS[kind]
            for prefix in ("", EXCLUDE_PREFIX)
            for kind in KINDS
        },
        vol.Optional(CONF_BASE, default=DEFAULT_BASE): _base,
        vol.Optional(CONF_TOPIC, default=DEFAULT_TOPIC): cv.string,
        vol.Optional(CONF_QOS, default=DEFAULT_QOS): qos_level,
        vol.Optional(CONF_RETAIN, default=DEFAULT_RETAIN): cv.boolean,
        vol.Optional(CONF_PAYLOAD, default=Payload.STATE): vol.Coerce(Payload),
        # A template's text is all there is to it: it is compiled where it is used.
        vol.Optional(CONF_PAYLOAD_TEMPLATE, default=""): vol.Any("", cv.template),
        vol.Optional(CONF_ATTRIBUTES, default=list): vol.All(
            cv.ensure_list, [cv.string]
        ),
        vol.Optional(CONF_ATTRIBUTE_TOPICS, default=False): cv.boolean,
        vol.Optional(CONF_UNAVAILABLE, default=Unavailable.PUBLISH): vol.Coerce(
            Unavailable
        ),
        vol.Optional(CONF_MINIMUM_INTERVAL, default=0): vol.All(
            vol.Coerce(float), vol.Range(min=0, max=_LONGEST_INTERVAL)
        ),
        vol.Optional(CONF_THRESHOLD, default=0): vol.All(
            vol.Coerce(float), vol.Range(min=0)
        ),
        vol.Optional(CONF_COMMANDS, default=False): cv.boolean,
        vol.Optional(CONF_COMMAND_ERRORS, default=False): cv.boolean,
        vol.Optional(CONF_COMMAND_LOCKS, default=False): cv.boolean,
        vol.Optional(CONF_ANNOUNCE, default=False): cv.boolean,
        vol.Optional(CONF_ANNOUNCE_PREFIX, default=DEFAULT_DISCOVERY_PREFIX): _base,
    },
    # A rule written by a newer version is still a rule after a downgrade.
    extra=vol.REMOVE_EXTRA,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A validated publish rule. ``topic`` and ``payload_template`` are sources.

    ``attributes`` are all of them if it is empty; intervals are in seconds.
    """

    selection: Selection = field(default_factory=Selection)
    base: str = DEFAULT_BASE
    topic: str = DEFAULT_TOPIC
    qos: int = DEFAULT_QOS
    retain: bool = DEFAULT_RETAIN
    payload: Payload = Payload.STATE
    payload_template: str = ""
    attributes: tuple[str, ...] = ()
    attribute_topics: bool = False
    unavailable: Unavailable = Unavailable.PUBLISH
    minimum_interval: float = 0
    threshold: float = 0
    commands: bool = False
    command_errors: bool = False
    command_locks: bool = False
    announce: bool = False
    announce_prefix: str = DEFAULT_DISCOVERY_PREFIX


def rule_from_data(data: Mapping[str, Any]) -> Rule:
    """Return the rule of a subentry's data, or raise vol.Invalid."""
    config = RULE_SCHEMA(dict(data))
    if config[CONF_PAYLOAD] is Payload.TEMPLATE and not config[CONF_PAYLOAD_TEMPLATE]:
        raise vol.Invalid("a template is needed", path=[CONF_PAYLOAD_TEMPLATE])
    selection = Selection.from_config(config)
    if not selection:
        raise vol.Invalid("nothing is chosen", path=[CONF_ENTITIES])
    return Rule(
        selection=selection,
        base=config[CONF_BASE],
        topic=config[CONF_TOPIC],
        qos=config[CONF_QOS],
        retain=config[CONF_RETAIN],
        payload=config[CONF_PAYLOAD],
        payload_template=str(data.get(CONF_PAYLOAD_TEMPLATE) or ""),
        attributes=tuple(config[CONF_ATTRIBUTES]),
        attribute_topics=config[CONF_ATTRIBUTE_TOPICS],
        unavailable=config[CONF_UNAVAILABLE],
        minimum_interval=config[CONF_MINIMUM_INTERVAL],
        threshold=config[CONF_THRESHOLD],
        commands=config[CONF_COMMANDS],
        command_errors=config[CONF_COMMAND_ERRORS],
        command_locks=config[CONF_COMMAND_LOCKS],
        announce=config[CONF_ANNOUNCE],
        announce_prefix=config[CONF_ANNOUNCE_PREFIX],
    )
