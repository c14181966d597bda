"""Generate `outguard/v1` from `protos/outguard/v1` (make gen).

The output depends on nothing but the protos and the pinned generators of pyproject.toml; another grpcio-tools or
mypy-protobuf is refused, since its stamp would differ. `--output DIR` writes elsewhere, so that a check can compare.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
PACKAGE = Path("outguard/v1")
GENERATORS = ("grpcio-tools", "mypy-protobuf")
SERVICE = re.compile(r"^service\s", re.MULTILINE)


def check_generators() -> None:
    """Refuse to run with other generator versions than pyproject.toml pins."""
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    for name in GENERATORS:
        wanted = next(pin for pin in pins if pin.startswith(f"{name}==")).partition("==")[2]
        if (found := version(name)) != wanted:
            raise SystemExit(f"gen: {name} is {found}, pyproject.toml pins {wanted}; install the dev extra")


def generate(output: Path) -> None:
    """Empty `output`/outguard/v1 and fill it from the protos."""
    target = output / PACKAGE
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    sources = sorted((PROTOS / PACKAGE).glob("*.proto"))
    outputs = [f"--{kind}_out={output}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    names = [str(source.relative_to(PROTOS)) for source in sources]
    beside_python = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    subprocess.run(  # noqa: S603 - fixed arguments
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", *outputs, *names],
        check=True,
        env={**os.environ, "PATH": beside_python},  # protoc finds the mypy plugins there
    )
    (target / "__init__.py").write_text('"""Generated from protos/outguard/v1 by scripts/gen_protos.py."""\n')
    for source in sources:
        if not SERVICE.search(source.read_text()):
            for generated in target.glob(f"{source.stem}_pb2_grpc.py*"):
                generated.unlink()


def main() -> None:
    """Generate into the repository, or into `--output`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT)
    arguments = parser.parse_args()
    check_generators()
    generate(arguments.output.resolve())
    print(f"gen: wrote {arguments.output.resolve() / PACKAGE}")


if __name__ == "__main__":
    main()
