"""Orders of the shop: a function is a tool, and so is every public method of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

ORDERS = {7: ("lost", 19.90), 8: ("delivered", 5.00)}


@dataclass
class Order:
    """An order as the shop knows it."""

    number: int
    status: str
    total: float


def lookup_order(number: Annotated[int, "The order's number"]) -> Order:
    """Look an order up: its status and its total in dollars."""
    if number not in ORDERS:
        raise KeyError(f"there is no order {number}; try {', '.join(map(str, ORDERS))}")
    status, total = ORDERS[number]
    return Order(number, status, total)


class Refunds:
    """Gives money back, up to a limit that the tool's author binds under `with`."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def refund(self, number: int, reason: Literal["lost", "broken", "late"]) -> str:
        """Refund an order.

        Args:
            number: The order's number.
            reason: Why the customer gets the money back.
        """
        total = lookup_order(number).total
        if total > self._limit:
            raise ValueError(f"order {number} costs ${total:.2f}; refunds above ${self._limit:.2f} need a person")
        return f"refunded ${total:.2f} for order {number} ({reason})"
