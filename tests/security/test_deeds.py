"""Every deed of the season, attacked with its own right form before it was done: nothing of it got through or wrote a row."""

from __future__ import annotations

import pytest

from tests.security.matrix import TABLE
from tests.security.season import Season, Told

FREE_TO_REPEAT = {
    "passkeys.ask", "passkeys.ask_again", "passkeys.offer", "passkeys.rename",
    "sign_in.begin", "sign_in.confirmed", "me.offer_authenticator", "me.change_password", "people.invite", "members.invite",
    "letters.send", "addresses.ask",
    "companies.approve", "companies.change", "baskets.add",
}  # fmt: skip
"""Sent twice these are done twice, and that is what people mean by it: a second letter, one more bag, the same terms again."""


def attacks(season: Season, *kinds: str, least: int) -> list[Told]:
    found = [told for told in season.told if told.kind in kinds]
    assert len(found) >= least, f"only {len(found)} attacks of {kinds}"
    return found


def lines(found: list[Told]) -> str:
    return "\n".join(map(str, found))


def test_every_route_that_changes_something_was_attacked_and_done(season: Season):
    deeds = {line.endpoint for line in TABLE.values() if line.verb == "POST"}
    assert set(season.trails) == deeds
    attacked = {told.endpoint for told in season.told}
    assert deeds - attacked == set()


def test_no_attack_on_any_deed_wrote_a_row(season: Season):
    assert [str(told) for told in season.told if told.kind == "rows written"] == []


@pytest.mark.case("attack:A098")
@pytest.mark.case("attack:A100")
@pytest.mark.case("attack:A103")
def test_a_form_that_comes_from_elsewhere_does_nothing_on_any_route(season: Season):
    passed = [told for told in attacks(season, "from elsewhere", least=350) if told.status != 403]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A101")
def test_no_other_method_does_a_deed_on_any_route(season: Season):
    """405, or the page that stands at the same address: the account of rows shows that it was only read."""
    found = attacks(season, "other method", least=400)
    strange = [
        told
        for told in found
        if told.status not in (200, 303, 405) or (told.detail in ("put", "patch", "delete") and told.status != 405)
    ]
    assert strange == [], lines(strange)


@pytest.mark.case("attack:A049")
def test_no_form_takes_a_field_it_did_not_ask_for(season: Season):
    passed = [told for told in attacks(season, "stolen field", least=600) if told.status != 422]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A048")
def test_no_form_takes_a_field_twice(season: Season):
    passed = [told for told in attacks(season, "twice", least=40) if told.status != 422]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A038")
@pytest.mark.case("attack:A040")
@pytest.mark.case("attack:A044")
@pytest.mark.case("attack:A045")
@pytest.mark.case("attack:A051")
def test_what_is_no_number_is_refused_in_every_field_that_counts_weighs_or_pays(season: Season):
    found = [
        told
        for told in attacks(season, "bad value", least=900)
        if told.detail.partition("=")[0] not in ("name", "reason")
    ]
    passed = [told for told in found if told.status != 422]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A023")
@pytest.mark.case("attack:A026")
@pytest.mark.case("attack:A030")
def test_hidden_signs_line_breaks_and_endless_words_are_refused_in_every_text_field(season: Season):
    found = [
        told
        for told in attacks(season, "bad value", least=900)
        if any(sign in told.detail for sign in ("nul", "u202e", "u2066", "xxxx"))
    ]
    assert len(found) >= 100
    passed = [told for told in found if told.status != 422]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A199")
@pytest.mark.case("commerce:X03")
def test_the_manager_of_another_house_finds_no_deed_at_our_address(season: Season):
    passed = [told for told in attacks(season, "stranger", least=50) if told.status != 404]
    assert passed == [], lines(passed)


@pytest.mark.case("attack:A201")
@pytest.mark.case("attack:A205")
@pytest.mark.case("commerce:X02")
def test_another_houses_id_is_answered_in_the_bytes_of_an_id_that_does_not_exist(season: Season):
    """In the address and in the form; the words with which it is refused never tell whether somebody else has it."""
    attacks(season, "foreign id", least=50)
    pairs = {(endpoint, name) for endpoint, name, _ in season.bodies}
    foreign = [(at, season.bodies[(*at, "foreign id")]) for at in pairs if (*at, "foreign id") in season.bodies]
    assert [at for at, (status, _) in foreign if status not in (404, 422)] == []
    differing = {
        at: _first_difference(body[1], season.bodies[(*at, "missing id")][1])
        for at, body in foreign
        if body != season.bodies[(*at, "missing id")]
    }
    assert differing == {}
    missing = [str(told) for told in season.told if told.kind == "missing id" and told.status not in (404, 422)]
    assert missing == []


@pytest.mark.case("attack:A182")
def test_money_and_keys_ask_for_a_fresh_confirmation_on_each_route_of_the_written_list(season: Season):
    stale = attacks(season, "stale confirmation", least=30)
    passed = [told for told in stale if told.status != 303 or not told.location.startswith("/confirm?next=/")]
    assert passed == [], lines(passed)
    assert {told.endpoint for told in stale} == {line.endpoint for line in TABLE.values() if line.money}


@pytest.mark.case("attack:A274")
@pytest.mark.parametrize("endpoint", sorted(line.endpoint for line in TABLE.values() if line.verb == "POST"))
def test_each_deed_leaves_exactly_one_line_in_the_trail(season: Season, endpoint: str):
    """With who did it, in which house, under the request's own name, in the words of the register."""
    duty = season.app.extensions["register"][endpoint]
    for deed in season.trails[endpoint]:
        rows = season.rows(
            "SELECT action, by_id, cooperative_id FROM trail_entry WHERE request_id = :request ORDER BY created_at",
            request=deed["request"],
        )
        actions = [row[0] for row in rows]
        if endpoint in ("sign_in.begin", "sign_in.confirmed"):  # The try is written before the password is looked at.
            assert actions == [duty.action, duty.action.removesuffix(".try")]
        else:
            assert actions == [duty.action], f"{endpoint}: {actions}"
        person = deed["house"].people.get("walker" if endpoint == "sign_in.leave" else deed["actor"])
        assert str(rows[-1][1]) == str(person.id if person is not None else None)
        if "<coop>" in duty.rule:
            assert str(rows[-1][2]) == str(deed["house"].own["cooperative"])


@pytest.mark.case("attack:A063")
@pytest.mark.case("attack:A070")
@pytest.mark.case("attack:A079")
def test_a_deed_sent_once_more_changes_nothing_where_once_is_meant(season: Season):
    """A step that was taken is not taken again, a form that counts once counts once, whatever it answers the second time."""
    assert {endpoint for endpoint, changed in season.repeats.items() if changed} <= FREE_TO_REPEAT
    assert set(season.repeats) == set(season.trails)


def _first_difference(one: str, other: str) -> tuple[str, str]:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 60) : at + 60], other[max(0, at - 60) : at + 60]
