"""What hassfest asks of a custom integration's files, as schemas and small readers.

hassfest belongs to Home Assistant core (script/hassfest) and is in no package; what it
checks of translations, icons, descriptions and the manifest is said here again.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cache
import json
from pathlib import Path
import re
import string
from typing import Any, Final

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import voluptuous as vol

from homeassistant.helpers import config_validation as cv, selector
from homeassistant.util.yaml import load_yaml_dict

from .translations import DOMAIN, INTEGRATION

__all__ = ["DOMAIN", "INTEGRATION"]

_KEY: Final = re.compile(r"^(?!.+[_-]{2})(?![_-])[a-z0-9-_]+(?<![_-])$")
_QUOTED_PLACEHOLDER: Final = re.compile(r"'{\w+}'")
_REFERENCE: Final = re.compile(r"\[%|%\]")
_URL: Final = re.compile(
    r"((ftps?|scp|https?|mqtts?|wss?|socket|socks5)://|www\.)"
    r"[a-z0-9]+([-.][a-z0-9]+)*\.[a-z]{2,5}",
    re.IGNORECASE,
)


def placeholders(text: str) -> set[str]:
    """Return the names of the placeholders of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def leaves(texts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with the path of its keys."""
    for key, value in texts.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            yield from leaves(value, path)
        else:
            yield path, value


# --- translations --------------------------------------------------------------------


def _text(value: Any) -> str:
    """Accept a text that the frontend can show and people can translate."""
    text: str = cv.string_with_no_html(value)
    if not text or text != text.strip():
        raise vol.Invalid("it is empty, or has spaces around it")
    if _QUOTED_PLACEHOLDER.search(text):
        raise vol.Invalid("a placeholder is in single quotes")
    if not all(name.isidentifier() for name in placeholders(text)):
        raise vol.Invalid("a placeholder is no identifier")
    if _REFERENCE.search(text):
        raise vol.Invalid("references work in core only")
    if _URL.search(text):
        raise vol.Invalid("a URL belongs into a placeholder")
    return text


def _plain_text(value: Any) -> str:
    text = _text(value)
    if placeholders(text):
        raise vol.Invalid("there is nothing to put into a placeholder here")
    return text


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.match(value):
        raise vol.Invalid(f"{value!r} is no translation key")
    return value


def _by_key(value: Any) -> dict[Callable[[Any], str], Any]:
    return {_key: value}


_FIELDS: Final[dict[Any, Any]] = {
    vol.Optional("data"): {str: _text},
    vol.Optional("data_description"): {str: _text},
}


def _described(step: dict[str, Any]) -> dict[str, Any]:
    """Accept a step or section in which every field is described, and nothing else."""
    data, described = step.get("data", {}), step.get("data_description", {})
    if data.keys() != described.keys():
        raise vol.Invalid(f"only one of them: {sorted(data.keys() ^ described.keys())}")
    return step


def _flow(more: Mapping[Any, Any] | None = None) -> vol.Schema:
    section = vol.All(
        {
            **_FIELDS,
            vol.Required("name"): _text,
            vol.Optional("description"): _text,
        },
        _described,
    )
    step = vol.All(
        {
            **_FIELDS,
            vol.Optional("title"): _text,
            vol.Optional("description"): _text,
            vol.Optional("menu_options"): {str: _text},
            vol.Optional("menu_option_descriptions"): {str: _text},
            vol.Optional("submit"): _text,
            vol.Optional("sections"): {str: section},
        },
        _described,
    )
    return vol.Schema(
        {
            vol.Required("step"): {str: step},
            vol.Optional("flow_title"): _text,
            vol.Optional("error"): {str: _text},
            vol.Optional("abort"): {str: _text},
            vol.Optional("progress"): {str: _text},
            vol.Optional("create_entry"): {str: _text},
            **(more or {vol.Optional("initiate_flow"): {vol.Required("user"): _text}}),
        }
    )


_SUBENTRY: Final = _flow(
    {
        vol.Required("entry_type"): _text,
        vol.Required("initiate_flow"): {vol.Required("user"): _text, str: _text},
    }
)
_NAMED: Final[dict[Any, Any]] = {
    vol.Required("name"): _text,
    vol.Required("description"): _text,
}
_EXPLAINED: Final = {
    **_NAMED,
    vol.Optional("fields"): _by_key({**_NAMED, vol.Optional("example"): _text}),
}
_STATES: Final = _by_key(_plain_text)
_ENTITY: Final = {
    vol.Optional("name"): _text,
    vol.Optional("state"): _STATES,
    vol.Optional("state_attributes"): _by_key(
        {vol.Optional("name"): _plain_text, vol.Optional("state"): _STATES}
    ),
    vol.Optional("unit_of_measurement"): _plain_text,
}
TRANSLATIONS: Final = vol.Schema(
    {
        vol.Optional("title"): _text,
        vol.Required("config"): _flow(),
        vol.Required("options"): _flow(),
        vol.Required("config_subentries"): {cv.slug: _SUBENTRY},
        vol.Optional("selector"): {
            cv.slug: {
                vol.Optional("options"): _by_key(_text),
                vol.Optional("choices"): _by_key(_text),
                vol.Optional("unit_of_measurement"): _by_key(_text),
                vol.Optional("fields"): _by_key(vol.Any(_text, _NAMED)),
            }
        },
        vol.Optional("device_automation"): {
            vol.Optional("action_type"): {str: _text},
            vol.Optional("condition_type"): {str: _text},
            vol.Optional("trigger_type"): {str: _text},
            vol.Optional("trigger_subtype"): {str: _text},
            vol.Optional("extra_fields"): {str: _text},
            vol.Optional("extra_fields_descriptions"): {str: _text},
        },
        vol.Optional("system_health"): {vol.Optional("info"): _by_key(_text)},
        vol.Optional("issues"): {
            str: vol.All(
                {
                    vol.Required("title"): _text,
                    vol.Exclusive("description", "fixable"): _text,
                    vol.Exclusive("fix_flow", "fixable"): _flow(),
                },
                cv.has_at_least_one_key("description", "fix_flow"),
            )
        },
        vol.Optional("device"): _by_key({vol.Optional("name"): _text}),
        vol.Optional("entity"): {cv.slug: _by_key(_ENTITY)},
        vol.Optional("exceptions"): {cv.slug: {vol.Required("message"): _text}},
        vol.Optional("services"): _by_key(
            {
                **_EXPLAINED,
                vol.Optional("sections"): _by_key(
                    {
                        vol.Required("name"): _text,
                        vol.Optional("description"): _text,
                    }
                ),
            }
        ),
        vol.Optional("triggers"): {cv.underscore_slug: _EXPLAINED},
        vol.Optional("conditions"): {cv.underscore_slug: _EXPLAINED},
    }
)

# --- icons -----------------------------------------------------------------------------


def _icon(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"mdi:[a-z0-9-]+", value):
        raise vol.Invalid("it is no Material Design icon")
    return value


_ENTITY_ICONS: Final = {
    vol.Required("default"): _icon,
    vol.Optional("state"): _by_key(_icon),
    vol.Optional("range"): {vol.Coerce(float): _icon},
    vol.Optional("state_attributes"): _by_key(
        {vol.Required("default"): _icon, vol.Optional("state"): _by_key(_icon)}
    ),
}
ICONS: Final = vol.Schema(
    {
        vol.Optional("entity"): {cv.slug: _by_key(_ENTITY_ICONS)},
        vol.Optional("services"): _by_key(
            {
                vol.Required("service"): _icon,
                vol.Optional("sections"): _by_key(_icon),
            }
        ),
        vol.Optional("triggers"): _by_key({vol.Required("trigger"): _icon}),
        vol.Optional("conditions"): _by_key({vol.Required("condition"): _icon}),
    }
)

# --- services.yaml, triggers.yaml, conditions.yaml ------------------------------------


def _there(value: Any) -> Any:
    if value is None:
        raise vol.Invalid("it is empty")
    return value


_FIELD: Final = vol.Schema(
    {
        vol.Optional("example"): _there,
        vol.Optional("default"): _there,
        vol.Optional("required"): bool,
        vol.Required("selector"): selector.validate_selector,
    }
)
_SECTION: Final = vol.Schema(
    {vol.Optional("collapsed"): bool, vol.Required("fields"): {str: _FIELD}}
)
_NO_TEMPLATE: Final = vol.Schema({vol.Optional("fields"): {str: _FIELD}})


def _hidden(value: Any) -> str:
    """Accept the key of what is there to be repeated only."""
    if not isinstance(value, str) or not value.startswith("."):
        raise vol.Invalid("it does not start with a dot")
    return value


DESCRIPTIONS: Final = {
    "services": vol.Schema(
        {
            cv.slug: {
                vol.Optional("target"): vol.Any(
                    selector.TargetSelector.CONFIG_SCHEMA, None
                ),
                vol.Optional("fields"): {str: vol.Any(_SECTION, _FIELD)},
            }
        }
    ),
    "triggers": vol.Schema(
        {
            vol.Remove(_hidden): object,
            cv.underscore_slug: _NO_TEMPLATE.extend(
                {vol.Optional("target"): selector.TargetSelector.CONFIG_SCHEMA}
            ),
        }
    ),
    "conditions": vol.Schema(
        {vol.Remove(_hidden): object, cv.underscore_slug: _NO_TEMPLATE}
    ),
}


def descriptions(kind: str) -> dict[str, Any]:
    """Return what services.yaml, triggers.yaml or conditions.yaml describes."""
    found: dict[str, Any] = DESCRIPTIONS[kind](
        load_yaml_dict(str(INTEGRATION / f"{kind}.yaml"))
    )
    return found


def fields(description: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the fields of an action, trigger or condition, those of sections too."""
    for name, field in description.get("fields", {}).items():
        if "fields" in field:
            yield from fields(field)
        else:
            yield name, field


# --- manifest --------------------------------------------------------------------------


def _version(value: str) -> str:
    AwesomeVersion(
        value,
        ensure_strategy=[
            AwesomeVersionStrategy.CALVER,
            AwesomeVersionStrategy.SEMVER,
            AwesomeVersionStrategy.SIMPLEVER,
            AwesomeVersionStrategy.BUILDVER,
            AwesomeVersionStrategy.PEP440,
        ],
    )
    return value


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise vol.Invalid("it does not start with https")
    vol.Url()(value)
    return value


MANIFEST: Final = vol.Schema(
    {
        vol.Required("domain"): DOMAIN,
        vol.Required("name"): str,
        vol.Required("codeowners"): vol.All([vol.Match(r"^@\S+$")], vol.Length(min=1)),
        vol.Required("config_flow"): True,
        vol.Required("documentation"): _https,
        vol.Required("integration_type"): "hub",
        vol.Required("iot_class"): "local_push",
        vol.Required("issue_tracker"): _https,
        vol.Required("requirements"): [vol.Match(r"^[\w.-]+==[\w.]+$")],
        vol.Required("version"): _version,
        vol.Optional("dependencies"): [cv.slug],
        vol.Optional("after_dependencies"): [cv.slug],
        vol.Optional("loggers"): [str],
    }
)

# --- source code -----------------------------------------------------------------------


@cache
def read_json(name: str) -> Any:
    """Return what a file of the integration holds."""
    return json.loads((INTEGRATION / name).read_text("utf-8"))


@cache
def modules() -> dict[str, ast.Module]:
    """Return the integration's modules, parsed, by their path in it."""
    return {
        str(path.relative_to(INTEGRATION)): ast.parse(path.read_text("utf-8"))
        for path in sorted(INTEGRATION.rglob("*.py"))
    }


def functions(module: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of a module by name."""
    return {
        node.name: node
        for node in ast.walk(modules()[module])
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls in a piece of code, with the last part of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def platform_module(platform: str) -> str:
    """Return the module of a platform: a file, or the package of its name."""
    name = f"{platform}.py"
    return name if name in modules() else str(Path(platform) / "__init__.py")
