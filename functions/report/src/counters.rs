//! What a night is counted by, each number with all its wordings: one table feeds the subject, the first sentences, the totals, the tables by
//! vault and type, and the metrics, so that no two of them differ. The worst stands first.

use notice::text;
use promise::Verdict;
use serde::{Deserialize, Serialize};

use crate::ledger::Hop;
use crate::rows::Row;
use crate::summary::Numbers;

/// One number and its wordings. `{n}` is the number with what it counts (`3 resources`), `{number}` the bare number, `{all}` all of that
/// kind, `{worst}` and, shorter, `{oldest}` how old the worst is, `{first}` when the first breaches, `{so far}` what could not be read. A wording that is empty is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    pub(crate) number: fn(&Numbers) -> usize,
    pub(crate) of: Kind,
    pub(crate) subject: Wording,
    pub(crate) sentence: Wording,
    /// A line of the totals.
    pub(crate) total: Wording,
    /// Whether its line stands even when it is nought.
    pub(crate) shown: Shown,
    /// In the tables by vault and type.
    pub(crate) table: &'static str,
    /// CloudWatch's name. Numbers of one name are added up.
    pub(crate) metric: &'static str,
    /// The trouble of the rows that it counts. `None`: the mail names no causes beside it.
    pub(crate) trouble: Option<Trouble>,
}

/// Why a row needs somebody. A root cause is weighed by the troubles of its rows. In the order of the counters, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    OnlyIncomplete,
    Infected,
    InBreach,
    CopyInBreach,
    NeverBackedUp,
    NoPlan,
    SnapshotOnly,
    AtRisk,
    CopyAtRisk,
}

/// For one, and for more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wording {
    pub(crate) one: &'static str,
    pub(crate) many: &'static str,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Resources,
    Copies,
    /// Resources and copies together.
    Rows,
    Jobs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Always,
    IfAny,
}

pub(crate) const fn wording(one: &'static str, many: &'static str) -> Wording {
    Wording { one, many }
}

pub(crate) const fn same(words: &'static str) -> Wording {
    Wording { one: words, many: words }
}

const PLAIN: Counter = Counter {
    number: |_| 0,
    of: Kind::Resources,
    subject: same(""),
    sentence: same(""),
    total: same(""),
    shown: Shown::IfAny,
    table: "",
    metric: "",
    trouble: None,
};

/// The worst first, in every place.
pub(crate) const COUNTERS: [Counter; 30] = [
    Counter {
        number: |n| n.resources,
        total: wording("{number} resource known", "{number} resources known"),
        shown: Shown::Always,
        ..PLAIN
    },
    Counter { number: |n| n.protected, total: same("{number} of them backed up at least once"), ..PLAIN },
    Counter {
        number: |n| n.nothing_left,
        subject: same("{number} with NO RECOVERY POINT LEFT"),
        total: same("{number} without any recovery point left (of those looked at)"),
        table: "without any recovery point left",
        ..PLAIN
    },
    Counter { number: |n| n.lost, sentence: same("NO RECOVERY POINT LEFT: {n} cannot be restored at all."), ..PLAIN },
    Counter {
        number: |n| n.nothing_left_here,
        of: Kind::Rows,
        sentence: same("NO RECOVERY POINT LEFT of {n}: another vault may still hold one."),
        ..PLAIN
    },
    Counter {
        number: |n| n.only_incomplete,
        of: Kind::Rows,
        subject: same("{number} without a complete recovery point"),
        sentence: same("NO COMPLETE RECOVERY POINT of {n}: all that are left have holes."),
        total: same("{number} with incomplete recovery points only (of those looked at)"),
        table: "with incomplete recovery points only",
        trouble: Some(Trouble::OnlyIncomplete),
        ..PLAIN
    },
    Counter {
        number: |n| n.infected,
        of: Kind::Rows,
        subject: same("{number} with threats in the newest recovery point"),
        sentence: same("THREATS in the newest recovery point of {n}: it is not called good."),
        total: same("{number} with threats in their newest recovery point (of those looked at)"),
        table: "with threats in their newest recovery point",
        trouble: Some(Trouble::Infected),
        ..PLAIN
    },
    Counter {
        number: |n| n.in_breach,
        subject: same("{number} of {all} past RPO{oldest}"),
        sentence: wording("{number} of {all} is past its RPO{worst}.", "{number} of {all} are past their RPO{worst}."),
        total: same("{number} past their RPO"),
        shown: Shown::Always,
        table: "past RPO",
        metric: "ResourcesInBreach",
        trouble: Some(Trouble::InBreach),
        ..PLAIN
    },
    Counter {
        number: |n| n.copies_in_breach,
        of: Kind::Copies,
        subject: same("{n} past the RPO{oldest}"),
        sentence: wording("{number} of {all} is past its RPO{worst}.", "{number} of {all} are past their RPO{worst}."),
        total: same("{number} of the copies past their RPO"),
        table: "of the copies past RPO",
        metric: "CopiesInBreach",
        trouble: Some(Trouble::CopyInBreach),
        ..PLAIN
    },
    Counter {
        number: |n| n.never_backed_up,
        subject: same("{number} never backed up"),
        sentence: wording("{n} was never backed up.", "{n} were never backed up."),
        total: same("{number} never backed up"),
        shown: Shown::Always,
        table: "never backed up",
        metric: "NeverBackedUp",
        trouble: Some(Trouble::NeverBackedUp),
        ..PLAIN
    },
    Counter {
        number: |n| n.no_plan,
        subject: same("{number} without a plan"),
        total: same("{number} that no plan backs up any more"),
        table: "without a plan",
        metric: "ResourcesAtRisk",
        trouble: Some(Trouble::NoPlan),
        ..PLAIN
    },
    Counter {
        number: |n| n.copies_never,
        of: Kind::Copies,
        subject: same("{n} never made"),
        sentence: wording("{n} was never made.", "{n} were never made."),
        total: same("{number} of the copies never made"),
        ..PLAIN
    },
    Counter {
        number: |n| n.opted_out_past,
        of: Kind::Rows,
        subject: wording(
            "1 resource past the RPO, of a type that is switched off",
            "{number} resources past the RPO, of a type that is switched off",
        ),
        sentence: same("Past the RPO, and of a type that is switched off: {n}."),
        ..PLAIN
    },
    Counter {
        number: |n| n.snapshot_only,
        subject: same("{number} with a snapshot only"),
        sentence: wording(
            "{n} is within its RPO by a snapshot only: what is in the vault is older.",
            "{n} are within their RPO by a snapshot only: what is in the vault is older.",
        ),
        total: same("{number} with a snapshot only: what is in the vault is past the RPO"),
        table: "with a snapshot only",
        metric: "ResourcesAtRisk",
        trouble: Some(Trouble::SnapshotOnly),
        ..PLAIN
    },
    Counter {
        number: |n| n.at_risk + n.no_schedule_ran,
        sentence: wording(
            "{n} is at risk: a run left no good backup, and without one it exceeds its RPO{first}.",
            "{n} are at risk: a run left no good backup, and without one they exceed their RPO{first}.",
        ),
        table: "at risk",
        metric: "ResourcesAtRisk",
        trouble: Some(Trouble::AtRisk),
        ..PLAIN
    },
    Counter {
        number: |n| n.at_risk + n.no_schedule_ran + n.copies_at_risk,
        subject: same("{number} at risk"),
        ..PLAIN
    },
    Counter { number: |n| n.no_schedule_ran, total: same("{number} whose schedule made no job"), ..PLAIN },
    Counter {
        number: |n| n.at_risk,
        total: same("{number} at risk: a run failed, and the RPO is not reached yet"),
        shown: Shown::Always,
        ..PLAIN
    },
    Counter {
        number: |n| n.copies_at_risk,
        of: Kind::Copies,
        sentence: wording("{n} is at risk.", "{n} are at risk."),
        total: same("{number} of the copies at risk"),
        trouble: Some(Trouble::CopyAtRisk),
        ..PLAIN
    },
    Counter {
        number: |n| n.opted_out,
        total: same("{number} of a type that is switched off"),
        table: "switched off",
        metric: "NotAssessed",
        ..PLAIN
    },
    Counter {
        number: |n| n.stopped,
        sentence: wording(
            "The protection of {n} is stopped by a person.",
            "The protection of {n} is stopped by a person.",
        ),
        total: same("{number} whose protection is stopped by a person"),
        table: "stopped by a person",
        metric: "NotAssessed",
        ..PLAIN
    },
    Counter {
        number: |n| n.soft_deleted,
        total: same("{number} deleted, and kept for some days more"),
        table: "soft-deleted",
        ..PLAIN
    },
    Counter {
        number: |n| n.not_assessed,
        total: same("{number} not assessed"),
        table: "not assessed",
        metric: "NotAssessed",
        ..PLAIN
    },
    Counter {
        number: |n| n.copies_not_assessed,
        total: same("{number} of the copies not assessed"),
        metric: "NotAssessed",
        ..PLAIN
    },
    Counter {
        number: |n| n.accepted + n.copies_accepted,
        of: Kind::Rows,
        total: same("{number} accepted"),
        table: "accepted",
        ..PLAIN
    },
    Counter {
        number: |n| n.not_due_yet,
        total: same("{number} not due yet: no run was due since they are selected"),
        table: "not due yet",
        ..PLAIN
    },
    Counter {
        number: |n| n.breached,
        sentence: wording(
            "{n} exceeded its RPO and came back since the last report.",
            "{n} exceeded their RPO and came back since the last report.",
        ),
        total: same("{number} of all past their RPO and back since the last report"),
        metric: "BreachesSinceLastReport",
        ..PLAIN
    },
    Counter { number: |n| n.within, total: same("{number} within their RPO{so far}"), shown: Shown::Always, ..PLAIN },
    Counter {
        number: |n| n.copies,
        total: wording("{number} copy to another vault", "{number} copies to other vaults"),
        ..PLAIN
    },
    Counter {
        number: |n| n.stuck,
        of: Kind::Jobs,
        total: wording("{number} job stuck", "{number} jobs stuck"),
        table: "stuck",
        metric: "StuckJobs",
        ..PLAIN
    },
];

impl Trouble {
    pub(crate) const ALL: [Self; 9] = [
        Self::OnlyIncomplete,
        Self::Infected,
        Self::InBreach,
        Self::CopyInBreach,
        Self::NeverBackedUp,
        Self::NoPlan,
        Self::SnapshotOnly,
        Self::AtRisk,
        Self::CopyAtRisk,
    ];

    /// Whether a row is in it.
    pub(crate) fn is_of(self, row: &Row) -> bool {
        let (hop, verdict) = (row.key.hop, row.judgement.verdict);
        let at_risk = matches!(verdict, Verdict::AtRisk { .. } | Verdict::NoScheduleRan { .. });
        match self {
            Trouble::OnlyIncomplete => row.only_incomplete(),
            Trouble::Infected => row.is_infected(),
            Trouble::InBreach => hop == Hop::Backup && verdict == Verdict::InBreach,
            Trouble::CopyInBreach => hop == Hop::Copy && verdict == Verdict::InBreach,
            Trouble::NeverBackedUp => hop == Hop::Backup && verdict == Verdict::NeverBackedUp,
            Trouble::NoPlan => hop == Hop::Backup && verdict == Verdict::NoPlan,
            Trouble::SnapshotOnly => verdict == Verdict::SnapshotOnly,
            Trouble::AtRisk => hop == Hop::Backup && at_risk,
            Trouble::CopyAtRisk => hop == Hop::Copy && at_risk,
        }
    }

    pub(crate) fn is_past(self) -> bool {
        matches!(self, Trouble::InBreach | Trouble::CopyInBreach)
    }

    /// What a row in it is, in a word or two.
    pub(crate) fn words(self) -> &'static str {
        match self {
            // The tables do not count it by itself.
            Trouble::CopyAtRisk => "of the copies at risk",
            _ => COUNTERS.iter().find(|counter| counter.trouble == Some(self)).map_or("", |counter| counter.table),
        }
    }
}

impl Counter {
    /// How old the worst of these is, where that is told.
    pub(crate) fn worst(&self, numbers: &Numbers) -> Option<i64> {
        match self.of {
            Kind::Copies => numbers.worst_copy_gap,
            Kind::Resources | Kind::Rows | Kind::Jobs => numbers.worst_gap,
        }
    }

    /// All that are counted of its kind.
    pub(crate) fn all(&self, numbers: &Numbers) -> usize {
        match self.of {
            Kind::Copies => numbers.copies,
            Kind::Resources | Kind::Rows | Kind::Jobs => numbers.resources,
        }
    }
}

impl Kind {
    /// `1 resource`, `3 copies`.
    pub(crate) fn count(self, number: usize) -> String {
        let (one, many) = match self {
            Kind::Resources => ("resource", "resources"),
            Kind::Copies => ("copy", "copies"),
            Kind::Rows => ("resource or copy", "resources or copies"),
            Kind::Jobs => ("job", "jobs"),
        };
        format!("{number} {}", if number == 1 { one } else { many })
    }
}

impl Wording {
    pub(crate) fn of(self, number: usize) -> &'static str {
        if number == 1 { self.one } else { self.many }
    }

    /// With `3 rules` in the place of `{n}`. `None` for nought.
    pub(crate) fn told(self, number: usize, noun: &str) -> Option<String> {
        (number > 0).then(|| self.of(number).replace("{n}", &text::count(number, noun)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_has_a_counter_at_its_place_and_words() {
        let counted: Vec<Trouble> = COUNTERS.iter().filter_map(|counter| counter.trouble).collect();
        assert_eq!(counted, Trouble::ALL);
        assert!(counted.is_sorted());
        assert!(counted.iter().all(|trouble| !trouble.words().is_empty()));
    }
}
