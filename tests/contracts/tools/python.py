"""How the contract suite makes a `python` tool."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from tests.contracts.test_tools import Case

if TYPE_CHECKING:
    from pathlib import Path

numbers = count()

SOURCE = '''
import asyncio


def half(number: int) -> float:
    """Return half of a number."""
    return 1 / (1 / number) / 2


class Maths:
    """What the contract suite calls."""

    def half(self, number: int) -> float:
        """Return half of a number."""
        return half(number)

    async def forever(self) -> None:
        """Wait until somebody stops it."""
        await asyncio.Event().wait()
'''


def case(folder: Path) -> Case:
    """A class with a method that works, fails on zero, or never ends."""
    module = f"contract_{next(numbers)}"  # a process imports a name once
    (folder / f"{module}.py").write_text(SOURCE)
    return Case(
        settings={"call": f"{module}:Maths"},
        good=("half", {"number": 8}, "4.0"),
        bad=("half", {"number": 0}, "ZeroDivisionError: division by zero"),
        endless=("forever", {}),
    )
