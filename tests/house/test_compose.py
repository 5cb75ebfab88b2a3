"""What docker-compose.yml and the image promise. No engine is needed: the files are read as they stand."""

import base64
import re
import shlex
from typing import Any

import pytest
import yaml

from config.settings import load_settings
from tests.house.tree import TOP

COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (TOP / "config" / "Dockerfile").read_text(encoding="utf-8")
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))


def test_there_are_a_database_a_web_server_and_a_worker() -> None:
    assert set(SERVICES) == {"mongo", "web", "worker"}
    assert SERVICES["web"]["command"] == ["hubbub", "web"]
    assert SERVICES["worker"]["command"] == ["hubbub", "worker"]


@EVERY_SERVICE
def test_a_service_can_do_no_more_than_it_must(service: dict[str, Any]) -> None:
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    assert not {"privileged", "cap_add", "pid", "ipc", "network_mode", "devices"} & service.keys()


@EVERY_SERVICE
def test_a_service_is_watched_and_started_again(service: dict[str, Any]) -> None:
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@EVERY_SERVICE
def test_what_must_last_is_on_a_volume_and_nothing_of_the_host_is_mounted(service: dict[str, Any]) -> None:
    volumes = [volume.split(":")[0] for volume in service["volumes"]]
    assert volumes
    assert set(volumes) <= set(COMPOSE["volumes"])


def test_the_database_is_a_replica_set_that_makes_itself() -> None:
    mongo = SERVICES["mongo"]
    assert mongo["image"] == "mongo:8"
    script = mongo["healthcheck"]["test"][-1]
    name = re.search(r"--replSet (\w+)", shlex.join(mongo["command"]))
    assert name is not None
    assert f'rs.initiate({{_id: "{name[1]}", members: [{{_id: 0, host: "mongo:27017"}}]}})' in script
    assert "isWritablePrimary" in script
    assert (
        SERVICES["web"]["environment"]["HUBBUB_MONGO__URL"] == f"mongodb://mongo:27017/?replicaSet={name[1]}"
    )


def test_nobody_else_reaches_the_database() -> None:
    mongo = SERVICES["mongo"]
    assert "ports" not in mongo
    assert mongo["networks"] == ["store"]
    assert COMPOSE["networks"]["store"] == {"internal": True}


def test_the_web_server_is_published_to_this_machine_alone() -> None:
    (port,) = SERVICES["web"]["ports"]
    assert port.startswith("127.0.0.1:")
    assert port.endswith(":8420")


def test_there_can_be_any_number_of_workers() -> None:
    assert not {"container_name", "ports", "hostname"} & SERVICES["worker"].keys()


def test_hubbub_waits_for_its_database() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["mongo"] == {"condition": "service_healthy"}


def test_the_settings_in_it_are_settings_and_none_is_a_secret() -> None:
    for name in ("web", "worker"):
        environ = {
            key: str(value) for key, value in SERVICES[name]["environment"].items() if value is not None
        }
        settings = load_settings(None, environ)
        assert settings.mongo.url is not None
        assert "@" not in settings.mongo.url.get_secret_value()
        assert settings.secrets.key is None
        assert str(settings.data.folder) == SERVICES[name]["volumes"][0].split(":")[1]
    words = re.findall(r"[\w+/=-]{24,}", (TOP / "docker-compose.yml").read_text(encoding="utf-8"))
    assert [word for word in words if is_random(word)] == []


def test_the_image_is_built_from_locked_packages_and_does_not_run_as_root() -> None:
    assert all(
        "--require-hashes" in line or "--no-index" in line
        for line in DOCKERFILE.splitlines()
        if "pip install" in line
    )
    assert f"USER {SERVICES['web']['user']}" in DOCKERFILE
    assert SERVICES["web"]["build"] == {"context": ".", "dockerfile": "config/Dockerfile"}


def test_the_image_is_built_from_the_sources_alone() -> None:
    lines = (TOP / "config" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    wanted = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {"pyproject.toml", "requirements.lock", "hub", "connectors", "config"} <= wanted
    assert not wanted & {"data", "tests", ".git", ".venv"}


def is_random(word: str) -> bool:
    try:
        raw = base64.b64decode(word, validate=True)
    except ValueError:
        return False
    return len(set(raw)) > 20
