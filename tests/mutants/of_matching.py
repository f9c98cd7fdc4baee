"""Mistakes in the rules of matching: M1 to M7."""

from tests.mutants.mutant import Mutant

KEYS = "sync/keys.py"
MATCH = "sync/match.py"
IDENTIFY = "sync/identify.py"
CHANGE = "sync/change.py"

KINDS = (
    Mutant(
        rule="M1",
        words="a movie and an episode with the same number are one",
        file=KEYS,
        old='f"movie:{provider}:{value}"',
        new='f"episode:{provider}:{value}"',
        tests=(
            "sync/test_keys.py::test_a_movie_and_an_episode_with_the_same_id_share_no_key",
            "engine/test_matching.py::test_m1_an_episode_and_a_movie_that_share_a_tmdb_number_are_two_items",
        ),
    ),
    Mutant(
        rule="M1",
        words="an episode is known by its show's id alone",
        file=KEYS,
        old='f"show:{provider}:{value}:{entry.season}:{number}"',
        new='f"show:{provider}:{value}"',
        tests=(
            "sync/test_keys.py::test_an_episode_has_keys_of_the_show_with_its_numbers_and_of_itself",
            "sync/test_keys.py::test_a_file_with_several_episodes_stands_for_each",
        ),
    ),
)

OF_ENTRIES = (
    Mutant(
        rule="M2",
        words="the ids that an entry had speak for it",
        file=IDENTIFY,
        old="self.stored if known is None else catalogue.item_keys(self.conn, found, without_row=known.row)",
        new="self.stored",
        tests=("engine/test_matching.py::test_m2_an_entry_with_new_ids_is_not_held_by_those_it_had",),
    ),
    Mutant(
        rule="M2",
        words="an entry whose ids are completed becomes another title",
        file=IDENTIFY,
        old="if isinstance(decision, New) and known is not None:",
        new="if False:",
        tests=("engine/test_matching.py::test_m2_an_entry_whose_ids_are_completed_stays_the_title_it_was",),
    ),
    Mutant(
        rule="M2",
        words="an entry that becomes another title brings along what was agreed",
        file="sync/merge.py",
        old="    if not set(case.items) & set(agreed.items):\n        return True\n",
        new="",
        tests=(
            (
                "sync/test_merge_first_contact.py::"
                "test_an_entry_that_moves_to_another_item_starts_there_as_first_contact"
            ),
        ),
    ),
)

NO_GUESS = (
    Mutant(
        rule="M3",
        words="if nothing decides, the first candidate is taken",
        file=MATCH,
        old="Found(winners[0]) if len(winners) == 1 else Ambiguous(tuple(sorted(finalists)))",
        new="Found(winners[0])",
        tests=(
            "sync/test_match.py::test_no_unique_winner_is_ambiguous_with_its_candidates",
            "engine/test_matching.py::test_m3_an_entry_that_fits_two_titles_stays_unmatched_and_untouched",
        ),
    ),
    Mutant(
        rule="M3",
        words="a shared episode id beats a shared show",
        file=MATCH,
        old="        len(slot.show_keys & candidate.keys),\n        len(slot.own_keys & candidate.keys),\n",
        new="        len(slot.own_keys & candidate.keys),\n        len(slot.show_keys & candidate.keys),\n",
        tests=("sync/test_match.py::test_a_shared_show_key_beats_a_shared_episode_id",),
    ),
    Mutant(
        rule="M3",
        words="another number is no contradiction",
        file=MATCH,
        old="_differ(slot.season, candidate.season) or _differ(slot.episode, candidate.episode)",
        new="_differ(slot.season, candidate.season)",
        tests=(
            "sync/test_match.py::test_another_number_is_another_episode_whatever_ids_say",
            "engine/test_matching.py::test_m3_two_episodes_that_share_an_imdb_id_are_told_apart_by_their_numbers",
        ),
    ),
    Mutant(
        rule="M3",
        words="another season is no contradiction",
        file=MATCH,
        old="_differ(slot.season, candidate.season) or _differ(slot.episode, candidate.episode)",
        new="_differ(slot.episode, candidate.episode)",
        tests=("sync/test_match.py::test_another_number_is_another_episode_whatever_ids_say",),
    ),
    Mutant(
        rule="M3",
        words="the id of a collection at an unknown provider stands against one of a title",
        file=MATCH,
        old="return all(not is_known(key) for key in shared) and _states_otherwise(slot.own_keys, candidate.keys)",
        new="return False",
        tests=("sync/test_match.py::test_an_id_of_an_unknown_provider_does_not_stand_against_one_of_a_known",),
    ),
)

NORMAL_FORMS = (
    Mutant(
        rule="M4",
        words="a bare imdb number is no id",
        file=KEYS,
        old='r"^(?:tt)?(',
        new='r"^tt(',
        tests=(
            "sync/test_keys.py::test_ids_come_in_their_normal_form",
            "engine/test_matching.py::test_m4_a_bare_imdb_number_is_repaired",
        ),
    ),
    Mutant(
        rule="M4",
        words="leading zeros make another number",
        file=KEYS,
        old='digits = value.lstrip("0")',
        new="digits = value",
        tests=("sync/test_keys.py::test_ids_come_in_their_normal_form",),
    ),
    Mutant(
        rule="M4",
        words="unknown providers don't count",
        file=KEYS,
        old="return (provider, value) if provider and value else None",
        new="return None",
        tests=("sync/test_keys.py::test_unknown_providers_are_kept_as_keys_of_their_own",),
    ),
)

SEVERAL = (
    Mutant(
        rule="M5",
        words="a file with several episodes is watched when one of them is",
        file="sync/target.py",
        old="hubs and all(hub.watched for hub in hubs)",
        new="hubs and any(hub.watched for hub in hubs)",
        tests=(
            "sync/test_target.py::test_unwatched_if_any_is_unwatched_watched_if_all_are",
            "engine/test_matching.py::test_m5_a_file_with_two_episodes_is_watched_when_both_are",
        ),
    ),
    Mutant(
        rule="M5",
        words="a file with several episodes is un-marked only when all of them are",
        file="sync/target.py",
        old="if any(hub.watched is False for hub in hubs):",
        new="if hubs and all(hub.watched is False for hub in hubs):",
        tests=(
            "sync/test_target.py::test_unwatched_if_any_is_unwatched_watched_if_all_are",
            "engine/test_matching.py::test_m5_a_file_with_two_episodes_is_unmarked_when_one_of_them_is",
        ),
    ),
    Mutant(
        rule="M5",
        words="an un-mark of a file with several episodes un-watches the first",
        file="sync/merge.py",
        old="for item in set(case.items) & set(agreed.items):",
        new="for item in sorted(set(case.items) & set(agreed.items))[:1]:",
        tests=(
            "sync/test_merge_changes.py::test_a_watch_of_an_entry_with_several_items_is_a_watch_of_each",
            "engine/test_matching.py::test_m5_unmarking_a_file_with_two_episodes_unwatches_both",
        ),
    ),
    Mutant(
        rule="M5",
        words="a file's own id is that of each of its episodes",
        file=KEYS,
        old="own_keys=episode_keys if index == 0 else frozenset()",
        new="own_keys=episode_keys",
        tests=("sync/test_keys.py::test_a_file_with_several_episodes_stands_for_each",),
    ),
)

BY_CHOICE = (
    Mutant(
        rule="M6",
        words="paths are keys unless that is switched off",
        file=KEYS,
        old="    if not segments or not entry.path:\n",
        new="    segments = segments or 2\n    if not entry.path:\n",
        tests=(
            "sync/test_keys.py::test_paths_are_no_keys_unless_asked_for",
            "engine/test_matching.py::test_m6_paths_are_keys_only_where_that_is_switched_on",
        ),
    ),
    Mutant(
        rule="M6",
        words="a title is a key where there is no other",
        file=KEYS,
        old='frozenset(f"movie:{provider}:{value}" for provider, value in own)',
        new='frozenset(f"movie:{provider}:{value}" for provider, value in own or {("title", entry.title)})',
        tests=("sync/test_keys.py::test_a_titles_name_is_never_a_key",),
    ),
)

TWO_THAT_ARE_ONE = (
    Mutant(
        rule="M7",
        words="items that state different ids are one",
        file=MATCH,
        old="            if about in stated and not values & stated[about]:\n                return False\n",
        new="",
        tests=(
            "sync/test_match.py::test_items_that_state_different_ids_of_one_provider_are_not_merged",
            "engine/test_matching.py::test_m3_an_entry_that_fits_two_titles_stays_unmatched_and_untouched",
        ),
    ),
    Mutant(
        rule="M7",
        words="in unknown order, the unwatched one of two joined items wins",
        file=CHANGE,
        old="return one if one.watched else other",
        new="return other if one.watched else one",
        tests=("sync/test_merge_hubs.py::test_in_unknown_order_watched_beats_unwatched",),
    ),
    Mutant(
        rule="M7",
        words="the state of the item that is joined is lost",
        file="sync/join.py",
        old="            states.save_hubs(conn, whose, {kept: after})\n",
        new="            pass\n",
        tests=(
            "engine/test_matching.py::test_m7_what_was_watched_as_either_of_two_titles_was_watched_as_the_one_they_are",
        ),
    ),
    Mutant(
        rule="M7",
        words="the journal forgets what was joined",
        file="sync/join.py",
        old="    journal.append(conn, lines)\n",
        new="",
        tests=("engine/test_undo.py::test_a_mark_is_left_if_the_item_that_was_joined_since_had_one_too",),
    ),
)

OF_MATCHING = (
    *KINDS,
    *OF_ENTRIES,
    *NO_GUESS,
    *NORMAL_FORMS,
    *SEVERAL,
    *BY_CHOICE,
    *TWO_THAT_ARE_ONE,
)
