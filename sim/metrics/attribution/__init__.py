"""Credit from paths alone: what an analyst without an experiment would say that each channel has earned."""
