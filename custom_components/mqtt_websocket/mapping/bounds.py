"""An environment in which templates of strangers can't make gigabytes.

Each primitive that makes much of little (``'a' * 10**9``, ``center``, ``replace``, a
width in a format) is asked first how much it would make. Nothing is evaluated while a
template compiles: Jinja would evaluate what is constant, before any of this counts.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
import re
from typing import TYPE_CHECKING, Any, Final, override

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context

from homeassistant.helpers.template import MAX_TEMPLATE_OUTPUT, TemplateEnvironment

MAX_CHARACTERS: Final = 4 * 1024 * 1024
"""What one step of a template may make. The payload itself may be that large."""
MAX_ITEMS: Final = 200_000
"""Items of a list that one step makes. A range has 100,000 at most."""
MAX_BITS: Final = 4096
"""Of a whole number."""
MAX_WIDTH: Final = 10_000
"""What a number may be that says how wide, or how many."""

_WIDE_FORMAT: Final = re.compile(r"\d{5}|\*|\{[^{}]*\{")
_SIZED: Final = frozenset({str, bytes, list, tuple})

_WIDE_FILTERS: Final = (
    "batch", "center", "indent", "pprint", "slice", "tojson", "truncate", "wordwrap",
)  # fmt: skip
_WIDE_METHODS: Final = frozenset(
    {"center", "expandtabs", "ljust", "rjust", "to_bytes", "zfill"}
)


class LimitError(Exception):
    """A stranger's template wants more than it may."""


def _refuse(what: str) -> LimitError:
    return LimitError(f"{what} makes too much of too little")


# --- how much would that be? ---------------------------------------------------------


def _check_product(left: Any, right: Any) -> None:
    for one, other in ((left, right), (right, left)):
        if type(one) in _SIZED:
            limit = MAX_ITEMS if type(one) in (list, tuple) else MAX_CHARACTERS
            if isinstance(other, int) and len(one) * other > limit:
                raise _refuse("a repetition")
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and left.bit_length() + right.bit_length() > MAX_BITS
    ):
        raise _refuse("a multiplication")


def _check_power(left: Any, right: Any) -> None:
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and left.bit_length() * right > MAX_BITS
    ):
        raise _refuse("a power")


def _check_sum(left: Any, right: Any) -> None:
    if type(left) in _SIZED and type(right) in _SIZED:
        limit = MAX_ITEMS if type(left) in (list, tuple) else 2 * MAX_CHARACTERS
        if len(left) + len(right) > limit:
            raise _refuse("a sum")


def _check_format(template: Any, *_: Any, **__: Any) -> None:
    if isinstance(template, bytes):
        template = template.decode("latin-1")
    if isinstance(template, str) and _WIDE_FORMAT.search(template):
        raise _refuse("a format")


def _check_modulo(left: Any, right: Any) -> None:
    _check_format(left)


def _check_pack(_value: Any, template: Any = "", *_: Any, **__: Any) -> None:
    _check_format(template)


def _check_widths(_value: Any, *args: Any, **kwargs: Any) -> None:
    for each in (*args, *kwargs.values()):
        if isinstance(each, int) and abs(each) > MAX_WIDTH:
            raise _refuse("a width")


def _check_replace(
    value: Any, old: Any = "", new: Any = "", *_: Any, **__: Any
) -> None:
    if isinstance(value, bytes):
        size, found = len(value), value.count(old) if old else len(value) + 1
    else:
        value, old, new = str(value), str(old), str(new)
        size, found = len(value), value.count(old) if old else len(value) + 1
    if size + found * len(new) > 2 * MAX_CHARACTERS:
        raise _refuse("a replacement")


def _check_regex_replace(
    value: Any = "", find: Any = "", replace: Any = "", *_: Any, **__: Any
) -> None:
    # A group may be put in as often as it is named.
    if (len(str(value)) + 1) * (len(str(replace)) + 1) > MAX_CHARACTERS:
        raise _refuse("a replacement")


_OPERATORS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "%": _check_modulo,
    "*": _check_product,
    "**": _check_power,
    "+": _check_sum,
}
_FILTERS: Final[dict[str, Callable[..., None]]] = {
    **dict.fromkeys(_WIDE_FILTERS, _check_widths),
    "format": _check_format,
    "pack": _check_pack,
    "regex_replace": _check_regex_replace,
    "replace": _check_replace,
}


# --- what asks -------------------------------------------------------------------------


def _joined(parts: Iterable[str], limit: int = MAX_CHARACTERS) -> str:
    """Join texts; not all of them, if that is too much."""
    found: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        if length > limit:
            raise LimitError(
                "Template output exceeded maximum size of"
                f" {MAX_TEMPLATE_OUTPUT} characters"
            )
        found.append(part)
    return "".join(found)


def _guarded(function: Callable[..., Any], check: Callable[..., None]) -> Any:
    """Return a filter that is asked first. It wants what the filter wants of Jinja."""
    skip = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        check(*args[skip:], **kwargs)
        return function(*args, **kwargs)

    return guarded


def _guarded_join(function: Callable[..., Any]) -> Any:
    @wraps(function)
    def guarded(
        eval_ctx: Any, value: Iterable[Any], d: str = "", attribute: Any = None
    ) -> Any:
        items: list[Any] = []
        length = 0
        for item in value:
            length += len(str(d)) + (len(item) if isinstance(item, str) else 1)
            if length > MAX_CHARACTERS or len(items) > MAX_ITEMS:
                raise _refuse("a join")
            items.append(item)
        return function(eval_ctx, items, d, attribute)

    return guarded


class _Generator(CodeGenerator):
    """Jinja's compiler, without its evaluation of constants."""

    @override
    def _output_child_to_const(
        self, node: nodes.Expr, frame: Frame, finalize: Any
    ) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    @override
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.joined((")
        for arg in node.nodes:
            self.visit(arg, frame)
            self.write(", ")
        self.write("))")


class BoundedEnvironment(TemplateEnvironment):
    """Home Assistant's limited environment, without a Home Assistant, and bounded."""

    code_generator_class = _Generator
    intercepted_binops = frozenset(_OPERATORS)
    concat = staticmethod(_joined)

    def __init__(self) -> None:
        """Have all filters of Home Assistant's, and ask some of them first."""
        super().__init__(None, limited=True)
        self.optimized = False
        for name, check in _FILTERS.items():
            if name in self.filters:
                self.filters[name] = _guarded(self.filters[name], check)
        self.filters["join"] = _guarded_join(self.filters["join"])
        del self.globals["lipsum"]

    def joined(self, values: tuple[Any, ...]) -> str:
        """Return what ``~`` makes of values."""
        return _joined(map(str, values))

    @override
    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _OPERATORS[operator](left, right)
        return super().call_binop(context, operator, left, right)

    @override
    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return the sandbox's ``str.format``, unless its widths are too large."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _check_format(value.__self__)
        return wrapped

    @override
    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls, unless it is a method that makes too much."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, (str, bytes, int)):
            _check_method(obj.__name__, owner, args, kwargs)
        return super().call(context, obj, *args, **kwargs)


def _check_method(
    name: str,
    owner: str | bytes | int,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> None:
    """Raise LimitError for a call of a method that would make too much."""
    if name in _WIDE_METHODS:
        _check_widths(owner, *args, **kwargs)
    elif name == "replace":
        _check_replace(owner, *args, **kwargs)
    elif name == "join" and args:
        if TYPE_CHECKING:
            assert not isinstance(owner, int)
        length = 0
        for item in args[0]:
            length += len(owner) + len(item)
            if length > MAX_CHARACTERS:
                raise _refuse("a join")
    elif name == "translate":
        raise LimitError("Use of 'translate' is not supported in limited templates")
