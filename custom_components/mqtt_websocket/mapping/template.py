"""Values out of payloads, payloads out of commands: Home Assistant's templates.

The meaning is that of core's ``MqttValueTemplate`` and ``MqttCommandTemplate``
(homeassistant/components/mqtt/models.py): the same variables, the same results, and
an error wherever core has one.
"""

from ast import literal_eval
import codecs
from enum import Enum, StrEnum
import logging
from typing import TYPE_CHECKING, Any, Final, overload

import jinja2

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError, TemplateError
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.template import Template, TemplateStateFromEntityId
from homeassistant.helpers.typing import TemplateVarsType

from ..broker.message import Message
from ..const import DOMAIN
from .limited import LimitedTemplate
from .payload import DEFAULT_ENCODING, Failed, PayloadError, check_text, read_json, text
from .simple import simple_template

type Published = str | bytes | int | float | None

_LOGGER = logging.getLogger(__name__)

MAX_LOGGED: Final = 200
"""How much of a payload a log may show."""


class TemplateScope(StrEnum):
    """What a template may ask Home Assistant."""

    FULL = "full"
    """All of it: the template is a person's own."""
    LIMITED = "limited"
    """Nothing but functions of its variables: the template is a stranger's.

    ``this`` is the one state it sees, that of the entity that it belongs to. More than
    Home Assistant's own ``limited=True`` keeps from it: see ``limited``.
    """


class NoDefault(Enum):
    """The type of NO_DEFAULT."""

    NO_DEFAULT = "no_default"


NO_DEFAULT: Final = NoDefault.NO_DEFAULT


class ValueTemplateError(PayloadError):
    """A value template failed on a payload, in a way that has no default.

    ``cause`` is what the template raised. Core raises a TemplateError then, or lets the
    cause through (a division by zero); to the reader both are a payload of no use.
    """

    def __init__(
        self, cause: BaseException, source: str, entity_id: str | None
    ) -> None:
        """Say what failed where."""
        of_entity = "" if entity_id is None else f" of {entity_id}"
        super().__init__(
            f"the template{of_entity} fails on it: {type(cause).__name__}: "
            f"{str(cause)[:MAX_LOGGED]} (template: {source[:MAX_LOGGED]})"
        )
        self.cause = cause


class CommandTemplateError(ServiceValidationError):
    """A command template failed: the action that asked for the command does too."""

    def __init__(
        self, cause: BaseException, source: str, entity_id: str | None
    ) -> None:
        """Carry a translated text: ``exceptions.command_template_error.message``."""
        # A TemplateError's text names the type of its cause already.
        error = (
            str(cause)
            if isinstance(cause, TemplateError)
            else f"{type(cause).__name__}: {cause}"
        )
        super().__init__(
            error,
            translation_domain=DOMAIN,
            translation_key="command_template_error",
            translation_placeholders={
                "error": error,
                "entity_id": str(entity_id),
                "command_template": source,
            },
        )
        self.cause = cause


class _EntityTemplate:
    """A template, and the variables that its entity gives it."""

    def __init__(
        self,
        hass: HomeAssistant,
        source: str | None,
        scope: TemplateScope,
        entity: Entity | None,
    ) -> None:
        self._hass = hass
        self._entity = entity
        self._this: TemplateStateFromEntityId | None = None
        self._template: Template | LimitedTemplate | None = None
        if source is not None:
            kind = LimitedTemplate if scope is TemplateScope.LIMITED else Template
            self._template = kind(source, hass)

    @property
    def source(self) -> str | None:
        """The template's text; None where the payload passes as it is."""
        return None if self._template is None else self._template.template

    def _entity_variables(self) -> dict[str, Any]:
        """Return what core gives: read at each rendering, since a name may change."""
        if (entity := self._entity) is None:
            return {}
        if self._this is None:
            self._this = TemplateStateFromEntityId(self._hass, entity.entity_id)
        return {
            "entity_id": entity.entity_id,
            "name": entity.name,
            "this": self._this,
        }

    @property
    def _entity_id(self) -> str | None:
        return None if self._entity is None else self._entity.entity_id


def _known_encoding(encoding: str) -> str:
    """Return one name for UTF-8, however it is written; others as they are."""
    try:
        if encoding and codecs.lookup(encoding).name == DEFAULT_ENCODING:
            return DEFAULT_ENCODING
    except LookupError, ValueError:
        # Each message will say so: PayloadError.
        pass
    return encoding


class ValueTemplate(_EntityTemplate):
    """A value out of a payload. Made once, rendered for each message."""

    def __init__(
        self,
        hass: HomeAssistant,
        source: str | None,
        *,
        encoding: str = DEFAULT_ENCODING,
        scope: TemplateScope = TemplateScope.FULL,
        entity: Entity | None = None,
    ) -> None:
        """Take a template's text (None: the payload is the value).

        With the encoding ``""`` the variable ``value`` is the payload's bytes.
        """
        super().__init__(hass, source, scope, entity)
        self._encoding = _known_encoding(encoding)
        self._complained = False
        # Both scopes agree on what a simple template may use.
        self._simple = (
            simple_template(source)
            if source is not None and self._encoding == DEFAULT_ENCODING
            else None
        )

    @overload
    def render(
        self, message: Message, *, variables: TemplateVarsType = None
    ) -> str | bytes: ...

    @overload
    def render[T](
        self, message: Message, default: T, variables: TemplateVarsType = None
    ) -> str | bytes | T: ...

    def render(
        self,
        message: Message,
        default: Any = NO_DEFAULT,
        variables: TemplateVarsType = None,
    ) -> Any:
        """Return the value: text, stripped; with neither source nor encoding, bytes.

        Where Jinja fails (its own errors, such as an undefined variable used) the
        value is ``default``, without one the payload as it came, and a line in the log.
        Raises PayloadError when the payload is not text in the encoding, or the value is
        none at all, and ValueTemplateError when the template fails in any other way.
        """
        # Variables may hide what a simple template takes for granted.
        if (simple := self._simple) is not None and not variables:
            try:
                return simple(message)
            except Exception:  # noqa: BLE001
                pass  # Jinja does it again, and says what is wrong.
        encoding = self._encoding
        value = text(message, encoding) if encoding else message.payload
        template = self._template
        if template is None:
            return value
        values: dict[str, Any] = {} if variables is None else dict(variables)
        values.update(self._entity_variables())
        values["value"] = value
        parsed = read_json(message, encoding)
        if type(parsed) is not Failed:
            values["value_json"] = parsed
        try:
            rendered = template.async_render(values, parse_result=False)
        except Exception as err:  # noqa: BLE001 - whatever a template raises
            return self._failed(err, value, values, default)
        check_text(rendered)
        return rendered

    def _failed(
        self,
        err: Exception,
        value: str | bytes,
        values: dict[str, Any],
        default: Any,
    ) -> Any:
        """Do what ``Template.async_render_with_possible_json_value`` does then.

        That method, which core uses, parses the JSON again for each template.
        ``async_render`` differs from it in what it raises: each error of rendering is
        the cause of a TemplateError.
        """
        template = self._template
        if TYPE_CHECKING:
            assert template is not None
        source = template.template
        cause = err.__cause__ if isinstance(err, TemplateError) else err
        try:
            template.ensure_valid()
        except Exception as invalid:  # noqa: BLE001
            # A template that no schema has seen, and no error of rendering.
            raise ValueTemplateError(invalid, source, self._entity_id) from err
        if cause is None and isinstance(template, Template):
            # Too long: a limit that core's method does not have. A stranger's template
            # keeps it.
            return template.async_render_with_possible_json_value(
                value, variables=values
            )
        if not isinstance(cause, (jinja2.TemplateError, RecursionError)):
            raise ValueTemplateError(cause or err, source, self._entity_id) from err
        if default is not NO_DEFAULT:
            return default
        # Core says so for each message; once is enough to find the template.
        _LOGGER.log(
            logging.DEBUG if self._complained else logging.ERROR,
            "Error parsing value: %s (value: %s, template: %s)",
            cause,
            value[:MAX_LOGGED],
            source,
        )
        self._complained = True
        return value


class CommandTemplate(_EntityTemplate):
    """A payload out of a command."""

    def __init__(
        self,
        hass: HomeAssistant,
        source: str | None,
        *,
        scope: TemplateScope = TemplateScope.FULL,
        entity: Entity | None = None,
    ) -> None:
        """Take a template's text (None: the value is the payload)."""
        super().__init__(hass, source, scope, entity)

    def render(
        self, value: Published = None, variables: TemplateVarsType = None
    ) -> Published:
        """Return the payload: text, or bytes where the text is a ``b'…'`` literal.

        Without a source the value itself, whatever it is. Raises CommandTemplateError.
        """
        template = self._template
        if template is None:
            return value
        values: dict[str, Any] = {"value": value, **self._entity_variables()}
        if variables is not None:
            values.update(variables)
        try:
            rendered = template.async_render(values, parse_result=False)
        except Exception as err:
            raise CommandTemplateError(err, template.template, self._entity_id) from err
        return bytes_literal(rendered)


def bytes_literal(payload: Published) -> Published:
    """Return the bytes that a text of the form ``b'…'`` stands for, else the payload."""
    if isinstance(payload, str) and payload.startswith(("b'", 'b"')):
        try:
            found = literal_eval(payload)
        except ValueError, TypeError, SyntaxError, MemoryError:
            return payload
        if isinstance(found, bytes):
            return found
    return payload
