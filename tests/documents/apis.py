"""The APIs whose documents are read: each IDL of the tree on its own, and one configuration with what documents can
have in them."""

import json
import subprocess

from places import DATA, TESTS

SECONDS = 120
REFUSED = "bad_"

KEY_HEADER = "X-Vendor-Key"

# Every route answers from the IDL alone; a document does not tell that from a backend's, but for two headers.
STYLED = {
    "idl": [str(DATA / f"{name}.thrift") for name in ("everything", "keys", "aliases", "user")],
    "routes": [
        {"path": "/plain", "services": ["Everything"], "sandbox": True},
        {
            "path": "/styled/v1",
            "services": ["Everything", "Keys"],
            "sandbox": True,
            "style": {
                "i64": "string",
                "enums": "number",
                "unknown_fields": "ignore",
                "missing_arguments": "refuse",
            },
            "method_settings": {"echoI64*": {"style": {"i64": "number"}}},
            "exception_statuses": {"Denied": 409},
        },
        {"path": "/", "host": "api.acme.test", "headers": {"X-Tenant": "acme"}, "services": ["Aliases"], "sandbox": True},
        {"path": "/users", "services": ["UserService"], "sandbox": True},
    ],
    "groups": {
        "partners": {"rate": {"requests": 1_000_000, "per": "1s"}},
        "readers": {"allow": ["Everything.echo*"], "routes": ["/plain"]},
    },
    "documents": {
        "title": "Acme API",
        "version": "1.4",
        "description": "Everything that a *vendor* calls.",
        "contact": {"name": "API team", "url": "https://example.com/support", "email": "api@example.com"},
        "license": {"name": "Terms of Acme", "url": "https://example.com/terms"},
        "servers": ["https://api.acme.test", "https://sandbox.acme.test"],
    },
}
GROUPS = ("partners", "readers")


def new_key(binary, file, group):
    """Makes an API key of a group, in a file of its own, and gives it."""
    file.unlink(missing_ok=True)
    command = [binary, "keys", "new", "--file", file, "--caller", f"{group}-caller", "--group", group]
    return run(command).split()[0]


def run(command):
    """What a command writes; its end is waited for, and has to be good."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(word) for word in command)}: {done.stderr}")
    return done.stdout


def idl_files():
    """Every IDL of the tree that declares a service, but for those that are wrong on purpose."""
    listed = run(["git", "-C", TESTS.parent, "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.thrift"])
    files = [TESTS.parent / line for line in listed.splitlines()]
    return [
        file
        for file in files
        if not file.name.startswith(REFUSED)
        and any(line.startswith("service ") for line in file.read_text().splitlines())
    ]


def of_files(binary, folder):
    """Writes the document of each IDL file; gives the paths of the documents."""
    for file in idl_files():
        name = "-".join(file.relative_to(TESTS.parent).with_suffix("").parts)
        yield write(binary, folder / f"{name}.json", "--idl", file, "--backend", "127.0.0.1:9090")


def of_configuration(binary, folder):
    """Writes the documents of the configuration: whole and of each route, for all and for each group."""
    keys = folder / "styled-keys.yaml"
    new_key(binary, keys, "partners")
    settings = {**STYLED, "authentication": {"keys": {"file": str(keys), "header": KEY_HEADER}}}
    configuration = folder / "styled.yaml"
    configuration.write_text(json.dumps(settings, indent=1))
    source = ("--config", configuration)
    yield write(binary, folder / "styled.json", *source)
    yield write(binary, folder / "styled-document.yaml", *source, "--format", "yaml")
    for route in STYLED["routes"]:
        name = route["path"].strip("/").replace("/", "-") or "root"
        yield write(binary, folder / f"styled-route-{name}.json", *source, "--route", route["path"])
    for group in GROUPS:
        yield write(binary, folder / f"styled-group-{group}.json", *source, "--group", group)


def write(binary, file, *arguments):
    """Has `thriftgate openapi` write a document."""
    run([binary, "openapi", *arguments, "--output", file])
    return file
