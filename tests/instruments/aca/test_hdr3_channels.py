"""The table of pseudo-MSIDs: keys, places and joined words. Truth: spec/aca-dark-hdr3-l0.md 4."""

from __future__ import annotations

from longwatch.instruments.aca.hdr3_channels import CHANNELS, COLUMNS, FIELDS, JOINED, WIDTH

HELPERS = {"562", "762"}


def test_thirty_eight_names_and_two_low_halves() -> None:
    assert len({channel.key for channel in CHANNELS} - HELPERS) == 38
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS) == 40


def test_keys_say_slot_and_place() -> None:
    for channel in CHANNELS:
        assert 0 <= channel.slot <= 7
        assert channel.first + WIDTH[channel.coding] <= 12


def test_fields_lie_within_their_words() -> None:
    widths = {channel.name: 8 * WIDTH[channel.coding] for channel in CHANNELS}
    for field in FIELDS:
        assert field.low + field.width <= widths[field.of]
        assert len(field.values) in {0, 2**field.width}


def test_joined_words_come_from_neighbouring_slots() -> None:
    by_name = {channel.name: channel for channel in CHANNELS}
    for joined in JOINED.values():
        assert by_name[joined.low].slot == by_name[joined.high].slot + 1


def test_every_channel_is_a_column() -> None:
    assert [column.name for column in COLUMNS][3:] == [channel.name for channel in CHANNELS]
