"""Home Assistant's Integration Quality Scale, as far as a program can check it.

https://developers.home-assistant.io/docs/core/integration-quality-scale/ and what
hassfest asks for; the rest of a rule is in the tests of what the rule is about.
test_quality_run.py looks at a whole run, test_translations.py at the texts.
"""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from custom_components.mqtt_websocket import PLATFORMS
from custom_components.mqtt_websocket.broker.errors import BrokerError
from custom_components.mqtt_websocket.condition import async_get_conditions
from custom_components.mqtt_websocket.subentry_flow.forms import ENTITY_FORMS
from custom_components.mqtt_websocket.trigger import async_get_triggers

from .support import hassfest
from .support.hassfest import DOMAIN, INTEGRATION, fields, functions, modules
from .support.translations import english

_ROOT: Final = Path(__file__).parents[1]
_SCALE: Final = """
    action-setup appropriate-polling brands common-modules config-flow-test-coverage
    config-flow dependency-transparency docs-actions docs-conditions
    docs-high-level-description docs-installation-instructions docs-removal-instructions
    docs-triggers entity-event-setup entity-unique-id has-entity-name runtime-data
    test-before-configure test-before-setup unique-config-entry

    action-exceptions config-entry-unloading docs-configuration-parameters
    docs-installation-parameters entity-unavailable integration-owner
    log-when-unavailable parallel-updates reauthentication-flow test-coverage

    devices diagnostics discovery-update-info discovery docs-data-update docs-examples
    docs-known-limitations docs-supported-devices docs-supported-functions
    docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-translations
    exception-translations icon-translations reconfiguration-flow repair-issues
    stale-devices

    async-dependency inject-websession strict-typing
"""
"""Bronze, silver, gold, platinum."""
_RULES: Final = _SCALE.split()


def _quality_scale() -> dict[str, Any]:
    rules: dict[str, Any] = load_yaml_dict(str(INTEGRATION / "quality_scale.yaml"))
    return dict(rules["rules"])


def _status(rule: str) -> str:
    entry = _quality_scale()[rule]
    return str(entry if isinstance(entry, str) else entry["status"])


# --- the list of rules ---------------------------------------------------------------


def test_every_rule_is_listed() -> None:
    """No rule is forgotten, in the order of the scale; an exemption has its reason."""
    assert len(_RULES) == 54
    assert list(_quality_scale()) == _RULES
    for rule, entry in _quality_scale().items():
        if isinstance(entry, str):
            assert entry in ("done", "todo"), rule
            continue
        assert entry["status"] in ("done", "todo", "exempt"), rule
        assert len(entry["comment"].split()) > 3, rule


def test_every_rule_holds() -> None:
    """Nothing is left to do. What docs/ is for may wait until it has its pages."""
    todo = {rule for rule in _RULES if _status(rule) == "todo"}
    if {page.name for page in (_ROOT / "docs").glob("*.md")} <= {"changelog.md"}:
        todo = {rule for rule in todo if not rule.startswith("docs-")}
    assert todo == set()


# --- manifest and descriptions -------------------------------------------------------


def test_manifest() -> None:
    """The manifest has what hassfest wants of a custom integration, and no more."""
    hassfest.MANIFEST(hassfest.read_json("manifest.json"))


def test_core_integrations_in_use_are_dependencies() -> None:
    """What is imported of core's integrations is there when we are set up."""
    manifest = hassfest.read_json("manifest.json")
    always = {*Platform, "device_automation", "homeassistant", "repairs"}
    allowed = {
        *always,
        *manifest["dependencies"],
        *manifest.get("after_dependencies", ()),
        "diagnostics",
        "system_health",
        "websocket_api",
    }
    for module, tree in modules().items():
        own = module.split("/", maxsplit=1)[0].removesuffix(".py")
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
                if node.module == "homeassistant.components":
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                if name.startswith("homeassistant.components."):
                    assert name.split(".")[2] in {*allowed, own}, (module, name)


@pytest.mark.parametrize("kind", ["services", "triggers", "conditions"])
def test_descriptions_have_texts_and_icons(kind: str) -> None:
    """What is described has a name, a description and an icon; so has each field."""
    described = hassfest.descriptions(kind)
    texts, icons = english()[kind], hassfest.read_json("icons.json")[kind]
    assert described.keys() == texts.keys() == icons.keys()
    for name, description in described.items():
        named = dict(fields(description))
        assert named.keys() == texts[name].get("fields", {}).keys(), name
        sections = {
            key
            for key, value in description.get("fields", {}).items()
            if "fields" in value
        }
        assert sections == texts[name].get("sections", {}).keys(), name
        assert sections == icons[name].get("sections", {}).keys(), name
        for field in named.values():
            select = field["selector"].get("select") or {}
            if key := select.get("translation_key"):
                options = english()["selector"][key]["options"]
                assert set(select["options"]) <= options.keys(), key


async def test_descriptions_are_of_what_there_is(hass: HomeAssistant) -> None:
    """Every action, trigger and condition is described, and no other."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = hass.services.async_services_for_domain(DOMAIN)
    assert actions.keys() == hassfest.descriptions("services").keys()
    triggers = await async_get_triggers(hass)
    assert triggers.keys() == hassfest.descriptions("triggers").keys()
    conditions = await async_get_conditions(hass)
    assert conditions.keys() == hassfest.descriptions("conditions").keys()


def test_icons() -> None:
    """Icons are Material Design's, and of what exists."""
    icons = hassfest.ICONS(hassfest.read_json("icons.json"))
    for platform, entities in icons["entity"].items():
        assert entities.keys() <= english()["entity"][platform].keys()


# --- texts ---------------------------------------------------------------------------


def _constants() -> set[str]:
    """Return every text in the code: keys of texts are among them."""
    found = {
        node.value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    classes: list[type[BrokerError]] = [BrokerError]
    while classes:
        found.add((error := classes.pop()).key)
        classes += error.__subclasses__()
    return found


def _flows() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "config", english()["config"]
    yield "options", english()["options"]
    yield from english()["config_subentries"].items()


_REASONS_OF_CORE: Final = {"already_configured"}
"""Why core's own helpers end a flow."""


@pytest.mark.parametrize(("name", "flow"), _flows())
def test_no_text_is_dead(name: str, flow: dict[str, Any]) -> None:
    """Each step, error, reason and kind of progress that has a text can be shown."""
    steps = {
        function.removeprefix("async_step_")
        for module in modules()
        if "flow" in module
        for function in functions(module)
    }
    known = _constants() | _REASONS_OF_CORE
    # The steps of a device's entities are called as their forms.
    assert flow["step"].keys() <= steps | ENTITY_FORMS.keys()
    for kind in ("error", "abort", "progress"):
        assert flow.get(kind, {}).keys() <= known, kind


@pytest.mark.parametrize("kind", ["exceptions", "issues", "selector"])
def test_no_other_text_is_dead(kind: str) -> None:
    """Each exception, issue and set of options that has a text is in the code."""
    described = {
        (field["selector"].get("select") or {}).get("translation_key")
        for each in ("services", "triggers", "conditions")
        for description in hassfest.descriptions(each).values()
        for _, field in fields(description)
    }
    assert english()[kind].keys() <= _constants() | described


def test_every_error_of_the_broker_has_its_texts() -> None:
    """A form can show it and an action can raise it, with all that it tells."""
    todo, exceptions = [BrokerError], english()["exceptions"]
    while todo:
        error = todo.pop()
        todo += error.__subclasses__()
        assert error.key in exceptions, error


_HOME_ASSISTANT_ERRORS: Final = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "PlatformNotReady",
    "ServiceNotSupported",
    "ServiceValidationError",
}


def test_no_error_without_a_text() -> None:
    """Each error for people is translated, and given what its text names."""
    for module, tree in modules().items():
        for name, call in hassfest.calls(tree):
            if name not in _HOME_ASSISTANT_ERRORS:
                continue
            given = {word.arg: word.value for word in call.keywords}
            where = f"{module}:{call.lineno}"
            assert not call.args, where
            assert {"translation_domain", "translation_key"} <= given.keys(), where
            key, values = (
                given["translation_key"],
                given.get("translation_placeholders"),
            )
            if not isinstance(key, ast.Constant) or isinstance(values, ast.Name):
                continue  # tests/support/translations.py looks when it is made
            text = english()["exceptions"][key.value]["message"]
            if isinstance(values, ast.Dict):
                told = {k.value for k in values.keys if isinstance(k, ast.Constant)}
                assert hassfest.placeholders(text) <= told, where


def test_no_bare_error() -> None:
    """Nobody raises what Home Assistant would show as "unknown error" or as English."""
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Raise):
                continue
            where = f"{module}:{node.lineno}"
            if isinstance(node.exc, ast.Name):
                assert node.exc.id not in _HOME_ASSISTANT_ERRORS, where
            elif isinstance(node.exc, ast.Call):
                # hassfest reads no other.
                assert isinstance(node.exc.func, (ast.Name, ast.Attribute)), where


# --- code ----------------------------------------------------------------------------


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates(platform: Platform) -> None:
    """Each platform says how many commands may be under way at once."""
    assert "PARALLEL_UPDATES" in {
        target.id
        for node in modules()[hassfest.platform_module(platform)].body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def test_nothing_is_polled() -> None:
    """appropriate-polling is exempt, so nobody polls."""
    for module, tree in modules().items():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"SCAN_INTERVAL", "DataUpdateCoordinator"}, module
        assert "async_update" not in functions(module), module


def test_flow_steps_that_the_scale_names() -> None:
    """There are a way in, new credentials, changes, and a look at what exists."""
    steps = functions("config_flow.py")
    assert {
        "async_step_user",
        "async_step_reauth",
        "async_step_reauth_confirm",
        "async_step_reconfigure",
    } <= steps.keys()
    called = {name for name, _ in hassfest.calls(modules()["config_flow.py"])}
    assert called & {"_async_abort_entries_match", "_abort_if_unique_id_configured"}


def test_life_of_an_entry() -> None:
    """Actions are there without entries; setting up can fail; unloading is possible."""
    module = "__init__.py"
    found = functions(module)
    assert {"async_setup", "async_setup_entry", "async_unload_entry"} <= found.keys()
    assert "CONFIG_SCHEMA" in {
        node.target.id
        for node in modules()[module].body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    in_setup = {name for name, _ in hassfest.calls(found["async_setup"])}
    assert "async_setup_actions" in in_setup
    raised = {
        node.id
        for node in ast.walk(found["async_setup_entry"])
        if isinstance(node, ast.Name)
    }
    assert {
        "ConfigEntryAuthFailed",
        "ConfigEntryError",
        "ConfigEntryNotReady",
    } <= raised
    assert "async_get_config_entry_diagnostics" in functions("diagnostics.py")


def test_entries_are_typed() -> None:
    """Home Assistant's calls get the entry with its kind of runtime data."""
    places = ["__init__.py", "diagnostics.py"]
    places += [hassfest.platform_module(platform) for platform in PLATFORMS]
    for module in places:
        for name, function in functions(module).items():
            if name not in (
                "async_setup_entry",
                "async_unload_entry",
                "async_remove_entry",
                "async_migrate_entry",
                "async_remove_config_entry_device",
                "async_get_config_entry_diagnostics",
                "async_get_device_diagnostics",
            ):
                continue
            annotation = function.args.args[1].annotation
            assert isinstance(annotation, ast.Name), (module, name)
            assert re.fullmatch(r"[A-Za-z]+ConfigEntry", annotation.id), (module, name)
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and "hass.data" in ast.unparse(
                node.value
            ):
                assert ast.unparse(node.slice) != "DOMAIN", (module, node.lineno)


def test_the_connection_is_asynchronous() -> None:
    """No thread, no blocking socket; the session is Home Assistant's."""
    for module, tree in modules().items():
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert not imported & {"Thread", "threading", "requests", "urllib3"}, module
        for name, call in hassfest.calls(tree):
            if name == "ClientSession":
                # Home Assistant makes none that goes through a tunnel.
                assert [word.arg for word in call.keywords][:1] == ["connector"], module
                assert "TunnelConnector" in ast.unparse(call), module
    made = {name for name, _ in hassfest.calls(modules()["connection.py"])}
    assert made & {"async_create_clientsession", "async_get_clientsession"}


# --- documentation (test_docs.py looks into the pages) --------------------------------


def _documentation() -> str:
    pages = [_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text("utf-8") for page in pages)


def _headings() -> list[str]:
    return re.findall(r"^(?:#+ |\*\*)(.+?)(?:\*\*.*)?$", _documentation(), re.MULTILINE)


_HEADINGS: Final = {
    "docs-data-update": "data update|updated|how .*(works|arrive)",
    "docs-examples": "example",
    "docs-installation-instructions": "install",
    "docs-known-limitations": "limit",
    "docs-removal-instructions": "remov",
    "docs-supported-devices": "supported|tried with|tested",
    "docs-supported-functions": "entit|platform",
    "docs-troubleshooting": "trouble|does not work",
    "docs-use-cases": "use case|what .* for|is it for",
}


@pytest.mark.parametrize(
    "rule", [rule for rule in _HEADINGS if _status(rule) == "done"]
)
def test_documentation_has_a_section(rule: str) -> None:
    """A reader who looks for it finds a heading."""
    wanted = re.compile(_HEADINGS[rule], re.IGNORECASE)
    assert any(wanted.search(heading) for heading in _headings())


def test_documentation_begins_with_what_it_is() -> None:
    """The first paragraph of the README says what this is, and links Home Assistant."""
    first = (_ROOT / "README.md").read_text("utf-8").split("\n\n")[1]
    assert "Home Assistant" in first
    assert "MQTT" in first
    assert len(first.split()) > 20


def test_hassfest_and_hacs_run_on_every_change() -> None:
    """Their own actions have the last word."""
    workflow = (_ROOT / ".github/workflows/validate.yml").read_text("utf-8")
    assert "home-assistant/actions/hassfest" in workflow
    assert "hacs/action" in workflow
    assert "ignore:" not in workflow
    assert json.loads((_ROOT / "hacs.json").read_text("utf-8"))["zip_release"]
