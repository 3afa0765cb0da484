"""Ten families of widgets in six languages go; stories whose own sentences hold such words stay whole."""

# ruff: noqa: E501 (a paragraph of a story is one line)

from __future__ import annotations

from html import escape

import pytest
from wiredesk.clean.page import clean_page

# A story a language: its title, four paragraphs.
STORIES = {
    "en": (
        "Ferry returns to the outer islands",
        "The ferry to the outer islands sailed again on Monday after a break of eleven months, the harbour office said.",
        "Two crossings a day are planned until the summer, when a third ship arrives from the yard at Vellmar.",
        "Islanders had waited through the winter for the pier to be repaired, and many of them had moved to the mainland.",
        "The council paid for the work from its own funds and hopes that visitors will bring the money back in two years.",
    ),
    "de": (
        "Die Fähre fährt wieder zu den Inseln",
        "Die Fähre zu den äußeren Inseln ist am Montag nach elf Monaten wieder gefahren, wie das Hafenamt mitteilte.",
        "Zwei Fahrten am Tag sind bis zum Sommer geplant, dann kommt ein drittes Schiff aus der Werft in Vellmar hinzu.",
        "Die Bewohner hatten den Winter über auf die Reparatur der Brücke gewartet, viele waren aufs Festland gezogen.",
        "Der Rat bezahlte die Arbeiten aus eigenen Mitteln und hofft, dass die Gäste das Geld in zwei Jahren einbringen.",
    ),
    "fr": (
        "Le ferry retourne vers les îles",
        "Le ferry pour les îles extérieures a repris la mer lundi après onze mois d'arrêt, a annoncé le bureau du port.",
        "Deux traversées par jour sont prévues jusqu'à l'été, quand un troisième navire arrivera du chantier de Vellmar.",
        "Les habitants avaient attendu tout l'hiver la réparation du quai, et beaucoup étaient partis sur le continent.",
        "Le conseil a payé les travaux sur ses fonds et espère que les visiteurs rapporteront cet argent en deux ans.",
    ),
    "es": (
        "El ferri vuelve a las islas",
        "El ferri a las islas exteriores zarpó de nuevo el lunes tras once meses de pausa, según informó el puerto.",
        "Se prevén dos travesías al día hasta el verano, cuando llegará un tercer barco del astillero de Vellmar.",
        "Los isleños habían esperado todo el invierno la reparación del muelle, y muchos se habían ido a tierra firme.",
        "El consejo pagó las obras con sus fondos y espera que los visitantes devuelvan el dinero en dos años.",
    ),
    "it": (
        "Il traghetto torna alle isole",
        "Il traghetto per le isole esterne è salpato di nuovo lunedì dopo undici mesi, ha detto l'ufficio del porto.",
        "Sono previste due corse al giorno fino all'estate, quando arriverà una terza nave dal cantiere di Vellmar.",
        "Gli isolani avevano atteso per tutto l'inverno la riparazione del molo, e molti erano andati sulla terraferma.",
        "Il consiglio ha pagato i lavori con fondi propri e spera che i visitatori riportino il denaro in due anni.",
    ),
    "pt": (
        "A balsa volta às ilhas",
        "A balsa para as ilhas exteriores zarpou de novo na segunda-feira após onze meses, informou o porto.",
        "Estão previstas duas travessias por dia até o verão, quando chegará um terceiro navio do estaleiro de Vellmar.",
        "Os ilhéus tinham esperado todo o inverno pelo conserto do cais, e muitos tinham ido para o continente.",
        "O conselho pagou as obras com fundos próprios e espera que os visitantes tragam o dinheiro de volta em dois anos.",
    ),
}

# What each family says in each language: lines before the story, and lines behind it.
FAMILIES: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "share bar": {
        "en": (("Share", "Facebook", "Twitter", "WhatsApp", "Email"), ("Share this article", "Copy link")),
        "de": (("Teilen", "Facebook", "Twitter", "WhatsApp", "E-Mail"), ("Artikel teilen", "Link kopieren")),
        "fr": (("Partager", "Facebook", "Twitter", "WhatsApp", "E-mail"), ("Partager cet article", "Copier le lien")),
        "es": (("Compartir", "Facebook", "Twitter", "WhatsApp"), ("Compartir este artículo", "Copiar enlace")),
        "it": (("Condividi", "Facebook", "Twitter", "WhatsApp"), ("Condividi questo articolo", "Copia link")),
        "pt": (("Compartilhar", "Facebook", "Twitter", "WhatsApp"), ("Compartilhe este artigo", "Copiar link")),
    },
    "newsletter": {
        "en": ((), ("Subscribe to our newsletter", "Sign up")),
        "de": ((), ("Newsletter abonnieren", "Jetzt anmelden")),
        "fr": ((), ("Abonnez-vous à notre newsletter", "S'inscrire")),
        "es": ((), ("Suscríbete a nuestra newsletter", "Suscríbete")),
        "it": ((), ("Iscriviti alla newsletter", "Iscriviti")),
        "pt": ((), ("Assine a nossa newsletter", "Inscreva-se")),
    },
    "related list": {
        "en": ((), ("Related articles", "Old pier to be sold", "Captain sought for the northern line")),
        "de": ((), ("Lesen Sie auch", "Alte Mole wird verkauft", "Kapitän für die Nordlinie gesucht")),
        "fr": ((), ("À lire aussi", "Le vieux quai sera vendu", "On cherche un capitaine pour la ligne du nord")),
        "es": ((), ("Te puede interesar", "El muelle viejo se vende", "Se busca capitán para la línea del norte")),
        "it": ((), ("Leggi anche", "Il vecchio molo sarà venduto", "Si cerca un capitano per la linea del nord")),
        "pt": ((), ("Leia também", "O cais velho será vendido", "Procura-se capitão para a linha do norte")),
    },
    "previous and next": {
        "en": ((), ("Previous Article", "Old pier to be sold", "Next Article", "Captain sought")),
        "de": ((), ("Vorheriger Artikel", "Alte Mole wird verkauft", "Nächster Artikel", "Kapitän gesucht")),
        "fr": ((), ("Article précédent", "Le vieux quai sera vendu", "Article suivant", "On cherche un capitaine")),
        "es": ((), ("Artículo anterior", "El muelle viejo se vende", "Artículo siguiente", "Se busca capitán")),
        "it": (
            (),
            ("Articolo precedente", "Il vecchio molo sarà venduto", "Articolo successivo", "Si cerca un capitano"),
        ),
        "pt": ((), ("Artigo anterior", "O cais velho será vendido", "Próximo artigo", "Procura-se capitão")),
    },
    "comments": {
        "en": ((), ("Comments", "Leave a comment")),
        "de": ((), ("Kommentare", "Kommentar schreiben")),
        "fr": ((), ("Commentaires", "Laisser un commentaire")),
        "es": ((), ("Comentarios", "Deja un comentario")),
        "it": ((), ("Commenti", "Lascia un commento")),
        "pt": ((), ("Comentários", "Deixe um comentário")),
    },
    "advertisement": {
        "en": (("Advertisement",), ("Advertisement",)),
        "de": (("Anzeige",), ("Werbung",)),
        "fr": (("Publicité",), ("Publicité",)),
        "es": (("Publicidad",), ("Publicidad",)),
        "it": (("Pubblicità",), ("Pubblicità",)),
        "pt": (("Publicidade",), ("Publicidade",)),
    },
    "byline and date": {
        "en": (("By Ane Holt", "Published 3 March 2024, 14:05"), ()),
        "de": (("Von Ane Holt", "3. März 2024, 14:05 Uhr"), ()),
        "fr": (("Par Ane Holt", "Publié le 3 mars 2024 à 14h05"), ()),
        "es": (("Por Ane Holt", "3 de marzo de 2024, 14:05"), ()),
        "it": (("Di Ane Holt", "3 marzo 2024, 14:05"), ()),
        "pt": (("Por Ane Holt", "3 de março de 2024, 14:05"), ()),
    },
    "about the author": {
        "en": ((), ("About the author", "She writes about the coast.")),
        "de": ((), ("Über die Autorin", "Sie schreibt über die Küste.")),
        "fr": ((), ("À propos de l'autrice", "Elle écrit sur la côte.")),
        "es": ((), ("Sobre la autora", "Escribe sobre la costa.")),
        "it": ((), ("L'autrice", "Scrive della costa.")),
        "pt": ((), ("Sobre a autora", "Escreve sobre a costa.")),
    },
    "read aloud": {
        "en": (("Listen to this article", "3 min read"), ()),
        "de": (("Artikel anhören", "Lesezeit: 3 Minuten"), ()),
        "fr": (("Écouter cet article", "Temps de lecture : 3 minutes"), ()),
        "es": (("Escuchar este artículo", "Tiempo de lectura: 3 minutos"), ()),
        "it": (("Ascolta l'articolo", "Tempo di lettura: 3 minuti"), ()),
        "pt": (("Ouvir este artigo", "Tempo de leitura: 3 minutos"), ()),
    },
    "most read": {
        "en": ((), ("Most read", "Old pier to be sold", "Captain sought for the northern line")),
        "de": ((), ("Meistgelesen", "Alte Mole wird verkauft", "Kapitän für die Nordlinie gesucht")),
        "fr": ((), ("Les plus lus", "Le vieux quai sera vendu", "On cherche un capitaine pour la ligne du nord")),
        "es": ((), ("Lo más leído", "El muelle viejo se vende", "Se busca capitán para la línea del norte")),
        "it": ((), ("I più letti", "Il vecchio molo sarà venduto", "Si cerca un capitano per la linea del nord")),
        "pt": ((), ("Mais lidas", "O cais velho será vendido", "Procura-se capitão para a linha do norte")),
    },
}

# Each holds, inside its sentences, what a widget would say.
BODIES = (
    "The minister asked readers to share this article with their neighbours, and thousands did.",
    "“Subscribe to our newsletter” was all that the leaflet said, and the police took it for a joke.",
    "Related articles of the treaty forbid the sale of the pier, the judge found on Tuesday.",
    "The previous article of the law had allowed it; the next article takes that permission back.",
    "Comments came from all sides, and most of them were against the plan to close the bridge.",
    "An advertisement in the village paper had offered the boat for two hundred crowns.",
    "By Ane Holt's own account, published on 3 March 2024, the bridge had been unsafe for years.",
    "About the author of the letter nothing is known but that she lived above the bakery.",
    "Listen to this article of faith, the preacher said, and nobody in the hall moved.",
    "Most read the verdict as a warning to those who had built too near to the water.",
)


def page(
    language: str, before: tuple[str, ...], paragraphs: tuple[str, ...], behind: tuple[str, ...], tag: str
) -> bytes:
    title = STORIES[language][0]

    def marked(lines: tuple[str, ...], name: str) -> str:
        return "".join(f"<{name}>{escape(line)}</{name}>" for line in lines)

    return (
        f"<!DOCTYPE html><html lang='{language}'><head><title>{escape(title)}</title></head><body><main><h1>"
        f"{escape(title)}</h1>{marked(before, tag)}{marked(paragraphs, 'p')}{marked(behind, tag)}</main></body></html>"
    ).encode()


@pytest.mark.parametrize("tag", ["p", "div"])
@pytest.mark.parametrize("language", sorted(STORIES))
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_widget_goes_in_every_language(family: str, language: str, tag: str) -> None:
    before, behind = FAMILIES[family][language]
    paragraphs = STORIES[language][1:]
    found = clean_page(page(language, before, paragraphs, behind, tag), url="https://paper.example/2026/ferry")
    assert found.text.split("\n\n") == list(paragraphs)
    assert found.title == STORIES[language][0]


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("sentence", BODIES)
def test_a_story_that_says_so_itself_stays_whole(sentence: str, place: int) -> None:
    paragraphs = [*STORIES["en"][1:]]
    paragraphs.insert(place, sentence)
    found = clean_page(page("en", (), tuple(paragraphs), (), "p"), url="https://paper.example/2026/ferry")
    assert found.text.split("\n\n") == paragraphs
