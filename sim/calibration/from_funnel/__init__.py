"""A world from the figures that a company has: visitors, leads, wins, prices, spend, people."""
