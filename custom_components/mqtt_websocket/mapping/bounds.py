"""An environment in which templates of strangers can't make gigabytes.

Each primitive that makes much of little (``'a' * 10**9``, ``center``, ``replace``, a
width in a format) is asked first how much it would make. No list is used whose text
would be too long, however often it holds the same. Nothing is evaluated while a template
compiles: Jinja would evaluate what is constant, before any of this counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from functools import wraps
import re
from typing import TYPE_CHECKING, Any, Final, override

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Undefined

from homeassistant.helpers.template import MAX_TEMPLATE_OUTPUT, TemplateEnvironment

MAX_CHARACTERS: Final = 4 * 1024 * 1024
"""What one step of a template may make. The payload itself may be that large."""
MAX_ITEMS: Final = 200_000
"""Items of a list that one step makes. A range has 100,000 at most."""
MAX_BITS: Final = 4096
"""Of a whole number."""
MAX_WIDTH: Final = 10_000
"""What a number may be that says how wide, or how many."""

MAX_TEXT: Final = 2 * MAX_CHARACTERS
"""Characters of a list and all that it holds, written out."""
MAX_INDENTED: Final = 65_536
"""The same where levels are indented, which makes more the deeper they are."""
MAX_PACKED: Final = 1000
"""Characters that say how to pack bytes."""

_WIDE_FORMAT: Final = re.compile(r"\d{5}|\*|\{[^{}]*\{")
_WIDTH: Final = re.compile(r"\d{3}")
_LISTS: Final = (list, tuple)
_SIZED: Final = (str, bytes, list, tuple)

_WIDE_FILTERS: Final = ("batch", "center", "slice", "truncate")
_WIDE_METHODS: Final = frozenset(
    {"center", "expandtabs", "ljust", "rjust", "to_bytes", "zfill"}
)


class LimitError(Exception):
    """A stranger's template wants more than it may."""


def _refuse(what: str) -> LimitError:
    return LimitError(f"{what} makes too much of too little")


# --- how much would that be? ---------------------------------------------------------


def _size(*values: Any) -> int:
    """Return about how long values are as text; no more than it takes to refuse them."""
    total = 0
    left: list[Any] = [*values]
    while left and total <= MAX_TEXT:
        each = left.pop()
        total += 1
        if isinstance(each, str | bytes):
            total += len(each)
        elif isinstance(each, int):
            total += each.bit_length() // 3
        elif isinstance(each, Mapping):
            total += len(each)
            if total <= MAX_TEXT:
                left += each.keys()
                left += each.values()
        elif isinstance(each, list | tuple | set | frozenset):
            total += len(each)
            if total <= MAX_TEXT:
                left += each
    return total


def _check_size(*values: Any) -> None:
    if _size(*values) > MAX_TEXT:
        raise _refuse("a list")


def _text(value: Any) -> str:
    """Return a value as text. One that is missing would be logged for this, too."""
    return "" if isinstance(value, Undefined) else str(value)


def _check_product(left: Any, right: Any) -> None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, _SIZED):
            limit = MAX_ITEMS if isinstance(one, _LISTS) else MAX_CHARACTERS
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
    if isinstance(left, _SIZED) and isinstance(right, _SIZED):
        limit = MAX_ITEMS if isinstance(left, _LISTS) else MAX_TEXT
        if len(left) + len(right) > limit:
            raise _refuse("a sum")


def _check_format(template: Any, *args: Any, **kwargs: Any) -> None:
    if isinstance(template, bytes):
        template = template.decode("latin-1")
    if not isinstance(template, str):
        return
    # A value may be put in as often as it is named.
    each = _size(args, kwargs) + (MAX_WIDTH if _WIDTH.search(template) else 100)
    if (
        _WIDE_FORMAT.search(template)
        or (template.count("%") + template.count("{")) * each > MAX_TEXT
    ):
        raise _refuse("a format")


def _check_pack(_value: Any, template: Any = "", *_: Any, **__: Any) -> None:
    _check_format(template)
    if len(template) > MAX_PACKED:
        raise _refuse("a format")


def _check_time(_value: Any, template: Any = "", *_: Any, **__: Any) -> None:
    # The C library pads as wide as it is told.
    _check_format(template)


def _check_indent(value: Any, width: Any = 4, *_: Any, **__: Any) -> None:
    _check_widths(value, width)
    wide = len(width) if isinstance(width, str) else int(width)
    if (_text(value).count("\n") + 1) * wide > MAX_TEXT:
        raise _refuse("an indentation")


def _check_wrapping(value: Any, *args: Any, **kwargs: Any) -> None:
    """For what puts texts that are given between those that are there."""
    _check_widths(value, *args, **kwargs)
    given = sum(
        len(each) for each in (*args, *kwargs.values()) if isinstance(each, str)
    )
    if (len(_text(value)) + 1) * given > MAX_TEXT:
        raise _refuse("a wrapping")


def _check_indented(value: Any, *args: Any, **kwargs: Any) -> None:
    """For what writes a line for each item, if it is told to."""
    _check_widths(value, *args, **kwargs)
    wide = _size(*args, *kwargs.values()) + sum(
        each for each in (*args, *kwargs.values()) if isinstance(each, int)
    )
    if (args or kwargs) and _size(value) * wide > MAX_INDENTED:
        raise _refuse("an indentation")


def _check_pprint(value: Any) -> None:
    if _size(value) > MAX_INDENTED:
        raise _refuse("an indentation")


def _check_findall(value: Any = "", find: Any = "", *_: Any, **__: Any) -> None:
    # Each group is a text of its own; what looks ahead finds the same again and again.
    length, find = len(_text(value)), _text(find)
    times = length if "(?=" in find or "(?<" in find else find.count("(")
    if length * times > MAX_TEXT:
        raise _refuse("a search")


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
        value, old, new = _text(value), _text(old), _text(new)
        size, found = len(value), value.count(old) if old else len(value) + 1
    if size + found * len(new) > MAX_TEXT:
        raise _refuse("a replacement")


def _check_regex_replace(
    value: Any = "", find: Any = "", replace: Any = "", *_: Any, **__: Any
) -> None:
    # A group may be put in as often as it is named.
    if (len(_text(value)) + 1) * (len(_text(replace)) + 1) > MAX_CHARACTERS:
        raise _refuse("a replacement")


_OPERATORS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "%": _check_format,
    "*": _check_product,
    "**": _check_power,
    "+": _check_sum,
}
_FILTERS: Final[dict[str, Callable[..., None]]] = {
    **dict.fromkeys(_WIDE_FILTERS, _check_widths),
    "format": _check_format,
    "indent": _check_indent,
    "pack": _check_pack,
    "pprint": _check_pprint,
    "regex_findall": _check_findall,
    "regex_findall_index": _check_findall,
    "regex_replace": _check_regex_replace,
    "replace": _check_replace,
    "timestamp_custom": _check_time,
    "to_json": _check_indented,
    "tojson": _check_indented,
    "urlize": _check_wrapping,
    "wordwrap": _check_wrapping,
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


def _guarded(function: Callable[..., Any], check: Callable[..., None] | None) -> Any:
    """Return a filter that is asked first. It wants what the filter wants of Jinja."""
    skip = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        given = args[skip:]
        _check_size(*given, *kwargs.values())
        if check is not None:
            check(*given, **kwargs)
        found = function(*args, **kwargs)
        return _counted(found) if isinstance(found, Iterator) else found

    return guarded


def _counted(items: Iterable[Any], between: int = 0) -> Iterator[Any]:
    """Yield items while they are not too much together, with what comes between them."""
    total = 0
    for number, item in enumerate(items):
        total += between + _size(item)
        if total > MAX_CHARACTERS or number > MAX_ITEMS:
            raise _refuse("a list")
        yield item


def _guarded_join(function: Callable[..., Any]) -> Any:
    @wraps(function)
    def guarded(
        eval_ctx: Any, value: Iterable[Any], d: str = "", attribute: Any = None
    ) -> Any:
        items = [*_counted(value, len(str(d)))]
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
        self.finalize = _finalized
        join = self.filters["join"]
        for name, function in self.filters.items():
            self.filters[name] = _guarded(function, _FILTERS.get(name))
        self.filters["join"] = _guarded_join(join)
        del self.globals["lipsum"]

    def joined(self, values: tuple[Any, ...]) -> str:
        """Return what ``~`` makes of values."""
        _check_size(*values)
        return _joined(map(str, values))

    @override
    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _check_size(left, right)
        _OPERATORS[operator](left, right)
        return super().call_binop(context, operator, left, right)

    @override
    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return the sandbox's ``str.format``, unless its widths are too large."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def guarded(*args: Any, **kwargs: Any) -> str:
            _check_format(value.__self__, *args, **kwargs)
            return wrapped(*args, **kwargs)

        return guarded

    @override
    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls, unless it is a method that makes too much."""
        _check_size(*args, *kwargs.values())
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, (str, bytes, int)):
            args = _check_method(obj.__name__, owner, args, kwargs)
        elif isinstance(owner, date | time):
            _check_format(*args, *kwargs.values())
        return super().call(context, obj, *args, **kwargs)


def _finalized(value: Any) -> Any:
    """Return what a template writes, unless it is too much."""
    _check_size(value)
    return value


def _check_method(
    name: str,
    owner: str | bytes | int,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[Any, ...]:
    """Return the arguments. Raises LimitError for a call that would make too much."""
    if name in _WIDE_METHODS:
        _check_widths(owner, *args, **kwargs)
        if name == "expandtabs" and isinstance(owner, str | bytes):
            text = owner if isinstance(owner, str) else owner.decode("latin-1")
            tabs = text.count("\t")
            if tabs * max([8, *args, *kwargs.values()]) > MAX_TEXT:
                raise _refuse("a width")
    elif name == "replace":
        _check_replace(owner, *args, **kwargs)
    elif name == "join" and args:
        if TYPE_CHECKING:
            assert not isinstance(owner, int)
        # It may come only once.
        return ([*_counted(args[0], len(owner))],)
    elif name == "translate":
        raise LimitError("Use of 'translate' is not supported in limited templates")
    return args
