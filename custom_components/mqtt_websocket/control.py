"""What entities that can be controlled have in common: values told, values commanded.

Each value has its keys: the topic that tells it and the template that finds it in a
payload, the topic that commands it and the template that makes a payload of it. Where
no topic tells it, or ``optimistic`` says not to wait for that, the command is believed.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
import logging
from math import isfinite
from typing import Any, override

from homeassistant.const import CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON
from homeassistant.helpers.typing import TemplateVarsType

from .broker.message import Message
from .entity import MqttEntity, Reader
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_OPTIMISTIC,
    CONF_RETAIN,
    CONF_STATE_TOPIC,
    ENTITY,
    PAYLOAD_NONE,
)
from .mapping.template import CommandTemplate, Published, ValueTemplate

type Value = str | bytes
"""What a value template makes of a payload; bytes with an empty encoding only."""

type Taker = Callable[[Value], None]
"""Takes a value over, or raises: PayloadError, or what a conversion raises."""


class Meaningless(PayloadError):
    """A value that means nothing here, and need not: logged for information only."""


class ControlEntity(MqttEntity):
    """An entity whose values are told and commanded by topics."""

    _command_templates: dict[str, CommandTemplate]

    @override
    def _configure(self) -> None:
        self._command_templates = {}
        super()._configure()

    def _assumes(self, state_topic: str = CONF_STATE_TOPIC) -> bool:
        """Whether a command is believed: nothing tells the value, or nobody waits."""
        config = self._config
        return bool(config[CONF_OPTIMISTIC]) or config.get(state_topic) is None

    # --- messages -----------------------------------------------------------------

    def _reading(
        self,
        topic: str,
        template: str,
        take: Taker,
        *,
        strict: bool = False,
        empty: bool = False,
        variables: TemplateVarsType = None,
    ) -> Iterator[tuple[str, Reader]]:
        """Yield what reads a value; nothing if no topic tells it. Takes two keys.

        An empty value is a template's way to say "not for me": it is ignored, unless
        ``empty``. Where Jinja fails on a payload, the payload is the value; with
        ``strict`` there is none. The template sees ``variables`` besides its own.
        """
        if (found := self._config.get(topic)) is not None:
            source = self._template(self._config.get(template))
            yield found, partial(self._read, source, take, strict, empty, variables)

    def _read(
        self,
        template: ValueTemplate,
        take: Taker,
        strict: bool,
        empty: bool,
        variables: TemplateVarsType,
        message: Message,
    ) -> None:
        value = (
            template.render(message, None, variables)
            if strict
            else template.render(message, variables=variables)
        )
        if value is None:
            raise PayloadError("the value template fails on it")
        if not value and not empty:
            return
        try:
            take(value)
        except Meaningless as err:
            self._bad_payloads.add(message, self.entity_id, err, logging.INFO)
        except PayloadError:
            raise
        except (ArithmeticError, TypeError, ValueError) as err:
            # Not its text, which shows the payload.
            raise PayloadError(
                f"its value is of no use here ({type(err).__name__})"
            ) from err

    # --- commands -----------------------------------------------------------------

    async def _command(
        self,
        topic: str,
        value: Published,
        template: str | None = None,
        variables: TemplateVarsType = None,
    ) -> None:
        """Publish what a template makes of a value. Takes the keys of topic and template.

        Raises a translated HomeAssistantError.
        """
        payload = (
            value if template is None else self._render(template, value, variables)
        )
        await self.async_publish(self._config[topic], payload)

    def _believe(
        self, name: str, value: Any, state_topic: str = CONF_STATE_TOPIC
    ) -> None:
        """Have what was commanded as an attribute, if nothing tells what became of it."""
        if self._assumes(state_topic):
            setattr(self, name, value)
            self.async_write_ha_state()

    def _render(
        self, template: str, value: Published, variables: TemplateVarsType = None
    ) -> Published:
        """Return what the template of a key makes of a value: a payload."""
        # Made when first used: there is no ``hass`` to compile it with before.
        if (found := self._command_templates.get(template)) is None:
            found = self._command_templates[template] = CommandTemplate(
                self.hass,
                self._config.get(template),
                scope=self.plan.scope,
                entity=self,
            )
        return found.render(value, variables)


def told_by(keys: Mapping[Any, Any]) -> frozenset[str]:
    """Return a platform's keys that decide what is told.

    That is all but those that every entity has, and those of the commands.
    """
    return frozenset(
        str(key)
        for key in keys
        if key not in ENTITY and key != CONF_RETAIN and "command" not in str(key)
    )


def is_on(value: Value, config: EntityConfig) -> bool | None:
    """Return what a payload for on or off says; None is "unknown". Raises Meaningless."""
    if value == config[CONF_PAYLOAD_ON]:
        return True
    if value == config[CONF_PAYLOAD_OFF]:
        return False
    if value == PAYLOAD_NONE:
        return None
    raise Meaningless("it means neither on nor off")


def number(value: Any) -> float:
    """Return a finite number. Raises PayloadError: Home Assistant can show no other."""
    try:
        found = float(value)
    except OverflowError, TypeError, ValueError:
        raise PayloadError("it is not a number") from None
    if not isfinite(found):
        raise PayloadError("it is not a finite number")
    return found
