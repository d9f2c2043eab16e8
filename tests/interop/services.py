"""The five services as their users have them, and Everything, each called in JSON through the gateway."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from json_door import call, post
from matrix import case_files, run_case_files
from peers import REAL_SERVERS, Server, everything_server
from places import CACHE, DATA
from processes import Gateway

SECTION = "services in JSON"
IDL = ("auth", "person", "user", "halibut", "uuid", "aliases")


def login(report, url):
    """Every way that a login can go."""

    def check(name, actual, expected):
        report.check(SECTION, "auth: Python", name, actual, expected)

    good = {"email": "a@b.c", "password": "secret"}
    user = {"id": 9007199254740993, "email": "a@b.c", "roles": ["admin", "clerk"]}
    success = {"success": {"user": user, "token": "t-0001", "expiresIn": 3600}}
    reply = call(url, "login", good)
    check("success", (reply.status, reply.body), (200, {"method": "login", "result": success}))
    check("success outcome", reply.headers["Thrift-Outcome"], "success")
    check("method first", next(iter(reply.body)), "method")
    reply = post(url, {"arguments": good, "method": "login"})
    check("arguments before method", reply.body, {"method": "login", "result": success})
    reply = post(f"{url}/AuthenticationService/login", good)
    check("method in the URL", reply.body, {"method": "login", "result": success})
    reply = post(url, {"method": "login", "arguments": good}, {"Accept": "application/json; i64=string"})
    check("i64 as string", reply.body["result"]["success"]["user"]["id"], "9007199254740993")

    reply = call(url, "login", {**good, "password": "wrong"})
    err = {"errorCode": 401, "message": "wrong email or password"}
    check("declared exception", (reply.status, reply.body["result"]), (200, {"err": err}))
    check("declared exception outcome", reply.headers["Thrift-Outcome"], "error")
    reply = call(url, "login", {**good, "email": "crash@b.c"})
    check("undeclared exception", (reply.status, reply.code), (500, "BACKEND_EXCEPTION"))
    check("undeclared exception executed", reply.body["exception"]["executed"], "yes")

    reply = call(url, "login", {**good, "password": 7})
    fault = reply.body["exception"]
    check("wrong type", (reply.status, fault["path"], fault["expected"]), (400, "arguments.password", "string"))
    reply = call(url, "login", {"email": True, "password": 7})
    paths = [error["path"] for error in reply.body["exception"]["errors"]]
    check("two wrong arguments", paths, ["arguments.email", "arguments.password"])
    reply = call(url, "loginUser", good)
    fault = reply.body["exception"]
    check("unknown method", (reply.status, fault["type"], fault["suggestion"]), (404, 1, "login"))
    reply = post(url, b'{"method": "login",\n "arguments": {"email" "a"}}')
    check("broken JSON", (reply.status, reply.code), (400, "INVALID_JSON"))
    check("broken JSON has a line", "line 2" in reply.body["exception"]["message"], True)
    reply = post(url, {"method": "login", "arguments": good}, {"Content-Type": "application/x-www-form-urlencoded"})
    check("content type", (reply.status, reply.code), (415, "UNSUPPORTED_MEDIA_TYPE"))


def phonebook(report, url):
    """The life of a contact, on a Go server that cannot send a nil slice."""

    def check(name, method, arguments, read, expected):
        reply = call(url, method, arguments)
        report.check(SECTION, "contact: Go", name, read(reply), expected)
        return reply

    def success(reply):
        return reply.body["result"].get("success")

    check("reset", "reset", {}, lambda reply: reply.body, {"method": "reset", "result": {}})
    check("fetch none", "fetch", {}, lambda reply: reply.body, {"method": "fetch", "result": {"success": []}})
    ada = call(url, "create", {"name": "Ada", "phone": "1", "email": "a@b.c"}).body["result"]["success"]
    check("read", "read", {"id": ada["id"]}, success, ada)
    plain = call(url, "create", {"name": "Bob", "phone": "2"}).body["result"]["success"]
    report.check(SECTION, "contact: Go", "optional unset", "email" in plain, False)
    renamed = {**ada, "name": "Ada King"}
    check("update", "update", {"contact": renamed}, success, renamed)
    check("fetch two", "fetch", {}, success, [renamed, plain])
    check("destroy", "destroy", {"id": ada["id"]}, success, renamed)
    failure = (500, "BACKEND_EXCEPTION")
    check("undeclared error", "read", {"id": "none"}, lambda reply: (reply.status, reply.code), failure)
    missing = {"id": "1", "phone": "1", "created": "now"}
    reply = check("required field", "update", {"contact": missing}, lambda reply: reply.status, 400)
    path = reply.body["exception"]["path"]
    report.check(SECTION, "contact: Go", "required field's path", path, "arguments.contact.name")


def person(report, url, peer):
    """People, on a library that keeps one connection busy or closes idle ones."""

    def check(name, actual, expected):
        report.check(SECTION, f"person: {peer}", name, actual, expected)

    ada = {
        "id": 1,
        "name": "Ada",
        "age": 36,
        "address": {"street": "Seestrasse 1", "city": "Zürich", "country": "CH"},
        "aliases": ["Countess"],
    }
    check("get", call(url, "getPersonById", {"id": 1}).body["result"], {"success": ada})
    grace = {"id": 2, "name": "Grace"}
    check("save new", call(url, "savePerson", {"person": grace}).body["result"], {"success": True})
    check("save again", call(url, "savePerson", {"person": grace}).body["result"], {"success": False})
    check("get saved", call(url, "getPersonById", {"id": 2}).body["result"], {"success": grace})
    reply = call(url, "getPersonById", {"id": 99})
    check("not found", (reply.status, reply.body["result"]), (404, {"notFound": {"id": 99}}))

    def one(number):
        reply = call(url, "getPersonById", {"id": 1})
        return reply.status == 200 and reply.body["result"]["success"]["id"] == 1

    with ThreadPoolExecutor(200) as pool:
        check("200 concurrent calls", sum(pool.map(one, range(200))), 200)
    time.sleep(3.5)
    check("after a pause", call(url, "getPersonById", {"id": 1}).body["result"], {"success": ada})


def user(report, url):
    """Users, on compact over framed."""

    def check(name, actual, expected):
        report.check(SECTION, "user: Node", name, actual, expected)

    grace = {"id": 7, "name": "Grace", "role": "MANAGER", "lastSeen": 1700000000000}
    check("get", call(url, "getUser", {"id": 7}).body["result"], {"success": grace})
    check("id as string", call(url, "getUser", {"id": "7"}).body["result"], {"success": grace})
    linus = {"id": 8, "name": "Linus", "role": "CUSTOMER"}
    check("default role", call(url, "getUser", {"id": 8}).body["result"], {"success": linus})
    check("not found", call(url, "getUser", {"id": 9}).body["result"], {"notFound": {"message": "no user 9"}})


def halibut(report, url):
    """The catch of halibut, on a non-blocking server."""

    def check(name, actual, expected):
        report.check(SECTION, "halibut: C++", name, actual, expected)

    check("today", call(url, "get_catch_in_pounds_today", {}).body["result"], {"success": 1234.5})

    def by_date(day, minimum):
        return call(url, "get_catch_in_pounds_by_date", {"date": day, "minimum": minimum}).body["result"]

    day = {"year": 2026, "month": 5, "day": 25}
    check("by date", by_date(day, 0), {"success": 207.85})
    check("by date, below the minimum", by_date(day, 1e9), {"success": 0})
    bad = {"year": 2026, "month": 13, "day": 1}
    check("no such day", by_date(bad, 0), {"invalid": {"date": bad, "reason": "no such day"}})


def backend(server, protocol, transport, **more):
    return {"address": server.address, "protocol": protocol, "transport": transport, **more}


def services(report, binary):
    """Runs all of it behind one gateway."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(name, start())) for name, start in REAL_SERVERS.items()}
        for language in ("python", "cpp"):
            servers[language] = stack.enter_context(everything_server("services", language, "binary", "framed"))
        backends = {
            "auth": backend(servers["auth"], "binary", "framed"),
            "simple": backend(servers["person"], "binary", "buffered", max_connections=1),
            "thriftpy2": backend(servers["person-thriftpy2"], "binary", "buffered"),
            "user": backend(servers["user"], "compact", "framed"),
            "halibut": backend(servers["halibut"], "binary", "framed"),
            "uuid": backend(servers["uuid"], "binary", "framed"),
            "uuid-compact": backend(servers["uuid-compact"], "compact", "buffered"),
            "python": backend(servers["python"], "binary", "framed"),
            "cpp": backend(servers["cpp"], "binary", "framed"),
        }
        settings = {
            "idl": [{"path": str(DATA / f"{name}.thrift")} for name in IDL],
            "backends": backends,
            "routes": [
                {"path": "/login", "services": ["AuthenticationService"], "backend": "auth"},
                {"path": "/simple", "services": ["PersonService"], "backend": "simple"},
                {"path": "/thriftpy2", "services": ["PersonService"], "backend": "thriftpy2"},
                {"path": "/user", "services": ["UserService"], "backend": "user"},
                {"path": "/halibut", "services": ["HalibutTracking"], "backend": "halibut"},
                {"path": "/uuid", "services": ["UuidTracking"], "backend": "uuid"},
                {"path": "/uuid-compact", "services": ["UuidTracking"], "backend": "uuid-compact"},
                {"path": "/python", "services": ["Aliases"], "backend": "python"},
                {"path": "/cpp", "services": ["Aliases"], "backend": "cpp"},
            ],
            "services": {
                "ContactSvc": {"idl": str(DATA / "contact.thrift"), "backend": servers["contact"].address},
            },
        }
        gateway = stack.enter_context(Gateway(binary, "services", settings))
        login(report, f"{gateway.url}/login")
        phonebook(report, f"{gateway.url}/ContactSvc")
        person(report, f"{gateway.url}/simple", "TSimpleServer")
        person(report, f"{gateway.url}/thriftpy2", "thriftpy2")
        user(report, f"{gateway.url}/user")
        halibut(report, f"{gateway.url}/halibut")
        for language in ("python", "cpp"):
            run_case_files(report, SECTION, f"Aliases: {language}", f"{gateway.url}/{language}", case_files(language))
        run_case_files(report, SECTION, "uuid: Python, binary", f"{gateway.url}/uuid", ["uuid"])
        run_case_files(report, SECTION, "uuid: Python, compact", f"{gateway.url}/uuid-compact", ["uuid"])
        command_line(report, binary, servers)
        report.check(SECTION, "gateway", "ends on SIGTERM", gateway.stop(), 0)
    changed_idl(report, binary)


def command_line(report, binary, servers):
    """The verbs that speak to a server without a gateway between."""

    def check(name, actual, expected):
        report.check(SECTION, "command line", name, actual, expected)

    def verb(*words):
        return subprocess.run([str(word) for word in (binary, *words)], capture_output=True, text=True, timeout=60)

    contact = ["--idl", DATA / "contact.thrift", "--backend", servers["contact"].address]
    done = verb("call", *contact, "ContactSvc.reset", "{}")
    check("call", (done.returncode, json.loads(done.stdout or "null")), (0, {"method": "reset", "result": {}}))
    for name, protocol, transport in (
        ("user", "compact", "framed"),
        ("contact", "binary", "framed"),
        ("person-thriftpy2", "binary", "buffered"),
        ("uuid-compact", "compact", "buffered"),
    ):
        idl = DATA / f"{name.split('-')[0]}.thrift"
        done = verb("probe", servers[name].address, "--idl", idl)
        found = protocol in done.stdout and transport in done.stdout
        check(f"probe {name}", (done.returncode, found), (0, True))


def changed_idl(report, binary):
    """A changed IDL and a restart make a new method callable with no other change."""
    folder = CACHE / "changed-idl"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shared.thrift").write_text((DATA / "shared.thrift").read_text())
    idl = (DATA / "everything.thrift").read_text()
    older = idl.replace("  i32 answer(),\n", "")
    with everything_server("services", "go", "binary", "framed") as server:
        settings = {
            "idl": [{"path": str(folder / "everything.thrift")}],
            "backends": {"go": backend(server, "binary", "framed")},
        }
        for text, expected in ((older, (404, None)), (idl, (200, {"success": 42}))):
            (folder / "everything.thrift").write_text(text)
            with Gateway(binary, "changed-idl", settings) as gateway:
                reply = call(f"{gateway.url}/Everything", "answer", {})
                actual = (reply.status, reply.body.get("result"))
                report.check(SECTION, "gateway", f"answer with a changed IDL: {expected[0]}", actual, expected)
