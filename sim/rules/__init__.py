"""The rules, one concept a file; `sim.step` composes them. None knows the clock."""
