"""Addresses: a file or a module, and a name in it."""

import pytest

from gradcheck.targets.address import Address, parse_address

GOOD = {  # the text: place, name, is it a file
    "conv.py": ("conv.py", "", True),
    "conv.py:Conv2d": ("conv.py", "Conv2d", True),
    "a folder/my-layer.py:conv_backward": ("a folder/my-layer.py", "conv_backward", True),
    "../up.py:Outer.Inner": ("../up.py", "Outer.Inner", True),
    "C:/layers/conv.py:Conv": ("C:/layers/conv.py", "Conv", True),
    "layers:Conv": ("layers", "Conv", False),
    "package.module:Conv2d": ("package.module", "Conv2d", False),
    "package.module:Outer.Inner": ("package.module", "Outer.Inner", False),
    "päckage:Schicht": ("päckage", "Schicht", False),
}
BAD = [
    "",
    ".py",
    ":Conv",
    "conv.py:",
    "conv.py:2d",
    "conv.py:a b",
    "conv.py:A..B",
    "module",
    "package.module",
    "package.:Conv",
    "2d:Conv",
    "notes.toml",
    "layers:Conv\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read(text):
    """A file may stand alone or with a name, a module has a name."""
    place, name, is_file = GOOD[text]
    address = parse_address(text)
    assert (address.place, address.name, address.is_file) == (place, name, is_file)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_none(text):
    """Anything else is no address: a claims file, a module without a name, a name that is none."""
    assert parse_address(text) is None


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_written_as_it_was_read(text):
    """str() gives the text back."""
    assert str(parse_address(text)) == text


def test_addresses_are_values():
    """Two of the same place and name are one."""
    assert parse_address("a.py:B") == Address("a.py", "B") != Address("a.py", "C")
