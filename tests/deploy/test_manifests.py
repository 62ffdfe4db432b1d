"""What is shipped for a cluster and for one machine fits the schemas of those who read it, and our own settings.

A pod may write nowhere but in /tmp, runs as nobody, asks nothing of the cluster, is asked whether it is well, may not
be taken away with all the others, and gets no secret but by reference.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from settings import ROOT, Settings
from tests.deploy.kustomization import Manifest, pods, rendered

KUBERNETES = ROOT / "deploy" / "kubernetes"
FOLDERS = ("small", "large", "controller")
CONTROLLER = json.loads((Path(__file__).parent / "worker_controller.schema.json").read_text())
LATEST = kubernetes_validate.latest_version()
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$|API_KEY|DATABASE_URL|KEYS_URL|SMTP_URL|IMAP_URL|CHAT_URL|KEY_DATA")

SETTINGS = {f"TANDEM_{name.upper()}" for name in Settings.model_fields} | {"TANDEM_BUILD_ID"}
TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}


@pytest.fixture(params=FOLDERS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return rendered(KUBERNETES / request.param)


def named(found: list[Manifest], kind: str) -> Iterator[Manifest]:
    return (one for one in found if one["kind"] == kind)


def long_lived(found: list[Manifest]) -> dict[str, Manifest]:
    return {name: pod for name, pod in pods(found).items() if not name.startswith("Job/")}


def test_every_manifest_fits_the_schema_of_its_kind(manifests: list[Manifest]) -> None:
    for one in manifests:
        if one["apiVersion"].startswith("temporal.io/"):
            jsonschema.Draft202012Validator(CONTROLLER).validate(one)
        else:
            kubernetes_validate.validate(one, LATEST, strict=True)


def test_what_the_worker_controller_makes_fits_as_well() -> None:
    found = rendered(KUBERNETES / "controller")
    [workers] = named(found, "WorkerDeployment")
    labels = workers["spec"]["template"]["metadata"]["labels"]
    deployment = {"selector": {"matchLabels": labels}, "template": workers["spec"]["template"]}
    made = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": deployment}]
    for template in named(found, "WorkerResourceTemplate"):
        one = template["spec"]["template"] | {"metadata": {"name": "x"}}
        if "scaleTargetRef" in one["spec"]:
            assert one["spec"]["scaleTargetRef"] == {}
            one["spec"]["scaleTargetRef"] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}
        made.append(one)
    assert [one["kind"] for one in made] == ["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"]
    for one in made:
        kubernetes_validate.validate(one, LATEST, strict=True)


def test_no_pod_may_do_more_than_it_needs(manifests: list[Manifest]) -> None:
    found = pods(manifests)
    assert len(found) >= 4
    for name, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, name
        inside = pod["securityContext"]
        assert (inside["runAsNonRoot"], inside["runAsUser"], inside["seccompProfile"]) == (
            True, 10001, {"type": "RuntimeDefault"},
        ), name  # fmt: skip
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        assert all("emptyDir" in volume and volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"]), name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"], name
            assert container["resources"]["limits"]["memory"], name
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
            assert re.fullmatch(r"registry\.example\.org/tandem:\d+\.\d+\.\d+", container["image"]), name


def test_every_pod_that_stays_is_asked_whether_it_is_well_and_has_time_to_finish(manifests: list[Manifest]) -> None:
    for name, pod in long_lived(manifests).items():
        [container] = pod["containers"]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports, (name, probe)
        assert pod["terminationGracePeriodSeconds"] >= 40, name


def test_nothing_that_stays_is_taken_away_at_once_or_lacks_somebody_who_scales_it(manifests: list[Manifest]) -> None:
    budgets = [one["spec"]["selector"]["matchLabels"] for one in named(manifests, "PodDisruptionBudget")]
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in named(manifests, "HorizontalPodAutoscaler")}
    for one in named(manifests, "Deployment"):
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert labels.items() >= one["spec"]["selector"]["matchLabels"].items()
        assert [budget for budget in budgets if budget.items() <= labels.items()], one["metadata"]["name"]
        assert one["metadata"]["name"] in scaled
    for one in named(manifests, "WorkerDeployment"):
        about = [
            template["spec"]["template"]["kind"]
            for template in named(manifests, "WorkerResourceTemplate")
            if template["spec"]["workerDeploymentRef"]["name"] == one["metadata"]["name"]
        ]
        assert about == ["HorizontalPodAutoscaler", "PodDisruptionBudget"]


def test_workers_are_scaled_by_what_waits_for_their_own_build(manifests: list[Manifest]) -> None:
    scalings = [
        one["spec"].get("template", one)["spec"]
        for kind in ("HorizontalPodAutoscaler", "WorkerResourceTemplate")
        for one in named(manifests, kind)
        if "worker" in json.dumps(one["spec"])
    ]
    scalings = [scaling for scaling in scalings if "metrics" in scaling]
    assert scalings
    for scaling in scalings:
        metrics = [part["external"]["metric"] for part in scaling["metrics"] if part["type"] == "External"]
        assert {metric["name"] for metric in metrics} == {"tandem_build_backlog"}
        for metric in metrics:
            # The controller adds the build itself, and refuses a template that does.
            assert ("temporal_worker_build_id" in metric["selector"]["matchLabels"]) is (
                scaling["scaleTargetRef"] != {}
            )


def test_the_release_is_said_the_same_everywhere() -> None:
    found = rendered(KUBERNETES / "small")
    images = {container["image"].rpartition(":")[2] for pod in pods(found).values() for container in pod["containers"]}
    [release] = images
    workers = [one for one in named(found, "Deployment") if "worker" in one["metadata"]["name"]]
    assert len(workers) == 3
    for one in workers:
        assert one["metadata"]["name"].endswith("-" + release.replace(".", "-"))
        assert one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/version"] == release
        said = {part["name"]: part["value"] for part in one["spec"]["template"]["spec"]["containers"][0]["env"]}
        assert said["TANDEM_BUILD_ID"] == release
    scaled = json.dumps([one["spec"] for one in named(found, "HorizontalPodAutoscaler")])
    assert scaled.count(f'"temporal_worker_build_id": "{release}"') == 3


def test_nobody_reaches_a_pod_unless_a_policy_says_so(manifests: list[Manifest]) -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in named(manifests, "NetworkPolicy")}
    closed = policies["tandem-nothing-else"]
    assert (closed["policyTypes"], closed.get("ingress"), closed.get("egress")) == (["Ingress", "Egress"], None, None)
    chosen = closed["podSelector"]["matchLabels"]
    for one in manifests:
        if one["kind"] in ("Deployment", "Job", "WorkerDeployment"):
            assert one["spec"]["template"]["metadata"]["labels"].items() >= chosen.items(), one["metadata"]["name"]
    opened = {
        port["port"]
        for policy in policies.values()
        for rule in policy.get("ingress", ())
        for port in rule["ports"]
        if rule["from"]
    }
    served = {
        port["containerPort"] for pod in pods(manifests).values() for port in pod["containers"][0].get("ports", ())
    }
    assert opened == {8080, 9464, 9465} == served


def test_every_setting_is_one_of_ours_and_no_secret_is_written_down(manifests: list[Manifest]) -> None:
    [settings] = named(manifests, "ConfigMap")
    assert settings["data"].keys() <= SETTINGS | TEMPORAL
    assert not [name for name in settings["data"] if SECRET.search(name) and name != "TANDEM_MASTER_KEY"]
    assert not list(named(manifests, "Secret"))
    for name, pod in pods(manifests).items():
        for container in pod["containers"]:
            assert container["envFrom"] == [
                {"configMapRef": {"name": "tandem-settings"}}, {"secretRef": {"name": "tandem-secrets"}},
            ], name  # fmt: skip
            assert {part["name"] for part in container.get("env", ())} <= SETTINGS, name


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


def test_the_compose_file_fits_its_schema() -> None:
    tool = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_what_the_compose_file_names_is_there(compose: Any) -> None:
    folder = ROOT / "deploy"
    for config in compose["configs"].values():
        assert (folder / config["file"]).is_file(), config
    example = (folder / "compose" / "example.env").read_text()
    asked = set(re.findall(r"\$\{(\w+)", (folder / "compose.yaml").read_text()))
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    for service in compose["services"].values():
        assert set(service.get("depends_on", ())) <= compose["services"].keys()
        assert {config["source"] for config in service.get("configs", ())} <= compose["configs"].keys()
        assert {volume.partition(":")[0] for volume in service.get("volumes", ()) if volume[0] != "."} <= (
            compose["volumes"].keys()
        )


def test_in_the_compose_file_too_nothing_more_is_allowed_or_reached(compose: Any) -> None:
    ours = {name: one for name, one in compose["services"].items() if one["image"].startswith("${TANDEM_IMAGE")}
    assert ours.keys() == {"api", "migrate", "setup", "worker-flow", "worker-language", "worker-reach"}
    for name, one in ours.items():
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"]), name
        assert one["environment"].keys() <= SETTINGS | TEMPORAL, name
    for name, one in compose["services"].items():
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert ":latest" not in one["image"], name
        assert re.search(r":[\w.${}:?-]", one["image"]), name
        reached = [port for port in one.get("ports", ()) if not port.startswith("127.0.0.1:")]
        assert reached == (["80:80", "443:443", "443:443/udp"] if name == "proxy" else []), name


def test_prometheus_asks_every_process_of_the_compose_file(compose: Any) -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text())["scrape_configs"]
    asked = {target for job in jobs for part in job["static_configs"] for target in part["targets"]}
    workers = {f"{name}:9464" for name in compose["services"] if name.startswith("worker-")}
    assert asked == workers | {"api:9465", "temporal:9090"}
    alone = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert {job["job_name"] for job in alone} < {job["job_name"] for job in jobs}, "the alerts ask for these jobs"


def test_no_secret_that_lies_beside_the_compose_file_gets_into_an_image() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [name for name in kept if name.startswith("deploy")] == ["deploy/sla"]
    for secret in ("deploy/compose/.env", "deploy/compose/master.key"):
        assert subprocess.run(["git", "check-ignore", "--quiet", secret], cwd=ROOT).returncode == 0, secret


def test_the_containerfile_is_as_it_should_be() -> None:
    tool = [str(Path(sys.executable).parent / "hadolint"), "--failure-threshold", "info", "deploy/Containerfile"]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
