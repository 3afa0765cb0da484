"""The log of changes as a consumer follows it, to compare with the views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.store.desk import Desk


@dataclass
class Retelling:
    """The stories as a consumer has them who only reads the log, from wherever it left off."""

    position: int = 0
    leads: dict[int, int] = field(default_factory=dict)  # by story
    hidden: set[int] = field(default_factory=set)  # stories whose lead was removed
    places: dict[int, int] = field(default_factory=dict)  # the story of each article

    def read_on(self, desk: Desk) -> None:
        for row in desk.rows("SELECT * FROM news_v1.changes_since(%s, 100000)", self.position):
            self._follow(row)
            self.position = row["position"]

    def _follow(self, row: Mapping[str, Any]) -> None:
        kind, story_id, article_id = row["kind"], row["story_id"], row["article_id"]
        if kind in ("article_revised", "article_refreshed"):
            return
        if kind == "article_removed" and self.leads.get(story_id) != article_id:
            self.places.pop(article_id, None)
            return
        if kind == "article_removed":
            self.hidden.add(story_id)
        if kind in ("article_added", "story_split", "lead_changed"):
            self.leads[story_id] = article_id
        if kind in ("article_added", "story_split"):
            self.hidden.discard(story_id)
        if kind == "stories_merged":
            members = [member for member, at in self.places.items() if at == row["other_story_id"]]
            self.places.update(dict.fromkeys(members, story_id))
            del self.leads[row["other_story_id"]]
        self.places[article_id] = story_id

    def stories(self) -> dict[int, dict[str, Any]]:
        """Lead and members of each story that is to be seen."""
        return {
            story_id: {"lead": lead, "members": {member for member, at in self.places.items() if at == story_id}}
            for story_id, lead in self.leads.items()
            if story_id not in self.hidden
        }


def retold(desk: Desk) -> dict[int, dict[str, Any]]:
    """The stories as the whole log tells them."""
    told = Retelling()
    told.read_on(desk)
    return told.stories()


def shown(desk: Desk) -> dict[int, dict[str, Any]]:
    """The stories as the views have them."""
    found = {
        row["story_id"]: {"lead": row["lead_article_id"], "members": {row["lead_article_id"]}}
        for row in desk.rows("SELECT story_id, lead_article_id FROM news_v1.stories")
    }
    for row in desk.rows("SELECT story_id, article_id FROM news_v1.copies"):
        found[row["story_id"]]["members"].add(row["article_id"])
    return found
