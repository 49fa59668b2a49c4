//! Until when somebody has to decide, in the one sentence that pages and the mails after them have.

use jiff::{SignedDuration, Timestamp};
use job::JobKind;

/// The sentence also counts the resources that exceed their objective within this time after the first one.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// A resource that waits for a good job, and until when it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// `crm-13 (RDS)`
    pub resource: String,
    /// What it waits for.
    pub kind: JobKind,
    /// When it exceeds its objective.
    pub at: Timestamp,
    pub objective: SignedDuration,
    pub next_run: Option<Timestamp>,
}

impl Deadline {
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at < now
    }

    /// Whether it comes before the next run, or nobody knows of one.
    pub fn is_before_next_run(&self) -> bool {
        promise::too_late(self.at, self.next_run)
    }
}

/// When the first of them exceeds its objective and whether its next run comes before, and how many others do soon after it. Of several with one
/// deadline it names the first. `None`: there is none.
///
/// `unseen`: others of which nobody knows when they exceed theirs.
pub fn sentence(deadlines: &[Deadline], unseen: usize, now: Timestamp) -> Option<String> {
    let first = deadlines.iter().min_by_key(|deadline| deadline.at)?;
    let (resource, objective) = (&first.resource, notice::span(first.objective.as_secs()));
    if first.is_past(now) {
        let others = match deadlines.iter().filter(|deadline| deadline.is_past(now)).count() {
            0 | 1 => String::new(),
            2 => " (1 more resource is past its RPO, too)".to_owned(),
            all => format!(" ({} more resources are past their RPO, too)", all - 1),
        };
        let age = notice::span(now.duration_since(first.at).saturating_add(first.objective).as_secs());
        return Some(format!(
            "{resource} is PAST its RPO of {objective} since {}{others}: its last good {} began {age} ago.{}",
            notice::minute(first.at),
            first.kind.noun(1),
            coming(first.next_run, now)
        ));
    }
    let soon = || deadlines.iter().map(|deadline| deadline.at).filter(|at| *at < first.at + SOON);
    let by = match soon().max() {
        Some(last) if notice::minute(last) != notice::minute(first.at) => format!(" by {}", last.strftime("%H:%M UTC")),
        _ => String::new(),
    };
    let others = match soon().count() {
        0 | 1 => String::new(),
        2 => format!(", and so does 1 more resource{by}"),
        all => format!(", and so do {} more resources{by}", all - 1),
    };
    let others = match unseen {
        0 => others,
        unseen => format!("{others}; {unseen} more were not looked at"),
    };
    let left = notice::span(first.at.duration_since(now).as_secs());
    Some(format!(
        "Decide by {}, in {left}: {resource} then exceeds its RPO of {objective}{others}.{}",
        notice::minute(first.at),
        in_time(first)
    ))
}

fn in_time(deadline: &Deadline) -> String {
    let verdict = if deadline.is_before_next_run() { "too late" } else { "in time" };
    match deadline.next_run {
        Some(run) => format!(" Next run {}: {verdict}.", notice::minute(run)),
        None => " No next run is known.".to_owned(),
    }
}

/// Of what is past its objective, where no run comes in time.
fn coming(next_run: Option<Timestamp>, now: Timestamp) -> String {
    match next_run {
        Some(run) => {
            let left = notice::span(run.duration_since(now).as_secs());
            format!(" Next run {}, in {left}.", notice::minute(run))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    #[test]
    fn the_first_deadline_says_who_when_and_what_comes_before() {
        let now = at("21T03:45");
        let of = |resource: &str, deadline: &str, next_run: Option<&str>| Deadline {
            resource: format!("{resource} (RDS)"),
            kind: JobKind::Backup,
            at: at(deadline),
            objective: SignedDuration::from_hours(32),
            next_run: next_run.map(at),
        };
        let table: [(Vec<Deadline>, Option<&str>); 7] = [
            (vec![], None),
            (
                vec![of("a", "21T09:30", Some("22T01:00"))],
                Some(
                    "Decide by 2026-11-21 09:30 UTC, in 5 h: a (RDS) then exceeds its RPO of 1 d 8 h. Next run 2026-11-22 01:00 UTC: too late.",
                ),
            ),
            (
                vec![of("a", "21T09:30", Some("21T05:00"))],
                Some(
                    "Decide by 2026-11-21 09:30 UTC, in 5 h: a (RDS) then exceeds its RPO of 1 d 8 h. Next run 2026-11-21 05:00 UTC: in time.",
                ),
            ),
            (
                vec![of("b", "21T10:29", None), of("a", "21T09:30", None), of("c", "21T10:30", None)],
                Some(
                    "Decide by 2026-11-21 09:30 UTC, in 5 h: a (RDS) then exceeds its RPO of 1 d 8 h, and so does 1 more resource by 10:29 UTC. No next run is known.",
                ),
            ),
            (
                vec![of("b", "21T09:30", None), of("a", "21T09:30", None), of("c", "21T09:30", None)],
                Some(
                    "Decide by 2026-11-21 09:30 UTC, in 5 h: b (RDS) then exceeds its RPO of 1 d 8 h, and so do 2 more resources. No next run is known.",
                ),
            ),
            (
                vec![of("a", "21T03:00", Some("22T01:00")), of("b", "21T09:30", None)],
                Some(
                    "a (RDS) is PAST its RPO of 1 d 8 h since 2026-11-21 03:00 UTC: its last good backup began 1 d 8 h ago. Next run 2026-11-22 01:00 UTC, in 21 h.",
                ),
            ),
            (
                vec![Deadline { kind: JobKind::Copy, ..of("a", "20T03:45", None) }, of("b", "21T03:00", None)],
                Some(
                    "a (RDS) is PAST its RPO of 1 d 8 h since 2026-11-20 03:45 UTC (1 more resource is past its RPO, too): its last good copy began 2 d 8 h ago.",
                ),
            ),
        ];
        for (deadlines, expected) in table {
            assert_eq!(sentence(&deadlines, 0, now).as_deref(), expected, "{deadlines:?}");
        }
    }
}
