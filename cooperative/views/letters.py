"""Letters with a link: asking for one, and the page it leads to. Opening that page does nothing; its button does."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import authenticators, link_letters, links, moves, people, sessions, throttle
from cooperative.link_letters import Wants
from cooperative.links import Link, Purpose
from cooperative.people import Person
from cooperative.views.sign_in import charge, welcome
from ground import outbox, trail
from ground.db import db
from ground.errors import Conflict, Missing, Refusal
from ground.forms import Reader
from ground.web import PUBLIC, Door, fresh_deed
from ground.words import _, language, speaking

door = Door("letters", __name__, url_prefix="/letter")


@door.get("", who=PUBLIC)
def ask() -> str:
    """For what (`?wants=`), and to which address."""
    told = request.form if request.method == "POST" else request.args
    wants = told.get("wants", "")
    return render_template("cooperative/letter_ask.html", wants=wants if wants in set(Wants) else Wants.SIGN_IN)


@door.post("", who=PUBLIC, action="letter.ask", again="letters.ask")
def send() -> Response:
    """One answer, whoever has an account [attack:A161]; asking is counted like guessing, under names of its own."""
    read = Reader(request.form)
    email, wants = read.email("email"), read.choice("wants", Wants)
    read.done()
    spelled = people.normal_email(email) or email
    charge(throttle.keys(f"letter to {spelled}", request.remote_addr or ""))
    trail.about(db.session, link_letters.ask(db.session, spelled, wants, page=page()))
    db.session.commit()
    return redirect(url_for("letters.sent"), 303)


@door.get("/sent", who=PUBLIC)
def sent() -> str:
    """Look into your mail."""
    return render_template("cooperative/letter_sent.html")


@door.get("/<key>", who=PUBLIC)
def show(key: str) -> str:
    """What the link will do. Programs that read mail open it too, so it is not used up here."""
    link, person = _open(key)
    return render_template(
        "cooperative/letter.html", link=link, key=key, by_code=person is not None and person.totp_secret is not None
    )


@door.post("/<key>", who=PUBLIC, action="letter.use", again="letters.show")
def use(key: str) -> Response:
    """The button: the one use this link has."""
    link, person = _open(key)
    if person is None:
        return _begin_account(link)
    if link.purpose is Purpose.SIGN_IN:
        return _sign_in(link, person)
    if link.purpose is Purpose.PASSWORD:
        return _new_password(link, person)
    Reader(request.form).done()
    trail.about(db.session, person.id)
    if link.purpose is Purpose.MOVE:
        moves.confirm(db.session, link, person)
        _proved(person, link)
        flash(_("Your address is changed."), "ok")
    else:
        moves.stop(db.session, link, person)
        flash(_("Your address stays as it was. Choose a new password now."), "ok")
    after = url_for("me.show") if link.purpose is Purpose.MOVE else url_for("letters.ask", wants="password")
    db.session.commit()
    return redirect(after, 303)


def page() -> str:
    """Where the keys in our letters lead, by the settings alone: a request may call itself by any host [attack:A125]."""
    return current_app.config["PUBLIC_URL"].rstrip("/") + "/letter/"


def _begin_account(link: Link) -> Response:
    read = Reader(request.form)
    name, password = read.text("name", least=2, most=100), read.password("password")
    read.done()
    if people.find_by_email(db.session, link.email) is not None:
        raise Conflict(_("There is an account with this address."))
    person = people.add(db.session, name=name, email=link.email, password=password)
    people.speak(db.session, person.id, language())
    links.spend(db.session, link)
    _proved(person, link)
    return welcome(person, url_for("me.show"))


def _sign_in(link: Link, person: Person) -> Response:
    """The letter stands for the password, never for the code [attack:A167]."""
    read = Reader(request.form)
    code = read.text("code", most=20) if person.totp_secret is not None else ""
    read.done()
    if person.totp_secret is not None:
        charge(throttle.keys(person.email or "", request.remote_addr or ""))
        db.session.commit()
        if not authenticators.accept(db.session, person, code):
            raise Refusal(fields={"code": _("This is not right.")})
        fresh_deed("sign-in")
    links.spend(db.session, link)
    _proved(person, link)
    return welcome(person, url_for("me.show"))


def _new_password(link: Link, person: Person) -> Response:
    """Ends every device and every other letter, tells the address, and signs nobody in: the code is still asked [attack:A167]."""
    read = Reader(request.form)
    wanted = read.password("password")
    if read.password("again") != wanted:
        read.fault("again", _("The two are not the same."))
    read.done()
    people.change_password(db.session, person, wanted)
    links.spend(db.session, link)
    links.end_all(db.session, person.id)
    sessions.end_others(db.session, person.id)
    with speaking(person.language or language()):
        what = _("Your password was changed")
        outbox.write(
            db.session, to=link.email, kind="password changed", cause=link.id, subject=what,
            text=f"{what}.\n\n{_('If this was not you, sign in, end the other devices on your page, and call us.')}\n",
        )  # fmt: skip
    trail.about(db.session, person.id)
    db.session.commit()
    flash(_("Your password is changed. Sign in with it."), "ok")
    return redirect(url_for("sign_in.show"), 303)


def _proved(person: Person, link: Link) -> None:
    """This address is proved to be theirs: floors above may hand over what waited for that, such as a guest's orders."""
    for hand_over in current_app.extensions.get("proved_addresses", ()):
        hand_over(db.session, person.id, link.email)


def _open(key: str) -> tuple[Link, Person | None]:
    link = links.find_open(db.session, key)
    person = people.find(db.session, link.person_id) if link is not None and link.person_id is not None else None
    moved = link is not None and person is not None and link.purpose in (Purpose.SIGN_IN, Purpose.PASSWORD)
    if (
        link is None
        or (person is not None and not person.is_active)
        or (moved and person is not None and person.email != link.email)
    ):
        raise Missing(_("This link was used already, or its time is over. Ask for a new letter."))
    return link, person
