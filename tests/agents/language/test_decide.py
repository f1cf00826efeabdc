"""The decision about one text: prose full of names, languages of which little is known, second scripts."""

from __future__ import annotations

import pytest

from agents.language import decide
from agents.language.decide import Judge
from agents.language.evidence import sample


@pytest.fixture(scope="module")
def judge() -> Judge:
    return decide.load()


FULL_OF_NAMES = {
    "nl": "Minister Sophie Hermans en staatssecretaris Jean Rummenie spraken dinsdag in Den Haag met Annemarie "
    "van Gaal, Pieter Heerma, Caroline van der Plas en Henri Bontenbal. Ook Mona Keijzer, Femke Wiersma, "
    "Barry Madlener en Eelco Heinen waren aanwezig. Burgemeester Femke Halsema van Amsterdam stuurde "
    "Touria Meliani en Rutger Groot Wassink.",
    "en": "Guests included Ngozi Okonjo-Iweala, Kristalina Georgieva, Ajay Banga, Mathias Cormann and António "
    "Guterres. Jerome Powell met Christine Lagarde, Andrew Bailey, Kazuo Ueda and Pan Gongsheng. Later "
    "Shaktikanta Das, Tiff Macklem, Michele Bullock and Rhee Chang-yong joined Thomas Jordan. Gita "
    "Gopinath chaired, with Tobias Adrian.",
    "fr": "Étaient présents Jean-Noël Barrot, Sébastien Lecornu, Bruno Retailleau, Rachida Dati, Gérald "
    "Darmanin et Catherine Vautrin. Olaf Scholz, Giorgia Meloni, Donald Tusk, Pedro Sánchez, Viktor Orbán"
    " et Robert Fico sont arrivés plus tard avec Ursula von der Leyen et Kaja Kallas.",
}


@pytest.mark.parametrize("tag", FULL_OF_NAMES)
def test_prose_full_of_names_is_in_the_language_of_its_other_words(judge: Judge, tag: str) -> None:
    verdict = judge.decide(sample(FULL_OF_NAMES[tag]))
    assert (verdict.tag, verdict.reliable) == (tag, True)


def test_an_unsupported_language_full_of_names_is_und(judge: Judge) -> None:
    tok_pisin = (
        "Praim Minista James Marape i tok long Peter O'Neill na Belden Namah long Port Moresby olsem gavman "
        "bai givim moni long ol skul long Lae na Goroka, na Bryan Kramer na Allan Bird i amamas tru long "
        "dispela nupela toktok."
    )
    verdict = judge.decide(sample(tok_pisin))
    assert (verdict.tag, verdict.reliable) == ("und", False)


KNOWN_FROM_A_LEGAL_TEXT = {
    "jv": (
        (
            "Bupati ngandharake yen pasar anyar kuwi bakal dibukak taun ngarep. Wong-wong dagang padha bungah "
            "amarga papan dodolan sing lawas wis rusak lan ora aman maneh kanggo wong sing padha blanja."
        ),
        (
            "Presiden nekani peresmian jembatan anyar ing Surabaya dina Senin. Miturut dheweke, jembatan iki "
            "bakal nyuda macet lan nggampangake warga sing arep menyang pelabuhan."
        ),
        (
            "Pulisi nyekel wong telu sing dianggep nyolong sepedha motor ing Kabupaten Sleman. Saiki wong-wong "
            "mau isih ditakoni ing kantor pulisi."
        ),
    ),
    "su": (
        (
            "Bupati nétélakeun yén pasar anyar bakal dibuka taun hareup. Para padagang bungah lantaran warungna "
            "anu heubeul geus ruksak jeung teu aman pikeun nu balanja."
        ),
    ),
    "fy": (
        (
            "De boargemaster sei moandei dat de nije brêge takom jier iepene wurdt, en de winkeliers binne dêr "
            "tige bliid mei."
        ),
    ),
    "ht": (
        (
            "Majistra a di madi lekòl nèf la ap louvri ane pwochèn, e paran yo kontan anpil paske ansyen bilding "
            "lan te fin kraze."
        ),
    ),
}


@pytest.mark.parametrize(
    ("tag", "text"), [(tag, text) for tag, texts in KNOWN_FROM_A_LEGAL_TEXT.items() for text in texts]
)
def test_a_language_that_the_detectors_know_and_we_do_not_is_answered_but_not_reliable(
    judge: Judge, tag: str, text: str
) -> None:
    verdict = judge.decide(sample(text))
    assert (verdict.tag, verdict.reliable) == (tag, False)


@pytest.mark.parametrize(
    "text",
    [
        # Balinese and Madurese are Javanese to every detector, Tok Pisin is Bislama
        (
            "Presiden ngresmiang jembatan anyar ring Buleleng rahina Soma. Manut ida, jembatan puniki pacang "
            "ngirangin macet miwah ngampangang krama sane jagi ka pelabuhan."
        ),
        (
            "Bupati ngoca’ ja’ pasar anyar bakal ebukka’ taon adhep. Reng-oreng se ajuwalan padha senneng polana "
            "toko se lama la rosak."
        ),
        "Praim Minista i tok gavman bai givim moni long ol skul long nupela yia na ol pipel i amamas tru.",
    ],
)
def test_a_relative_of_such_a_language_is_not_taken_for_it(judge: Judge, text: str) -> None:
    assert judge.decide(sample(text)).tag == "und"


UZBEK_IN_CYRILLIC = (
    (
        "Шаҳар ҳокими янги бозор қурилиши келаси йил бошланишини айтди. Савдогарлар бу хабардан хурсанд "
        "бўлишди, чунки эски бозор жуда тор ва ноқулай эди."
    ),
    (
        "Вилоятда янги шифохона қурилмоқда, деди вазирлик вакили. Унинг сўзларига кўра, бино икки йилдан "
        "кейин тайёр бўлади."
    ),
)


@pytest.mark.parametrize("text", UZBEK_IN_CYRILLIC)
def test_a_language_in_a_script_that_its_profile_is_not_in_is_answered(judge: Judge, text: str) -> None:
    verdict = judge.decide(sample(text))
    assert (verdict.tag, verdict.script) == ("uz-Cyrl", "Cyrl")


@pytest.mark.parametrize(
    "text",
    [
        # Uyghur and Crimean Tatar in Cyrillic letters, which no detector knows
        (
            "Һөкүмәт йеңи көврүкниң қурулушини келәр жилниң баһарида башлайдиғанлиғини елан қилди, дәп хәвәр "
            "қилди мухбиримиз."
        ),
        (
            "Укюмет янъы копюрнинъ къурулышы келеджек йылнынъ баарьде башланаджагъыны илян этти, деп хабер берди "
            "мухбиримиз."
        ),
    ],
)
def test_a_relative_in_that_script_is_not_reliably_taken_for_it(judge: Judge, text: str) -> None:
    assert not judge.decide(sample(text)).reliable
