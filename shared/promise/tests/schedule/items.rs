//! Items of Azure: each verdict by a table of worlds, and what holds of every policy and every age.

use jiff::{SignedDuration, Timestamp};
use promise::{
    InVault, LastEnded, NotAssessed, PolicySays, Running, SeenItem, Standing, Verdict, hourly_within, judge_item,
    policy_objective, weekly_on,
};
use proptest::prelude::*;

use crate::at;
use crate::rpo::hours;

const NOW: &str = "2026-03-13T06:00:00Z";
const DAILY: PolicySays = PolicySays::Every(SignedDuration::from_hours(24));

fn ago(hours: i64) -> Timestamp {
    at(NOW) - SignedDuration::from_hours(hours)
}

/// A machine with a daily policy, whose point is of this night.
fn machine() -> SeenItem {
    SeenItem {
        standing: Standing::Active,
        last_point: Some(ago(5)),
        in_vault: InVault::NotTold,
        policy: DAILY,
        longest_completed: Some(hours(1)),
        last_ended: LastEnded::Well,
        running: Running::No,
        protected_since: None,
        last_heard: None,
    }
}

#[test]
fn each_world_has_its_verdict() {
    use NotAssessed::{NoPolicy, NotRead, OnServer, PolicyUnreadable, ServerSilent, UnknownState};
    let not = |why| Verdict::NotAssessed { why };
    let risk = |breaches_at| Verdict::AtRisk { breaches_at };
    let m = machine;
    let old = || SeenItem { last_point: Some(ago(27)), ..m() };
    let never = || SeenItem { last_point: None, ..m() };
    let on_server = || SeenItem { policy: PolicySays::OnServer, ..m() };
    let table = [
        ("of this night", m(), None, Verdict::WithinObjective),
        ("at the very objective", SeenItem { last_point: Some(ago(26)), ..m() }, None, Verdict::WithinObjective),
        ("past it", old(), None, Verdict::InBreach),
        ("past it, and one runs", SeenItem { running: Running::InTime, ..old() }, None, risk(None)),
        (
            "runs take four hours",
            SeenItem { longest_completed: Some(hours(4)), ..old() },
            None,
            Verdict::WithinObjective,
        ),
        ("no run is known: a quarter", SeenItem { longest_completed: None, ..old() }, None, Verdict::WithinObjective),
        ("RPO_HOURS is tighter", m(), Some(hours(4)), Verdict::InBreach),
        ("RPO_HOURS is wider", old(), Some(hours(48)), Verdict::WithinObjective),
        ("the last one failed", SeenItem { last_ended: LastEnded::Badly, ..m() }, None, risk(Some(ago(5) + hours(26)))),
        (
            "the vault reports an error",
            SeenItem { standing: Standing::InError, ..m() },
            None,
            risk(Some(ago(5) + hours(26))),
        ),
        ("failed, and past it", SeenItem { last_ended: LastEnded::Badly, ..old() }, None, Verdict::InBreach),
        ("failures not read", SeenItem { last_ended: LastEnded::NotRead, ..m() }, None, not(NotRead)),
        (
            "failures not read, and past it",
            SeenItem { last_ended: LastEnded::NotRead, ..old() },
            None,
            Verdict::InBreach,
        ),
        ("never", never(), None, Verdict::NeverBackedUp),
        ("new since yesterday", SeenItem { protected_since: Some(ago(20)), ..never() }, None, Verdict::NotDueYet),
        ("new for two days", SeenItem { protected_since: Some(ago(48)), ..never() }, None, Verdict::NeverBackedUp),
        ("never, without a policy", SeenItem { policy: PolicySays::NoPolicy, ..never() }, None, Verdict::NeverBackedUp),
        ("stopped", SeenItem { standing: Standing::Stopped, ..m() }, None, Verdict::Stopped),
        ("stopped for long", SeenItem { standing: Standing::Stopped, ..old() }, Some(hours(24)), Verdict::Stopped),
        ("stopped before its first", SeenItem { standing: Standing::Stopped, ..never() }, None, Verdict::Stopped),
        ("deleted", SeenItem { standing: Standing::SoftDeleted, ..old() }, None, Verdict::SoftDeleted),
        ("snapshots alone", SeenItem { in_vault: InVault::Nothing, ..m() }, None, Verdict::SnapshotOnly),
        ("in the vault too old", SeenItem { in_vault: InVault::At(ago(30)), ..m() }, None, Verdict::SnapshotOnly),
        ("in the vault", SeenItem { in_vault: InVault::At(ago(20)), ..m() }, None, Verdict::WithinObjective),
        (
            "on its way to the vault",
            SeenItem { in_vault: InVault::At(ago(30)), running: Running::InTime, ..m() },
            None,
            Verdict::WithinObjective,
        ),
        ("no policy", SeenItem { policy: PolicySays::NoPolicy, ..m() }, None, not(NoPolicy)),
        (
            "no policy, RPO_HOURS",
            SeenItem { policy: PolicySays::NoPolicy, ..m() },
            Some(hours(24)),
            Verdict::WithinObjective,
        ),
        ("an odd policy", SeenItem { policy: PolicySays::Unreadable, ..old() }, None, not(PolicyUnreadable)),
        ("policies not read", SeenItem { policy: PolicySays::NotRead, ..m() }, None, not(NotRead)),
        ("DPM", on_server(), None, not(OnServer)),
        ("DPM, RPO_HOURS", on_server(), Some(hours(24)), Verdict::WithinObjective),
        ("DPM that is silent", SeenItem { last_heard: Some(ago(49)), ..on_server() }, None, not(ServerSilent)),
        ("a server that reports", SeenItem { last_heard: Some(ago(3)), ..m() }, None, Verdict::WithinObjective),
        ("a silent server", SeenItem { last_heard: Some(ago(49)), ..m() }, Some(hours(72)), not(ServerSilent)),
        ("a silent server, past it", SeenItem { last_heard: Some(ago(49)), ..old() }, None, Verdict::InBreach),
        ("a state that nobody knows", SeenItem { standing: Standing::NotKnown, ..m() }, None, not(UnknownState)),
    ];
    for (name, seen, rpo, expected) in table {
        assert_eq!(judge_item(&seen, rpo, at(NOW)).verdict, expected, "{name}");
    }
}

#[test]
fn the_grace_of_a_policy_is_its_longest_run_or_a_quarter_and_two_hours_at_least() {
    for (interval, longest, minutes) in [
        (24 * 60, None, 30 * 60),
        (24 * 60, Some(30), 26 * 60),
        (24 * 60, Some(300), 29 * 60),
        (15, None, 15 + 120),
        (7 * 24 * 60, None, 7 * 24 * 60 * 5 / 4),
    ] {
        let mins = SignedDuration::from_mins;
        let objective = policy_objective(mins(interval), longest.map(mins), at(NOW));
        assert_eq!(objective, Some(mins(minutes)), "{interval} {longest:?}");
    }
    assert_eq!(policy_objective(SignedDuration::from_secs(59), None, at(NOW)), None);
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The longest time between neighbours of runs that repeat after a while.
fn longest_gap(runs: &[i64], after: i64) -> i64 {
    let next = runs.iter().copied().skip(1).chain(runs.first().map(|first| first + after));
    runs.iter().zip(next).map(|(run, next)| next - run).max().unwrap_or_default()
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::WithinObjective => 0,
        Verdict::AtRisk { .. } | Verdict::SnapshotOnly => 1,
        Verdict::InBreach => 2,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn the_interval_of_a_policy_is_the_longest_gap_between_its_runs(
        days in prop::collection::btree_set(0_usize..7, 1..7), interval in 1_u32..24, window in 0_u32..24,
    ) {
        let runs: Vec<i64> = days.iter().map(|day| i64::try_from(*day).unwrap() * 24).collect();
        let names: Vec<&str> = days.iter().map(|day| DAYS[*day]).collect();
        prop_assert_eq!(weekly_on(&names), Some(hours(longest_gap(&runs, 7 * 24))));
        let runs: Vec<i64> = (0..=window).step_by(interval as usize).map(i64::from).collect();
        prop_assert_eq!(hourly_within(interval, window), Some(hours(longest_gap(&runs, 24))));
    }

    #[test]
    fn an_objective_is_no_shorter_than_interval_and_grace_and_grows_with_both(
        interval in 1_i64..50_000, more in 0_i64..50_000, longest in prop::option::of(0_i64..10_000),
    ) {
        let mins = SignedDuration::from_mins;
        let of = |interval, longest: Option<i64>| policy_objective(mins(interval), longest.map(mins), at(NOW)).unwrap();
        prop_assert!(of(interval, longest) >= mins(interval + 120));
        prop_assert!(of(interval + more, longest) >= of(interval, longest));
        prop_assert!(of(interval, longest.map(|longest| longest + more)) >= of(interval, longest));
    }

    #[test]
    fn a_younger_point_is_never_judged_worse_and_who_is_past_is_never_green(
        mut ages in prop::collection::vec(0_i64..200, 2..12), vault in prop::option::of(0_i64..200),
        failed in any::<bool>(), runs in any::<bool>(),
    ) {
        ages.sort();
        let mut last = 0;
        for age in ages {
            let seen = SeenItem {
                last_point: Some(ago(age)),
                in_vault: vault.map_or(InVault::NotTold, |more| InVault::At(ago(age + more))),
                last_ended: if failed { LastEnded::Badly } else { LastEnded::Well },
                running: if runs { Running::InTime } else { Running::No },
                ..machine()
            };
            let judged = judge_item(&seen, None, at(NOW));
            prop_assert!(rank(judged.verdict) >= last, "{age} h is judged {judged:?}");
            prop_assert!(judged.age <= judged.objective || judged.verdict != Verdict::WithinObjective);
            last = rank(judged.verdict);
        }
    }
}
