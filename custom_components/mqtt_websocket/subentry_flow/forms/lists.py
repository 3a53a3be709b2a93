"""Fields for lists of texts."""

from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from ...selectors import TEXTS
from ..fields import Field


def _as_list(texts: Any) -> list[str]:
    return [str(each) for each in (texts if isinstance(texts, list) else [texts])]


def text_list(
    key: str,
    section: str | None = None,
    *,
    required: bool = False,
    default: Sequence[str] | None = None,
    needs: str | None = None,
) -> Field:
    """Return a field for some texts, of which core takes a single one without a list."""
    return Field(
        key=key,
        selector=TEXTS,
        section=section,
        required=required,
        default=vol.UNDEFINED if default is None else list(default),
        show=_as_list,
        needs=needs,
    )
