"""From topics that were heard to proposed devices with entity configs.

What is known of the world is in the tables of ``suggestions``. Precision comes first:
what is not sure is proposed as a plain sensor, or with no class.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import re
from typing import Final

from .candidate import Candidate
from .classify import classify, key_fits, place_words
from .commands import command_of, without_parts
from .grouping import (
    Availability,
    Place,
    availability_of,
    availability_place,
    command_topics,
    generic_object,
    generic_scalar,
    place_of,
)
from .heard import values_in, words
from .homie import Property, read_homie
from .names import name_of, names_of, shortest
from .proposals import Proposal, proposal_of

MAX_PROPOSALS: Final = 200
"""For one device."""

_DISCOVERY: Final = re.compile(r"\w+(?:/[\w-]+){2,3}/config")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDevice:
    """A device that could be made. ``shared`` are options that its entities share."""

    key: str
    name: str
    candidates: tuple[Candidate, ...]
    commands: Mapping[str, str]
    info: dict[str, str]
    shared: dict[str, str]
    topics: tuple[str, ...]

    @property
    def samples(self) -> list[tuple[str, str]]:
        """What its values are called, in short, and the last of each."""
        return [
            (name_of(each, shortest(each)) or self.name, str(each.value.value))
            for each in self.candidates
        ]

    def proposals(self) -> tuple[Proposal, ...]:
        """Return its entities, all of them valid; the sure ones first.

        In the event loop: the validation of templates asks Home Assistant.
        """
        candidates = without_parts(self.candidates)
        set_by = [command_of(each, self.commands) for each in candidates]
        named = names_of(candidates, set_by)
        found: dict[str, Proposal] = {}
        for candidate, name, command in zip(candidates, named, set_by, strict=True):
            if (proposal := proposal_of(candidate, name, command)) is not None:
                # What two topics tell is one value.
                found.setdefault(proposal.key, proposal)
        return tuple(sorted(found.values(), key=lambda each: not each.sure))


def suggest(
    heard: Mapping[str, Sequence[str]], *, metric: bool = True
) -> list[ProposedDevice]:
    """Return the devices in what was heard: topics with their last payloads, as text.

    Takes a while for thousands of topics, and needs nothing of Home Assistant: a job
    for a thread. ``metric``: temperatures without a unit, of devices that nobody knows,
    are °C.
    """
    heard = {
        topic: [payload for payload in payloads if payload]
        for topic, payloads in heard.items()
    }
    properties, names = read_homie(heard)
    commands = command_topics(heard)
    devices: dict[str, list[Candidate]] = {}
    present: list[Availability] = []
    for topic, payloads in sorted(heard.items()):
        if not payloads or _is_announcement(topic, payloads[-1]):
            continue
        if (availability := availability_of(topic, payloads[-1])) is not None:
            present.append(availability)
        elif (place := place_of(topic)) is not None:
            for each in _candidates(topic, payloads, place, properties, metric):
                devices.setdefault(each.place.device, []).append(each)
    # Nothing of what was heard stays behind.
    key_fits.cache_clear()
    proposed = [
        _device(key, candidates, commands, present, names)
        for key, candidates in devices.items()
    ]
    return sorted(proposed, key=lambda device: device.name.casefold())


def _is_announcement(topic: str, payload: str) -> bool:
    return bool(_DISCOVERY.fullmatch(topic)) and payload.lstrip().startswith("{")


def _candidates(
    topic: str,
    payloads: Sequence[str],
    place: Place,
    properties: Mapping[str, Property],
    metric: bool,
) -> Iterable[Candidate]:
    values = values_in(payloads)
    if place.family is None:
        scalar = not any(value.path for value in values) or all(
            value.path == ("value",) for value in values
        )
        place = generic_scalar(topic) if scalar else generic_object(topic)
    texts = {
        place_words(value.parts): value.value
        for value in values
        if isinstance(value.value, str)
    }
    meta = properties.get(topic)
    for value in values:
        parts = place.parts + (() if value.path == ("value",) else value.parts)
        # Without any, the device's own name is all there is to go by.
        text = place_words(parts) or words(place.device.rpartition("/")[2])
        kind = classify(
            value,
            text,
            place.family,
            unit=None if meta is None else meta.unit,
            neighbours=texts,
            metric=metric,
        )
        if kind.rule is None or not kind.rule.skip:
            yield Candidate(
                topic=topic,
                value=value,
                place=place,
                kind=kind,
                meta=meta,
                parts=parts,
            )


# --- devices -----------------------------------------------------------------------------


def _device(
    key: str,
    candidates: list[Candidate],
    commands: Mapping[str, str],
    present: Iterable[Availability],
    names: Mapping[str, str],
) -> ProposedDevice:
    place = candidates[0].place
    candidates = candidates[:MAX_PROPOSALS]
    topics = tuple(dict.fromkeys(candidate.topic for candidate in candidates))
    title = place.title
    info: dict[str, str] = {}
    if place.family is not None:
        if place.family.manufacturer is not None:
            info["manufacturer"] = place.family.manufacturer
        if "{model}" in title:
            title = title.replace("{model}", _model(candidates)).strip()
        for base, name in names.items():
            if topics[0].startswith(f"{base}/"):
                title = name
    shared: dict[str, str] = {}
    # What a device says itself counts more than what its bridge says.
    for availability in sorted(
        present, key=lambda each: not availability_place(each.topic)[1]
    ):
        if _concerns(availability, place, topics):
            shared = availability.config
            break
    return ProposedDevice(
        key=key,
        name=title,
        candidates=tuple(candidates),
        commands=commands,
        info=info,
        shared=shared,
        topics=topics,
    )


def _model(candidates: Sequence[Candidate]) -> str:
    """Return the model that a payload tells."""
    (found,) = {
        str(value.value)
        for value in values_in([candidates[0].value.payload])
        if value.path == ("name",)
    } or {""}
    return found


def _concerns(availability: Availability, place: Place, topics: Sequence[str]) -> bool:
    family, identity = availability_place(availability.topic)
    if family is not None:
        return (
            place.family is not None
            and place.family.name == family
            and identity in ("", place.found.get("device"))
        )
    return (place.family is None or not place.family.availability) and all(
        topic == identity or topic.startswith(f"{identity}/") for topic in topics
    )


__all__ = ["Proposal", "ProposedDevice", "suggest"]
