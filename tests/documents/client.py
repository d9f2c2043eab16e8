"""A client in TypeScript, compiled by the types that openapi-typescript makes of the demo's document, calls the demo."""

import json
import subprocess
from pathlib import Path

from apis import run
from processes import Program

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "node_modules" / ".bin"
SOURCE = HERE / "client.mts"
SECTION = "client"
SECONDS = 120
CHECKS = 7


def client(report, binary, folder):
    """Compiles the client in `folder`, and runs it."""
    with Program("documents-demo", [binary, "demo", "--listen", "127.0.0.1:0"]) as demo:
        url = demo.line("listening ")
        run([PROGRAMS / "openapi-typescript", f"{url}/openapi.json", "--output", folder / "demo.d.ts"])
        settings = {
            "compilerOptions": {
                "strict": True,
                "target": "es2022",
                "module": "nodenext",
                "types": ["node"],
                "typeRoots": [str(HERE / "node_modules" / "@types")],
                # The types are made in one folder, the client stands in another.
                "rootDirs": [str(HERE), str(folder)],
                "rootDir": str(HERE.parent),
                "outDir": str(folder / "client"),
            },
            "files": [str(SOURCE), str(folder / "demo.d.ts")],
        }
        (folder / "tsconfig.json").write_text(json.dumps(settings, indent=1))
        compiled = subprocess.run(
            [PROGRAMS / "tsc", "--project", folder / "tsconfig.json"], capture_output=True, text=True, timeout=SECONDS
        )
        report.check(SECTION, "tsc", "strict", (compiled.returncode, compiled.stdout), (0, ""))
        if compiled.returncode != 0:
            return
        program = folder / "client" / SOURCE.relative_to(HERE.parent).with_suffix(".mjs")
        called = run(["node", program, url]).splitlines()
        report.check(SECTION, "node", "number of checks", len(called), CHECKS)
        for line in called:
            report.check(SECTION, "node", line, line.split(" ")[0], "passed")
