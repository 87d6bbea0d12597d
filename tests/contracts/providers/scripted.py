"""The scripted provider: the fake and the provider are one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from runner.graph import ModelNode, ProviderNode
from runner.providers import ProviderContext, scripted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.contracts.providers._kit import Answer


class Fake:
    keeps_ids = False
    model = "fake"

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._steps = len(answers)
        script = {"script": [_step(answer) for answer in answers]}
        node = ProviderNode("fake", "scripted", "fake.yaml:1", models={"fake": ModelNode("fake", script=script)})
        self.provider = scripted.open(node, scripted.Settings(), ProviderContext())

    def asked(self) -> int:
        return self._steps - len(self.provider.leftover("s", "fake"))

    def sent(self) -> None:
        return None

    async def cancelled(self) -> None:
        await asyncio.sleep(0)
        assert len(self.provider.leftover("s", "fake")) == self._steps, "a step that was given up counts as used"


@asynccontextmanager
async def serve(answers: Sequence[Answer]) -> AsyncIterator[Fake]:
    fake = Fake(answers)
    yield fake
    await fake.provider.close()


def _step(answer: Answer) -> dict[str, Any]:
    step: dict[str, Any] = {"calls": [{"tool": name, "with": arguments} for _, name, arguments in answer.calls]} if answer.calls else {}
    if answer.error:
        wait = {} if answer.retry_after is None else {"retry_after": f"{answer.retry_after}s"}
        return {"error": {"kind": answer.error, **wait}}
    if answer.cut is not None:
        step["error"] = {"kind": "cut", "after": answer.cut}
    if answer.usage:
        step["usage"] = {name: getattr(answer.usage, name) for name in ("input", "output", "cached", "reasoning")}
    if answer.hold:
        step |= {"pace": "1h"}
    return {**step, "say": answer.text, "think": answer.thought}
