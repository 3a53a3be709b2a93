"""Simple value templates, evaluated without Jinja and with the same results.

Nearly all value templates take one value out of a JSON payload, perhaps with a filter,
a default or a condition. Jinja needs 6 µs and more for each such message (its context,
Home Assistant's context variables, the parsing of JSON); a few look-ups do as well.

How it stays exact:

- Jinja's own parser reads the template, and only what is named here is translated.
  One node that is not, and the whole template stays with Jinja.
- A translation is right for values that are there and of the expected type, and raises
  for all others: an undefined variable, a missing key, a method where a key was meant,
  a division by zero. **Any** exception means "let Jinja render this message". So errors,
  warnings and defaults are Jinja's and Home Assistant's own. That is sound because
  nothing translated has side effects.
- Filters, tests and functions are the very functions of Home Assistant's environment.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
import operator
from typing import Any, Final

import jinja2
from jinja2 import nodes

from homeassistant.helpers.template import TemplateEnvironment, is_template_string

from ..broker.message import Message
from .payload import JSON, Failed, read_json, text

type Reader = Callable[[Message], Any]
"""Takes a value out of a message; raises anything where Jinja has to."""

type TextReader = Callable[[Message], str]

# Functions of their arguments alone: no state, no clock, no chance, no log.
_FILTERS: Final = frozenset(
    {
        "abs", "add", "bitwise_and", "bitwise_or", "bitwise_xor", "bool", "capitalize",
        "count", "d", "default", "float", "from_json", "iif", "int", "is_defined",
        "is_number", "length", "lower", "multiply", "ord", "round", "string", "title",
        "to_json", "trim", "upper",
    }
)  # fmt: skip
_TESTS: Final = frozenset(
    {
        "!=", "<", "<=", "==", ">", ">=", "boolean", "eq", "equalto", "even", "false",
        "float", "ge", "greaterthan", "gt", "in", "integer", "is_number", "le",
        "lessthan", "lt", "mapping", "ne", "none", "number", "odd", "sequence",
        "string", "string_like", "true",
    }
)  # fmt: skip
_FUNCTIONS: Final = frozenset(
    {"bitwise_and", "bitwise_or", "bool", "float", "iif", "int", "is_number"}
)
_RESERVED: Final = _FUNCTIONS | {
    "caller", "kwargs", "loop", "self", "super", "value", "value_json", "varargs",
}  # fmt: skip
"""Names that mean something before a template sets them."""

_STR_METHODS: Final = frozenset(
    {
        "capitalize", "endswith", "find", "lower", "lstrip", "removeprefix",
        "removesuffix", "replace", "rsplit", "rstrip", "split", "startswith", "strip",
        "title", "upper", "zfill",
    }
)  # fmt: skip
_BINARY: Final[dict[type[nodes.BinExpr], Callable[[Any, Any], Any]]] = {
    nodes.Add: lambda left, right: _sum(left, right),
    nodes.Sub: operator.sub,
    nodes.Mul: lambda left, right: _of_numbers(operator.mul, left, right),
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: lambda left, right: _of_numbers(operator.mod, left, right),
}
_BOUNDED_METHODS: Final[dict[str, Callable[..., str]]] = {
    "replace": lambda *args: _replace(*args),
    "zfill": lambda *args: _zfill(*args),
}
_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}

# What `str()` writes as Jinja does. Home Assistant rewrites what is in containers
# before they are written, so they are left to it.
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})

_MISSING: Final = object()
_UNDEFINED: Final = jinja2.Undefined()


class _NotSimple(Exception):
    """This template is Jinja's."""


class _LetJinja(Exception):
    """This message is Jinja's."""


# What is bounded for strangers where Jinja renders must not be had without it.

_NUMBERS: Final = frozenset({int, float, bool})
_MAX_LENGTH: Final = 100_000


def _of_numbers(function: Callable[[Any, Any], float], left: Any, right: Any) -> float:
    if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
        raise _LetJinja
    return function(left, right)


def _sum(left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str:
        return _joined([left, right])
    return _of_numbers(operator.add, left, right)


def _joined(parts: list[str]) -> str:
    length = 0
    for part in parts:
        length += len(part)
    if length > _MAX_LENGTH:
        raise _LetJinja
    return "".join(parts)


def _replace(text: str, *args: Any) -> str:
    if len(text) * len(str(args[1:2])) > _MAX_LENGTH:
        raise _LetJinja
    return str.replace(text, *args)


def _zfill(text: str, width: int) -> str:
    if width > _MAX_LENGTH:
        raise _LetJinja
    return str.zfill(text, width)


@lru_cache(maxsize=1)
def _environment() -> TemplateEnvironment:
    """Return Home Assistant's environment, without a Home Assistant in it."""
    return TemplateEnvironment(None, limited=True)


@lru_cache(maxsize=2048)
def simple_template(source: str) -> TextReader | None:
    """Return what renders a template for a message in UTF-8, None if Jinja must.

    What it returns is valid syntax. It gives the text, stripped, or raises: then Jinja
    must render that message.
    """
    source = source.strip()
    if not is_template_string(source):
        # Home Assistant returns such a text as it stands, without Jinja.
        return None
    if "\\u" in source.lower():
        # It may write what is no character of a text. Jinja's results are looked at.
        return None
    try:
        return _whole(_environment().parse(source).body)
    except _NotSimple:
        return None
    # A stranger's template can make the parser raise more than its own errors (a
    # number too long is a ValueError, brackets too deep a RecursionError). Whatever is
    # wrong with it, the schema's check says it better.
    except Exception:  # noqa: BLE001
        return None


def _whole(body: list[nodes.Node]) -> TextReader:
    """Translate a template, the commonest ones to one function without calls."""
    if len(body) == 1 and isinstance(body[0], nodes.Output):
        match body[0].nodes:
            case [nodes.Name(name="value")]:
                return lambda message: text(message).strip()
            case [nodes.Getattr() | nodes.Getitem() as node]:
                base, keys = _chain(node)
                if keys and isinstance(base, nodes.Name) and base.name == "value_json":
                    return _whole_path(keys)
    part = _Translator().body(body)

    def read(message: Message) -> str:
        written = part(message).strip()
        # A payload that is not UTF-8 has no value at all, even where the template did
        # not look at it. JSON that could be read is UTF-8.
        memo = message.memo
        if not memo or JSON not in memo or type(memo[JSON]) is Failed:
            text(message)
        return written

    return read


def _whole_path(keys: tuple[Any, ...]) -> TextReader:
    if len(keys) > 1:
        return _whole_deep_path(keys)
    (key,) = keys

    def read(message: Message) -> str:
        memo = message.memo
        found = (memo[JSON] if memo and JSON in memo else read_json(message))[key]
        kind = type(found)
        if kind is str:
            return found.strip()  # type: ignore[no-any-return] # see the line before
        if kind in _SCALARS:
            return str(found)
        raise _LetJinja

    return read


def _whole_deep_path(keys: tuple[Any, ...]) -> TextReader:
    def read(message: Message) -> str:
        memo = message.memo
        found = memo[JSON] if memo and JSON in memo else read_json(message)
        for key in keys:
            found = found[key]
        kind = type(found)
        if kind is str:
            return found.strip()  # type: ignore[no-any-return] # see the line before
        if kind in _SCALARS:
            return str(found)
        raise _LetJinja

    return read


def _chain(node: nodes.Expr) -> tuple[nodes.Expr, tuple[Any, ...]]:
    """Return where a path such as ``value_json.a['b'][0]`` begins, and its keys.

    Each step can be taken as ``found[key]``: that is what Jinja does for brackets, and
    for a dot on a dictionary that has no such attribute. It is a TypeError for a dot on
    anything else, and a KeyError where Jinja would go on to look for an attribute.
    """
    keys: list[Any] = []
    while True:
        if isinstance(node, nodes.Getattr):
            if hasattr(dict, node.attr):
                raise _NotSimple
            keys.append(node.attr)
        elif isinstance(node, nodes.Getitem):
            key = _key(node.arg)
            if key is _MISSING:
                break
            keys.append(key)
        else:
            break
        node = node.node
    return node, tuple(reversed(keys))


def _key(node: nodes.Expr) -> Any:
    if isinstance(node, nodes.Slice):
        return slice(
            *(
                None if part is None else _constant(part)
                for part in (node.start, node.stop, node.step)
            )
        )
    try:
        return _constant(node)
    except _NotSimple:
        return _MISSING


def _constant(node: nodes.Node) -> Any:
    """Return a literal's value. Not ``as_const``: that applies Jinja's own filters."""
    match node:
        case nodes.Const():
            return node.value
        case nodes.Neg(node=nodes.Const(value=int() | float() as number)):
            return -number
        case nodes.List():
            return [_constant(item) for item in node.items]
        case nodes.Tuple(ctx="load"):
            return tuple(_constant(item) for item in node.items)
        case nodes.Dict():
            try:
                return {
                    _constant(pair.key): _constant(pair.value) for pair in node.items
                }
            except TypeError:
                raise _NotSimple from None
    raise _NotSimple


class _Translator:
    """Translates a template's nodes to functions of a message."""

    def __init__(self) -> None:
        """Begin with no names but those that every template has."""
        self._constants: dict[str, Any] = {}

    # --- statements: their text ---------------------------------------------------

    def body(self, statements: list[nodes.Node]) -> TextReader:
        """Return what writes statements one after the other."""
        parts: list[TextReader] = []
        for statement in statements:
            match statement:
                case nodes.Output():
                    parts.extend(self._output(node) for node in statement.nodes)
                case nodes.If():
                    parts.append(self._if(statement))
                case nodes.Assign(target=nodes.Name(name=name)):
                    if name in _RESERVED:
                        raise _NotSimple
                    # A literal only: anything else must be evaluated here and now,
                    # and fail here and now.
                    self._constants[name] = _constant(statement.node)
                case _:
                    raise _NotSimple
        match parts:
            case []:
                return _always("")
            case [one]:
                return one
            case [one, two]:
                return lambda message: one(message) + two(message)
        return lambda message: _joined([part(message) for part in parts])

    def _nested(self, statements: list[nodes.Node]) -> TextReader:
        """Return what writes the statements of a branch: no assignments among them."""
        if any(isinstance(statement, nodes.Assign) for statement in statements):
            raise _NotSimple
        return self.body(statements)

    def _if(self, statement: nodes.If) -> TextReader:
        otherwise = self._nested(statement.else_)
        branches = [statement, *statement.elif_]
        for branch in reversed(branches):
            otherwise = _choice(
                self.expression(branch.test), self._nested(branch.body), otherwise
            )
        return otherwise

    def _output(self, node: nodes.Expr) -> TextReader:
        if isinstance(node, nodes.TemplateData):
            return _always(node.data)
        if isinstance(node, nodes.CondExpr):
            # Nothing is written, and nothing logged, for a branch that is not there.
            otherwise = _always("") if node.expr2 is None else self._output(node.expr2)
            return _choice(
                self.expression(node.test), self._output(node.expr1), otherwise
            )
        value = self.expression(node)

        def write(message: Message) -> str:
            found = value(message)
            if type(found) in _SCALARS:
                return str(found)
            raise _LetJinja

        return write

    # --- expressions: their value -------------------------------------------------

    def expression(self, node: nodes.Node) -> Reader:
        """Return what reads an expression's value, which is never undefined."""
        match node:
            case nodes.Name(ctx="load"):
                return self._name(node.name)
            case nodes.Getattr() | nodes.Getitem():
                return self._path(node)
            case nodes.Filter(node=nodes.Expr()) if node.name in _FILTERS:
                return self._filter(node)
            case nodes.Test():
                return self._test(node)
            case nodes.Call():
                return self._call(node)
            case nodes.CondExpr(expr2=nodes.Expr() as otherwise):
                return _choice(
                    self.expression(node.test),
                    self.expression(node.expr1),
                    self.expression(otherwise),
                )
            case nodes.Compare(ops=[nodes.Operand() as operand]):
                return self._binary(_COMPARE[operand.op], node.expr, operand.expr)
            case nodes.And():
                left, right = self.expression(node.left), self.expression(node.right)
                return lambda message: left(message) and right(message)
            case nodes.Or():
                left, right = self.expression(node.left), self.expression(node.right)
                return lambda message: left(message) or right(message)
            case nodes.Not():
                inner = self.expression(node.node)
                return lambda message: not inner(message)
            case nodes.Concat():
                parts = [self.expression(part) for part in node.nodes]
                return lambda message: _joined([str(part(message)) for part in parts])
            case nodes.BinExpr() if type(node) in _BINARY:
                return self._binary(_BINARY[type(node)], node.left, node.right)
        return _always(_constant(node))

    def _name(self, name: str) -> Reader:
        if name == "value":
            return text
        if name == "value_json":
            return _json
        if name in self._constants:
            return _always(self._constants[name])
        raise _NotSimple

    def _path(self, node: nodes.Getattr | nodes.Getitem) -> Reader:
        base, keys = _chain(node)
        if not keys:
            assert isinstance(base, nodes.Getitem)
            holder, key = self.expression(base.node), self.expression(base.arg)
            return lambda message: holder(message)[key(message)]
        inner = self.expression(base)
        if len(keys) == 1:
            (only,) = keys
            return lambda message: inner(message)[only]

        def read(message: Message) -> Any:
            found = inner(message)
            for key in keys:
                found = found[key]
            return found

        return read

    def _lookup(self, node: nodes.Expr) -> Reader:
        """Return what reads a value, or _MISSING where Jinja finds it undefined.

        Only the last step may be missing: one before it is an error.
        """
        match node:
            case nodes.Name(name="value_json"):
                return _json_or_missing
            case nodes.Getattr():
                if hasattr(dict, node.attr):
                    raise _NotSimple
                return self._item(node.node, _always(node.attr))
            case nodes.Getitem() if not isinstance(node.arg, nodes.Slice):
                return self._item(node.node, self.expression(node.arg))
        return self.expression(node)

    def _item(self, owner: nodes.Expr, key: Reader) -> Reader:
        holder = self.expression(owner)

        def read(message: Message) -> Any:
            found, wanted = holder(message), key(message)
            if type(found) is not dict:
                raise _LetJinja
            item = found.get(wanted, _MISSING)
            if item is _MISSING and isinstance(wanted, str) and hasattr(dict, wanted):
                # Jinja looks among the attributes for what is no item.
                raise _LetJinja
            return item

        return read

    def _filter(self, node: nodes.Filter) -> Reader:
        function = _plain(_environment().filters, node.name)
        args, keywords = self._arguments(node)
        assert node.node is not None
        if node.name in {"default", "d"}:
            lookup = self._lookup(node.node)

            def or_default(message: Message) -> Any:
                found = lookup(message)
                return function(
                    _UNDEFINED if found is _MISSING else found, *args, **keywords
                )

            return or_default
        value = self.expression(node.node)
        if keywords:
            return lambda message: function(value(message), *args, **keywords)
        match args:
            case []:
                return lambda message: function(value(message))
            case [one]:
                return lambda message: function(value(message), one)
        return lambda message: function(value(message), *args)

    def _test(self, node: nodes.Test) -> Reader:
        if node.name in {"defined", "undefined"} and not node.args:
            lookup = self._lookup(node.node)
            if node.name == "defined":
                return lambda message: lookup(message) is not _MISSING
            return lambda message: lookup(message) is _MISSING
        if node.name not in _TESTS:
            raise _NotSimple
        function = _plain(_environment().tests, node.name)
        args, keywords = self._arguments(node)
        value = self.expression(node.node)
        return lambda message: function(value(message), *args, **keywords)

    def _call(self, node: nodes.Call) -> Reader:
        match node.node:
            case nodes.Name(name=name) if name in _FUNCTIONS:
                if node.kwargs or node.dyn_args or node.dyn_kwargs:
                    raise _NotSimple
                function = _plain(_environment().globals, name)
                args = [self.expression(arg) for arg in node.args]
                return lambda message: function(*[arg(message) for arg in args])
            case nodes.Getattr(attr=name):
                # Descriptors: they raise TypeError for an object of another type.
                if name == "get":
                    method: Callable[..., Any] = dict.get
                elif name in _STR_METHODS:
                    method = _BOUNDED_METHODS.get(name) or getattr(str, name)
                else:
                    raise _NotSimple
                owner = self.expression(node.node.node)
                values, keywords = self._arguments(node)
                return lambda message: method(owner(message), *values, **keywords)
        raise _NotSimple

    def _arguments(
        self, node: nodes.Filter | nodes.Test | nodes.Call
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return a call's arguments, which must be literals."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise _NotSimple
        return (
            [_constant(arg) for arg in node.args],
            {
                keyword.key: _constant(keyword.value)
                for keyword in node.kwargs
                # Jinja's types say Pair for filters; its parser makes Keyword.
                if isinstance(keyword, nodes.Keyword)
            },
        )

    def _binary(
        self, function: Callable[[Any, Any], Any], left: nodes.Expr, right: nodes.Expr
    ) -> Reader:
        first = self.expression(left)
        try:
            constant = _constant(right)
        except _NotSimple:
            second = self.expression(right)
            return lambda message: function(first(message), second(message))
        return lambda message: function(first(message), constant)


def _always[T](value: T) -> Callable[[Message], T]:
    return lambda message: value


def _choice[T](
    test: Reader, yes: Callable[[Message], T], no: Callable[[Message], T]
) -> Callable[[Message], T]:
    return lambda message: yes(message) if test(message) else no(message)


def _plain(functions: Mapping[str, Any], name: str) -> Callable[..., Any]:
    """Return a function of the environment that wants nothing but its arguments."""
    function: Callable[..., Any] | None = functions.get(name)
    if function is None or getattr(function, "jinja_pass_arg", None) is not None:
        raise _NotSimple
    return function


def _json(message: Message) -> Any:
    memo = message.memo
    found = memo[JSON] if memo and JSON in memo else read_json(message)
    if type(found) is Failed:
        raise _LetJinja
    return found


def _json_or_missing(message: Message) -> Any:
    found = read_json(message)
    return _MISSING if type(found) is Failed else found
