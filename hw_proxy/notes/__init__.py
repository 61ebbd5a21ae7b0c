"""Notes: the acceptor that takes them, and the cash that is collected for an order, note by note."""
