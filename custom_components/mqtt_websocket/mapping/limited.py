"""Templates of strangers: Home Assistant's functions without Home Assistant.

``Template.async_render(limited=True)`` is not enough for them (2026.10):

- A template is *compiled* in the full environment, and Jinja evaluates what is constant
  while it compiles. ``{{ 'sensor.x' | states }}`` so becomes the state of that moment,
  in a limited template as well.
- In the limited environment itself ``areas()``, ``labels()``, ``integration_entities()``,
  ``device_entities()``, ``config_entry_attr()``, ``issues()`` and their like still read
  Home Assistant's registries.
- Templates can be imported from a person's ``custom_templates``.

Here the environment has no Home Assistant to ask, when it compiles and when it renders.
Names that would need one raise, with a text that says so, rather than be undefined: that
would count as a mistake in the payload. Clock, base64 and hashes, which Home Assistant
leaves out of its limited environment too, tell nothing and are common in announcements.

Time (``deadline``) and memory (``bounds``) are limited, too.
"""

from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Final, NoReturn

import jinja2

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import (
    MAX_TEMPLATE_OUTPUT,
    TemplateEnvironment,
    is_template_string,
)
from homeassistant.helpers.template.context import (
    render_with_context,
    template_context_manager,
)
from homeassistant.util.hass_dict import HassKey

from .bounds import BoundedEnvironment, LimitError
from .deadline import DEADLINE, SECONDS, TookTooLong

_HARMLESS: Final = frozenset(
    {
        "base64_decode", "base64_encode", "md5", "now", "relative_time", "sha1", "sha256",
        "sha512", "time_since", "time_until", "timedelta_string", "today_at", "utcnow",
    }
)  # fmt: skip

_KEPT: Final = 512


class _Environment:
    """The environment, and what was compiled in it lately."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take Home Assistant's limited environment, without the Home Assistant."""
        self._jinja = BoundedEnvironment()
        full = TemplateEnvironment(hass)
        _limit(self._jinja.globals, full.globals)
        _limit(self._jinja.filters, full.filters)
        _limit(self._jinja.tests, full.tests)
        self.compiled = lru_cache(maxsize=_KEPT)(self._compile)

    def _compile(self, source: str) -> jinja2.Template:
        with template_context_manager as context:
            context.set_template(source, "compiling")
            # Not from_string(): its globals are a chain, which takes 30 us to copy for
            # each rendering.
            return jinja2.Template.from_code(
                self._jinja, self._jinja.compile(source), self._jinja.globals
            )


def _limit(functions: MutableMapping[str, Any], full: Mapping[str, Any]) -> None:
    for name, function in full.items():
        if name in _HARMLESS:
            functions[name] = function
        elif name not in functions:
            functions[name] = _unsupported(name)


def _unsupported(name: str) -> Callable[..., NoReturn]:
    def unsupported(*_: Any, **__: Any) -> NoReturn:
        raise LimitError(f"Use of '{name}' is not supported in limited templates")

    return unsupported


_ENVIRONMENT: HassKey[_Environment] = HassKey("mqtt_websocket.limited_environment")


class LimitedTemplate:
    """A stranger's template, with the part of ``Template``'s interface that we use."""

    __slots__ = ("_environment", "_is_static", "template")

    def __init__(self, template: str, hass: HomeAssistant) -> None:
        """Take the template's text."""
        self.template = template.strip()
        self._is_static = not is_template_string(template)
        if (environment := hass.data.get(_ENVIRONMENT)) is None:
            environment = hass.data[_ENVIRONMENT] = _Environment(hass)
        self._environment = environment

    def ensure_valid(self) -> None:
        """Raise what Jinja raises if there is no such template."""
        self._environment.compiled(self.template)

    def async_render(
        self, variables: Mapping[str, Any], parse_result: bool = False
    ) -> str:
        """Return the text, stripped.

        What goes wrong is raised as it is, not as the cause of a TemplateError.
        ``parse_result`` is there for ``Template``'s sake: the result is never parsed.
        """
        if self._is_static:
            return self.template
        try:
            with DEADLINE:
                compiled = self._environment.compiled(self.template)
                rendered = render_with_context(self.template, compiled, **variables)
        except TookTooLong:
            raise _too_long() from None
        if len(rendered) > MAX_TEMPLATE_OUTPUT:
            raise LimitError(
                f"Template output exceeded maximum size of {MAX_TEMPLATE_OUTPUT} characters"
            )
        return rendered.strip()


def _too_long() -> LimitError:
    return LimitError(f"It takes more than {SECONDS} s")


def ensure_valid(source: str, hass: HomeAssistant) -> None:
    """Raise what Jinja raises if a text is no template. Evaluates no part of it."""
    LimitedTemplate(source, hass).ensure_valid()
