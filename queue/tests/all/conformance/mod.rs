//! What every store promises, one file per subject. A case takes a harness and knows no store.

pub(crate) mod attempts;
pub(crate) mod claiming;
pub(crate) mod dead;
pub(crate) mod draining;
pub(crate) mod leases;
pub(crate) mod losing;
pub(crate) mod model;
pub(crate) mod schedules;
pub(crate) mod stopping;
pub(crate) mod uniqueness;
pub(crate) mod waking;

/// Instantiates every case for one store; each is bounded in time.
macro_rules! suite {
    ($store:ident, $harness:ty) => {
        mod $store {
            $crate::conformance::cases! { $harness;
                attempts:
                    a_job_that_succeeds_leaves_nothing_behind,
                    a_failure_is_tried_again_after_the_wait_of_the_curve,
                    a_job_is_dead_after_its_attempts_and_mourned_once,
                    the_job_stays_in_the_queue_until_it_is_mourned,
                    mourning_that_fails_is_tried_again_and_nothing_else,
                    mourning_that_hangs_is_stopped_and_tried_again,
                    mourning_that_always_fails_is_given_up,
                    a_refusal_is_dead_at_once,
                    retry_at_burns_no_attempt,
                    retry_at_is_bounded_by_age,
                    a_panic_and_a_time_out_are_failures_of_one_attempt,
                    an_undecodable_payload_is_dead_alone,
                    an_unknown_kind_waits_for_a_worker_that_knows_it,
                    an_unknown_kind_dies_at_last;
                claiming:
                    what_is_due_first_is_claimed_first,
                    a_claimed_job_is_not_claimed_again,
                    a_stale_owner_is_refused_for_that_job_alone,
                    a_lost_answer_can_be_asked_for_again,
                    a_turn_again_says_what_was_applied_and_what_is_next,
                    a_lost_answer_does_not_return_what_is_over,
                    a_handed_back_job_returns_as_it_came,
                    the_next_due_time_bounds_the_sleep,
                    a_paused_lane_gives_nothing_out,
                    lanes_do_not_meet,
                    the_next_job_tells_how_long_it_has_been_due,
                    a_job_keeps_the_trace_of_its_push,
                    a_full_page_is_taken_and_given;
                dead:
                    the_dead_are_listed_by_kind_and_age,
                    a_dead_job_can_be_retried_and_deleted,
                    a_dead_job_whose_key_is_held_stays_dead,
                    the_dead_set_is_capped_in_steps,
                    the_dead_are_forgotten_after_their_time;
                draining:
                    ten_thousand_jobs_are_drained_each_once,
                    concurrent_pushers_lose_nothing,
                    bulk_does_not_hold_up_who_waits;
                leases:
                    a_renewed_lease_does_not_run_out,
                    a_lease_that_ran_out_is_a_crash_and_burns_no_attempt,
                    an_attempt_that_ends_forgives_crashes,
                    one_suspect_runs_at_a_time,
                    suspects_of_all_lanes_run_one_after_the_other,
                    a_poison_job_takes_no_neighbour_with_it,
                    a_job_whose_worker_died_is_mourned_and_not_performed,
                    a_dying_job_that_kills_its_worker_is_buried_at_last,
                    a_thousand_orphans_return_in_steps;
                losing:
                    lost_answers_lose_no_job_and_run_none_twice,
                    a_store_that_is_away_is_asked_until_it_answers,
                    a_stop_with_nothing_owed_does_not_wait_for_the_store,
                    a_stop_with_endings_owed_waits_for_the_store,
                    a_stop_leaves_no_claim_behind_whose_answer_was_lost,
                    a_handler_whose_job_was_taken_back_is_stopped,
                    a_handler_that_cannot_prolong_its_lease_is_stopped,
                    a_heart_beat_that_hangs_does_not_keep_back_the_next;
                model:
                    random_commands_leave_each_job_in_exactly_one_state;
                schedules:
                    a_first_start_makes_up_for_nothing,
                    a_jump_runs_each_schedule_once,
                    a_tick_comes_once_to_two_engines,
                    a_tick_is_claimed_once_with_its_job,
                    a_clock_set_back_stops_no_schedule,
                    whoever_hears_late_of_a_jump_brings_no_tick_back,
                    a_due_tick_is_not_idle;
                stopping:
                    what_runs_ends_within_the_grace,
                    what_does_not_end_is_handed_back_free_of_charge,
                    a_name_registered_twice_is_refused_at_the_start;
                uniqueness:
                    a_key_is_held_until_its_job_is_finished,
                    a_duplicate_changes_nothing,
                    a_dead_job_releases_its_key,
                    the_same_push_again_is_no_duplicate,
                    two_jobs_of_one_page_with_one_key_become_one,
                    keys_may_hold_anything_and_names_keep_them_apart,
                    concurrent_pushers_of_one_key_make_one_job;
                waking:
                    a_push_wakes_an_idle_worker,
                    whoever_hangs_up_wakes_a_worker_if_the_job_was_taken,
                    a_delayed_job_starts_when_it_is_due,
                    a_jump_of_the_clock_wakes_sleepers_and_expires_no_lease,
                    an_offset_that_is_not_the_clocks_is_put_right,
                    what_is_delayed_does_not_count_as_busy;
            }
        }
    };
}

macro_rules! cases {
    ($harness:ty; $($subject:ident: $($case:ident),+;)+) => {$(
        mod $subject {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let harness = <$harness as $crate::world::Harness>::new().await;
                $crate::world::in_time($crate::conformance::$subject::$case(&harness)).await;
            }
        )+}
    )+};
}

pub(crate) use {cases, suite};
