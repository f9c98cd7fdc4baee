import json

import pytest

from watchstate_jellyfin.simulator.wire import encode, print_date, print_guid, read_guid

NEW_YEAR = 17_040_672_000_000_000  # 2024-01-01 in ticks


@pytest.mark.parametrize(
    ("fraction", "printed"),
    [
        (0, "2024-01-01T00:00:00.0000000Z"),
        (5_710_000, "2024-01-01T00:00:00.571Z"),
        (9_815_310, "2024-01-01T00:00:00.981531Z"),
        (4_030_928, "2024-01-01T00:00:00.4030928Z"),
        (9_990, "2024-01-01T00:00:00.0009990Z"),
        (5_000_000, "2024-01-01T00:00:00.5Z"),
    ],
)
def test_a_date_has_seven_decimals_or_no_trailing_zeros(fraction: int, printed: str):
    assert print_date(NEW_YEAR + fraction) == printed


@pytest.mark.parametrize("text", ["0123456789ABCDEF0123456789abcdef", "01234567-89ab-cdef-0123-456789ABCDEF"])
@pytest.mark.parametrize("brackets", ["", "{}", "()"])
def test_a_guid_is_read_in_its_usual_forms(text: str, brackets: str):
    if brackets and "-" not in text:
        assert read_guid(f"{brackets[0]}{text}{brackets[1]}") is None
    else:
        spelled = f"{brackets[0]}{text}{brackets[1]}" if brackets else text
        assert read_guid(spelled) == "0123456789abcdef0123456789abcdef"


def test_a_guid_is_printed_with_dashes_where_it_is_a_key():
    assert print_guid("0123456789abcdef0123456789abcdef") == "01234567-89ab-cdef-0123-456789abcdef"


def test_json_is_ascii_with_upper_case_escapes_and_no_html():
    assert encode("é\"&'+<>`€😀") == rb'"\u00E9\u0022\u0026\u0027\u002B\u003C\u003E\u0060\u20AC\uD83D\uDE00"'


@pytest.mark.parametrize("text", ["back\\slash", 'a\\"b', "line\nbreak", "\x7f", "C:\\u00e9"])
def test_json_reads_back_as_what_it_was(text: str):
    assert json.loads(encode({"Name": text})) == {"Name": text}


def test_camel_case_leaves_the_keys_of_dictionaries_alone():
    printed = encode({"ProviderIds": {"Tmdb": "1"}, "UserData": {"PlayCount": 1}}, camel=True)
    assert json.loads(printed) == {"providerIds": {"Tmdb": "1"}, "userData": {"playCount": 1}}
