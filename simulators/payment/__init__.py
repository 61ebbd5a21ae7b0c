"""A payment gateway with the customer's phone and the card terminal, written from docs/payment-gateway.md."""
