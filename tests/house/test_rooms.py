"""import-linter's contracts in pyproject.toml name every room there is. `make lint` checks what they say."""

import tomllib

import pytest

from tests.house.tree import ROOMS, TOP

LINTER = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


@pytest.mark.parametrize("room", [room for room in ROOMS if (TOP / room / "__init__.py").is_file()])
def test_every_room_is_under_contract(room: str) -> None:
    assert room in LINTER["root_packages"]
    names = {contract["name"] for contract in LINTER["contracts"] if room in str(contract)}
    assert len(names) >= 3


def test_no_contract_speaks_of_a_room_that_is_not_there() -> None:
    for room in LINTER["root_packages"]:
        assert (TOP / room / "__init__.py").is_file()


def test_there_is_no_code_outside_the_rooms() -> None:
    packages = {path.parent.name for path in TOP.glob("[a-z]*/*.py")}
    assert packages <= {*ROOMS, "tests"}
    assert list(TOP.glob("*.py")) == []
