"""What somebody who starts Hubbub is told: the settings, or one sentence that helps."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.example import write_example
from config.settings import Settings, SettingsError, list_leaves, load_settings
from config.sources import variable_of

EXAMPLE = Path(__file__).parents[2] / "config" / "hubbub.example.toml"
KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _somewhere_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, path: str = "hubbub.toml") -> Path:
    Path(path).write_text(text, encoding="utf-8")
    return Path(path)


def refusal(text: str = "", **environ: str) -> str:
    """What is said about a file with `text` and these variables; it must be one sentence on one line."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(text), environ)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


def test_nothing_given_means_the_defaults() -> None:
    settings = load_settings(None, {})
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8420)
    assert settings.mongo.url is None
    assert settings.data.folder.is_absolute()
    assert settings.key_file == settings.data.folder / "key"


def test_the_file_counts_and_the_environment_wins() -> None:
    write("[web]\nport = 1\nhost = '::1'\n")
    settings = load_settings(None, {"HUBBUB_WEB__PORT": "2", "PATH": "/bin"})
    assert (settings.web.host, settings.web.port) == ("::1", 2)


def test_the_file_named_by_the_command_counts_before_the_variable_and_that_before_the_one_here() -> None:
    write("web.port = 1")
    write("web.port = 2", "two.toml")
    write("web.port = 3", "three.toml")
    assert load_settings(None, {}).web.port == 1
    assert load_settings(None, {"HUBBUB_CONFIG": "two.toml"}).web.port == 2
    assert load_settings(Path("three.toml"), {"HUBBUB_CONFIG": "two.toml"}).web.port == 3


def test_paths_count_from_the_file_that_has_them_or_from_here(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    path = write("data.folder = 'files'\nsecrets.key_file = '/run/key'", "etc/hubbub.toml")
    assert load_settings(path, {}).data.folder == tmp_path / "etc" / "files"
    assert load_settings(path, {}).key_file == Path("/run/key")
    assert load_settings(path, {"HUBBUB_DATA__FOLDER": "files"}).data.folder == tmp_path / "files"


def test_every_kind_of_setting_can_come_from_the_environment() -> None:
    settings = load_settings(
        None,
        {
            "HUBBUB_MONGO__URL": "mongodb://db.example/?replicaSet=rs0",
            "HUBBUB_WEB__TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "HUBBUB_WEB__PUBLIC_URL": "https://hub.example.com/",
            "HUBBUB_MEDIA__FETCH_PRIVATE_ADDRESSES": "yes",
            "HUBBUB_SECRETS__OLD_KEYS": f"{KEY},{KEY}",
            "HUBBUB_LOG__FORMAT": "json",
        },
    )
    assert settings.mongo.url is not None
    assert settings.mongo.url.get_secret_value() == "mongodb://db.example/?replicaSet=rs0"
    assert settings.web.trusted_proxies == ["10.0.0.0/8", "::1"]
    assert settings.web.public_url == "https://hub.example.com"
    assert settings.media.fetch_private_addresses is True
    assert [key.get_secret_value() for key in settings.secrets.old_keys] == [KEY, KEY]


def test_a_secret_may_be_in_a_file_of_its_own() -> None:
    write(KEY + "\n", "key.txt")
    settings = load_settings(
        None,
        {
            "HUBBUB_SECRETS__KEY_FILE": "elsewhere",
            "HUBBUB_MONGO__URL_FILE": str(write("mongodb://db", "url")),
        },
    )
    assert settings.key_file == Path("elsewhere").absolute()
    assert settings.mongo.url is not None
    assert settings.mongo.url.get_secret_value() == "mongodb://db"


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load_settings(
        None, {"HUBBUB_MONGO__URL": "mongodb://me:hunter2@db", "HUBBUB_SECRETS__KEY": KEY}
    )
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)


def test_an_unknown_setting_is_refused_with_its_line_and_the_one_that_was_meant() -> None:
    assert (
        refusal("[web]\n\n# the door\nprot = 1")
        == "There is no setting web.prot (hubbub.toml, line 4): did you mean web.port?"
    )
    assert "line 1" in refusal("web.prot = 1")
    assert refusal("[mongo]\nfolder = '/x'").endswith("did you mean data.folder?")
    assert (
        refusal("[wbe]\nport = 1")
        == "There is no group of settings [wbe] (hubbub.toml, line 1): did you mean [web]?"
    )


def test_an_unknown_variable_is_refused_too() -> None:
    assert refusal(HUBBUB_WEB_PORT="1").endswith("HUBBUB_WEB_PORT: did you mean HUBBUB_WEB__PORT?")
    assert "known are HUBBUB_MONGO__URL" in refusal(HUBBUB_XYZ="1")


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[web]\nport = '8420'", {}, 'web.port (hubbub.toml, line 2) must be a whole number, not "8420": '
         "correct it, or remove it to get the default, 8420."),
        ("[web]\nport = true", {}, "must be a whole number, not true"),
        ("", {"HUBBUB_WEB__PORT": "http"}, '(the environment variable HUBBUB_WEB__PORT) must be a'),
        ("", {"HUBBUB_WEB__PORT": "65536"}, "must be at most 65535, not 65536"),
        ("[ingest]\nreopen_within_days = -1", {}, "must be at least 0 (days), not -1"),
        ("[media]\nfetch_private_addresses = 1", {}, "must be true or false, not 1"),
        ("[log]\nformat = 'xml'", {}, 'must be one of console, json, not "xml"'),
        ("[data]\nfolder = 7", {}, "must be a path, in quotation marks, not 7"),
        ("[mongo]\ndatabase = 'a b'", {}, "mongo.database (hubbub.toml, line 2) must match"),
        ("[web]\nhost = ''", {}, "must not be empty"),
        ("[web]\npublic_url = 'hub.example.com'", {}, "must begin with https:// or http://"),
        ("[web]\ntrusted_proxies = '10.0.0.1'", {}, "must be a list"),
        ("[web]\ntrusted_proxies = ['proxy']", {}, "must be an address or a network, like 10.0.0.0/8"),
        ("[web]\ntrusted_proxies = [1]", {}, "must be a text, in quotation marks, not 1"),
        ("[secrets]\nkey = 'c2hvcnQ='", {}, "must be 32 random bytes in base64"),
        ("[secrets]\nold_keys = ['?']", {}, "must be 32 random bytes in base64"),
        ("web = 1", {}, "web (hubbub.toml, line 1) is a group: write [web], its settings below."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_what_would_be_right(
    text: str, environ: dict[str, str], said: str
) -> None:
    assert said in refusal(text, **environ)


def test_a_secret_that_is_missing_is_refused_with_where_it_should_be() -> None:
    assert refusal(HUBBUB_MONGO__URL="") == (
        "mongo.url (the environment variable HUBBUB_MONGO__URL) is empty: "
        "put the secret there, or unset the variable."
    )
    said = refusal(HUBBUB_MONGO__URL_FILE="/nowhere/url")
    assert said.startswith(
        "mongo.url should be read from /nowhere/url, named by the environment variable HUBBUB_MONGO__URL_FILE"
    )


def test_a_refused_secret_is_not_repeated() -> None:
    assert "hunter2" not in refusal("[mongo]\nurl = 'http://me:hunter2@db'")
    assert "hunter2" not in refusal(HUBBUB_SECRETS__KEY="hunter2")
    assert "hunter2" not in refusal("[secrets]\nold_keys = ['hunter2']")


def test_a_file_that_cannot_be_read_is_named_with_the_reason() -> None:
    assert refusal("[web\n").startswith("The settings file hubbub.toml is not valid TOML: ")
    Path("hubbub.toml").write_bytes(b"# \xff\n")
    with pytest.raises(SettingsError, match="hubbub.toml cannot be read"):
        load_settings(None, {})
    with pytest.raises(SettingsError, match="no settings file elsewhere.toml: give --config"):
        load_settings(Path("elsewhere.toml"), {})
    with pytest.raises(SettingsError, match="no settings file nowhere.toml, named by HUBBUB_CONFIG"):
        load_settings(None, {"HUBBUB_CONFIG": "nowhere.toml"})


def test_the_example_is_what_the_models_say() -> None:
    """If this fails: python -m config.example > config/hubbub.example.toml"""
    assert EXAMPLE.read_text(encoding="utf-8") == write_example()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUBBUB_")}
    command = [sys.executable, "-m", "config.example"]
    printed = subprocess.run(
        command, cwd=EXAMPLE.parents[1], env=environ, capture_output=True, text=True, check=True
    )
    assert printed.stdout == write_example()


def test_the_example_can_be_used_as_it_stands_and_with_every_setting_switched_on() -> None:
    write(write_example())
    assert load_settings(None, {}) == Settings(data=load_settings(None, {}).data)
    example = write_example().replace('#key = "openssl', '#key = "').replace('" rand -base64 32"', '"')
    lines = [
        line.removeprefix("#") if line.startswith("#") and not line.startswith("# ") else line
        for line in example.splitlines()
    ]
    switched_on = "\n".join(line for line in lines if not line.startswith("key = "))
    settings = load_settings(write(switched_on), {})
    assert settings.web == load_settings(
        None, {"HUBBUB_CONFIG": str(write("", "empty.toml"))}
    ).web.model_copy(update={"public_url": "https://hub.example.com"})


def test_every_setting_says_what_it_is_for_and_numbers_say_their_unit() -> None:
    for name, leaf in list_leaves().items():
        assert leaf.description.endswith("."), name
        assert leaf.default is not None or leaf.example, name
        assert leaf.kind is not int or leaf.unit or name.endswith(".port"), name
        assert f" {variable_of(name)}\n" in write_example(), name
