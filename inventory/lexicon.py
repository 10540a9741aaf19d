"""The lexicon: how words are folded so that they find each other, and what produce is called from one language to the next."""

from __future__ import annotations

import re
import unicodedata

LETTERS_MOST, WORDS_MOST = 40, 8
NOTHING = "\ue001"
"""Stands for a question without a word in it, such as a percent sign: no listing has it."""

_ACCENTS = re.compile(
    "[\u0300-\u036f\u064b-\u0652\u0640]"
)  # Latin, Greek, Cyrillic; Arabic vowel signs and its stretcher
_INSIDE = re.compile("(?<=\\w)['\u2018\u2019\u02bc`](?=\\w)")
"""An apostrophe belongs to the word around it: ng'ombe, bird's eye."""

SMALL = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "de", "del", "des", "du", "el",
     "et", "la", "las", "le", "les", "los", "y", "na", "ni", "no", "ya", "wa", "za", "kwa", "mu", "ku")
)  # fmt: skip
"""Words that alone may be what is meant (`the`, French for tea), but never narrow what stands beside them."""

PRODUCE: tuple[tuple[str, ...], ...] = tuple(
    tuple(name.strip() for name in line.split(","))
    for line in """
    maize, corn, mais, maiz, mahindi, ibigori
    bean, haricot, frijol, maharagwe, ibishyimbo
    french bean, haricot vert, ejote, mishiri, imiteja
    green gram, mung bean, ndengu, pojo
    pigeon pea, pois cajan, gandul, mbaazi
    pea, petit pois, arveja, guisante, njegere, amashaza
    cowpea, niebe, kunde, inkunde
    groundnut, peanut, arachide, cacahuete, mani, karanga, ubunyobwa
    potato, pomme de terre, patata, papa, kiazi, viazi, ibirayi
    sweet potato, patate douce, camote, batata, viazi vitamu, ibijumba
    cassava, manioc, yuca, mandioca, muhogo, imyumbati
    yam, igname, name, kiazi kikuu, itugu
    arrowroot, taro, malanga, nduma, amateke
    sorghum, sorgho, sorgo, mtama, amasaka
    millet, mil, mijo, wimbi, ulezi, uburo
    wheat, ble, trigo, ngano, ingano
    rice, riz, arroz, mchele, mpunga, umuceri
    tomato, tomate, nyanya, inyanya
    onion, oignon, cebolla, kitunguu, vitunguu, igitunguru, ibitunguru
    garlic, ail, ajo, kitunguu saumu, tungurusumu
    carrot, carotte, zanahoria, karoti
    cabbage, chou, repollo, kabichi, ishu, amashu
    kale, collard, sukuma wiki
    spinach, epinard, espinaca, mchicha, epinari
    chilli, chili, pepper, piment, chile, pilipili, urusenda
    banana, banane, banano, ndizi, igitoki, ibitoki, umuneke, imineke
    plantain, platano, ndizi mzuzu, igikonyosi
    mango, mangue, embe, maembe, umwembe, imyembe
    avocado, avocat, aguacate, parachichi, avoka
    pineapple, ananas, pina, nanasi, inanasi
    papaya, pawpaw, papaye, papai, ipapayi
    passion fruit, fruit de la passion, maracuya, pasheni, marakuja
    orange, naranja, chungwa, machungwa, icunga
    lemon, lime, citron, limon, limau, ndimu, indimu
    watermelon, pasteque, sandia, tikiti maji, wotameloni
    macadamia, macadamia nut, makadamia
    cashew, anacarde, noix de cajou, maranon, korosho
    coconut, noix de coco, coco, nazi
    coffee, cafe, kahawa, ikawa
    tea, the, te, chai, icyayi
    honey, miel, asali, ubuki
    milk, lait, leche, maziwa, amata
    yoghurt, yogurt, yaourt, yogur, mtindi, ikivuguto
    cheese, fromage, queso, jibini, foromaji
    butter, beurre, mantequilla, siagi
    egg, oeuf, huevo, yai, mayai, igi, amagi
    chicken, poulet, pollo, kuku, inkoko
    beef, boeuf, res, nyama ya ngombe, inyama yinka
    goat, chevre, cabra, mbuzi, ihene
    pork, porc, cerdo, nguruwe, ingurube
    fish, poisson, pescado, samaki, ifi, amafi
    oil, huile, aceite, mafuta, amavuta
    flour, farine, harina, unga, ifu
    sugar, sucre, azucar, sukari, isukari
    salt, sel, sal, chumvi, umunyu
    cardamom, cardamome, cardamomo, iliki
    ginger, gingembre, jengibre, tangawizi, tangawizi
    vanilla, vanille, vainilla, vanila
    """.strip().splitlines()
)
"""English, French, Spanish, Swahili, Kinyarwanda, singular where the plural only adds an s."""

_TOO_COMMON = frozenset({"the", "te", "name", "res", "sal", "sel", "mil", "ail", "ble", "coco", "pina"})
"""They lead to a product, but a product whose own name has them need not be one."""

_ODD = {"chillies": "chilli", "chilies": "chili", "leaves": "leaf", "loaves": "loaf"}


def fold(text: str) -> str:
    """Small letters without accents or apostrophes, words apart by single spaces; nothing else is left of it."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", _INSIDE.sub("", text)).casefold())
    kept = (each if unicodedata.category(each)[0] in "LNM" else " " for each in unicodedata.normalize("NFC", plain))
    return " ".join("".join(kept).split())


def stem(word: str) -> str:
    """Without the s of many: English, French and Spanish add one; Swahili and Kinyarwanda do not, and keep theirs."""
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word in _ODD:
        return _ODD[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("oes", "xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def words(text: str) -> list[str]:
    """The words of a text as they stand in the index, in order."""
    return [stem(word[:LETTERS_MOST]) for word in fold(text).split()]


def asked(text: str) -> tuple[str, ...]:
    """The words somebody looks for: each once, the small ones only when there are no others, at most WORDS_MOST."""
    every = list(dict.fromkeys(words(text[:400]))) or [NOTHING] * bool(text.strip())
    telling = [word for word in every if word not in SMALL]
    return tuple((telling or every)[:WORDS_MOST])


_NAMES = tuple(tuple(tuple(words(name)) for name in names) for names in PRODUCE)


def other_names(name: list[str]) -> list[str]:
    """What a product of this name is called elsewhere: the longest names in it decide, so sweet potatoes are no potatoes."""
    found: list[tuple[int, int, int]] = []
    for row, names in enumerate(_NAMES):
        for each in names:
            if len(each) == 1 and each[0] in _TOO_COMMON:
                continue
            found += [
                (len(each), start, row) for start in range(len(name)) if tuple(name[start : start + len(each)]) == each
            ]
    taken: set[int] = set()
    said: list[str] = []
    for length, start, row in sorted(found, key=lambda each: (-each[0], each[1], each[2])):
        place = set(range(start, start + length))
        if not place & taken:
            taken |= place
            said += [word for names in _NAMES[row] for word in names]
    return [word for word in dict.fromkeys(said) if word not in name]
