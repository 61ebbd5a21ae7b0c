"""Simulated cards, meters and card slots for the demo, the tests and the benchmarks.

Written from the public contracts only (docs/protocol, the SLE4442 data sheet, the ACS reader manual): nothing here is
shared with ``hw_proxy/`` or ``addons/``, so a mistake in their card code cannot hide itself in the simulation.
"""
