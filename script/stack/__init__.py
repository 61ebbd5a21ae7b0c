"""The parts of the system as processes: what the demo, the tests and the benches start and stop."""
