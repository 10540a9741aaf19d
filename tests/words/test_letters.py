"""Letters go out in the language of whoever reads them, whoever causes them to be written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cooperative import invitations, people
from cooperative.roles import Role
from ground import words
from ground.outbox import Letter
from tests.pages.world import OURS, World


def _last(session, kind: str) -> Letter:
    session.expire_all()
    return session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id.desc())).first()


@pytest.mark.parametrize(
    ("code", "greeting", "cash"),
    [
        ("en", "Dear Amina Yusuf,", "in cash when you collect"), ("fr", "Bonjour Amina Yusuf,", "en espèces lors du retrait"),
        ("es", "Hola, Amina Yusuf:", "en efectivo cuando recoja"), ("sw", "Mpendwa Amina Yusuf,", "taslimu unapokuja kuchukua"),
        ("rw", "Muraho Amina Yusuf,", "mu ntoki uje kuyifata"),
    ],
)  # fmt: skip
def test_an_order_is_confirmed_in_the_language_it_was_placed_in(world: World, code: str, greeting: str, cash: str):
    from tests.input.forms import FORMS

    form = FORMS["checkout.place"](world)
    assert form.client is not None
    form.client.set_cookie("gm-language", code)
    sent = {name: value for name, (value, _) in form.fields.items()}
    answer = form.client.post(form.path, data=sent, headers=OURS)
    assert answer.status_code == 303
    letter = _last(world.session, "order placed")
    assert letter.text.startswith(greeting) and cash in letter.text
    assert words.language() == "en"


def test_an_invitation_speaks_the_language_of_who_is_known(world: World):
    mercy = people.find(world.session, world.reader.id)
    assert mercy is not None and mercy.email
    people.speak(world.session, mercy.id, "rw")
    invitations.send(
        world.session,
        world.house.id,
        mercy.email,
        by=world.head.id,
        house="Meru",
        page="https://x.example/",
        role=Role.COLLECTOR,
    )
    assert "Meru iragutumiye ngo winjire nka umukusanyi." in _last(world.session, "invitation").text
