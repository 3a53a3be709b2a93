"""What simple templates are made of: what is translated, and how far it may go."""

from collections.abc import Callable, Mapping
from functools import lru_cache
import operator
from typing import Any, Final

from jinja2 import nodes

from homeassistant.helpers.template import TemplateEnvironment


class NotSimple(Exception):
    """This template is Jinja's."""


class LetJinja(Exception):
    """This message is Jinja's."""


# Functions of their arguments alone: no state, no clock, no chance, no log.
FILTERS: Final = frozenset(
    {
        "abs", "add", "bitwise_and", "bitwise_or", "bitwise_xor", "bool", "capitalize",
        "count", "d", "default", "float", "from_json", "iif", "int", "is_defined",
        "is_number", "length", "lower", "multiply", "ord", "round", "string", "title",
        "to_json", "trim", "upper",
    }
)  # fmt: skip
TESTS: Final = frozenset(
    {
        "!=", "<", "<=", "==", ">", ">=", "boolean", "eq", "equalto", "even", "false",
        "float", "ge", "greaterthan", "gt", "in", "integer", "is_number", "le",
        "lessthan", "lt", "mapping", "ne", "none", "number", "odd", "sequence",
        "string", "string_like", "true",
    }
)  # fmt: skip
FUNCTIONS: Final = frozenset(
    {"bitwise_and", "bitwise_or", "bool", "float", "iif", "int", "is_number"}
)
RESERVED: Final = FUNCTIONS | {
    "caller", "kwargs", "loop", "self", "super", "value", "value_json", "varargs",
}  # fmt: skip
"""Names that mean something before a template sets them."""

STR_METHODS: Final = frozenset(
    {
        "capitalize", "endswith", "find", "lower", "lstrip", "removeprefix",
        "removesuffix", "replace", "rsplit", "rstrip", "split", "startswith", "strip",
        "title", "upper", "zfill",
    }
)  # fmt: skip

# What `str()` writes as Jinja does. Home Assistant rewrites what is in containers
# before they are written, so they are left to it.
SCALARS: Final = frozenset({str, int, float, bool, type(None)})

# What is bounded for strangers where Jinja renders must not be had without it.

_NUMBERS: Final = frozenset({int, float, bool})
_MAX_LENGTH: Final = 100_000


def _of_numbers(function: Callable[[Any, Any], float], left: Any, right: Any) -> float:
    if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
        raise LetJinja
    return function(left, right)


def _sum(left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str:
        return joined([left, right])
    return _of_numbers(operator.add, left, right)


def joined(parts: list[str]) -> str:
    """Return the parts as one text. Raises LetJinja if that is too long."""
    length = 0
    for part in parts:
        length += len(part)
    if length > _MAX_LENGTH:
        raise LetJinja
    return "".join(parts)


def _replace(text: str, *args: Any) -> str:
    if len(text) * len(str(args[1:2])) > _MAX_LENGTH:
        raise LetJinja
    return str.replace(text, *args)


def _zfill(text: str, width: int) -> str:
    if width > _MAX_LENGTH:
        raise LetJinja
    return str.zfill(text, width)


BINARY: Final[dict[type[nodes.BinExpr], Callable[[Any, Any], Any]]] = {
    nodes.Add: _sum,
    nodes.Sub: operator.sub,
    nodes.Mul: lambda left, right: _of_numbers(operator.mul, left, right),
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: lambda left, right: _of_numbers(operator.mod, left, right),
}
BOUNDED_METHODS: Final[dict[str, Callable[..., str]]] = {
    "replace": _replace,
    "zfill": _zfill,
}
COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


@lru_cache(maxsize=1)
def environment() -> TemplateEnvironment:
    """Return Home Assistant's environment, without a Home Assistant in it."""
    return TemplateEnvironment(None, limited=True)


def plain(functions: Mapping[str, Any], name: str) -> Callable[..., Any]:
    """Return a function of the environment that wants nothing but its arguments.

    Raises NotSimple if there is none.
    """
    function: Callable[..., Any] | None = functions.get(name)
    if function is None or getattr(function, "jinja_pass_arg", None) is not None:
        raise NotSimple
    return function
