"""Literals in a template, and the paths that they make."""

from typing import Any, Final

from jinja2 import nodes

from .allowed import NotSimple

MISSING: Final = object()
"""Stands for no literal, and for what Jinja finds undefined."""


def chain(node: nodes.Expr) -> tuple[nodes.Expr, tuple[Any, ...]]:
    """Return where a path such as ``value_json.a['b'][0]`` begins, and its keys.

    Each step can be taken as ``found[key]``: that is what Jinja does for brackets, and
    for a dot on a dictionary that has no such attribute. It is a TypeError for a dot on
    anything else, and a KeyError where Jinja would go on to look for an attribute.
    Raises NotSimple for one that a dictionary has.
    """
    keys: list[Any] = []
    while True:
        if isinstance(node, nodes.Getattr):
            if hasattr(dict, node.attr):
                raise NotSimple
            keys.append(node.attr)
        elif isinstance(node, nodes.Getitem):
            key = _key(node.arg)
            if key is MISSING:
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
                None if part is None else constant(part)
                for part in (node.start, node.stop, node.step)
            )
        )
    try:
        return constant(node)
    except NotSimple:
        return MISSING


def constant(node: nodes.Node) -> Any:
    """Return a literal's value. Raises NotSimple for what is none.

    Not ``as_const``: that applies Jinja's own filters.
    """
    match node:
        case nodes.Const():
            return node.value
        case nodes.Neg(node=nodes.Const(value=int() | float() as number)):
            return -number
        case nodes.List():
            return [constant(item) for item in node.items]
        case nodes.Tuple(ctx="load"):
            return tuple(constant(item) for item in node.items)
        case nodes.Dict():
            try:
                return {constant(pair.key): constant(pair.value) for pair in node.items}
            except TypeError:
                raise NotSimple from None
    raise NotSimple
