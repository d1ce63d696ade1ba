"""A face whose mouth bends with a mood."""

from sim.report.html.element import Element, el


def face(x: float, y: float, size: float, mood: float) -> Element:
    """Return a face around a place of a drawing; ``mood`` is between -1 and 1."""
    bend = max(-1.0, min(1.0, mood)) * 0.55 * size
    left, right, mouth = x - 0.42 * size, x + 0.42 * size, y + 0.32 * size
    eye = {"cy": f"{y - 0.25 * size:.1f}", "r": f"{0.12 * size:.1f}", "fill": "#1a1a1a"}
    eyes = [el("circle", {"cx": f"{x + side * 0.36 * size:.1f}", **eye}) for side in (-1, 1)]
    bow = f"M{left:.1f} {mouth - bend / 3:.1f}Q{x:.1f} {mouth + bend:.1f} {right:.1f} {mouth - bend / 3:.1f}"
    round_ = el("circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{size:.1f}", "fill": "#fff", "stroke": "#1a1a1a", "stroke-width": 1.5})
    return el("g", {}, round_, eyes, el("path", {"d": bow, "fill": "none", "stroke": "#1a1a1a", "stroke-width": 1.5, "stroke-linecap": "round"}))
