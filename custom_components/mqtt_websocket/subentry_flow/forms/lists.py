"""Fields for lists of texts."""

from homeassistant.helpers.selector import TextSelector, TextSelectorConfig

from ..fields import Field


def text_list(key: str) -> Field:
    """Return a field for some texts, of which core takes a single one without a list."""
    return Field(
        key=key,
        selector=TextSelector(TextSelectorConfig(multiple=True)),
        required=True,
        show=lambda texts: [
            str(each) for each in (texts if isinstance(texts, list) else [texts])
        ],
    )
