"""The wheel in an empty environment: commands and configurations are found from any folder."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINED = ["-q", "--disable-pip-version-check", "-c", str(ROOT / "constraints.txt")]


@pytest.mark.slow
@pytest.mark.parametrize("how", [[str(ROOT)], ["-e", str(ROOT)]], ids=["wheel", "editable"])
def test_an_installed_polku_composes_its_worlds_anywhere(tmp_path, how):
    """Fresh environment, another working directory: `polku --cfg job` and `python -m sim` show the default world."""
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", *CONSTRAINED, *how], check=True)
    (tmp_path / "here").mkdir()
    for command in ([programs / "polku"], [programs / "python", "-m", "sim"]):
        shown = subprocess.run([*command, "--cfg", "job", "journey=tiny"], cwd=tmp_path / "here", check=True, capture_output=True, text=True)
        assert "looking:" in shown.stdout
    where = "import sim.app.compose as c; print(c.config_dir())"
    folder = subprocess.run([programs / "python", "-c", where], cwd=tmp_path / "here", check=True, capture_output=True, text=True).stdout.strip()
    assert Path(folder).is_relative_to(tmp_path / "venv" if how[0] != "-e" else ROOT)
    assert list((tmp_path / "here").iterdir()) == []
