def lookup(order: int) -> str:
    """Look up an order."""
    return f"order {order}"
