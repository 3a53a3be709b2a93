"""Selectors that several forms use."""

from typing import Any, Final, cast, override

import voluptuous as vol

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TemplateSelector,
    TemplateSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)


class UncheckedTemplateSelector(TemplateSelector):
    """A template editor that leaves the check to whoever stores the template.

    The selector's own check answers before the form gets to see the text, in English
    and with what was entered gone.
    """

    @override
    def __call__(self, data: Any) -> str:
        """Take any text."""
        text: str = vol.Schema(str)(data)
        return text

    @override
    def serialize(self) -> dict[str, dict[str, TemplateSelectorConfig]]:
        """Take the editor's button for a test away: it knows of no message.

        It would say of each template that ``value_json`` is undefined.
        """
        config = cast(TemplateSelectorConfig, {"preview": False})
        return {"selector": {self.selector_type: config}}


BOOLEAN: Final = BooleanSelector()
TEXT: Final = TextSelector()
TEMPLATE: Final = UncheckedTemplateSelector()


def select(
    *options: str, key: str | None = None, custom: bool = False, multiple: bool = False
) -> SelectSelector:
    """Return a drop-down list; ``key`` leads to the options' texts.

    With ``custom``, what is not among the options can be typed.
    """
    config = SelectSelectorConfig(
        options=[str(option) for option in options],
        mode=SelectSelectorMode.DROPDOWN,
        custom_value=custom,
        multiple=multiple,
    )
    if key is not None:
        config["translation_key"] = key
    return SelectSelector(config)


def whole_number(
    least: int = 0, most: int | None = None, unit: str | None = None
) -> vol.All[Any]:
    """Return a box for a whole number, which may be the least or the most."""
    config = NumberSelectorConfig(min=least, step=1, mode=NumberSelectorMode.BOX)
    if most is not None:
        config["max"] = most
    if unit is not None:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Coerce(int))


SECONDS: Final = whole_number(unit="s")
NUMBER: Final = NumberSelector(
    NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
)
WHOLE: Final = vol.All(
    NumberSelector(NumberSelectorConfig(step=1, mode=NumberSelectorMode.BOX)),
    vol.Coerce(int),
)
LINES: Final = TextSelector(TextSelectorConfig(multiline=True))
TEXTS: Final = TextSelector(TextSelectorConfig(multiple=True))

# A list of options knows text only, and has to be shown what it gave; numbers are
# stored, and may come in from scripts.
QOS: Final = vol.All(vol.Coerce(str), select("0", "1", "2", key="qos"))
