"""The scripted provider: what its YAML says is what it says, no more and no less."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import BadRequestError, QuotaError, TransientError
from runner.executor.fold import Folder
from runner.graph import ModelNode, ProviderNode
from runner.messages import ModelRequest, TextDelta, TextPart, ToolDefinition, ToolMessage, ToolResult, UserMessage
from runner.providers import ProviderContext, scripted

if TYPE_CHECKING:
    from runner.messages import Message, ModelResponse


def provider(**scripts: list[dict[str, Any]]) -> scripted.Scripted:
    """A provider with a model `m` made of `rules` or `script`, or with models by name."""
    models = {"m": scripts} if scripts.keys() <= {"rules", "script"} else {name: {"script": steps} for name, steps in scripts.items()}
    nodes = {name: ModelNode(name, script=script) for name, script in models.items()}
    return scripted.open(ProviderNode("demo", "scripted", "demo.yaml:1", models=nodes), scripted.Settings(), ProviderContext())


def user(text: str) -> UserMessage:
    return UserMessage((TextPart(text),))


def tool(name: str, text: str = "", data: Any = None) -> ToolMessage:
    return ToolMessage((ToolResult("c1", name, (TextPart(text),), data=data),))


async def ask(made: scripted.Scripted, *messages: Message, taken: frozenset[int] = frozenset(), **more: Any) -> ModelResponse:
    folder = Folder("demo/m")
    request = ModelRequest(more.pop("model", "m"), "", messages or (user("Hi"),), steps_taken=taken, **{"session": "s", **more})
    async for event in made.stream(request):
        folder.feed(event)
    return folder.response()


async def say(made: scripted.Scripted, *messages: Message, **more: Any) -> str:
    return (await ask(made, *messages, **more)).message.text()


async def test_rules_answer_any_number_of_times_first_fit_wins() -> None:
    """The order of the rules decides."""
    made = provider(rules=[{"when": {"message": "*hello*"}, "say": "Hello!"}, {"say": "What?"}])
    assert [await say(made, user(text)) for text in ("oh hello you", "bye", "HELLO")] == ["Hello!", "What?", "Hello!"]


async def test_a_script_uses_each_step_once_in_order() -> None:
    """The first unused step that fits."""
    made = provider(script=[{"say": "one"}, {"when": {"message": "*b*"}, "say": "b"}, {"say": "two"}])
    assert [await say(made, user(text)) for text in ("a", "a", "b")] == ["one", "two", "b"]


async def test_times_says_how_often() -> None:
    """A number, or any."""
    made = provider(script=[{"say": "twice", "times": 2}, {"say": "ever", "times": "any"}])
    assert [await say(made) for _ in range(5)] == ["twice", "twice", "ever", "ever", "ever"]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"agent": "shop-*"}, True),
        ({"agent": "shop"}, False),
        ({"tool": "weather"}, True),
        ({"tool": "city.*"}, False),
        ({"tool": "weather", "result": "*SNOW*"}, True),
        ({"tool": "clock", "result": "*snow*"}, False),
        ({"result": "noon"}, True),
        ({"message": "*"}, False),
        ({"agent": "shop-*", "tool": "*", "result": "no*n"}, True),
    ],
)
async def test_all_of_when_must_hold(when: dict[str, str], fits: bool) -> None:
    """A result counts for its own tool only; a request that ends with results does not end with a message."""
    results = ToolMessage((ToolResult("c1", "weather", (TextPart("Heavy snow"),)), ToolResult("c2", "clock", (TextPart("noon"),))))
    made = provider(rules=[{"when": when, "say": "fits"}, {"say": "does not"}])
    assert await say(made, user("Weather?"), results, agent="shop-eu") == ("fits" if fits else "does not")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"), [("what?", "What?", True), ("what?", "whats", False), ("[a]", "a", False), ("a*c", "a\nb\nc", True)]
)
async def test_the_star_is_the_only_wildcard(pattern: str, text: str, fits: bool) -> None:
    """A question mark in a pattern is a question mark, and a star passes over lines."""
    made = provider(rules=[{"when": {"message": pattern}, "say": "yes"}, {"say": "no"}])
    assert await say(made, user(text)) == ("yes" if fits else "no")


async def test_a_toolset_member_is_named_as_in_yaml() -> None:
    """`github.search` matches, and is called, as the model's `github_search`."""
    made = provider(script=[{"calls": [{"tool": "github.search"}]}, {"when": {"tool": "github.search"}, "say": "found"}])
    assert (await ask(made)).message.calls()[0].name == "github_search"
    assert await say(made, user("?"), tool("github_search", "x")) == "found"


async def test_a_whole_result_is_what_the_model_read_and_a_field_is_data() -> None:
    """Text for people, structure for fields; a `with` gets the structure."""
    made = provider(
        script=[
            {"say": "${results.weather} – ${results.weather.degrees}°"},
            {
                "calls": [
                    {"tool": "save", "with": {"all": "${results.weather}", "note": "at ${results.weather.degrees}", "ask": "${message}"}}
                ]
            },
        ]
    )
    history = (user("Weather?"), tool("weather", "Snow, minus three.", {"degrees": -3}))
    assert await say(made, *history) == "Snow, minus three. – -3°"
    assert json.loads((await ask(made, *history)).message.calls()[0].arguments) == {
        "all": {"degrees": -3},
        "note": "at -3",
        "ask": "Weather?",
    }


async def test_the_last_result_of_a_tool_counts() -> None:
    """Earlier ones are history."""
    made = provider(rules=[{"say": "${results.t}"}])
    assert await say(made, user("?"), tool("t", "old"), tool("t", "new ${not.a.template}")) == "new ${not.a.template}"


async def test_data_is_said_as_json() -> None:
    """Structured answers are written as data; expressions in them keep their type."""
    made = provider(rules=[{"say": {"ok": True, "city": "Zürich", "echo": "${message}"}}])
    assert json.loads(await say(made)) == {"ok": True, "city": "Zürich", "echo": "Hi"}


async def test_arguments_given_as_text_are_raw() -> None:
    """Broken JSON goes out as it is."""
    made = provider(rules=[{"calls": [{"tool": "t", "with": '{"x": '}, {"tool": "t"}]}])
    assert [call.arguments for call in (await ask(made)).message.calls()] == ['{"x": ', "{}"]


async def test_call_ids_never_repeat_in_a_session() -> None:
    """Rules and models repeat; their ids do not, also after a resume that knows only the journal."""
    calls = [{"calls": [{"tool": "t"}, {"tool": "t"}]}]
    made = provider(a=[{**calls[0], "times": "any"}], b=[{**calls[0], "times": "any"}])
    responses = [await ask(made, model=model) for model in ("a", "a", "b", "b")]
    taken = frozenset(response.step for response in responses[:2] if response.step)
    responses.append(await ask(provider(a=[{**calls[0], "times": "any"}]), model="a", taken=taken))
    ids = [call.id for response in responses for call in response.message.calls()]
    assert len(set(ids)) == len(ids) == 10


async def test_a_resumed_session_goes_on_where_the_journal_says() -> None:
    """A new process is told the numbers of the used steps, each use of a repeated step having its own."""
    script = [{"say": "twice", "times": 2}, {"say": "last"}]
    made = provider(script=script)
    first, second, third = [await ask(made) for _ in range(3)]
    assert [r.message.text() for r in (first, second, third)] == ["twice", "twice", "last"]
    assert await say(provider(script=script), taken=frozenset({first.step or 0})) == "twice"
    assert await say(provider(script=script), taken=frozenset({first.step or 0, second.step or 0})) == "last"


async def test_sessions_do_not_share_their_steps() -> None:
    """Each session reads the script from its start."""
    made = provider(script=[{"say": "one"}, {"say": "two"}])
    assert [await say(made, session=name) for name in ("s", "t", "s")] == ["one", "one", "two"]


async def test_an_unanswered_request_is_shown_with_the_unused_steps() -> None:
    """The error has all that is needed to write the missing step."""
    made = provider(script=[{"say": "one"}, {"when": {"tool": "weather"}, "say": "It snows."}])
    await say(made)
    with pytest.raises(BadRequestError) as caught:
        await ask(made, user("And\nthen?"), agent="shop", tools=(ToolDefinition("clock", "", {}),))
    assert str(caught.value) == (
        "scripted model `demo/m` has no answer: the request from agent `shop` ends with the user message 'And then?' (tools: clock); "
        "unused steps: step 2 (when tool=weather: says 'It snows.')"
    )


async def test_left_over_steps_are_listed() -> None:
    """A test fails on them; steps that may be used any number of times do not count."""
    made = provider(script=[{"say": "one", "times": 2}, {"say": "two"}, {"say": "any", "times": "any"}])
    await say(made)
    assert made.leftover("s") == ("m: step 1 (says 'one')", "m: step 2 (says 'two')")
    assert made.leftover("unheard of") == ()
    assert len(made.leftover("unheard of", "m")) == 2


async def test_an_error_step_is_used_up_and_carries_its_number() -> None:
    """The retry finds the next step, and the journal learns of the failed one."""
    made = provider(script=[{"error": {"kind": "overloaded", "retry_after": "1500ms"}}, {"error": {"kind": "quota"}}, {"say": "fine"}])
    with pytest.raises(TransientError) as caught:
        await ask(made)
    assert (caught.value.kind, caught.value.retry_after, caught.value.step) == ("overloaded", 1.5, 1)
    with pytest.raises(QuotaError):
        await ask(made)
    assert await say(made) == "fine"


@pytest.mark.parametrize(("after", "said"), [(0, ""), (3, "One"), (999, "One two three")])
async def test_a_cut_says_so_many_characters_first(after: int, said: str) -> None:
    """Exactly as many, then the stream breaks off."""
    made, heard = provider(script=[{"say": "One two three", "error": {"kind": "cut", "after": after}}]), ""
    with pytest.raises(TransientError) as caught:
        async for event in made.stream(ModelRequest("m", "", (user("Hi"),))):
            heard += event.text if isinstance(event, TextDelta) else ""
    assert (heard, caught.value.kind, caught.value.step) == (said, "cut", 1)


async def test_a_template_that_fails_says_what_is_missing() -> None:
    """The author's mistake is named; nothing is guessed."""
    with pytest.raises(BadRequestError, match="weather"):
        await ask(provider(rules=[{"say": "${results.weather.degrees}"}]))


async def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    """One clear line."""
    with pytest.raises(BadRequestError, match="no model `x`") as caught:
        await ask(provider(a=[], b=[]), model="x")
    assert caught.value.hint == "it has: a, b"


async def test_a_long_answer_comes_in_pieces_and_loses_nothing() -> None:
    """Words without a space and spaces without a word included."""
    text = "x" * 5000 + "   \n\n " + "y " * 100 + "\t"
    made, pieces = provider(rules=[{"say": text}]), []
    async for event in made.stream(ModelRequest("m", "", (user("Hi"),))):
        pieces += [event.text] if isinstance(event, TextDelta) else []
    assert "".join(pieces) == text
    assert max(map(len, pieces)) < 100
