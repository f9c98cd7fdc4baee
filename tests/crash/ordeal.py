"""Kill the command line again and again, let it finish in the end, and say what is not as it must be."""

import json
from collections import Counter

from tests.crash.gate import Moment
from tests.crash.household import CLEARS_ON_START, DOUBLE, FULL_SCAN

from watchstate.clock import HOUR, MINUTE, SECOND

COMMANDS = (("state", "sync"), ("state", "sync"), ("state", "import"), ("state", "export"))
AT_ANY_TIME, AT_A_COMMIT = "at any time", "before a commit"
KILLS = [moment for moment in Moment if moment is not Moment.HELD]
PLACES = (*KILLS, *KILLS, AT_ANY_TIME, AT_A_COMMIT)
"""Where to kill, and how often of each."""
QUIET = 2
"""Runs in the end that must change nothing."""
LONGEST_RUN = 2.0
"""Seconds within which a kill at any time falls."""
CHANGES = 12
"""Titles that the people of the household change between two final runs."""


class Ordeal:
    """Chapters of changes, kills and rest, in one household; `faults` is what was found."""

    def __init__(self, household):
        self.household = household
        self.random = household.random
        self.kills = Counter()
        self.starts = 0
        self.faults = []
        self.files = set()

    def chapter(self, kills):
        """Let people change something, kill as often as asked, let it finish, and look.

        In the first one they only have what they watched before: it is the first contact that is killed.
        """
        if self.starts:
            self.household.live(CHANGES)
        wanted = sum(self.kills.values()) + kills
        while sum(self.kills.values()) < wanted:
            if self.random.random() < 0.3:
                # So that a full scan is due, which is what finds an un-watch on Plex.
                self.household.clock.ms += FULL_SCAN
            self._kill_once()
            self.household.clock.ms += self.random.choice([0, 30 * SECOND, 5 * MINUTE])
        self._rest()
        self._look()

    def _kill_once(self):
        place, words = self.random.choice(PLACES), self.random.choice(COMMANDS)
        gate = self.household.gate
        gate.disarm()
        death = f"commit {self.random.randrange(1, 30)}" if place == AT_A_COMMIT else ""
        if isinstance(place, Moment):
            only_writes = self.random.random() < 0.7
            gate.arm(place, self.random.randrange(1, 12), only_writes=only_writes)
        self.starts += 1
        with self.household.process(*words, death=death) as process:
            gate.watch(process)
            if place == AT_ANY_TIME and process.lives_for(self.random.uniform(0.3, LONGEST_RUN)):
                process.kill()
            process.finish()
            gate.disarm()
            if process.was_killed:
                self.kills[str(place)] += 1
            elif process.code != 0 or "Traceback" in process.err:
                self.faults.append(f"{words} after kills ended with {process.code}: {process.err}")

    def _rest(self):
        """Let all that waits be done, without any kill."""
        for pause in (FULL_SCAN, FULL_SCAN, 10 * MINUTE):
            self._run("state", "sync")
            self.household.clock.ms += pause

    def _run(self, *words):
        self.starts += 1
        done = self.household.run(*words)
        if done.code != 0:
            self.faults.append(f"{words} ended with {done.code}: {done.err}")
        return done

    # What must be so

    def _look(self):
        before = self.household.writes(), self.household.rows("select count(*) from journal")
        for _ in range(QUIET):
            self._run("state", "sync", "--force-full")
            self.household.clock.ms += HOUR
        after = self.household.writes(), self.household.rows("select count(*) from journal")
        self._expect(before == after, f"two more runs made (writes, lines) {before} into {after}")
        self._look_at_servers()
        self._look_at_the_database()
        self._look_at_files()

    def look_back(self):
        """Ask what a person would ask afterwards."""
        explained = self._run("state", "explain", "Film 42", "--output", "json")
        self._expect(json.loads(explained.out or "{}").get("title") == "Film 42 (2002)", "explain does not work")
        self._expect(self._run("state", "journal").out.count("\n") > 5, "the journal does not work")

    def _expect(self, is_so, otherwise):
        if not is_so:
            self.faults.append(otherwise)

    def _look_at_servers(self):
        double = all(self.household.truth[key].watched for key in DOUBLE)
        for key, truth in self.household.truth.items():
            for name in self.household.places:
                shown, entry = self.household.shows(name, key), self.household.entries[name][key]
                own_file = self.household.has(name, key)
                undated = self.household.gate.is_undated(name, entry)
                begun_again = truth.begun_again_on == name
                watched = (truth.watched if own_file else double) and not (begun_again and name in CLEARS_ON_START)
                said = f"{key} on {name} is {shown}, and should be {truth}"
                self._expect(shown.watched is watched, f"watched: {said}")
                if not begun_again:
                    self._expect(abs((shown.position_ms or 0) - truth.position_ms) < 10 * SECOND, f"position: {said}")
                if any((other, own[key]) in self.household.gate.late for other, own in self.household.entries.items()):
                    continue  # what arrives after we gave it up is a play like anybody's
                if name == "plex":
                    self._expect(shown.play_count == truth.plays_on_plex, f"count: {said}")
                if own_file and key not in DOUBLE and name in truth.dates and not begun_again and not undated:
                    self._expect(abs((shown.watched_at or 0) - truth.dates[name]) < 2 * SECOND, f"date: {said}")

    def _look_at_the_database(self):
        self._expect(self.household.rows("pragma integrity_check") == [("ok",)], "the database is damaged")
        self._expect(self.household.rows("pragma foreign_key_check") == [], "references to nothing in the database")
        for table in ("lease", "intent", "attempt", "held_change"):
            left = self.household.rows(f"select * from {table}")
            self._expect(left == [], f"left over in {table}: {left}")
        unmarks = Counter(
            dict(
                self.household.rows(
                    "select item.title, count(*) from journal join item on item.id = journal.item_id"
                    " where json_extract(after, '$.watched') = 0 and json_extract(before, '$.watched') = 1"
                    " and rule not like 'W%' group by item.id"
                )
            )
        )
        made = Counter(
            {
                self.household.titles[key].title: truth.unmarked
                for key, truth in self.household.truth.items()
                if truth.unmarked
            }
        )
        self._expect(unmarks == made, f"un-watches of {unmarks - made} nobody made, {made - unmarks} got lost")

    def _look_at_files(self):
        files = {str(file.relative_to(self.household.folder)) for file in self.household.folder.rglob("*")}
        files -= {"db/watchstate.db-wal", "db/watchstate.db-shm"}
        self._expect(files == {"config", "config/servers.yaml", "db", "db/watchstate.db"}, f"files: {files}")
