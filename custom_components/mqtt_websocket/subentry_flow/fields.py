"""Forms as data: what is shown, and how that becomes a config and comes back.

A form is a tuple of fields. What is stored has the keys of the MQTT documentation;
sections are a matter of the screen alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import Selector

from ..broker.errors import BrokerError

BASE: Final = "base"

type AnySelector = Selector[Any] | vol.All[Any]


def _same(value: Any) -> Any:
    return value


def _anything(value: Any) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form.

    ``default`` is what is meant when the key is not stored; it is shown, and never
    stored. ``if_empty`` is stored for an empty field. ``show`` turns what is stored
    into what the selector knows, ``keep`` turns that back. ``check`` raises
    BrokerError or vol.Invalid; ``error`` names the text for a vol.Invalid. ``needs``
    is the key of another field without which this one is refused, ``reads`` that of
    the topic whose payloads this template is for. ``clearable``: to clear the field is
    not the same as its default.
    """

    key: str
    selector: AnySelector
    section: str | None = None
    required: bool = False
    default: Any = vol.UNDEFINED
    if_empty: Any = vol.UNDEFINED
    show: Callable[[Any], Any] = _same
    keep: Callable[[Any], Any] = _same
    check: Callable[[Any], object] = _anything
    error: str = "invalid_value"
    needs: str | None = None
    reads: str | None = None
    clearable: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a form: where it is shown, the text, and what fills it."""

    place: str
    key: str
    placeholders: dict[str, str] = field(default_factory=dict)


def form_schema(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    problem: Problem | None = None,
    optional: Iterable[str] = (),
) -> vol.Schema:
    """Return the schema of a form that shows these values.

    ``values`` is as the form has them, without sections. A section is open when it has
    something to say. ``optional`` names fields that need no value this time.
    """
    rows: dict[Any, Any] = {}
    sections: dict[str, dict[Any, Any]] = {}
    in_use = {problem.place} if problem is not None else set()
    for each in fields:
        required = each.required and each.key not in optional
        value = values.get(each.key)
        marker = (vol.Required if required else vol.Optional)(
            each.key,
            # A default comes back where a field was cleared.
            default=vol.UNDEFINED if each.clearable else each.default,
            description=None if value is None else {"suggested_value": value},
        )
        if each.section is None:
            rows[marker] = each.selector
            continue
        if each.section not in sections:
            sections[each.section] = {}
            # Its content follows with the other fields; its place is here.
            rows[vol.Optional(each.section)] = each.section
        sections[each.section][marker] = each.selector
        if value not in (None, each.default):
            in_use.add(each.section)
    return vol.Schema(
        {
            marker: section(vol.Schema(sections[row]), {"collapsed": row not in in_use})
            if isinstance(row, str)
            else row
            for marker, row in rows.items()
        }
    )


def entered_values(
    fields: Iterable[Field], user_input: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was entered, without sections and empty fields."""
    values: dict[str, Any] = {}
    for each in fields:
        place = user_input if each.section is None else user_input.get(each.section, {})
        value = place.get(each.key)
        blank = isinstance(value, str) and not value.strip()
        if not blank and value not in (None, [], {}):
            values[each.key] = value
    return values


def shown_values(fields: Iterable[Field], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows of a stored config."""
    values = {
        each.key: each.default
        for each in fields
        if each.clearable and each.key not in stored
    }
    return values | {
        each.key: each.show(stored[each.key])
        for each in fields
        if stored.get(each.key) is not None
    }


def merged(
    fields: Iterable[Field], stored: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the stored config with a form's values in it.

    Keys that no field shows stay as they are.
    """
    config = dict(stored)
    for each in fields:
        config.pop(each.key, None)
        if each.key not in values:
            # A config from elsewhere may have had nothing there, with another meaning.
            if each.if_empty is not vol.UNDEFINED and (
                not stored or each.key in stored or each.clearable
            ):
                config[each.key] = each.if_empty
            continue
        value = each.keep(values[each.key])
        if value != each.default:
            config[each.key] = value
    return config


def checked(
    fields: Iterable[Field],
    config: Mapping[str, Any],
    shared: Mapping[str, Any] | None = None,
) -> Problem | None:
    """Return the first problem that a field finds with its value.

    ``shared`` has what else counts, without being shown here.
    """
    whole = {**(shared or {}), **config}
    for each in fields:
        if config.get(each.key) is None:
            continue
        if each.needs is not None and not whole.get(each.needs):
            return Problem(
                each.section or each.key,
                "needs_another",
                {"field": each.key, "needed": each.needs},
            )
        try:
            each.check(config[each.key])
        except BrokerError as err:
            return Problem(
                each.section or each.key,
                err.key,
                {"field": each.key, **err.details},
            )
        except vol.Invalid as err:
            return explained(fields, err, each.key)
    return None


def explained(
    fields: Iterable[Field], err: vol.Invalid, key: str | None = None
) -> Problem:
    """Return what a schema found, at the field that it is about.

    ``key`` is that field if the error does not say so itself.
    """
    while isinstance(err, vol.MultipleInvalid):
        # One at a time: all texts of a form share their placeholders.
        err = err.errors[0]
    if key is None and err.path:
        key = str(err.path[0])
    message = {"error": err.error_message}
    for each in fields:
        if each.key == key:
            return Problem(
                each.section or each.key,
                each.error,
                {"field": each.key, **message},
            )
    return Problem(BASE, "invalid_config", message)
