"""Where ``polku`` begins: what it starts before it knows what is asked, and an interrupt before anything has begun."""

import gc
import sys

import pytest

import sim.app
from sim.app import start


class Interrupting:
    """Who looks for the command line's module is interrupted."""

    def find_spec(self, name, *_):
        """Find nothing else."""
        if name == "sim.app.cli":
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", True),
        ("seed=7 scenario=coupon +channels.radio.share=0.1 ~referral", True),
        ("-h", False),
        ("seed=7 --cfg job", False),
        ("-cd mine -cn world", False),
        ("-m seed=1,2", False),
        ("study=exact", False),
        ("seed=7 +experiment=tiny", False),
        ("experiment=tiny", False),
        ("study.figures=false", True),
    ],
)
def test_without_an_option_and_another_study_it_is_a_run(line, expected):
    """Only then processes are started that load what a run needs."""
    assert start._asks_for_a_run(line.split()) is expected


def test_an_interrupt_while_the_command_line_loads_ends_with_130(monkeypatch, capsys):
    """One word and the status, no traceback."""
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["polku", "--version"])
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "sim.app.cli", raising=False)
    monkeypatch.delattr(sim.app, "cli", raising=False)
    assert start.main() == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(("asked", "status"), [("--version", 0), ("nonsense=1", 2)])
def test_where_outputs_are_closed_nothing_is_said(asked, status, place, monkeypatch):
    """`polku >&- 2>&-`: Python has neither sys.stdout nor sys.stderr then; the status is as ever."""
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(start, "others", lambda: 0)
    monkeypatch.setattr(sys, "argv", ["polku", asked])
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert start.main() == status
    sys.stdout.close()
    sys.stderr.close()


def test_polku_works_where_no_other_process_can_be_started(monkeypatch, capsys):
    """A run is as good alone."""

    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    asked = []
    monkeypatch.setattr("subprocess.Popen", refuse)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(start, "others", lambda: 2)
    monkeypatch.setattr(sys, "argv", ["polku", "seed=7"])
    monkeypatch.setattr("sim.app.cli.main", lambda *given: asked.append(given) or 0)
    assert start.main() == 0
    assert asked == [(["seed=7"], [])]
