"""Calls a user's Python: in a thread or awaited, JSON data in, JSON data out, every exception told in one line. Standard library only."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import dataclasses
import enum
import inspect
import json
import math
import threading
import types
import typing
from typing import TYPE_CHECKING, Any, Union, cast

from runner.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_UNIONS = (Union, types.UnionType)
_DEEPEST = 64


def failure(error: BaseException) -> ToolError:
    """Return what the model is told of a user's exception: its type and message, never a traceback."""
    if isinstance(error, ToolError):
        return error
    name, words = type(error).__name__, _words(error)
    return ToolError(f"{name}: {words}" if words else name)


async def run(function: Callable[..., Any], arguments: Mapping[str, Any], abandoned: Callable[[], None]) -> Any:
    """Return what a function returns, as JSON data or bytes. A coroutine function is awaited, any other runs in a thread of its own.

    A thread cannot be stopped: when the task is cancelled meanwhile `abandoned` is called and the thread's result is dropped.
    Raises ToolError for whatever the function raises.
    """
    if inspect.iscoroutinefunction(function):
        result, error = await _awaited(lambda: function(**arguments))
    else:
        result, error = await in_thread(lambda: _shaped(function(**arguments)), abandoned), None
    if inspect.isawaitable(result):
        waiting = result
        result, error = await _awaited(lambda: waiting)
    if error is not None:
        raise failure(error) from error
    return result


async def _awaited(start: Callable[[], Awaitable[Any]]) -> tuple[Any, BaseException | None]:
    try:
        return _shaped(await start()), None
    except GeneratorExit:
        raise  # nobody awaits this any more
    except asyncio.CancelledError as error:
        if _is_being_cancelled():
            raise
        return None, error
    except BaseException as error:  # noqa: BLE001 – the border: a user's code may raise anything, the model is told
        return None, error


def _is_being_cancelled() -> bool:
    """Return whether someone wants this task to end; a CancelledError that nobody asked for is only the user's code failing."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def in_thread(work: Callable[[], Any], abandoned: Callable[[], None]) -> Any:
    """Return what `work` returns, done in a daemon thread: one that never ends does not hold up the end of the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def body() -> None:
        try:
            settle: Callable[[], None] = _setter(done, context.run(work))
        except BaseException as error:  # noqa: BLE001 – the border: a user's code may raise anything, the model is told
            settle = _raiser(done, failure(error))
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(settle)
            except RuntimeError:
                return  # the loop was closed in this very moment: nobody waits for the result

    threading.Thread(target=body, name="agent-run python tool", daemon=True).start()
    try:
        return await done
    except asyncio.CancelledError:
        abandoned()
        raise


def fit(hint: Any, value: Any) -> Any:
    """Return JSON data as the annotated type wants it: dataclasses are made, `3` becomes 3.0 and `3.0` 3; all else stays."""
    if typing.get_origin(hint) is typing.Annotated:
        return fit(typing.get_args(hint)[0], value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON Schema calls 3.0 an integer
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        hints = hints_of(hint)
        return cast("Any", hint)(**{name: fit(hints.get(name), item) for name, item in cast("dict[str, Any]", value).items()})
    return _fit_generic(typing.get_origin(hint), typing.get_args(hint), value)


def hints_of(thing: Any) -> dict[str, Any]:
    """Return the annotations of a function or class as types; none when they cannot be evaluated at run time."""
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON data. Raises ToolError for one that has no such form."""
    if depth > _DEEPEST:
        raise ToolError("the function returned data that is nested too deeply or refers to itself")
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {_key(key): plain(item, depth + 1) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in cast("list[Any]", value)]
    return _plain_object(value, depth)


def to_json(data: Any) -> str:
    """Return plain data as JSON text, readable for people and models."""
    return json.dumps(data, ensure_ascii=False)


def _shaped(result: Any) -> Any:
    """Return a result in the form it leaves in; an awaitable is left to be awaited."""
    if isinstance(result, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", result))
    return result if inspect.isawaitable(result) else plain(result)


def _words(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception:  # noqa: BLE001 – the border: even `__str__` is a user's code
        return ""


def _setter(done: asyncio.Future[Any], result: Any) -> Callable[[], None]:
    return lambda: None if done.done() else done.set_result(result)


def _raiser(done: asyncio.Future[Any], error: ToolError) -> Callable[[], None]:
    return lambda: None if done.done() else done.set_exception(error)


def _fit_generic(origin: Any, parameters: tuple[Any, ...], value: Any) -> Any:
    if origin in _UNIONS:
        if value is None or any(_is_exactly(hint, value) for hint in parameters):
            return value
        if isinstance(value, float) and int in parameters:
            return fit(int, value)
        records = [hint for hint in parameters if dataclasses.is_dataclass(hint)]
        return fit(next((hint for hint in (records or parameters) if hint is not type(None)), None), value)
    if isinstance(value, list) and len(parameters) == 1:
        return [fit(parameters[0], item) for item in cast("list[Any]", value)]
    if isinstance(value, dict) and len(parameters) == 2:
        return {key: fit(parameters[1], item) for key, item in cast("dict[str, Any]", value).items()}
    return cast("Any", value)


def _is_exactly(hint: Any, value: Any) -> bool:
    return type(value) is hint


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key)


def _plain_object(value: Any, depth: int) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), depth + 1) for field in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return plain(dump(mode="json"), depth + 1)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return str(isoformat())
    if type(value).__module__ in ("decimal", "uuid", "pathlib", "fractions", "ipaddress"):
        return str(value)
    raise ToolError(f"the function returned `{type(value).__name__}`, which cannot be written as JSON")
