"""The Kubernetes manifests: rendered by kustomize, valid by their schemas, and agreeing with the code.

No cluster runs in the tests. Built-in kinds are checked against Kubernetes' own JSON Schemas, KEDA's and the
Prometheus operator's against the schemas of their own definitions (``crds/``). Both refuse unknown fields.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from schemas import VERSION
from schemas.topics import RAW
from streams.settings import PREFIX, Settings, load
from tests.ops.composition import ROOT, compose
from tests.ops.test_compose import SECRETS

KUBERNETES = "1.32"
OVERLAYS = {"base": "ops/kubernetes/base", "three-workers": "ops/kubernetes/overlays/three-workers"}
WORKLOADS = {"babelwire-worker", "babelwire-serve", "babelwire-audit", "babelwire-topics"}
CUSTOM = {"ScaledObject", "ServiceMonitor", "PrometheusRule"}
CRDS = Path(__file__).with_name("crds")


def rendered(path: str) -> list[dict[str, Any]]:
    """Returns what would be applied; skips where kubectl is missing, except in CI."""
    if shutil.which("kubectl") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must render the manifests: kubectl is not on PATH")
        pytest.skip("kubectl is not on PATH (Debian's package `kubernetes-client`)")
    done = subprocess.run(
        ["kubectl", "kustomize", path], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module", params=sorted(OVERLAYS))
def manifests(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return rendered(OVERLAYS[request.param])


def of_kind(manifests: list[dict[str, Any]], *kinds: str) -> dict[str, dict[str, Any]]:
    """Returns the objects of these kinds by name."""
    return {item["metadata"]["name"]: item for item in manifests if item["kind"] in kinds}


def pods(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns the pod templates' specifications by workload."""
    return {
        name: item["spec"]["template"]["spec"]
        for name, item in of_kind(manifests, "Deployment", "Job").items()
    }


def test_every_object_is_valid_by_its_schema(manifests: list[dict[str, Any]]) -> None:
    for item in manifests:
        if item["kind"] not in CUSTOM:
            kubernetes_validate.validate(item, KUBERNETES, strict=True)


def test_a_field_that_kubernetes_does_not_know_would_be_refused(manifests: list[dict[str, Any]]) -> None:
    worker = of_kind(manifests, "Deployment")["babelwire-worker"]
    wrong = {**worker, "spec": {**worker["spec"], "replica": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_every_custom_object_is_valid_by_the_schema_of_its_operator(manifests: list[dict[str, Any]]) -> None:
    found = [item for item in manifests if item["kind"] in CUSTOM]
    assert {item["kind"] for item in found} == CUSTOM
    for item in found:
        definition = yaml.safe_load((CRDS / f"{item['kind']}.yaml").read_text())
        assert item["apiVersion"] == f"{definition['group']}/{definition['version']}"
        jsonschema.validate(item, strict(definition["schema"]))


def test_a_field_that_an_operator_does_not_know_would_be_refused(manifests: list[dict[str, Any]]) -> None:
    scaled = of_kind(manifests, "ScaledObject")["babelwire-worker"]
    schema = strict(yaml.safe_load((CRDS / "ScaledObject.yaml").read_text())["schema"])
    for wrong in ({"maxReplicas": 3}, {"maxReplicaCount": "3"}, {"triggers": [{"kind": "kafka"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**scaled, "spec": {**scaled["spec"], **wrong}}, schema)


def strict(schema: Any) -> Any:
    """Returns the schema with every object closed that lists its properties, as an API server prunes and warns."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if isinstance(pattern := schema.get("pattern"), str):
        closed["pattern"] = pattern.replace(
            "^(?i)", "(?i)^"
        )  # Go lets a flag stand anywhere, Python at the start
    if isinstance(schema.get("properties"), dict) and "x-kubernetes-preserve-unknown-fields" not in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def test_workloads_are_hardened_and_bounded(manifests: list[dict[str, Any]]) -> None:
    assert set(pods(manifests)) == WORKLOADS
    for name, pod in pods(manifests).items():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"], name
        assert container["image"].endswith(f"babelwire:{VERSION}")


def test_the_environment_is_made_of_settings_and_of_secrets(manifests: list[dict[str, Any]]) -> None:
    [config] = [item for item in manifests if item["kind"] == "ConfigMap"]
    load(environ=config["data"])
    assert not [name for name in config["data"] if "PASSWORD" in name or "TOKEN" in name]
    for name, pod in pods(manifests).items():
        [container] = pod["containers"]
        own = {item["name"]: item["value"] for item in container.get("env", ())}
        load(environ={**config["data"], **own, f"{PREFIX}API_TOKENS": "x"})
        refs = [ref["configMapRef"]["name"] for ref in container["envFrom"] if "configMapRef" in ref]
        assert refs == [config["metadata"]["name"]], name
        secrets = {ref["secretRef"]["name"] for ref in container["envFrom"] if "secretRef" in ref}
        assert secrets == {"babelwire-kafka"} | ({"babelwire-api"} if name == "babelwire-serve" else set())
    assert not of_kind(manifests, "Secret")


def test_commands_are_those_of_the_compose_file(manifests: list[dict[str, Any]]) -> None:
    services = compose(SECRETS)["services"]
    for name, pod in pods(manifests).items():
        service = services[name.removeprefix("babelwire-")]
        [container] = pod["containers"]
        assert container["args"] == service["command"]
        assert container.get("command") == service.get("entrypoint")


def test_probes_ask_ports_that_the_container_has(manifests: list[dict[str, Any]]) -> None:
    expected = {"babelwire-worker": 9464, "babelwire-serve": 8080, "babelwire-audit": 9465}
    for name, port in expected.items():
        [container] = pods(manifests)[name]["containers"]
        ports = {item["name"]: item["containerPort"] for item in container["ports"]}
        assert list(ports.values()) == [port]
        for probe in ("readinessProbe", "livenessProbe"):
            asked = container[probe]["httpGet"]
            assert asked["port"] in ports
            assert asked["path"] in ("/readyz", "/livez")
    [worker] = pods(manifests)["babelwire-worker"]["containers"]
    # A broker that is away must not restart workers.
    assert worker["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert worker["ports"][0]["containerPort"] == Settings().metrics_port


def test_services_select_pods_and_are_scraped_under_the_jobs_of_the_rules(
    manifests: list[dict[str, Any]],
) -> None:
    services = of_kind(manifests, "Service")
    assert set(services) == WORKLOADS - {"babelwire-topics"}
    deployments = of_kind(manifests, "Deployment")
    [monitor] = of_kind(manifests, "ServiceMonitor").values()
    [wanted] = monitor["spec"]["selector"]["matchExpressions"]
    scraped = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
    for name, service in services.items():
        labels = deployments[name]["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()
        assert service["metadata"]["labels"][wanted["key"]] in wanted["values"]
        [port] = service["spec"]["ports"]
        assert port["name"] in scraped
    jobs = yaml.safe_load((ROOT / "ops" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert {job["job_name"] for job in jobs} - {"prometheus"} == set(services)


def test_scaling_follows_the_lag_of_the_workers_group(manifests: list[dict[str, Any]]) -> None:
    [scaled] = of_kind(manifests, "ScaledObject").values()
    assert scaled["spec"]["scaleTargetRef"]["name"] == "babelwire-worker"
    assert "replicas" not in of_kind(manifests, "Deployment")["babelwire-worker"]["spec"]
    [trigger] = scaled["spec"]["triggers"]
    assert trigger["metadata"]["consumerGroup"] == Settings().group("articles")
    [config] = [item for item in manifests if item["kind"] == "ConfigMap"]
    assert trigger["metadata"]["bootstrapServers"] == config["data"]["BABELWIRE_BOOTSTRAP_SERVERS"]
    # More workers than partitions would idle.
    assert scaled["spec"]["maxReplicaCount"] <= RAW.partitions


def test_network_policies_open_the_ports_that_are_used(manifests: list[dict[str, Any]]) -> None:
    default = of_kind(manifests, "NetworkPolicy")["babelwire-default"]["spec"]
    assert default["podSelector"] == {}
    assert set(default["policyTypes"]) == {"Ingress", "Egress"}
    opened = {port["port"] for rule in default["ingress"] for port in rule["ports"]}
    assert opened == {9464, 9465, 8080}
    [config] = [item for item in manifests if item["kind"] == "ConfigMap"]
    host, _, port = config["data"]["BABELWIRE_BOOTSTRAP_SERVERS"].partition(":")
    [kafka] = [
        rule
        for rule in default["egress"]
        if rule["to"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        == host.split(".")[1]
    ]
    assert int(port) in {item["port"] for item in kafka["ports"]}


def test_the_overlay_keeps_three_workers() -> None:
    manifests = rendered(OVERLAYS["three-workers"])
    [scaled] = of_kind(manifests, "ScaledObject").values()
    assert scaled["spec"]["minReplicaCount"] == 3
    budget = of_kind(manifests, "PodDisruptionBudget")["babelwire-worker"]["spec"]
    assert budget["minAvailable"] == 2
    assert "maxUnavailable" not in budget


def test_no_manifest_is_left_out_of_the_base() -> None:
    folder = Path(ROOT / "ops/kubernetes/base")
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert sorted(named) == sorted(
        path.name for path in folder.glob("*.yaml") if path.name != "kustomization.yaml"
    )
