"""Which entities a publish rule is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import translate
import re
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.entity import entity_sources

from ..identity import is_own_copy


class Kind(StrEnum):
    """What entities can be chosen by; the values are the keys of a rule's data."""

    ENTITIES = "entities"
    DEVICES = "devices"
    AREAS = "areas"
    LABELS = "labels"
    DOMAINS = "domains"
    INTEGRATIONS = "integrations"
    GLOBS = "globs"


KINDS: Final = tuple(Kind)
EXCLUDE_PREFIX: Final = "exclude_"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of an entity, as far as it can be chosen by that."""

    entity_id: str
    domain: str
    device: str | None = None
    area: str | None = None
    labels: frozenset[str] = frozenset()
    integration: str | None = None
    config_entry: str | None = None
    is_own_copy: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """Entities, by what they are or belong to. Any of it is enough."""

    entities: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    integrations: frozenset[str] = frozenset()
    globs: frozenset[str] = frozenset()
    _glob: re.Pattern[str] | None = field(default=None, compare=False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], prefix: str = "") -> Self:
        """Return the criteria of a validated rule."""
        sets = {kind.value: frozenset(config[f"{prefix}{kind}"]) for kind in KINDS}
        globs = sorted(sets[Kind.GLOBS])
        pattern = "|".join(translate(glob.strip().lower()) for glob in globs)
        return cls(**sets, _glob=re.compile(pattern) if globs else None)

    @property
    def names_only_entities(self) -> bool:
        """Whether nothing but entity IDs says what is meant."""
        return not any(getattr(self, kind) for kind in KINDS if kind != Kind.ENTITIES)

    def renamed(self, old: str, new: str) -> Self:
        """Return this with the new name of an entity."""
        if old not in self.entities:
            return self
        return replace(self, entities=self.entities - {old} | {new})

    def matches(self, facts: _Facts) -> bool:
        """Whether an entity is meant."""
        return (
            facts.entity_id in self.entities
            or facts.domain in self.domains
            or facts.device in self.devices
            or facts.area in self.areas
            or facts.integration in self.integrations
            or not facts.labels.isdisjoint(self.labels)
            or (
                self._glob is not None and self._glob.match(facts.entity_id) is not None
            )
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What a rule takes, and what it leaves out.

    An entity that is named is taken whatever else is said; ``named`` keeps the order
    in which a person gave them.
    """

    named: tuple[str, ...] = ()
    taken: Criteria = field(default_factory=Criteria)
    left_out: Criteria = field(default_factory=Criteria)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return the selection of a validated rule."""
        return cls(
            tuple(dict.fromkeys(config[Kind.ENTITIES])),
            Criteria.from_config(config),
            Criteria.from_config(config, EXCLUDE_PREFIX),
        )

    def __bool__(self) -> bool:
        """Whether anything can be meant at all."""
        return bool(self.named) or not self.taken.names_only_entities

    @property
    def is_fixed(self) -> bool:
        """Whether it names entities and nothing else."""
        return self.taken.names_only_entities

    def renamed(self, old: str, new: str) -> Self:
        """Return this with the new name of an entity."""
        return replace(
            self,
            named=tuple(
                dict.fromkeys(new if each == old else each for each in self.named)
            ),
            taken=self.taken.renamed(old, new),
            left_out=self.left_out.renamed(old, new),
        )

    @callback
    def matches(self, hass: HomeAssistant, entity_id: str, entry_id: str) -> bool:
        """Whether it takes an entity.

        What came from the config entry ``entry_id``, the broker that it would go to,
        has to be named: it would go round in circles. So has what others, such as core's
        MQTT integration, made of our own announcements.
        """
        if entity_id in self.taken.entities:
            return True
        if self.is_fixed or not _exists(hass, entity_id):
            return False
        facts = _facts(hass, entity_id)
        return (
            facts.config_entry != entry_id
            and not facts.is_own_copy
            and self.taken.matches(facts)
            and not self.left_out.matches(facts)
        )

    @callback
    def all_matching(self, hass: HomeAssistant, entry_id: str) -> list[str]:
        """Return the entities that it takes: first those that are named."""
        if self.is_fixed:
            return list(self.named)
        known = {*er.async_get(hass).entities, *hass.states.async_entity_ids()}
        named = set(self.named)
        found = sorted(
            entity_id
            for entity_id in known
            if entity_id not in named and self.matches(hass, entity_id, entry_id)
        )
        return [*self.named, *found]


def _exists(hass: HomeAssistant, entity_id: str) -> bool:
    if hass.states.get(entity_id) is not None:
        return True
    entity = er.async_get(hass).async_get(entity_id)
    return entity is not None and entity.disabled_by is None


def _facts(hass: HomeAssistant, entity_id: str) -> _Facts:
    domain = entity_id.partition(".")[0]
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None:
        # Many have no unique ID, among them what others announce without one.
        source = entity_sources(hass).get(entity_id)
        if source is None:
            return _Facts(entity_id, domain)
        return _Facts(
            entity_id,
            domain,
            integration=source["domain"],
            config_entry=source.get("config_entry"),
        )
    device = entity.device_id and dr.async_get(hass).async_get(entity.device_id)
    area_id = area_of(hass, entity_id)
    area = area_id and ar.async_get(hass).async_get_area(area_id)
    labels = frozenset(entity.labels)
    if device:
        labels |= device.labels
    if area:
        labels |= area.labels
    return _Facts(
        entity_id,
        domain,
        entity.device_id,
        area_id,
        labels,
        entity.platform,
        entity.config_entry_id,
        is_own_copy(hass, entity.unique_id),
    )


def area_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the ID of the area that an entity is in, itself or with its device."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None:
        return None
    if entity.area_id is not None:
        return entity.area_id
    if entity.device_id is None:
        return None
    device = dr.async_get(hass).async_get(entity.device_id)
    return None if device is None else dr.async_get_effective_area_id(hass, device)
