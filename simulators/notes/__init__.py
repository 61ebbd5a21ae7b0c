"""A note acceptor (收钞机) that speaks ID-003 at a pseudo terminal, with hands that put notes in and break things."""
