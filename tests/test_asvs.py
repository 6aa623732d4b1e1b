"""Which requirements of OWASP ASVS 5.0.0 are met, each by tests of these names, and which are open.

The words are ours; the numbers are the standard's. A row whose test was renamed or taken away fails here.
Whoever builds what an open row waits for moves it up, with its tests.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

MET: dict[str, tuple[str, ...]] = {
    "1.2.1-1.2.3 what people write reaches a page as text": (
        "web/test_app.py::test_templates_escape_what_they_are_given",
        "web/test_app.py::test_what_people_are_called_is_text_and_nothing_else",
        "web/pages/test_people.py::test_what_a_browser_calls_itself_is_shown_as_words",
    ),
    "1.3.4 a drawing that holds scripts is no page": (
        "web/pages/test_files.py::test_a_drawing_with_scripts_in_it_comes_as_a_download",
    ),
    "2.4.1 one may only try so often": (
        "accounts/test_sign_in.py::test_an_account_has_so_many_wrong_passwords",
        "accounts/test_sign_in.py::test_an_address_has_so_many_over_all_accounts",
        "accounts/test_sign_in.py::test_many_tries_at_once_do_not_slip_through_together",
    ),
    "3.2.1 files of authors are shut into a sandbox": (
        "web/test_security.py::test_what_authors_files_hold_is_shut_into_a_sandbox",
    ),
    "3.3.1-3.3.4 cookies are of this host, and Secure over https": (
        "web/test_sessions.py::test_over_https_the_cookie_is_of_this_host_alone",
        "web/test_sessions.py::test_over_plain_http_on_loopback_the_cookie_is_plain",
        "web/test_security.py::test_readable_passwords_over_a_network_need_an_explicit_yes",
    ),
    "3.4.1-3.4.6 every answer carries its headers": (
        "web/test_security.py::test_every_answer_is_sealed",
        "web/test_security.py::test_https_is_asked_to_stay_https",
        "web/test_security.py::test_no_other_site_is_told_that_it_may_ask",
    ),
    "3.5.1-3.5.3 a form is ours, and reading changes nothing": (
        "web/test_security.py::test_a_form_without_its_token_changes_nothing",
        "web/test_security.py::test_a_form_from_elsewhere_changes_nothing_even_with_the_token",
        "web/test_security.py::test_a_method_cannot_be_disguised",
    ),
    "3.7.2 nobody is sent to another site": ("web/test_login.py::test_nobody_is_sent_elsewhere",),
    "4.1.3 only listed proxies are believed": (
        "web/test_app.py::test_only_as_many_proxies_are_believed_as_there_are",
        "web/test_security.py::test_a_forwarded_name_counts_only_behind_a_proxy_of_ours",
    ),
    "5.2.1 sizes have limits": (
        "web/test_security.py::test_a_body_that_is_too_large_is_not_read",
        "web/test_security.py::test_a_form_has_so_many_fields_and_no_more",
    ),
    "6.2.1-6.2.9 which passwords are taken, and all of each counts": (
        "accounts/test_passwords.py::test_a_good_password_is_taken",
        "accounts/test_passwords.py::test_a_password_that_is_tried_first_is_refused_with_a_sentence",
        "accounts/test_passwords.py::test_all_of_a_long_password_counts",
        "accounts/test_passwords.py::test_a_password_works_as_it_was_typed",
        "web/pages/test_account.py::test_a_new_password_takes_the_old_one",
    ),
    "6.3.1 guessing is slowed, and does not tell who there is": (
        "web/test_login.py::test_too_many_wrong_passwords_have_to_wait",
        "web/test_login.py::test_a_wrong_password_and_a_stranger_get_the_same_page",
        "accounts/test_passwords.py::test_nobody_costs_as_much_as_somebody",
    ),
    "6.3.2 nobody has an account from the start": (
        "web/test_login.py::test_there_is_no_way_in_without_a_link_or_a_password",
        "accounts/test_sign_in.py::test_there_is_one_first_administrator",
    ),
    "6.3.3 a second factor, demanded of administrators by a setting": (
        "web/test_second_factor.py::test_from_then_on_the_password_alone_lets_nobody_in",
        "web/test_second_factor.py::TestDemanded::test_who_must_have_one_sets_it_up_before_anything_else",
    ),
    "6.3.4 every way in asks for the second factor": (
        "web/test_second_factor.py::test_a_link_needs_the_code_as_well",
        "web/test_second_factor.py::test_a_code_serves_one_browser_alone",
    ),
    "6.5.1, 6.5.5 a code is taken once, and only for half a minute": (
        "accounts/test_second_factor.py::test_the_codes_are_those_of_the_standard",
        "accounts/test_second_factor.py::test_a_code_is_taken_once_and_no_earlier_one_after_it",
        "accounts/test_second_factor.py::test_of_many_who_send_one_code_at_once_one_gets_in",
        "accounts/test_second_factor.py::test_a_recovery_code_is_taken_once_however_it_is_written",
        "accounts/test_second_factor.py::test_a_telephones_clock_may_be_off_by_half_a_minute",
    ),
    "1.3.11 nobody writes a header into a mail": ("test_mail.py::test_nobody_writes_a_header_of_their_own",),
    "6.4.4 a lost password is replaced by a link to its owner, with the second factor": (
        "web/test_letters.py::test_who_forgot_the_password_chooses_another",
        "web/test_letters.py::test_the_second_factor_is_asked_for_after_such_a_link_too",
    ),
    "6.3.8 asking for a new password does not tell who there is": (
        "web/test_letters.py::test_strangers_are_told_the_same_and_get_nothing",
    ),
    "6.5.2 recovery codes are kept as hashes, and keys sealed": (
        "accounts/test_second_factor.py::test_the_database_holds_neither_key_nor_codes",
    ),
    "6.6.3 guessing codes is slowed": (
        "accounts/test_second_factor.py::test_guessing_codes_is_slowed",
        "web/test_second_factor.py::test_too_many_wrong_codes_have_to_wait",
    ),
    "6.4.1-6.4.3 a link lets one person in, once, and not for long": (
        "accounts/test_links.py::test_of_many_browsers_at_once_one_gets_in",
        "accounts/test_links.py::test_a_link_gets_too_old",
        "accounts/test_links.py::test_a_link_serves_its_own_purpose_alone",
        "accounts/test_links.py::test_a_new_link_puts_an_earlier_one_out_of_use",
    ),
    "6.8.1, 6.8.2 who comes through a provider is known by issuer and subject, and its word is checked": (
        "web/test_providers.py::test_who_is_known_by_issuer_and_subject_comes_in_under_a_new_id",
        "web/test_providers.py::test_oidc_015_016_017_no_email_is_somebody",
        "web/test_providers.py::test_oidc_017_the_same_subject_elsewhere_is_somebody_else",
        "web/test_providers.py::test_a_forged_token_lets_nobody_in",
    ),
    "6.8.4 a provider's second factor counts only where its token says so": (
        "web/test_providers.py::test_a_factor_that_the_provider_asked_for_counts_where_it_is_said",
        "web/test_providers.py::test_the_second_factor_is_asked_for_after_a_provider_too",
    ),
    "6.3.3, 6.7.2 a passkey is of a person whom its keeper verified, for this address alone, and no copy": (
        "web/test_passkeys.py::test_it_stands_for_the_second_factor",
        "web/test_passkeys.py::test_an_answer_with_something_off_lets_nobody_in",
        "web/test_passkeys.py::test_a_challenge_serves_one_browser_once_and_not_for_long",
        "web/test_passkeys.py::test_a_counter_that_does_not_grow_is_a_copys",
    ),
    "6.5.6 a factor that was lost or stolen is taken away": (
        "web/test_passkeys.py::test_several_are_listed_and_removed_one_by_one",
        "web/test_passkeys.py::test_administrators_see_who_has_some_and_take_them_away",
        "web/test_second_factor.py::test_an_administrator_turns_it_off_for_a_lost_telephone",
    ),
    "9.1.1-9.2.3 a token counts by a published key, an allowed algorithm, its times and its audience": (
        "web/test_providers.py::test_a_forged_token_lets_nobody_in",
        "web/test_providers.py::test_an_algorithm_counts_where_it_is_one_of_ours",
        "web/test_providers.py::test_what_is_right_or_within_a_minute_lets_in",
    ),
    "10.1.2, 10.2.1, 10.2.2 an answer is of this browser, this sign-in and this provider": (
        "web/test_providers.py::test_oidc_001_an_answer_without_its_state",
        "web/test_providers.py::test_oidc_002_an_answer_of_another_browser",
        "web/test_providers.py::test_oidc_003_a_state_serves_once",
        "web/test_providers.py::test_a_verifier_of_another_sign_in_gets_no_token",
        "web/test_providers.py::test_an_answer_of_another_issuer_is_refused",
    ),
    "10.5.1-10.5.4 nonce, subject, issuer and audience": (
        "web/test_providers.py::test_a_forged_token_lets_nobody_in",
        "web/test_providers.py::test_oidc_019_a_provider_that_calls_itself_another_is_not_asked_for_more",
    ),
    "7.2.1-7.2.4 a session's id is random, kept by the server, and new at sign-in": (
        "accounts/test_sessions.py::test_an_id_has_256_random_bits_and_only_its_hash_is_kept",
        "web/test_sessions.py::test_the_id_changes_at_sign_in_and_the_earlier_one_is_worth_nothing",
        "web/test_sessions.py::test_a_cookie_that_we_did_not_give_out_is_nobodys",
    ),
    "7.3.1, 7.3.2 a session ends unused, and in any case": (
        "web/test_sessions.py::test_a_session_ends_when_it_is_not_used",
        "web/test_sessions.py::test_a_session_ends_in_any_case",
    ),
    "7.4.1-7.4.3 what ends a session ends it everywhere": (
        "web/test_sessions.py::test_an_old_cookie_is_dead_after_signing_out",
        "web/test_sessions.py::test_a_new_password_ends_all_sessions_but_this_one",
        "web/test_sessions.py::test_a_shut_account_is_out_with_the_next_click",
    ),
    "7.4.5 administrators end somebody's sessions": (
        "web/pages/test_people.py::test_a_lost_telephone_is_signed_out_by_an_administrator",
    ),
    "7.5.1 another address to sign in with takes the password": (
        "web/pages/test_account.py::test_another_email_takes_the_password",
    ),
    "7.5.2 one's sessions are listed, and each is ended": (
        "web/pages/test_account.py::test_every_session_is_listed_with_browser_and_address_and_ended_alone",
        "web/pages/test_account.py::test_nobody_ends_a_session_of_somebody_else",
    ),
    "8.1.1, 8.2.1-8.3.1 who may do what, page by page and entry by entry": (
        "web/test_routes.py::test_every_route_has_its_row",
        "web/test_routes.py::test_each_role_reaches_what_its_row_says",
        "web/test_places.py::test_every_placed_page_has_its_row",
        "web/test_places.py::test_each_cell_is_answered_as_the_rule_says",
        "web/test_places.py::test_rights_that_are_narrowed_count_with_the_next_click",
    ),
    "11.4.2 passwords are kept as argon2id": (
        "accounts/test_passwords.py::test_a_password_is_kept_as_argon2id_with_its_own_salt",
    ),
    "13.4.1-13.4.5 nothing of the machine is given out": (
        "web/test_routes.py::test_what_is_not_there_is_said_to_be_not_there",
        "web/test_routes.py::test_the_debugger_is_not_there",
        "web/test_routes.py::test_a_route_takes_no_other_method",
    ),
    "15.3.3 only the fields of a form are taken": (
        "web/pages/test_account.py::test_nobody_gives_themselves_a_role",
        "web/pages/test_people.py::test_only_what_the_form_asks_for_is_taken",
    ),
    "16.2.1-16.3.3 who did what, when and from where is kept, and what was refused": (
        "web/test_app.py::test_who_did_what_and_from_where_is_in_the_log",
        "web/pages/test_people.py::test_what_happened_to_accounts_is_listed_with_who_when_and_where",
    ),
    "16.2.5 no secret is in a log": ("web/test_app.py::test_no_secret_is_in_the_log",),
    "16.4.1 nobody writes a line of their own into a log": (
        "web/test_app.py::test_nobody_writes_a_second_line_into_the_log",
    ),
    "16.5.1-16.5.3 a fault shows nothing, and lets nobody in": (
        "web/test_app.py::test_a_fault_shows_a_code_that_is_in_the_log_and_nothing_else",
        "web/test_sessions.py::test_while_the_records_cannot_be_read_nobody_is_let_in",
        "web/test_login.py::test_nobody_comes_in_while_the_session_cannot_be_kept",
    ),
}

OPEN = {
    "13.2.4": "a list of where the server may connect to",
}


@pytest.mark.parametrize("row", MET)
def test_every_requirement_that_is_met_has_its_tests(row: str) -> None:
    missing = []
    for named in MET[row]:
        file, _, test = named.partition("::")
        if test not in names_in(file):
            missing.append(named)
    assert MET[row] and missing == []


def test_no_row_is_both_met_and_open() -> None:
    assert {row.split()[0].rstrip(",") for row in MET}.isdisjoint(row.split(",")[0] for row in OPEN)


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for group in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        tests |= {f"{group.name}::{node.name}" for node in group.body if isinstance(node, ast.FunctionDef)}
    return frozenset(tests)
