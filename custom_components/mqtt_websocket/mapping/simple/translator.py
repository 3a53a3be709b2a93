"""Translates a template's nodes to functions of a message."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import nodes

from ...broker.message import Message
from ..payload import JSON, Failed, read_json, text
from .allowed import (
    BINARY,
    BOUNDED_METHODS,
    COMPARE,
    FILTERS,
    FUNCTIONS,
    RESERVED,
    SCALARS,
    STR_METHODS,
    TESTS,
    LetJinja,
    NotSimple,
    environment,
    joined,
    plain,
)
from .literals import MISSING, chain, constant

type Reader = Callable[[Message], Any]
"""Takes a value out of a message; raises anything where Jinja has to."""

type TextReader = Callable[[Message], str]

_UNDEFINED: Final = jinja2.Undefined()


class Translator:
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
                    if name in RESERVED:
                        raise NotSimple
                    # A literal only: anything else must be evaluated here and now,
                    # and fail here and now.
                    self._constants[name] = constant(statement.node)
                case _:
                    raise NotSimple
        match parts:
            case []:
                return _always("")
            case [one]:
                return one
            case [one, two]:
                return lambda message: one(message) + two(message)
        return lambda message: joined([part(message) for part in parts])

    def _nested(self, statements: list[nodes.Node]) -> TextReader:
        """Return what writes the statements of a branch: no assignments among them."""
        if any(isinstance(statement, nodes.Assign) for statement in statements):
            raise NotSimple
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
            if type(found) in SCALARS:
                return str(found)
            raise LetJinja

        return write

    # --- expressions: their value -------------------------------------------------

    def expression(self, node: nodes.Node) -> Reader:
        """Return what reads an expression's value, which is never undefined."""
        match node:
            case nodes.Name(ctx="load"):
                return self._name(node.name)
            case nodes.Getattr() | nodes.Getitem():
                return self._path(node)
            case nodes.Filter(node=nodes.Expr()) if node.name in FILTERS:
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
                return self._binary(COMPARE[operand.op], node.expr, operand.expr)
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
                return lambda message: joined([str(part(message)) for part in parts])
            case nodes.BinExpr() if type(node) in BINARY:
                return self._binary(BINARY[type(node)], node.left, node.right)
        return _always(constant(node))

    def _name(self, name: str) -> Reader:
        if name == "value":
            return text
        if name == "value_json":
            return _json
        if name in self._constants:
            return _always(self._constants[name])
        raise NotSimple

    def _path(self, node: nodes.Getattr | nodes.Getitem) -> Reader:
        base, keys = chain(node)
        if not keys:
            if TYPE_CHECKING:
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
        """Return what reads a value, or MISSING where Jinja finds it undefined.

        Only the last step may be missing: one before it is an error.
        """
        match node:
            case nodes.Name(name="value_json"):
                return _json_or_missing
            case nodes.Getattr():
                if hasattr(dict, node.attr):
                    raise NotSimple
                return self._item(node.node, _always(node.attr))
            case nodes.Getitem() if not isinstance(node.arg, nodes.Slice):
                return self._item(node.node, self.expression(node.arg))
        return self.expression(node)

    def _item(self, owner: nodes.Expr, key: Reader) -> Reader:
        holder = self.expression(owner)

        def read(message: Message) -> Any:
            found, wanted = holder(message), key(message)
            if type(found) is not dict:
                raise LetJinja
            item = found.get(wanted, MISSING)
            if item is MISSING and isinstance(wanted, str) and hasattr(dict, wanted):
                # Jinja looks among the attributes for what is no item.
                raise LetJinja
            return item

        return read

    def _filter(self, node: nodes.Filter) -> Reader:
        function = plain(environment().filters, node.name)
        args, keywords = self._arguments(node)
        if TYPE_CHECKING:
            assert node.node is not None
        if node.name in {"default", "d"}:
            lookup = self._lookup(node.node)

            def or_default(message: Message) -> Any:
                found = lookup(message)
                return function(
                    _UNDEFINED if found is MISSING else found, *args, **keywords
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
                return lambda message: lookup(message) is not MISSING
            return lambda message: lookup(message) is MISSING
        if node.name not in TESTS:
            raise NotSimple
        function = plain(environment().tests, node.name)
        args, keywords = self._arguments(node)
        value = self.expression(node.node)
        return lambda message: function(value(message), *args, **keywords)

    def _call(self, node: nodes.Call) -> Reader:
        match node.node:
            case nodes.Name(name=name) if name in FUNCTIONS:
                if node.kwargs or node.dyn_args or node.dyn_kwargs:
                    raise NotSimple
                function = plain(environment().globals, name)
                args = [self.expression(arg) for arg in node.args]
                return lambda message: function(*[arg(message) for arg in args])
            case nodes.Getattr(attr=name):
                # Descriptors: they raise TypeError for an object of another type.
                if name == "get":
                    method: Callable[..., Any] = dict.get
                elif name in STR_METHODS:
                    method = BOUNDED_METHODS.get(name) or getattr(str, name)
                else:
                    raise NotSimple
                owner = self.expression(node.node.node)
                values, keywords = self._arguments(node)
                return lambda message: method(owner(message), *values, **keywords)
        raise NotSimple

    def _arguments(
        self, node: nodes.Filter | nodes.Test | nodes.Call
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return a call's arguments, which must be literals."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise NotSimple
        return (
            [constant(arg) for arg in node.args],
            {
                keyword.key: constant(keyword.value)
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
            fixed = constant(right)
        except NotSimple:
            second = self.expression(right)
            return lambda message: function(first(message), second(message))
        return lambda message: function(first(message), fixed)


def _always[T](value: T) -> Callable[[Message], T]:
    return lambda message: value


def _choice[T](
    test: Reader, yes: Callable[[Message], T], no: Callable[[Message], T]
) -> Callable[[Message], T]:
    return lambda message: yes(message) if test(message) else no(message)


def _json(message: Message) -> Any:
    memo = message.memo
    found = memo[JSON] if memo and JSON in memo else read_json(message)
    if type(found) is Failed:
        raise LetJinja
    return found


def _json_or_missing(message: Message) -> Any:
    found = read_json(message)
    return MISSING if type(found) is Failed else found
