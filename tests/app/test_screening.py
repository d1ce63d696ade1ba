"""What the look at a YAML file costs and lets through, and what the code never does with one."""

import re
import time
from pathlib import Path

import pytest
from omegaconf._utils import get_yaml_loader

from sim.app.compose import _reader, config_dir
from sim.app.screening import MOST_NODES, built, screen
from sim.errors import ConfigError

SHIPPED = sorted(config_dir().rglob("*.yaml"))
SOURCES = sorted((Path(__file__).resolve().parents[2] / "sim").rglob("*.py"))
ODD = ("1e3", "1.5e3", "1e-3", ".5", "1:30", "1:30.5", "2020-01-01", "on", "no", "~", "017", "0o17", "0x1f", "0b11", "1_000", ".inf", "-.inf", ".nan", "1.")
FORBIDDEN = re.compile(
    r"\binstantiate\(|\bpickle\b|(?<![\w.])eval\(|(?<![\w.])exec\("
    r"|yaml\.(unsafe_|full_)?load\(|allow_pickle\s*=\s*True|joblib|shell\s*=\s*True|os\.system"
)


def problems(text):
    """Return the problems of a YAML text."""
    with pytest.raises(ConfigError) as error:
        screen("a.yaml", text.encode())
    return error.value.problems


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.relative_to(config_dir()).as_posix())
def test_every_shipped_file_passes(file):
    """Ours obey the rules for users' files, so no rule has an exception."""
    assert screen(file.name, file.read_bytes())


def test_anchors_may_be_used_with_measure():
    """An alias stands for what it repeats, also merged into a mapping; repeating a thousand values a hundred times is too much."""
    assert screen("a.yaml", b"a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n")
    big = "a: &x [" + ",".join(["1"] * 1000) + "]\nb: [" + ",".join(["*x"] * 100) + "]\n"
    assert f"{MOST_NODES:,}" in problems(big)[0].given


@pytest.mark.parametrize("text", ['x: &v horizon\nhorizon: 5\n*v : "7"\n', 'x: &v horizon\n*v : "7"\n_target_: os.getcwd\n', "a: &v b\n? *v\n: c\n"])
def test_an_alias_is_no_name(text):
    """It could give a name twice, or be counted as a value, and the next name with it."""
    assert [(found.given, found.rule) for found in problems(text)] == [("*v as a name", "a name must be text")]


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: 1\n'a': 2\n", "'<<': 1\n'<<': 2\n", "1e3: 1\n1e03: 2\n", "a: {b: 1, c: 2, b: 3}\n"])
def test_no_name_is_given_twice(text):
    """Who reads after the look would take the last one: neither a quoted sign of merging nor two spellings of a number come through."""
    assert problems(text)


@pytest.mark.parametrize(("value", "place"), [("=", ", line 1, column 4"), ("<<", ", line 1, column 4"), ("0x_", ""), ("0b_", ""), ("9" * 5000, "")])
def test_what_only_looks_like_a_value_is_refused(value, place):
    """YAML's signs for a default and for merging, numbers without digits, and one of more digits than Python reads."""
    with pytest.raises(ConfigError) as error:
        built("a.yaml", screen("a.yaml", f"a: {value}\n".encode()), _reader())
    assert error.value.problems[0].path == f"a.yaml{place}"


def test_the_reader_reads_what_omegaconf_reads():
    """Every shipped file and what YAML's versions read differently: the same values of the same types."""
    texts = [*(file.read_text("utf-8") for file in SHIPPED), *(f"a: {one}\nb: [{one}, '{one}']\n" for one in ODD), "a: &x {b: 1}\nc: {<<: *x, d: 2}\n"]
    assert len(SHIPPED) > 40
    for text in texts:
        assert repr(_reader()(text).get_single_data()) == repr(get_yaml_loader()(text).get_single_data())


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
