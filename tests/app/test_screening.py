"""What the look at a YAML file costs and lets through, and what the code never does with one."""

import re
import time
from pathlib import Path

import pytest

from sim.app.compose import config_dir
from sim.app.screening import MOST_NODES, screen
from sim.errors import ConfigError

SOURCES = sorted((Path(__file__).resolve().parents[2] / "sim").rglob("*.py"))
FORBIDDEN = re.compile(
    r"\binstantiate\(|\bpickle\b|(?<![\w.])eval\(|(?<![\w.])exec\("
    r"|yaml\.(unsafe_|full_)?load\(|allow_pickle\s*=\s*True|joblib|shell\s*=\s*True|os\.system"
)


def problems(text):
    """Return the problems of a YAML text."""
    with pytest.raises(ConfigError) as error:
        screen("a.yaml", text.encode())
    return error.value.problems


@pytest.mark.parametrize("file", sorted(config_dir().rglob("*.yaml")), ids=lambda file: file.relative_to(config_dir()).as_posix())
def test_every_shipped_file_passes(file):
    """Ours obey the rules for users' files, so no rule has an exception."""
    assert screen(file.name, file.read_bytes())


def test_anchors_may_be_used_with_measure():
    """An alias stands for what it repeats, also merged into a mapping; repeating a thousand values a hundred times is too much."""
    assert screen("a.yaml", b"a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n")
    big = "a: &x [" + ",".join(["1"] * 1000) + "]\nb: [" + ",".join(["*x"] * 100) + "]\n"
    assert f"{MOST_NODES:,}" in problems(big)[0].given


def test_a_bomb_of_two_hundred_bytes_costs_nothing():
    """X4: 9^8 nodes are counted, not made; at most 2 s on any machine, and in truth next to nothing."""
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(f"a{k}: &a{k} [" + ",".join([f"*a{k - 1}"] * 9) + "]\n" for k in range(1, 9))
    begun = time.process_time()
    assert "aliases written out" in problems(bomb)[0].given
    assert time.process_time() - begun < 2


def test_all_problems_of_a_file_come_with_their_lines():
    """Up to twenty; more would help nobody."""
    found = problems("a: ${b}\nno: 1\nc: {_target_: x}\na: 2\n")
    assert [problem.path for problem in found] == ["a.yaml, line 1: a", "a.yaml, line 2", "a.yaml, line 3: c", "a.yaml, line 4"]
    assert len(problems("".join(f"k{k}: ${{x}}\n" for k in range(50)))) == 20


def test_names_in_quotes_are_names():
    """What YAML would read as a boolean or a number is text when it is quoted."""
    assert screen("a.yaml", b'"no": 1\n"1": 2\nnone_of_these: 3\n')


def test_dates_in_folder_names_are_the_only_references():
    """`${now:...}` and the number of the job, and only in Hydra's own folders."""
    assert screen("a.yaml", b"hydra: {run: {dir: 'out/${now:%Y-%m-%d}'}, sweep: {subdir: 'r${hydra.job.num}'}}\n")
    assert problems("hydra: {run: {dir: '${oc.env:HOME}'}}")
    assert problems("card: '${now:%Y}'")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(SOURCES[0].parent).as_posix())
def test_no_source_builds_objects_from_text(file):
    """X3: no instantiate, pickle, eval, exec, unsafe YAML or shell anywhere."""
    found = [f"{number}: {line}" for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if FORBIDDEN.search(line)]
    assert found == []


def test_the_look_for_forbidden_calls_finds_them():
    """The check above can fail."""
    for line in ("x = instantiate(cfg)", "import pickle", "eval(text)", "yaml.load(f)", "run(c, shell=True)", "np.load(f, allow_pickle=True)"):
        assert FORBIDDEN.search(line)
    for line in ("model.eval_at(3)", "yaml.safe_load(f)", "re.compile(x)"):
        assert not FORBIDDEN.search(line)
