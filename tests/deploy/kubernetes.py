"""An API server of Kubernetes, as much of one as Helm needs to install a chart: it keeps what it is given."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.0"}

KINDS = {
    "v1": {"configmaps": "ConfigMap", "secrets": "Secret", "serviceaccounts": "ServiceAccount", "services": "Service"},
    "apps/v1": {"deployments": "Deployment"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    "monitoring.coreos.com/v1": {"servicemonitors": "ServiceMonitor"},
    "networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
}


def groups():
    """The answer to which groups of kinds there are."""
    found = []
    for version in KINDS:
        if "/" in version:
            group = {"groupVersion": version, "version": version.split("/")[1]}
            found.append({"name": version.split("/")[0], "versions": [group], "preferredVersion": group})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def resources(version):
    """The answer to which kinds a group has."""
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    found = [
        {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": verbs}
        for plural, kind in KINDS[version].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if body and self.headers["Content-Type"] != "application/json":
            # Helm's own records of its releases, in Kubernetes' protobuf.
            status, reply = 201, {"kind": "Secret", "apiVersion": "v1", "metadata": {}}
        else:
            status, reply = self.server.cluster.answer(self.command, path, json.loads(body) if body else None)
        text = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Cluster:
    """A cluster of nothing but its API server, which runs until the `with` ends."""

    def __init__(self):
        self.objects = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.cluster = self

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def access(self):
        """A kubeconfig."""
        address = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {"server": address}}],
            "users": [{"name": "test", "user": {}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        }

    def installed(self):
        """What Helm has installed."""
        return list(self.objects.values())

    def answer(self, method, path, body):
        if path == "/version":
            return 200, VERSION
        if path == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return 200, groups()
        version, _, place = path.removeprefix("/apis/").removeprefix("/api/").partition("/namespaces/")
        if version in KINDS and not place:
            return 200, resources(version)
        if version in KINDS and place:
            namespace, plural, *name = place.split("/")
            return self.keep(method, (version, namespace, plural), name, body)
        return failure(404, "NotFound")

    def keep(self, method, where, name, body):
        """Answers for the objects of one kind in one namespace."""
        version, namespace, plural = where
        if method == "POST":
            body["metadata"]["namespace"] = namespace
            body["metadata"]["uid"] = f"{len(self.objects)}"
            self.objects[(*where, body["metadata"]["name"])] = body
            return 201, body
        if not name:
            kept = [thing for key, thing in self.objects.items() if key[:3] == where]
            return 200, {"kind": f"{KINDS[version][plural]}List", "apiVersion": version, "metadata": {}, "items": kept}
        key = (*where, name[0])
        if method == "PUT":
            self.objects[key] = body
        if key not in self.objects:
            return failure(404, "NotFound")
        return 200, self.objects.pop(key) if method == "DELETE" else self.objects[key]


def failure(code, reason):
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
