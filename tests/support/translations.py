"""Every text that a user could meet during a test has to be in translations/en.json.

The idea is that of the fixture of the same name in Home Assistant core, which the test
plugin does not ship; this one looks at our own domain only, and also at subentry flows,
menus, options of selectors and each exception that is made, raised or not.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
import json
from pathlib import Path
import string
import sys
from types import FrameType
from typing import Any
from unittest.mock import patch

import pytest
import voluptuous as vol

from homeassistant.components.repairs.issue_handler import RepairsFlowManager
from homeassistant.config_entries import (
    ConfigEntriesFlowManager,
    ConfigSubentryFlowManager,
    OptionsFlowManager,
)
from homeassistant.data_entry_flow import (
    FlowHandler,
    FlowManager,
    FlowResult,
    FlowResultType,
    section,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir, selector

DOMAIN = "mqtt_websocket"
INTEGRATION = Path(__file__).parents[2] / "custom_components" / DOMAIN


@cache
def english() -> dict[str, Any]:
    """Return the integration's English texts."""
    path = INTEGRATION / "translations" / "en.json"
    texts: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return texts


class TranslationCheck:
    """Collects the texts that are missing, as `problems`.

    Args:
        texts: Content of a translation file.
        ignored: Keys that may be missing.
    """

    def __init__(self, texts: Mapping[str, Any], ignored: Iterable[str] = ()) -> None:
        """Begin without problems."""
        self._texts = texts
        self._ignored = dict.fromkeys(ignored, False)
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> list[str]:
        """What is missing, and what was ignored without need."""
        unused = [
            f"{key} is ignored without need"
            for key, used in self._ignored.items()
            if not used
        ]
        return [*self._problems, *unused]

    def text(
        self,
        key: str,
        placeholders: Mapping[str, object] | None = None,
        *,
        required: bool = True,
    ) -> None:
        """Check one text, and that all its placeholders are given a value."""
        found: Any = self._texts
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, str):
            if key in self._ignored:
                self._ignored[key] = True
            elif required:
                self._problems[f"{key} is missing"] = None
            return
        for _, name, _, _ in string.Formatter().parse(found):
            if name is not None and name not in (placeholders or {}):
                self._problems[f"{key} has a placeholder without value: {name}"] = None

    # --- flows

    def flow(
        self,
        manager: FlowManager[Any, Any, Any],
        flow: FlowHandler[Any, Any, Any],
        result: FlowResult[Any, Any],
    ) -> None:
        """Check what one step of a flow shows, if the flow is ours."""
        prefix = self._flow_prefix(manager, flow)
        if prefix is None:
            return
        placeholders = result.get("description_placeholders")
        step = f"{prefix}step.{result.get('step_id')}"
        match result["type"]:
            case FlowResultType.FORM:
                self._form(step, result.get("data_schema"), placeholders)
                for error in (result.get("errors") or {}).values():
                    self.text(f"{prefix}error.{error}", placeholders)
            case FlowResultType.MENU:
                self._headers(step, placeholders)
                options = result["menu_options"]
                # As a mapping they carry their texts with them.
                if not isinstance(options, Mapping):
                    assert isinstance(options, Iterable)
                    for option in options:
                        self.text(f"{step}.menu_options.{option}", placeholders)
            case FlowResultType.SHOW_PROGRESS:
                self._headers(step, placeholders)
                action = result["progress_action"]
                self.text(f"{prefix}progress.{action}", placeholders)
            case FlowResultType.EXTERNAL_STEP:
                self._headers(step, placeholders)
            case FlowResultType.ABORT:
                if result.get("translation_domain") in (None, DOMAIN):
                    self.text(f"{prefix}abort.{result['reason']}", placeholders)

    def _flow_prefix(
        self, manager: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any]
    ) -> str | None:
        """Return where the flow's texts are, or None if it is not ours."""
        entries = manager.hass.config_entries
        match manager:
            case ConfigEntriesFlowManager():
                return "config." if flow.handler == DOMAIN else None
            case OptionsFlowManager():
                entry = entries.async_get_known_entry(flow.handler)
                return "options." if entry.domain == DOMAIN else None
            case ConfigSubentryFlowManager():
                entry_id, subentry_type = flow.handler
                entry = entries.async_get_known_entry(entry_id)
                if entry.domain == DOMAIN:
                    return f"config_subentries.{subentry_type}."
            case RepairsFlowManager() if flow.handler == DOMAIN:
                issue_id = flow.context["issue_id"]
                issue = ir.async_get(manager.hass).async_get_issue(DOMAIN, issue_id)
                if issue is not None:
                    return f"issues.{issue.translation_key}.fix_flow."
        return None

    def _headers(self, step: str, placeholders: Mapping[str, str] | None) -> None:
        for header in ("title", "description"):
            self.text(f"{step}.{header}", placeholders, required=False)

    def _form(
        self,
        step: str,
        schema: vol.Schema | None,
        placeholders: Mapping[str, str] | None,
    ) -> None:
        self._headers(step, placeholders)
        fields: dict[Any, Any] = {} if schema is None else schema.schema
        for field, value in fields.items():
            if isinstance(value, section):
                self.text(f"{step}.sections.{field}.name", placeholders)
                self._form(f"{step}.sections.{field}", value.schema, placeholders)
                continue
            self.text(f"{step}.data.{field}", placeholders)
            self.text(f"{step}.data_description.{field}", placeholders)
            if isinstance(value, selector.SelectSelector):
                self._options(value.config)

    def _options(self, config: Mapping[str, Any]) -> None:
        if (key := config.get("translation_key")) is not None:
            for option in config["options"]:
                name = option["value"] if isinstance(option, Mapping) else option
                self.text(f"selector.{key}.options.{name}")

    # --- issues and exceptions

    def issue(self, issue: ir.IssueEntry) -> None:
        """Check an issue, if it is ours."""
        if issue.domain != DOMAIN or issue.translation_key is None:
            return
        key = f"issues.{issue.translation_key}"
        self.text(f"{key}.title", issue.translation_placeholders)
        if not issue.is_fixable:  # else its flow describes it
            self.text(f"{key}.description", issue.translation_placeholders)

    def exception(self, error: HomeAssistantError, raised_by_us: bool) -> None:
        """Check an exception with a text of ours, or one that we made without text."""
        if error.translation_domain == DOMAIN:
            key = f"exceptions.{error.translation_key}.message"
            self.text(key, error.translation_placeholders)
        elif error.translation_key is None and raised_by_us:
            problem = f"{type(error).__name__}{error.args} has no translation key"
            self._problems[problem] = None


def _made_by_us(frame: FrameType | None) -> bool:
    """Whether an object was made in the integration, subclasses' __init__ aside."""
    while frame is not None and frame.f_code.co_name == "__init__":
        frame = frame.f_back
    return frame is not None and Path(frame.f_code.co_filename).is_relative_to(
        INTEGRATION
    )


@pytest.fixture
def ignore_missing_translations() -> list[str]:
    """Return keys of texts that may be missing; override or parametrize it."""
    return []


@pytest.fixture(autouse=True)
def check_translations(
    ignore_missing_translations: list[str],
) -> Iterator[TranslationCheck]:
    """Fail a test in which a text of ours was needed and is not there."""
    check = TranslationCheck(english(), ignore_missing_translations)
    handle_step = FlowManager._async_handle_step
    get_or_create = ir.IssueRegistry.async_get_or_create
    make_error = HomeAssistantError.__init__

    async def checked_handle_step(
        self: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any], *args: Any
    ) -> Any:
        result = await handle_step(self, flow, *args)
        check.flow(self, flow, result)
        return result

    def checked_get_or_create(
        self: ir.IssueRegistry, *args: Any, **kwargs: Any
    ) -> ir.IssueEntry:
        issue = get_or_create(self, *args, **kwargs)
        check.issue(issue)
        return issue

    def checked_make_error(
        self: HomeAssistantError, *args: object, **kwargs: Any
    ) -> None:
        make_error(self, *args, **kwargs)
        check.exception(self, _made_by_us(sys._getframe(1)))

    with (
        patch.object(FlowManager, "_async_handle_step", checked_handle_step),
        patch.object(ir.IssueRegistry, "async_get_or_create", checked_get_or_create),
        patch.object(HomeAssistantError, "__init__", checked_make_error),
    ):
        yield check
    if check.problems:
        pytest.fail("translations/en.json: " + "; ".join(check.problems))
