"""Settings as they are read from the environment, and how a wrong one is answered."""

import os
from pathlib import Path

import pytest
from temporalio.envconfig import ClientConfigProfile

from local.stack import on_free_ports
from settings import ROOT, BadSettings, Settings, load


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("TANDEM_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)


def test_the_defaults_are_the_documented_ones() -> None:
    settings = load()
    assert (settings.api_port, settings.temporal_port, settings.temporal_ui_port) == (8080, 7233, 8233)
    assert settings.home == Path(".tandem").resolve()
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.temporal_connection == {"target_host": "127.0.0.1:7233", "namespace": "default"}
    assert settings.policy == ROOT / "deploy" / "sla" / "default.yaml"
    assert (settings.mail_server.host, settings.mail_server.port) == ("127.0.0.1", 1025)
    assert settings.language_model is None


def test_temporals_own_variables_lead_to_an_existing_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "hiring")
    monkeypatch.setenv("TEMPORAL_API_KEY", "a-secret-key")
    settings = load()
    assert not settings.embeds_temporal
    assert settings.temporal_connection == {
        "target_host": "temporal.example.org:7233",
        "namespace": "hiring",
        "api_key": "a-secret-key",
        "tls": True,
    }
    assert "a-secret-key" not in repr(settings)


def test_a_profile_in_the_home_folder_is_not_used_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = tmp_path / "temporalio" / "temporal.toml"
    profile.parent.mkdir()
    profile.write_text('[profile.default]\naddress = "company.example.org:7233"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load().embeds_temporal
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(profile))
    assert load().temporal_address == "company.example.org:7233"


def test_files_lie_beside_the_rest_or_where_somebody_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().blobs_place == Path(".tandem/blobs").resolve()
    monkeypatch.setenv("TANDEM_BLOBS", "files/of-ours")
    assert load().blobs_place == Path("files/of-ours").resolve()
    monkeypatch.setenv("TANDEM_BLOBS", "s3://files/of/ours")
    assert load().blobs_place == "s3://files/of/ours"


def test_a_child_process_reads_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "not-for-this-stack:7233")
    settings = on_free_ports(
        tmp_path, database_url="postgresql://ann:secret@db/tandem", worker_roles="flow,reach", log_level="DEBUG"
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TEMPORAL_ADDRESS")
    assert "TEMPORAL_ADDRESS" not in settings.environment()
    assert load().model_dump(exclude={"temporal_profile"}) == settings.model_dump(exclude={"temporal_profile"})
    assert load().database_dsn == "postgresql://ann:secret@db/tandem"


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://127.0.0.1:2525", "plain", 2525),
        ("smtp+starttls://ann:p%40ss@mail.example.org", "starttls", 587),
        ("smtps://ann:p%40ss@mail.example.org", "tls", 465),
    ],
)
def test_a_mail_server_is_one_address(url: str, security: str, port: int, tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path, smtp_url=url)
    assert (settings.mail_server.security, settings.mail_server.port) == (security, port)
    if settings.mail_server.password:
        assert settings.mail_server.password.get_secret_value() == "p@ss"
    assert not settings.embeds_mailbox


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TANDEM_API_PORT", "eighty", "TANDEM_API_PORT cannot be used: .*valid integer"),
        ("TANDEM_API_PORT", "70000", "TANDEM_API_PORT cannot be used: .*65535"),
        ("TANDEM_DATABASE_URL", "mysql://db", "TANDEM_DATABASE_URL cannot be used: it must begin with postgresql://"),
        ("TANDEM_SMTP_URL", "mail.example.org", "TANDEM_SMTP_URL cannot be used: it must look like smtp://"),
        ("TANDEM_SMTP_URL", "smtp://ann:pw@mail.example.org", "TANDEM_SMTP_URL cannot be used: a password is not sent"),
        ("TANDEM_LANGUAGE_MODEL", "some-model", "TANDEM_LANGUAGE_BASE_URL must be set together"),
        ("TANDEM_BLOBS", "gs://files", "TANDEM_BLOBS cannot be used: it must be a folder, or look like s3://"),
        ("TANDEM_BLOBS", "s3://Files/of us", "TANDEM_BLOBS cannot be used: it must be a folder, or look like s3://"),
        ("TANDEM_WORKER_ROLES", "flow,flot", "TANDEM_WORKER_ROLES cannot be used: .*'flow', 'language' or 'reach'"),
        ("TEMPORAL_PROFILE", "nobody", "Temporal's variables .* cannot be used: .*nobody"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings, match=sentence) as refused:
        load()
    assert "\n" not in str(refused.value)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_DATABASE_URL", "")
    monkeypatch.setenv("TANDEM_API_PORT", "")
    assert load().embeds_postgres
    assert load().api_port == 8080


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = on_free_ports(
        tmp_path, database_url="postgresql://ann:hush@db/t", temporal_profile=ClientConfigProfile(api_key="hush")
    )
    assert "hush" not in repr(settings)
    assert isinstance(settings, Settings)


PROVIDER = {"TANDEM_OIDC_ISSUER": "https://id.example.org", "TANDEM_OIDC_CLIENT_ID": "tandem"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"TANDEM_OIDC_ISSUER": "http://id.example.org"},
            "TANDEM_OIDC_ISSUER cannot be used: it must begin with https://",
        ),
        ({"TANDEM_OIDC_ISSUER": "id.example.org"}, "TANDEM_OIDC_ISSUER cannot be used: it must begin with https://"),
        ({"TANDEM_OIDC_CLIENT_ID": ""}, "TANDEM_OIDC_ISSUER and TANDEM_OIDC_CLIENT_ID must be set together"),
        ({"TANDEM_PROVIDER_ROLES": "recruiters=R"}, "TANDEM_PROVIDER_ROLES cannot be used: it must look like"),
        ({"TANDEM_PROVIDER_ROLES": '{"it": "boss"}'}, "TANDEM_PROVIDER_ROLES cannot be used: it must look like"),
        (
            {"TANDEM_BASE_URL": "http://tandem.example.org"},
            "TANDEM_BASE_URL must begin with https:// where people sign in",
        ),
    ],
)
def test_a_provider_that_cannot_be_used_is_one_sentence(
    changes: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (PROVIDER | changes).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as bad:
        load()
    assert str(bad.value).startswith(sentence)
    assert "\n" not in str(bad.value)


def test_a_provider_s_secret_is_shown_nowhere_and_goes_on_to_child_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    given = PROVIDER | {"TANDEM_OIDC_CLIENT_SECRET": "s3cret", "TANDEM_PROVIDER_ROLES": '{"cn=it,dc=acme": "O"}'}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert "s3cret" not in repr(settings)
    assert settings.provider_name == "id.example.org"
    assert settings.provider_roles == {"cn=it,dc=acme": "O"}
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load().model_dump(exclude={"temporal_profile"}) == settings.model_dump(exclude={"temporal_profile"})
