"""Who decides how to log: flags, then environment, then project, then defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.errors import ConfigError, UsageError
from runner.log import LogSettings, settings


def test_nothing_said_is_warnings_on_the_console() -> None:
    """A chat is not disturbed."""
    assert settings({}, {}, {}) == LogSettings("warning", "console", None, debug=False)


def test_each_place_wins_over_the_next() -> None:
    """Per setting, not as a whole; None and empty are unset."""
    flags: dict[str, Any] = {"level": "error", "format": None, "file": None, "debug": False}
    environ = {"AGENT_RUN_LOG_LEVEL": "info", "AGENT_RUN_LOG_FORMAT": "json", "AGENT_RUN_LOG_FILE": ""}
    project = {"level": "debug", "format": "console", "file": "run.log"}
    assert settings(flags, environ, project) == LogSettings("error", "json", Path("run.log"), debug=False)
    assert settings({}, environ, project) == LogSettings("info", "json", Path("run.log"), debug=False)
    assert settings({}, {}, project) == LogSettings("debug", "console", Path("run.log"), debug=False)


def test_debug_is_a_level_unless_one_is_given() -> None:
    """`--debug` wins over the environment; `--debug --log-level error` keeps the level."""
    assert settings({"debug": True}, {"AGENT_RUN_LOG_LEVEL": "error"}, {}) == LogSettings("debug", debug=True)
    assert settings({"debug": True, "level": "error"}, {}, {}) == LogSettings("error", debug=True)


def test_a_home_folder_is_found() -> None:
    """`~` in a variable is not expanded by any shell."""
    assert settings({}, {"AGENT_RUN_LOG_FILE": "~/a.log"}, {}).file == Path.home() / "a.log"


@pytest.mark.parametrize(
    ("places", "kind", "name"),
    [
        (({"level": "loud"}, {}, {}), UsageError, "--log-level"),
        (({}, {"AGENT_RUN_LOG_FORMAT": "xml"}, {}), UsageError, "AGENT_RUN_LOG_FORMAT"),
        (({}, {}, {"level": "loud"}), ConfigError, "log.level"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(places: Any, kind: type[Exception], name: str) -> None:
    """And the hint lists what would be right."""
    with pytest.raises(kind, match=name) as caught:
        settings(*places)
    assert "one of: " in (caught.value.hint or "")  # type: ignore[attr-defined]
