"""The chain that tells a page's furniture from its story, line by line."""

import pytest
from wiredesk.clean.page import clean_page
from wiredesk.clean.residue import is_label, split_labels, strip_residue

BODY = (
    "The council of Vellmar has agreed on a plan for the harbour, its speaker said on Monday.",
    "The work begins in May and will take eleven months, during which the ferries call at the outer pier.",
    "Residents had asked for a footbridge, and they will get one.",
)


def kept(*lines: str, titles: tuple[str, ...] = (), authors: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(lines[index] for index in strip_residue(lines, titles=titles, authors=authors).indexes)


@pytest.mark.parametrize(
    "head",
    [
        ("Harbour plan agreed at last",),
        ("HARBOUR PLAN AGREED AT LAST",),
        ("Politics: Harbour plan agreed at last",),
        ("No time to read?", "Get a summary"),
        ("By Ane Holt and Jon de Vries, Vellmar",),
        ("Von Ane Holt",),
        ("Par Ane Holt",),
        ("Автор: Ане Хольт",),
        ("Ane Holt",),
        ("Published 3 March 2024, 14:05 CET • 4 min read",),
        ("Freitag, 28.04.2023, 19:25 Uhr",),
        ("Publié le 3 mars 2024 à 14h05",),
        ("Опубликовано 3 марта 2024 г. в 14:05",),
        ("03/05/2024",),
        ("Previous Article", "Old pier to be sold", "Next Article", "Ferry line seeks captain"),
        ("Artículo anterior", "El muelle viejo se vende"),
        ("Listen", "Share", "Save"),
        ("Photo: Jon de Vries / Coast Agency",),
    ],
)
def test_furniture_before_the_story_goes(head: tuple[str, ...]) -> None:
    assert kept(*head, *BODY, titles=("Harbour plan agreed at last",), authors=("Ane Holt",)) == BODY


@pytest.mark.parametrize(
    "tail",
    [
        ("No time to read?", "Get a summary", "Previous Article", "Old pier to be sold", "Next Article", "Ferry news"),
        ("Next Article: Ferry line seeks captain",),
        ("Vorheriger Artikel", "Alter Pier wird verkauft", "Nächster Artikel", "Fähre sucht Kapitän"),
        ("Article précédent", "Le vieux quai est à vendre"),
        ("Предыдущая статья", "Старый причал продают", "Следующая статья", "Паром ищет капитана"),
        ("Artigo anterior", "Cais velho à venda", "Próximo artigo", "Balsa procura capitão"),
        ("Articolo successivo", "Il traghetto cerca un capitano"),
        ("Related articles", "Old pier to be sold", "Ferry line seeks captain"),
        ("Mehr zum Thema", "Alter Pier wird verkauft"),
        ("Lire aussi : Le vieux quai est à vendre",),
        ("Leggi anche: Chi pagherà il ponte?",),
        ("Sign up for our newsletter to get the news of the coast every morning",),
        ("Fehler gefunden? Jetzt melden.",),
        ("© Coast Agency 2024",),
        ("(dpa)",),
        ("Quelle: Küstenagentur",),
        ("Updated 3 March 2024",),
        ("Advertisement",),
        ("Todos los derechos reservados.",),
    ],
)
def test_furniture_behind_the_story_goes(tail: tuple[str, ...]) -> None:
    assert kept(*BODY, *tail) == BODY


def test_label_of_a_widget_in_the_middle_goes_when_it_comes_in_pairs_or_is_never_text() -> None:
    assert kept(BODY[0], "Advertisement", BODY[1], "No time to read?", "Get a summary", BODY[2]) == BODY


STORIES = (
    ("“Next article: the right to roam,” the chair read out, and nobody rose to speak against it.",),
    ("Visitors can get a summary at the desk, free of charge.", "Get a summary of it in any language you like."),
    ("There is no time to read? Then listen, the teacher told them, and closed the book."),
    ("The previous article of the treaty deals with fish; the next article deals with ice.",),
    ("He reads the advertisement twice.", "Advertisement is the art of the half-truth, his father used to say."),
    ("Read more: that was all that the librarian advised, and the children did."),
    ("“Share this article with your neighbours,” the leaflet said.", "Share and save, says the savings bank."),
    ("By Monday the ice had gone.", "By Tuesday Jon Lindqvist had gone too, and with him the boat."),
    ("Related stories were told in every bar of the harbour that night.", "More stories will follow, the mayor said."),
    ("Continue reading the signs, the old pilot said; the post appeared first on the left, then on the right."),
)


@pytest.mark.parametrize("story", STORIES)
def test_story_whose_sentences_hold_such_phrases_stays_whole(story: tuple[str, ...] | str) -> None:
    lines = (BODY[0], *((story,) if isinstance(story, str) else story), BODY[2])
    assert kept(*lines) == lines
    paragraphs = "".join(f"<p>{line}</p>" for line in (*lines, *BODY, *lines))
    page = clean_page(f"<html><body><article><h1>A title</h1>{paragraphs}</article></body></html>".encode(), url="")
    assert page.text.split("\n\n")[: len(lines)] == list(lines)


@pytest.mark.parametrize(
    "middle",
    [
        ("Next Article", "A short line without a stop"),
        ("Get a summary",),
        ("By Ane Holt",),
        ("3 March 2024",),
        ("Harbour plan agreed at last",),
    ],
)
def test_what_is_judged_by_position_stays_between_sentences(middle: tuple[str, ...]) -> None:
    lines = (BODY[0], *middle, *BODY[1:])
    assert kept(*lines, titles=("Harbour plan agreed at last",)) == lines


def test_headline_is_cut_only_behind_a_label_and_only_one() -> None:
    assert kept(*BODY, "An unpunctuated last line") == (*BODY, "An unpunctuated last line")
    assert kept(*BODY, "Next Article", "Ferry line seeks captain", "A last line") == (*BODY, "A last line")


def test_long_last_paragraph_without_a_full_stop_ends_the_story() -> None:
    last = "Those who live on the islands say that " + "they have waited for this bridge longer than anyone " * 4
    lines = (*BODY, "Next Article", last.strip())
    assert kept(*lines) == lines


def test_story_without_any_sentence_is_not_eaten() -> None:
    lines = ("Norrland 3, Vellmar 1", "Holt 12, 40", "Lindqvist 77")
    assert kept(*lines) == lines


def test_every_cut_is_counted_by_kind() -> None:
    lines = ("A title of the page", "By Ane Holt", "3 March 2024", *BODY, "Share", "Next Article", "Ferry news")
    found = strip_residue(lines, titles=("A title of the page",))
    assert found.indexes == (3, 4, 5)
    assert found.removed == {"repeated_title": 1, "byline": 1, "date_line": 1, "residue_phrase": 1, "neighbour": 2}


def test_labels_run_together_by_an_extractor_come_apart() -> None:
    assert split_labels("No time to read? Get a summary Previous Article") == [
        "No time to read?", "Get a summary", "Previous Article",
    ]  # fmt: skip
    assert split_labels("Get a summary of the plan") == ["Get a summary of the plan"]


def test_label_is_the_whole_text_of_an_element() -> None:
    assert is_label("  Next Article » ")
    assert not is_label("Next Article of the treaty")
    assert not is_label("")


@pytest.mark.parametrize(
    ("note", "stays"),
    [
        ("Ane Holt covers the harbour. Follow her at @aneholt.", False),
        ("A. Holt is a writer at the paper.", False),
        ("Ane Holt schreibt über den Hafen und lebt auf der Insel.", False),
        ("Ane Holt, the mayor, opened the bridge on Monday.", True),
        ("Ane Holt opened the bridge on Monday.", True),
        ("The bridge that Holt is proud of was opened on Monday.", True),
    ],
)
def test_a_note_on_the_author_goes_before_and_behind_the_story(note: str, stays: bool) -> None:
    for lines in ((*BODY, note), (note, *BODY)):
        assert kept(*lines, authors=("Ane Holt",)) == (lines if stays else BODY)
    middle = (BODY[0], note, *BODY[1:])
    assert kept(*middle, authors=("Ane Holt",)) == middle


@pytest.mark.parametrize(
    "label",
    [
        "About the Author",
        "Über die Autorin",
        "Sobre el autor",
        "Об авторе",
        "© Harbour Paper Ltd. All rights reserved.",
    ],
)
def test_what_stands_behind_a_closing_label_goes_with_it(label: str) -> None:
    assert kept(*BODY, label, "She has written about ferries for years.", "Nothing here is advice.") == BODY


def test_a_closing_label_with_as_much_behind_it_as_before_is_a_heading() -> None:
    assert set(BODY) <= set(kept(BODY[0], "About the author", *BODY[1:]))


def test_a_name_alone_behind_the_story_is_its_signature() -> None:
    assert kept(*BODY, "Lê Phương") == BODY
    assert kept(*BODY, "Vellmar") == (*BODY, "Vellmar")  # one word may be anything
    assert kept("Lê Phương", *BODY) == ("Lê Phương", *BODY)


def test_credits_of_several_persons_in_one_line_go() -> None:
    assert (
        kept(*BODY, "Übersetzung: Tristan Olm, Redaktion: Theresa Bär, Ton: Iris Hoch und Jo Kast, alle Berlin") == BODY
    )
