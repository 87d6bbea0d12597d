class Desk:
    """Orders."""

    def look(self, order: int) -> str:
        """Look an order up."""
        return f"order {order}"

    def cancel(self, order: int) -> str:
        """Cancel an order."""
        return f"no order {order}"
