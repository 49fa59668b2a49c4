//! One account in one Region, as the table of places tells it.

use jiff::Timestamp;
use job::Scope;
use lambda::record::{Layer, ScopeLine};
use notice::text;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::telling::Named;

/// An account in a Region, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// Empty: all Regions of an account that could not be looked into.
    pub region: String,
    pub seen: Seen,
    #[serde(default, skip_serializing_if = "Numbered::is_empty")]
    pub numbers: Numbered,
}

/// How much was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub layer: Layer,
    /// Why not everything of that layer was read; empty where it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    #[serde(default)]
    pub jobs: usize,
    /// When the oldest job was created that can be seen; known where only lists of the organization tell of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_job: Option<Timestamp>,
}

/// What a line of the table tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    pub resources: usize,
    /// Resources and copies past their objective, or without any complete recovery point.
    pub breached: usize,
    pub never: usize,
    /// Nought in a part that an older release wrote.
    #[serde(default)]
    pub no_plan: usize,
    pub at_risk: usize,
    /// Not assessed.
    pub unknown: usize,
    pub open_causes: usize,
}

impl Place {
    pub(super) fn of(report: &Report) -> Self {
        let (night, summary) = (report.night(), report.summary());
        let total = &summary.total;
        Self {
            account: night.scope.account.clone(),
            account_name: report.telling().among().and_then(|named| named.0.clone()),
            region: night.scope.region.clone(),
            seen: Seen {
                layer: Layer::Own,
                errors: night.coverage.gaps.iter().map(|gap| format!("{}: {}", gap.source, gap.why)).collect(),
                jobs: report.ledger().jobs_taken(),
                oldest_job: None,
            },
            numbers: Numbered {
                resources: total.resources,
                breached: total.in_breach
                    + total.copies_in_breach
                    + total.nothing_left
                    + total.only_incomplete
                    + total.infected,
                never: total.never_backed_up + total.copies_never,
                no_plan: total.no_plan,
                at_risk: total.at_risk + total.no_schedule_ran + total.copies_at_risk + total.snapshot_only,
                unknown: total.not_assessed + total.copies_not_assessed + total.opted_out,
                open_causes: report.causes().iter().filter(|cause| cause.is_open()).count(),
            },
        }
    }

    /// An account of which nothing is known.
    pub fn unread(scope: &Scope, named: &Named, layer: Layer, why: String) -> Self {
        Self {
            account: scope.account.clone(),
            account_name: named.0.clone(),
            region: scope.region.clone(),
            seen: Seen { layer, errors: vec![why], jobs: 0, oldest_job: None },
            numbers: Numbered::default(),
        }
    }

    /// `444455556666 (prod-crm), eu-west-1`
    pub fn name(&self) -> String {
        let account = self.named().account(&self.account);
        match self.region.as_str() {
            "" => account,
            region => format!("{account}, {}", text::outside(region, 30)),
        }
    }

    /// Tells the log how far a Region was seen.
    pub fn write_line(&self, region: &str) {
        let line = ScopeLine {
            account: &self.account,
            account_name: self.account_name.as_deref(),
            region,
            layer: self.seen.layer,
            complete: self.seen.errors.is_empty(),
            errors: self.seen.errors.clone(),
            jobs_counted: self.seen.jobs,
        };
        line.write();
    }

    pub(crate) fn named(&self) -> Named {
        Named(self.account_name.clone())
    }

    /// Nothing is there that would have to be told.
    pub(crate) fn is_quiet(&self) -> bool {
        let Numbered { breached, never, no_plan, at_risk, unknown, open_causes, .. } = self.numbers;
        breached + never + no_plan + at_risk + unknown + open_causes == 0 && self.seen.errors.is_empty()
    }
}

impl Numbered {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
