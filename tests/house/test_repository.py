"""What is committed: requirements that name no place, a changelog, and no leftovers."""

from __future__ import annotations

import re

from tests.house.tree import ROOT, modules, nothing


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    """They install from whatever index a person has, and only the very files that were tested."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        entries = re.findall(r"^([A-Za-z0-9_.-]+)(.*?)(?=^[A-Za-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(entries) > 20
        nothing([entry for entry, rest in entries if not rest.startswith("==") or "--hash=sha256:" not in rest])
        assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_base_requirements_are_part_of_the_ones_for_tests() -> None:
    """Tests run with the very versions that users get."""
    base, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert base - dev == set()


def test_no_work_is_left_lying_in_the_code() -> None:
    """What is to do is an issue, not a comment."""
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    nothing(
        [
            f"{module.label}:{number}: {line.strip()}"
            for module in modules()
            for number, line in enumerate(module.path.read_text("utf-8").splitlines(), 1)
            if mark.search(line)
        ]
    )
