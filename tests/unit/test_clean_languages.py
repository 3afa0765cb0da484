"""The residue of each language that has a file of phrases, around a story; and stories that hold the same words."""

from __future__ import annotations

from importlib import resources

import pytest
from wiredesk.clean import phrases
from wiredesk.clean.residue import strip_residue

STORY = (
    "The council of Vellmar has agreed on a plan for the harbour, its speaker said on Monday after a long night.",
    "The work begins in May and will take eleven months, during which the ferries call at the outer pier instead.",
)
HEADLINE = "Ferry line names its new captain"

# Language → lines before the story, the label of a neighbour, the label of a list of related stories, lines behind.
WIDGETS = {
    "de": (
        ("Keine Zeit zum Lesen?",),
        "Nächster Artikel",
        "Lesen Sie auch",
        ("Dieser Artikel erschien zuerst bei X.",),
    ),
    "en": (("No time to read?", "Get a summary"), "Next Article", "Related articles", ("Editing by Jane Doe.",)),
    "es": (("Compartir",), "Siguiente artículo", "Lea también", ("Todos los derechos reservados.",)),
    "fr": (("Partager",), "Article suivant", "Lire aussi", ("Tous droits réservés.",)),
    "it": (("Ascolta l'articolo",), "Prossimo articolo", "Leggi anche", ("Riproduzione riservata",)),
    "ja": (("この記事を聞く",), "次の記事", "関連記事", ("カテゴリーをフォローする", "無断転載を禁じます")),
    "nl": (("Geen tijd om te lezen?",), "Volgend artikel", "Lees ook:", ("Alle rechten voorbehouden.",)),
    "pl": (("Posłuchaj artykułu",), "Następny artykuł", "Czytaj także:", ("Wszelkie prawa zastrzeżone.",)),
    "pt": (("Compartilhar",), "Próximo artigo", "Leia também", ("Todos os direitos reservados.",)),
    "ru": (("Поделиться",), "Следующая статья", "Читайте также", ("Все права защищены.",)),
    "sv": (("Lyssna på artikeln",), "Nästa artikel", "Läs också:", ("Alla rättigheter förbehållna.",)),
    "tr": (("Haberi dinle",), "Sonraki haber", "İlgili haberler", ("Tüm hakları saklıdır.",)),
    "uk": (("Прослухати статтю",), "Наступна новина", "Читайте також:", ("Усі права захищено.",)),
    "zh": (("收听本文", "分享让更多人看到"), "下一篇", "相关阅读", ("未经授权，不得转载",)),
}

# Last sentences that hold a phrase of their language, and more.
SENTENCES = [
    "He had no time to read the plan, he said.",
    "Wie dem auch sei: Lesen Sie auch das Kleingedruckte, riet der Sprecher den Anwohnern am Montag.",
    "De raad vroeg de bewoners om de reacties te delen met de havenmeester.",
    "Rada poprosiła mieszkańców, aby udostępnili swoje zdjęcia.",
    "Kommentarer från de boende lämnas till hamnkaptenen före maj.",
    "Mahalle sakinleri yorumlarını liman müdürüne iletecek.",
    "Коментарі мешканців передадуть начальникові порту.",
    "残り十か月で工事を終える予定だと市長は述べた。",
    "分享这一计划的居民表示支持。",
]


def kept(lines: list[str]) -> list[str]:
    return [lines[index] for index in strip_residue(lines).indexes]


def test_every_language_with_a_file_is_tested() -> None:
    files = {
        file.name.removesuffix(".txt") for file in resources.files(phrases).iterdir() if file.name.endswith(".txt")
    }
    assert files - {"other"} == set(WIDGETS)
    assert len(WIDGETS) >= 12


@pytest.mark.parametrize("language", sorted(WIDGETS))
def test_widgets_around_a_story_go_in_every_language(language: str) -> None:
    before, neighbour, related, behind = WIDGETS[language]
    lines = [*before, *STORY, *behind, related, HEADLINE, "Harbour bridge closes for winter", neighbour, HEADLINE]
    assert kept(lines) == list(STORY)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_that_holds_a_phrase_stays(sentence: str) -> None:
    assert kept([*STORY, sentence]) == [*STORY, sentence]
