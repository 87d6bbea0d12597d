"""What passes between people, agents and models: messages and their parts, and nothing of any vendor.

All values are frozen. A history is a tuple of messages; it is only ever appended to.
"""

from __future__ import annotations

from runner.messages.data import citation_data, from_data, result_data, result_from_data, to_data
from runner.messages.parts import (
    AssistantMessage,
    Citation,
    FilePart,
    Message,
    Part,
    ReasoningPart,
    StopReason,
    TextPart,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from runner.messages.stream import (
    CallDelta,
    CallStarted,
    ModelEvent,
    ModelRequest,
    ModelResponse,
    ReasoningDelta,
    ReasoningDone,
    Stopped,
    TextDelta,
    ToolDefinition,
    Usage,
    UsageReported,
)

__all__ = [
    "AssistantMessage",
    "CallDelta",
    "CallStarted",
    "Citation",
    "FilePart",
    "Message",
    "ModelEvent",
    "ModelRequest",
    "ModelResponse",
    "Part",
    "ReasoningDelta",
    "ReasoningDone",
    "ReasoningPart",
    "StopReason",
    "Stopped",
    "TextDelta",
    "TextPart",
    "ToolCall",
    "ToolDefinition",
    "ToolMessage",
    "ToolResult",
    "Usage",
    "UsageReported",
    "UserMessage",
    "citation_data",
    "from_data",
    "result_data",
    "result_from_data",
    "to_data",
]
