"""The Helm chart: Helm installs it, Kubernetes' own schemas take what it makes, and the gateway takes the configuration."""

import copy
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import kubernetes_validate
import yaml

from helm import Helm, HelmError
from kubernetes import Cluster
from places import CHART, IDL, NODE

# The oldest that the chart allows, one in wide use, and the newest whose schemas there are.
VERSIONS = ["1.27", "1.31", kubernetes_validate.latest_version()]

LEAST = {"config": {"backends": {"auth": "auth.shop.svc:9090"}}, "idl": {"files": {"auth.thrift": IDL.read_text()}}}

EVERYTHING = {
    "config": {
        "listen": ["0.0.0.0:8081"],
        "backends": {"auth": {"address": "srv:_thrift._tcp.auth.shop.svc.cluster.local", "max_connections": 8}},
        "limits": {"body": "1MiB", "connections": 20000},
        "logging": {"level": "debug", "format": "json"},
        "drain": {"delay": "3s", "grace": "10s"},
    },
    "idl": {"files": {"auth.thrift": IDL.read_text()}, "configMaps": ["shared-idl"]},
    "secrets": ["vendors"],
    "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "billing", "key": "token"}}}],
    "envFrom": [{"secretRef": {"name": "more"}}],
    "image": {"repository": "registry.example.com/thriftgate", "tag": "1.2.3", "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "registry"}],
    "autoscaling": {
        "enabled": True,
        "minReplicas": 3,
        "maxReplicas": 30,
        "cpu": 60,
        "metrics": [{"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}}}],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
    },
    "disruptionBudget": {"maxUnavailable": "20%"},
    "ports": {"http": 8081, "admin": 9902},
    "service": {"type": "LoadBalancer", "port": 443, "annotations": {"example.com/lb": "internal"}},
    "serviceMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}},
    "networkPolicy": {
        "enabled": True,
        "from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}],
        "adminFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
    },
    "serviceAccount": {"annotations": {"example.com/role": "gateway"}},
    "podAnnotations": {"example.com/team": "edge"},
    "podLabels": {"tier": "edge"},
    "priorityClassName": "high",
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "edge", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}],
    "volumes": [{"name": "scratch", "emptyDir": {}}],
    "volumeMounts": [{"name": "scratch", "mountPath": "/tmp"}],
}


def installed(folder, values, release="edge"):
    """What Helm installs, by kind and name."""
    with Cluster() as cluster:
        access = folder / "kubeconfig"
        access.write_text(json.dumps(cluster.access()))
        Helm(access).install(release, CHART, values)
        return {(thing["kind"], thing["metadata"]["name"]): thing for thing in cluster.installed()}


def refusal(folder, values):
    """Why Helm does not install it."""
    try:
        installed(folder, values)
    except HelmError as error:
        return str(error)
    return ""


def changed(values, *path_and_value):
    *path, value = path_and_value
    result = copy.deepcopy(values)
    inner = result
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return result


def valid(checks, things):
    """Checks objects against the schemas of Kubernetes, and those of Prometheus' operator against its own."""
    for (kind, name), thing in things.items():
        thing = copy.deepcopy(thing)
        del thing["metadata"]["uid"]
        if kind == "ServiceMonitor":
            done = subprocess.run(
                ["node", NODE / "monitor.mjs"], input=json.dumps(thing), capture_output=True, text=True, timeout=30
            )
            checks.check(f"{kind} {name}", done.returncode == 0, done.stderr)
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(thing, version, strict=True)
                problem = ""
            except Exception as error:
                problem = str(error)
            checks.check(f"{kind} {name} in Kubernetes {version}", not problem, problem)


def schemas_refuse(checks, things):
    """That these schemas would notice."""
    deployment = copy.deepcopy(things["Deployment", "edge-thriftgate"])
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(deployment, version, strict=True)
            refused = False
        except kubernetes_validate.ValidationError:
            refused = True
        checks.check(f"the schema of {version} refuses a misspelt key", refused)


def linked(checks, things):
    """That what the objects say of each other is so."""
    deployment = things["Deployment", "edge-thriftgate"]
    pod = deployment["spec"]["template"]
    container = pod["spec"]["containers"][0]
    labels = pod["metadata"]["labels"].items()
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    checks.check("the deployment selects its pods", deployment["spec"]["selector"]["matchLabels"].items() <= labels)
    for (kind, name), thing in things.items():
        spec = thing.get("spec", {})
        if kind == "Service":
            checks.check(f"service {name} selects the pods", spec["selector"].items() <= labels)
            checks.check(f"service {name} has ports of theirs", all(port["targetPort"] in ports for port in spec["ports"]))
        if kind == "PodDisruptionBudget":
            checks.check("the budget selects the pods", spec["selector"]["matchLabels"].items() <= labels)
        if kind == "NetworkPolicy":
            checks.check("the policy selects the pods", spec["podSelector"]["matchLabels"].items() <= labels)
        if kind == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            checks.check("the autoscaler scales the deployment", (target["kind"], target["name"]) in things)
            checks.check("the deployment leaves the number to it", "replicas" not in deployment["spec"])
        if kind == "ServiceMonitor":
            wanted = spec["selector"]["matchLabels"].items()
            found = [
                other
                for (other_kind, _), other in things.items()
                if other_kind == "Service" and wanted <= other["metadata"]["labels"].items()
            ]
            checks.equal("the monitor selects one service", len(found), 1)
            names = [port["name"] for port in found[0]["spec"]["ports"]]
            checks.check("the monitor names its port", all(end["port"] in names for end in spec["endpoints"]))
            checks.equal("it looks at the admin port alone", names, ["admin"])
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    volumes = pod["spec"]["volumes"]
    checks.check("every mount has a volume", mounts <= {volume["name"] for volume in volumes})
    for volume in volumes:
        for source in volume.get("projected", {}).get("sources", []):
            name = source["configMap"]["name"]
            if name != "shared-idl":
                checks.check(f"config map {name}", ("ConfigMap", name) in things)
    return container, ports


def project(volume, things, folder):
    """Writes the files of a projected volume, as the kubelet does: behind a link that it can swap."""
    data = folder / "..data-1"
    data.mkdir(parents=True)
    for source in volume["projected"]["sources"]:
        texts = things["ConfigMap", source["configMap"]["name"]]["data"]
        items = source["configMap"].get("items") or [{"key": key, "path": key} for key in texts]
        for item in items:
            path = data / item["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[item["key"]])
    (folder / "..data").symlink_to(data.name)
    for entry in {Path(file.relative_to(data)).parts[0] for file in data.rglob("*") if file.is_file()}:
        (folder / entry).symlink_to(Path("..data") / entry)


def runs(checks, gateway, things, scratch):
    """That the gateway takes the configuration where it is mounted, and listens on the ports of the pod."""
    container, ports = linked(checks, things)
    folder = scratch / "etc"
    shutil.rmtree(folder, ignore_errors=True)
    volumes = things["Deployment", "edge-thriftgate"]["spec"]["template"]["spec"]["volumes"]
    project(next(volume for volume in volumes if volume["name"] == "config"), things, folder)
    config = folder / Path(container["args"][-1]).relative_to("/etc/thriftgate")
    more = scratch / "more"
    more.mkdir(exist_ok=True)
    (more / "more.thrift").write_text("struct More {}")
    text = config.read_text().replace("/etc/thriftgate-idl", str(more))
    written = yaml.safe_load(text)
    config.write_text(text)
    done = subprocess.run([gateway, "check", "--config", config], capture_output=True, text=True, timeout=30)
    checks.check("the gateway takes the configuration", done.returncode == 0, done.stderr)
    listen = written["listen"] if isinstance(written["listen"], list) else [written["listen"]]
    checks.check("it listens on the port of the pod", listen[0].endswith(f":{ports['http']}"), listen)
    checks.check("so does the admin listener", written["admin"]["listen"].endswith(f":{ports['admin']}"), written)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        checks.equal(f"port of {probe}", container[probe]["httpGet"]["port"], "admin")
    return container


def fixed(folder, values):
    """The mark that replaces the pods when it changes."""
    things = installed(folder, values)
    return things["Deployment", "edge-thriftgate"]["spec"]["template"]["metadata"]["annotations"]["thriftgate/fixed"]


def replaces_pods(checks, folder):
    """That a change replaces the pods where the gateway cannot take it over while it runs, and only there."""
    before = fixed(folder, EVERYTHING)
    for path, value, same in [
        (("config", "logging", "level"), "info", True),
        (("config", "backends", "auth"), "elsewhere:9090", True),
        (("config", "limits", "body"), "2MiB", True),
        (("idl", "files", "more.thrift"), "struct More {}", True),
        (("config", "limits", "connections"), 1000, False),
        (("config", "drain", "grace"), "20s", False),
        (("config", "runtime"), {"threads": 2}, False),
        (("config", "logging", "format"), "text", False),
        (("ports", "admin"), 9903, False),
    ]:
        now = fixed(folder, changed(EVERYTHING, *path, value))
        checks.equal(f"a change of {'.'.join(path)} leaves the pods", now == before, same)


def refused(checks, folder):
    """That values which cannot work are refused, with a text that helps."""
    for values, text in [
        ({}, "config.backends"),
        (changed(LEAST, "replica", 3), "replica"),
        (changed(LEAST, "ports", "http", "8080"), "http"),
        (changed(LEAST, "serviceMonitor", {"enabled": True, "interval": "soon"}), "interval"),
        (changed(LEAST, "idl", "files", {"a/b.thrift": ""}), "a/b.thrift"),
    ]:
        found = refusal(folder, values)
        checks.check(f"refused for {text}", text in found, found)


def check(checks, gateway):
    """Everything about the chart."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        with Cluster() as cluster:
            access = scratch / "kubeconfig"
            access.write_text(json.dumps(cluster.access()))
            found = Helm(access).lint(CHART)
        said = subprocess.run([gateway, "--version"], capture_output=True, text=True, timeout=30).stdout
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
        checks.equal("the version of the application", version, said.split()[1])
        # A remark is that the chart has no icon.
        checks.check("lint", all(message["Severity"] < 2 for message in found["Messages"]) and not found["Errors"], found)
        for name, values, kinds in [
            ("least", LEAST, ["ConfigMap", "ConfigMap", "Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"]),
            (
                "everything",
                EVERYTHING,
                ["ConfigMap", "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"]
                + ["Service", "Service", "ServiceAccount", "ServiceMonitor"],
            ),
        ]:
            things = installed(scratch, values)
            checks.equal(f"what {name} installs", sorted(kind for kind, _ in things), kinds)
            valid(checks, things)
            schemas_refuse(checks, things)
            container = runs(checks, gateway, things, scratch)
            checks.equal("the user of the container is nobody", container["securityContext"]["capabilities"], {"drop": ["ALL"]})
        checks.equal("a volume of the user's", container["volumeMounts"][-1], {"name": "scratch", "mountPath": "/tmp"})
        replaces_pods(checks, scratch)
        refused(checks, scratch)
