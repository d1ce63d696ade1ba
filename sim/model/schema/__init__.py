"""The parts of a world, as they are written in YAML; `sim.model.world` puts them together."""
