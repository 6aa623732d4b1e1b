"""The ledger of faults: what can go wrong around a save, by number, and the test that makes it go wrong.

A fault without a test says why: what would be needed is not to be had on the machines that test, or the part
of the house that it would hit is not built. `test_ledger` keeps both honest.
"""

from __future__ import annotations

from dataclasses import dataclass

# Files that many rows name.
DESK = "tests/faults/test_served.py"
KILLED = "tests/faults/test_killed.py"
CLONE = "tests/faults/test_clone.py"
DISK = "tests/faults/test_disk.py"
REMOTES = "tests/remotes/test_exchange.py"
HTTPS = "tests/remotes/test_https.py"
SSH = "tests/remotes/test_ssh.py"
SENDING = "tests/web/pages/test_sending.py"
CLONE_COMMAND = "tests/cli/test_clone.py"
OUTAGES = "tests/webhooks/test_outages.py"
OWN = "tests/faults/test_own_data.py"
POWER = "tests/faults/test_power.py"
CLOCK = "tests/faults/test_clock.py"
PAGE = "tests/test_faults.py"
RECOVERY = "tests/repository/test_recovery.py"
CRASHES = "tests/repository/test_crashes.py"
SAVING = "tests/repository/test_saving.py"
OPENING = "tests/repository/test_opening.py"
CROWD = "tests/repository/test_crowd.py"
REINDEX = "tests/repository/test_reindex.py"
TOGETHER = "tests/entries/test_together.py"
WRITING = "tests/web/pages/test_entries.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `tests` are "file::name"; `why_not` stands where there are none."""

    id: str
    what: str
    tests: tuple[str, ...] = ()
    why_not: str = ""


def _forced(number: str, what: str, *tests: str) -> Fault:
    return Fault(number, what, tests)


KILLS = f"{KILLED}::test_a_server_killed_in_a_save_has_it_done_or_undone_at_its_next_start"
EACH_STEP = f"{RECOVERY}::test_a_killed_save_is_finished_or_never_was"
NTH_FILE = f"{RECOVERY}::test_a_save_killed_at_its_nth_file_is_finished_or_never_was"
EACH_CALL = f"{CRASHES}::test_a_save_killed_at_its_system_calls_loses_nothing"
COMES_AND_GOES = f"{DESK}::test_a_fault_is_a_sentence_and_the_text_stays"
FULL = f"{DESK}::test_a_full_disk_keeps_text_and_site"
POWER_CUT = f"{CRASHES}::test_a_save_is_there_after_the_power_was_cut_behind_the_answer"
UNDERWAY = f"{OPENING}::test_work_that_is_half_done"
EACH_INDEX = f"{SAVING}::test_every_kind_of_index_is_kept_right"
LEFT_LOCK = f"{CLONE}::test_a_lock_that_somebody_left_is_named_and_never_taken_away"

FAULTS = (
    # killed at each step of a save
    _forced("F001", "killed once the form is read", KILLS, EACH_STEP),
    _forced("F002", "killed when it was found good", EACH_STEP),
    _forced("F003", "killed while the new file is written", KILLS, EACH_STEP, EACH_CALL),
    _forced("F004", "killed before the new file was waited for", EACH_STEP),
    _forced("F005", "killed before the text is an object", EACH_STEP),
    _forced("F006", "killed between the text and its folders", NTH_FILE, EACH_CALL),
    _forced("F007", "killed between the folders and the commit", NTH_FILE, KILLS),
    _forced("F008", "killed between the commit and the branch", EACH_STEP),
    _forced("F009", "killed with the branch locked", EACH_STEP),
    _forced("F010", "killed between the branch and its log", EACH_STEP, NTH_FILE),
    _forced("F011", "killed between the branch and the file", EACH_STEP, KILLS),
    _forced("F012", "killed between the file and the index", EACH_STEP),
    _forced(
        "F013", "killed with the index locked", EACH_STEP, f"{RECOVERY}::test_a_recovery_may_be_killed_too"
    ),
    _forced("F014", "killed with all done and nobody answered", KILLS, EACH_STEP),
    _forced(
        "F015",
        "killed behind the answer, before anything followed from it",
        f"{KILLED}::test_what_follows_from_a_save_is_done_after_a_kill_behind_its_answer",
    ),
    _forced(
        "F016",
        "killed while it is pushed",
        f"{HTTPS}::test_a_server_killed_while_it_pushes_loses_nothing_and_sends_it_again",
    ),
    _forced(
        "F017",
        "killed while a service is told",
        f"{OUTAGES}::test_a_server_killed_while_it_tells_a_service_tells_it_again",
    ),
    _forced(
        "F018",
        "killed while what is derived is brought up to date",
        f"{KILLED}::test_what_follows_from_a_save_is_done_after_a_kill_behind_its_answer",
        "tests/test_builds.py::test_what_a_stopped_server_left_is_begun_again",
        f"{OWN}::test_a_filling_of_the_index_that_is_killed_is_done_anew",
    ),
    _forced("F019", "killed in a save with a picture", KILLS, NTH_FILE),
    _forced("F020", "killed while an entry gets another name", KILLS, EACH_STEP),
    _forced("F021", "killed while a draft is published", KILLS),
    _forced("F022", "killed while it recovers", f"{RECOVERY}::test_a_recovery_may_be_killed_too"),
    _forced(
        "F023",
        "killed at any moment under load, over and over",
        f"{CRASHES}::test_writers_killed_under_load_lose_nothing_that_was_acknowledged",
    ),
    _forced(
        "F024",
        "told to end while people save",
        f"{KILLED}::test_a_server_that_is_told_to_end_finishes_its_saves",
    ),
    _forced(
        "F025",
        "out of memory in one request",
        f"{KILLED}::test_a_request_that_needs_more_memory_than_there_is_fails_alone",
    ),
    # the power goes
    _forced("F026", "power cut behind the answer, on ext4", POWER_CUT),
    _forced("F027", "power cut behind the answer, on xfs", POWER_CUT),
    _forced("F028", "power cut behind the answer, on btrfs", POWER_CUT),
    _forced(
        "F029",
        "power cut some seconds behind the answer",
        f"{CRASHES}::test_a_save_is_there_after_the_power_was_cut_some_seconds_later",
    ),
    _forced(
        "F030",
        "waiting for the disk fails",
        COMES_AND_GOES,
        f"{CRASHES}::test_a_disk_that_fails_while_it_is_waited_for_is_no_acknowledgement",
    ),
    _forced(
        "F031",
        "waiting for the disk takes very long",
        f"{DESK}::test_a_slow_disk_keeps_only_its_own_author_waiting",
    ),
    _forced(
        "F032",
        "a file cannot be closed",
        f"{DESK}::test_a_file_that_cannot_be_closed_is_done_or_not_done",
        f"{CRASHES}::test_a_file_that_cannot_be_closed_is_no_half_save",
    ),
    _forced(
        "F033",
        "an object is empty after the power cut",
        f"{POWER}::test_what_the_folder_still_holds_is_stored_again_and_said",
        f"{POWER}::test_what_nobody_has_any_more_is_said_and_the_rest_goes_on",
        f"{POWER}::test_a_newest_version_that_is_gone_is_refused_with_the_way_back",
    ),
    _forced(
        "F034", "a library waits for nothing", f"{POWER}::test_a_library_that_waits_for_nothing_is_named"
    ),
    # the disk
    _forced("F035", "no room for the new file", FULL),
    _forced(
        "F036",
        "no room for the text's object",
        FULL,
        f"{CROWD}::test_a_full_disk_is_said_and_nothing_is_lost",
    ),
    _forced(
        "F037", "no room for the index", FULL, f"{RECOVERY}::test_a_fault_at_any_place_puts_everything_back"
    ),
    _forced("F038", "no room for the branch", f"{RECOVERY}::test_a_fault_at_any_place_puts_everything_back"),
    _forced(
        "F039", "no room for the branch's log", f"{RECOVERY}::test_a_fault_at_any_place_puts_everything_back"
    ),
    _forced(
        "F040",
        "no room for another file",
        f"{DESK}::test_a_disk_without_room_for_another_file_keeps_text_and_site",
        f"{DISK}::test_a_disk_without_room_for_another_file_is_said",
    ),
    _forced("F041", "the quota is used up", COMES_AND_GOES),
    _forced(
        "F042", "files may not be large", COMES_AND_GOES, f"{DISK}::test_a_file_larger_than_the_limit_is_said"
    ),
    _forced(
        "F043",
        "the disk becomes read-only",
        f"{DESK}::test_a_disk_that_becomes_read_only_keeps_text_and_site",
    ),
    _forced(
        "F044",
        "the disk cannot be read",
        COMES_AND_GOES,
        f"{DISK}::test_an_index_that_the_disk_cannot_read_is_said",
    ),
    _forced("F045", "too many files are open", f"{DESK}::test_too_few_open_files_are_a_sentence_or_a_wait"),
    _forced(
        "F046", "no program can be started", f"{DESK}::test_a_machine_that_starts_no_more_programs_is_said"
    ),
    _forced("F047", "the file cannot be replaced", COMES_AND_GOES),
    _forced(
        "F048",
        "its folder cannot be written",
        COMES_AND_GOES,
        f"{DISK}::test_a_folder_that_cannot_be_written_is_said",
    ),
    _forced(
        "F049",
        "Git's data cannot be written",
        COMES_AND_GOES,
        f"{DISK}::test_a_folder_that_cannot_be_written_is_said",
    ),
    _forced(
        "F050",
        "the clone is somebody else's",
        f"{DISK}::test_a_clone_of_somebody_else_is_refused_with_what_to_do",
    ),
    _forced(
        "F051",
        "a shared clone and a strict umask",
        f"{DISK}::test_a_shared_repository_stays_shared_whatever_the_umask",
    ),
    _forced("F052", "the clone goes away", COMES_AND_GOES, f"{OPENING}::test_a_clone_that_goes_away"),
    _forced("F053", "the clone is bare", f"{OPENING}::test_a_bare_repository"),
    _forced(
        "F054",
        "only the pictures' disk is full",
        f"{DESK}::test_a_full_disk_under_the_pictures_alone_saves_neither",
    ),
    # the clone in odd states
    _forced(
        "F055",
        "the index is locked by someone dead",
        LEFT_LOCK,
        f"{PAGE}::test_a_lock_that_somebody_left_is_waited_for_and_then_named",
    ),
    _forced(
        "F056",
        "the index is locked by someone at work",
        f"{SAVING}::test_an_index_lock_of_somebody_else_is_waited_for_and_respected",
    ),
    _forced("F057", "the branch is locked by someone dead", LEFT_LOCK),
    _forced("F058", "other locks of someone dead", LEFT_LOCK),
    _forced("F059", "a tidying up that died", f"{CLONE}::test_a_tidying_that_died_is_no_obstacle", LEFT_LOCK),
    _forced("F060", "the index is cut off", f"{REINDEX}::test_a_damaged_index_is_made_anew_and_kept"),
    _forced("F061", "the index is empty", f"{REINDEX}::test_a_damaged_index_is_made_anew_and_kept"),
    _forced(
        "F062",
        "an index of another kind",
        EACH_INDEX,
        f"{REINDEX}::test_an_index_that_is_only_of_another_kind_is_left",
    ),
    _forced(
        "F063",
        "no branch is checked out",
        f"{PAGE}::test_a_developer_at_work_in_the_folder_is_left_alone",
        f"{OPENING}::test_a_detached_head",
    ),
    _forced(
        "F064",
        "a repository without a commit",
        "tests/repository/test_first_save.py::test_the_first_save_is_the_first_version",
    ),
    _forced(
        "F065",
        "HEAD names a branch that is not there",
        f"{OPENING}::test_a_head_that_names_a_missing_branch",
        COMES_AND_GOES,
    ),
    _forced(
        "F066",
        "the branch gets another name meanwhile",
        f"{CLONE}::test_a_branch_renamed_while_the_server_runs_is_said",
    ),
    _forced(
        "F067",
        "a merge is half done",
        UNDERWAY,
        f"{PAGE}::test_a_developer_at_work_in_the_folder_is_left_alone",
    ),
    _forced("F068", "a rebase is half done", UNDERWAY),
    _forced("F069", "a cherry-pick, a revert or a bisection is half done", UNDERWAY),
    _forced(
        "F070",
        "marks of a conflict in a text",
        f"{WRITING}::test_two_versions_in_a_text_are_shown_and_not_published",
    ),
    _forced(
        "F071",
        "somebody staged another file",
        f"{SAVING}::test_staged_work_of_others_stays_staged_and_is_not_swept_in",
    ),
    _forced(
        "F072",
        "somebody edits the same file",
        f"{PAGE}::test_somebody_who_edits_the_file_outside_is_not_overwritten",
        f"{WRITING}::test_what_was_written_outside_can_be_taken_over_and_saved",
    ),
    _forced("F073", "somebody edits another file", f"{SAVING}::test_unstaged_work_of_others_stays"),
    _forced(
        "F074",
        "an untracked file is where a new one goes",
        f"{SAVING}::test_an_untracked_file_is_not_overwritten",
    ),
    _forced(
        "F075",
        "the file was removed in the folder",
        f"{WRITING}::test_a_file_that_was_removed_outside_can_be_put_back",
    ),
    _forced(
        "F076",
        "somebody commits between opening and saving",
        f"{WRITING}::test_changes_of_different_places_are_joined_and_it_is_said",
        f"{TOGETHER}::test_a_stale_save_writes_nothing",
    ),
    _forced(
        "F077",
        "a sparse checkout leaves the file out",
        f"{SAVING}::test_a_sparse_checkout_is_saved_without_the_file_on_the_disk",
    ),
    _forced("F078", "a shallow clone", f"{OPENING}::test_a_shallow_clone_works"),
    _forced(
        "F079",
        "a partial clone without its origin",
        f"{CLONE}::test_a_partial_clone_without_its_origin_says_what_is_missing",
    ),
    _forced("F080", "a linked working tree", f"{SAVING}::test_a_linked_working_tree_works"),
    _forced("F081", "another repository inside", f"{SAVING}::test_another_repository_inside_is_not_entered"),
    _forced(
        "F082",
        "line ends that Git converts",
        "tests/repository/test_attributes.py::test_a_file_is_stored_as_git_would_and_the_tree_is_clean",
        "tests/repository/test_attributes.py::test_the_users_own_line_end_habits_are_honoured",
    ),
    _forced(
        "F083",
        "Git is told wrongly whether case counts",
        f"{CLONE}::test_names_that_differ_in_case_alone_are_told_whatever_git_was_told",
    ),
    _forced(
        "F084",
        "packed branches, and formats that are not known",
        f"{SAVING}::test_packed_branches_and_objects_are_no_obstacle",
        f"{OPENING}::test_object_names_of_another_kind",
        f"{OPENING}::test_a_format_from_the_future",
    ),
    _forced(
        "F085", "an object is damaged", f"{CLONE}::test_one_damaged_version_leaves_the_others_and_the_history"
    ),
    _forced(
        "F086", "a pack is damaged", f"{CLONE}::test_a_damaged_pack_is_said_and_what_is_outside_can_be_read"
    ),
    _forced(
        "F087",
        "the folders of an old version are missing",
        f"{CLONE}::test_a_missing_folder_of_an_old_version_is_said",
    ),
    _forced("F088", "Git tidies up meanwhile", f"{CROWD}::test_saves_go_on_while_git_tidies_up"),
    _forced("F089", "very many loose objects", f"{CLONE}::test_saves_go_on_beside_very_many_loose_objects"),
    _forced("F090", "no log of the branch", f"{CLONE}::test_a_reflog_is_kept_or_not_as_the_repository_wants"),
    _forced(
        "F091",
        "the clock goes back a day",
        f"{CLOCK}::test_a_clock_that_was_a_day_ahead_is_no_obstacle",
        f"{CLONE}::test_a_clock_that_jumps_loses_nothing",
    ),
    _forced(
        "F092",
        "the clock jumps a year ahead",
        f"{CLOCK}::test_a_clock_that_jumps_a_year_ends_sessions_and_keeps_the_text",
        f"{CLONE}::test_a_clock_that_jumps_loses_nothing",
    ),
    _forced(
        "F093",
        "a change of the same size and time",
        f"{SAVING}::test_a_change_of_the_same_size_and_time_is_seen",
    ),
    _forced(
        "F094",
        "no Git, or an old one",
        f"{OPENING}::test_a_machine_without_git",
        f"{OPENING}::test_a_git_that_is_too_old",
    ),
    _forced("F095", "a Git that does not end", f"{DISK}::test_a_git_that_does_not_end_is_ended"),
    # where the clone comes from
    _forced(
        "F096",
        "the other side is down",
        f"{REMOTES}::test_a_remote_that_is_down_delays_nothing_and_waits_longer_each_time",
    ),
    _forced(
        "F097",
        "the other side does not answer",
        f"{REMOTES}::test_a_remote_that_does_not_answer_is_left_after_the_time_set",
    ),
    _forced(
        "F098",
        "the other side is slow",
        f"{REMOTES}::test_a_remote_that_does_not_answer_is_left_after_the_time_set",
    ),
    _forced(
        "F099",
        "the connection ends in a push",
        f"{REMOTES}::test_a_lost_request_is_sent_again_and_a_lost_answer_makes_no_second_commit",
    ),
    _forced(
        "F100",
        "the other side went on",
        f"{REMOTES}::test_two_changes_of_one_entry_are_joined_field_by_field",
        f"{REMOTES}::test_what_cannot_be_joined_overwrites_nothing_and_says_where",
    ),
    _forced(
        "F101",
        "the other side's history was rewritten",
        f"{REMOTES}::test_a_rewritten_history_stops_everything_and_ours_is_kept",
    ),
    _forced(
        "F102",
        "the other side's branch is gone",
        f"{REMOTES}::test_a_deleted_branch_is_said_and_not_made_anew",
    ),
    _forced(
        "F103",
        "a hook of the other side refuses",
        f"{REMOTES}::test_a_hook_of_the_remote_may_refuse_and_its_words_are_kept_clean",
    ),
    _forced(
        "F104",
        "the credentials are no longer good",
        f"{REMOTES}::test_a_password_that_is_no_longer_good_is_said_and_never_shown",
    ),
    _forced(
        "F105",
        "the host's key is another one",
        f"{SSH}::test_another_key_of_the_host_is_refused_in_words_and_nothing_is_sent",
        f"{SSH}::test_a_host_that_comes_back_with_a_new_key_is_refused",
    ),
    _forced(
        "F106",
        "the certificate is out of date",
        f"{HTTPS}::test_a_certificate_that_has_run_out_is_refused_and_one_that_has_not_is_taken",
    ),
    _forced(
        "F107",
        "the other side answers with a fault",
        f"{REMOTES}::test_a_remote_that_answers_with_a_fault_is_named_and_tried_again",
        f"{REMOTES}::test_a_page_instead_of_an_answer_is_a_fault_of_the_remote",
    ),
    _forced("F108", "the other side is full", f"{REMOTES}::test_a_full_remote_is_tried_again"),
    _forced(
        "F109",
        "the other side rewrote what a draft is based on",
        f"{SENDING}::test_a_history_rewritten_under_an_open_page_is_a_choice_and_nothing_typed_is_lost",
    ),
    _forced(
        "F110",
        "a service is down for an hour",
        f"{OUTAGES}::test_a_service_that_is_down_for_an_hour_hears_of_everything_in_order",
    ),
    _forced(
        "F111",
        "ten thousand messages wait",
        f"{OUTAGES}::test_ten_thousand_messages_wait_in_bounded_room",
    ),
    _forced(
        "F112",
        "names cannot be resolved",
        f"{HTTPS}::test_a_name_that_is_not_found_is_like_a_remote_that_is_down",
    ),
    _forced(
        "F113",
        "a push arrives and its answer does not",
        f"{REMOTES}::test_a_lost_request_is_sent_again_and_a_lost_answer_makes_no_second_commit",
    ),
    # many at once
    _forced(
        "F114",
        "two save one entry at once",
        f"{CROWD}::test_two_authors_of_one_file_at_once_are_one_save_and_one_conflict",
        f"{PAGE}::test_two_people_and_one_entry_lose_nothing",
    ),
    _forced("F115", "two processes save at once", f"{CROWD}::test_two_servers_and_a_developer"),
    _forced(
        "F116",
        "two servers on one clone",
        "tests/test_many_people.py::test_forty_answers_are_forty_commits_of_one_entry_each",
    ),
    _forced("F117", "a server and a person at a shell", f"{CROWD}::test_two_servers_and_a_developer"),
    _forced(
        "F118",
        "a form is sent twice",
        f"{TOGETHER}::test_a_save_that_is_sent_twice_is_one_commit",
        f"{TOGETHER}::test_an_entry_that_is_made_twice_is_there_once",
        f"{DESK}::test_a_slow_disk_keeps_only_its_own_author_waiting",
    ),
    _forced("F119", "one person, two windows", f"{WRITING}::test_two_windows_of_one_person_are_told_so"),
    _forced(
        "F120",
        "one deletes what the other edits",
        f"{WRITING}::test_what_was_deleted_meanwhile_can_be_put_back",
        f"{WRITING}::test_what_was_changed_meanwhile_is_not_deleted",
    ),
    _forced(
        "F121",
        "one renames what the other edits",
        f"{TOGETHER}::test_an_entry_that_a_developer_renamed_is_followed",
    ),
    _forced(
        "F122",
        "one publishes what the other edits",
        f"{TOGETHER}::test_a_change_follows_a_draft_that_was_published_meanwhile",
        f"{TOGETHER}::test_publishing_takes_the_change_of_another_along",
    ),
    _forced(
        "F123",
        "the session ends while one types",
        f"{PAGE}::test_a_session_that_ended_keeps_the_text_and_goes_on_after_signing_in",
    ),
    _forced(
        "F124",
        "the browser dies while one types",
        "tests/browser/test_scripts.py::test_what_is_typed_is_kept_while_one_writes_and_found_after_a_crash",
    ),
    _forced(
        "F125",
        "the connection ends in a save",
        f"{OWN}::test_a_connection_lost_during_a_save_leaves_it_done_or_undone",
    ),
    _forced(
        "F126",
        "very many people",
        f"{CROWD}::test_sixteen_threads",
        "tests/test_many_people.py::test_forty_answers_are_forty_commits_of_one_entry_each",
    ),
    _forced(
        "F127",
        "who holds the lock dies",
        f"{CRASHES}::test_writers_killed_under_load_lose_nothing_that_was_acknowledged",
        f"{RECOVERY}::test_the_next_save_recovers_without_a_new_start",
    ),
    _forced(
        "F128",
        "who holds the lock stands still",
        f"{DESK}::test_another_server_that_stands_still_in_a_save_is_waited_for_only_so_long",
        f"{SAVING}::test_another_server_that_does_not_finish_is_waited_for_only_so_long",
    ),
    Fault(
        "F129",
        "the lock lies on a disk of the network",
        why_not="not to be had: a network file system where tests run; the manual asks for a local disk",
    ),
    # the server's own data
    _forced(
        "F130",
        "the database or the index is damaged",
        f"{OWN}::test_a_damaged_database_is_said_and_the_site_is_whole",
        f"{OWN}::test_a_damaged_index_of_entries_is_made_anew",
        f"{OWN}::test_an_index_that_is_damaged_under_a_server_is_made_anew",
    ),
    _forced(
        "F131",
        "the database or the index is deleted",
        f"{OWN}::test_a_database_that_is_deleted_is_made_anew",
        "tests/index/test_filling.py::test_a_deleted_index_costs_time_alone",
    ),
    _forced(
        "F132",
        "the database is of a newer version",
        f"{OWN}::test_a_database_of_a_newer_version_is_refused_and_left",
    ),
    _forced(
        "F133",
        "killed while the database is upgraded",
        f"{OWN}::test_an_upgrade_that_is_killed_is_completed_by_the_next_start",
    ),
    _forced(
        "F134",
        "an older version meets newer data",
        f"{OWN}::test_a_database_of_a_newer_version_is_refused_and_left",
    ),
    _forced(
        "F135",
        "the configuration is broken",
        f"{OWN}::test_a_broken_configuration_names_the_line_and_ends_with_2",
    ),
    _forced(
        "F136",
        "the configuration changes meanwhile",
        f"{OWN}::test_a_configuration_changed_under_a_running_server_counts_from_the_next_start",
    ),
    _forced("F137", "the secret is another one", f"{OWN}::test_a_new_secret_ends_sessions_and_nothing_else"),
    _forced("F138", "the log cannot be written", f"{OWN}::test_a_log_that_cannot_be_written_stops_no_save"),
    _forced(
        "F139",
        "a backup takes the clone's place",
        f"{CLONE}::test_a_backup_that_takes_the_clones_place_is_noticed",
    ),
)

_TRAPS = "tests/faults/test_traps.py::test_nobody_elses_code_runs_from_opening_to_restoring"
_ELSEWHERE = {
    24: f"{OPENING}::test_a_working_tree_elsewhere",
    26: f"{DISK}::test_a_clone_of_somebody_else_is_refused_with_what_to_do",
    27: f"{CLONE}::test_a_bare_repository_inside_is_content_and_never_asked",
    30: f"{CLONE}::test_a_history_that_lies_partly_elsewhere_is_read_and_named",
    31: f"{CLONE}::test_replaced_parts_of_the_history_are_shown_as_they_were_saved",
    32: "tests/repository/test_attributes.py::test_whatever_is_asked_for_is_stored_as_git_stores_it",
    33: "tests/repository/test_lfs.py::test_a_content_that_is_not_here_is_not_written_over",
}
REPOSITORIES = {f"REPO-{number:03}": _ELSEWHERE.get(number, _TRAPS) for number in range(1, 34)}
"""What a repository may bring along to have its way with a server: hooks, filters, drivers, helpers, programs
and files of configuration (all planted at once), and what is tried one by one."""

_CALLS = "tests/repository/test_remote.py::test_an_address_that_could_mean_something_else_is_refused"
CONNECTIONS = {f"REMOTE-{number:03}": _CALLS for number in (*range(1, 22), 24, 25, 29, 30)} | {
    "REMOTE-022": f"{HTTPS}::test_a_redirect_is_never_followed",
    "REMOTE-023": f"{HTTPS}::test_what_git_is_told_wins_over_every_configuration",
    **{
        f"REMOTE-{number:03}": f"{CLONE_COMMAND}::test_an_address_that_is_none_or_an_option_is_refused"
        for number in (26, 27, 28)
    },
}
"""What the address of a remote, and the remote itself, may try."""
