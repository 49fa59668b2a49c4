//! Every row of a night as the page of the night, its files and the dashboard tell it. Rows that share their plan, verdict and cause are one
//! group: what they share is kept once.
//!
//! It is a part of the digest of its place, and sheets add up as digests do. What a row is to tell besides needs a member of [`One`] and a
//! column in [`crate::night`], and nothing else.

mod standing;
mod strip;

pub use standing::Standing;
pub use strip::{ByNight, Mark, NIGHTS, Strip};

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::Look;
use lambda::record::LONG;
use notice::text;
use owner::RPO_HOURS;
use serde::{Deserialize, Serialize};

use crate::names::Name;
use crate::owned::{self, Accepting, OwnerFrom};
use crate::pace;
use crate::report::Report;
use crate::restores::Tested;
use crate::rows::Row;
use crate::terms;
use crate::words::rows::why;
use crate::words::title;

/// Rows that a page holds; more would be no page any more.
pub const ROWS: usize = 20_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// The worst first.
    pub groups: Vec<Group>,
    /// Rows that are in no group, for there are too many: the best of all.
    pub left_out: usize,
    pub by_night: ByNight,
    /// What the causes are called that strips name, by their ids.
    pub causes: BTreeMap<String, String>,
}

/// Rows that share all that is told of them together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub shared: Shared,
    /// The oldest first. Boxed: a list that doubles as it grows holds what is in it twice.
    pub rows: Vec<Box<One>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// What stands before what: the lowest is the worst.
    pub urgency: u8,
    pub standing: Standing,
    /// As the log has it: `in-breach`.
    pub verdict: String,
    /// An account, or a subscription of Azure.
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    pub region: String,
    /// `backup` or `copy`.
    pub leg: String,
    pub resource_type: String,
    pub vault: String,
    /// The rules of plans, or the policy, that cover the rows.
    pub plan: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Why, where no cause says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a row has of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct One {
    pub arn: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good: Option<Timestamp>,
    /// The last good backup lies before this instant, or there never was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good_before: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective_s: Option<i64>,
    /// The longest of its good jobs that are on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_s: Option<i64>,
    /// How long the last good backup took, the median of all that are on record, and the time within which 95 of 100 were done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaches_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "is_nought")]
    pub runs_missed: usize,
    /// The job that left the last good recovery point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point: Option<String>,
    /// What was found of it; as the log has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_job: Option<String>,
    /// The root cause of its latest bad job, whatever came after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failed_of: Option<String>,
    /// The verdict on the restores of the resource, and when the restore was that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
    /// None where its tags name nobody, and where they were not read: `owner_from` tells which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub owner_from: OwnerFrom,
    /// What somebody has accepted of the resource until a day, and whether that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Accepting>,
    /// Tags that do not say what they should, a clause each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong_tags: Vec<String>,
    /// Set where a tag of the resource gives the objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective_tag: Option<Cow<'static, str>>,
    pub nights: Strip,
}

fn is_nought(number: &usize) -> bool {
    *number == 0
}

impl Sheet {
    /// The rows of a report, at most [`ROWS`] of them.
    pub fn of(report: &Report) -> Self {
        let mut sheet = Self::default();
        let mut places = BTreeMap::new();
        let tested = tested(report);
        for (number, row) in report.rows().iter().enumerate() {
            let nights = strip::of(report, row);
            sheet.by_night.count(&nights);
            if number >= ROWS {
                sheet.left_out += 1;
                continue;
            }
            let of_type = report.ledger().resource_type(row.key.resource);
            let policy =
                row.item.as_deref().map(|item| (item.watched.policy_name.as_deref(), terms::place(report, row)));
            let key =
                (row.urgency(), row.rules, policy, row.why, row.key.hop, row.key.vault, of_type, terms::verdict(row));
            let place = *places.entry(key).or_insert(sheet.groups.len());
            let one = Box::new(One::of(report, row, nights, &tested));
            for id in one.nights.failed_by() {
                if !sheet.causes.contains_key(id) {
                    let called = report.causes().iter().find(|cause| cause.id == *id).map(title);
                    sheet.causes.insert(id.clone(), called.unwrap_or_default());
                }
            }
            match sheet.groups.get_mut(place) {
                Some(group) => group.rows.push(one),
                None => sheet.groups.push(Group { shared: Shared::of(report, row), rows: vec![one] }),
            }
        }
        sheet
    }

    /// Every row of a report by itself, however many there are: none is held.
    pub(crate) fn rows_of(report: &Report) -> impl Iterator<Item = (Shared, One)> + '_ {
        let tested = tested(report);
        let one = move |row| (Shared::of(report, row), One::of(report, row, strip::of(report, row), &tested));
        report.rows().iter().map(one)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.left_out += other.left_out;
        self.by_night.add(&other.by_night);
        self.causes.extend(other.causes);
        self.groups.extend(other.groups);
    }

    /// Puts the groups in one order, the worst first. Call it once all are added.
    pub(crate) fn close(&mut self) {
        self.groups.sort_by(|a, b| a.order().cmp(&b.order()));
    }

    /// Leaves out the best, so that at most `limit` rows stay.
    pub(crate) fn keep(&mut self, limit: usize) {
        let mut room = limit;
        for group in &mut self.groups {
            let kept = group.rows.len().min(room);
            self.left_out += group.rows.len() - kept;
            group.rows.truncate(kept);
            room -= kept;
        }
        self.groups.retain(|group| !group.rows.is_empty());
    }

    pub fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }

    /// Every row with what it shares.
    pub fn each(&self) -> impl Iterator<Item = (&Shared, &One)> {
        self.groups.iter().flat_map(|group| group.rows.iter().map(|one| (&group.shared, &**one)))
    }
}

impl Group {
    fn order(&self) -> (u8, Reverse<Option<i64>>, &str, &str, &str) {
        let first = self.rows.first();
        let (age, arn) = (first.and_then(|one| one.age_s), first.map_or("", |one| one.arn.as_str()));
        (self.shared.urgency, Reverse(age), &self.shared.account, &self.shared.region, arn)
    }
}

impl Shared {
    fn of(report: &Report, row: &Row) -> Self {
        let (account, region) = terms::place(report, row);
        let cause = row.why.cause().and_then(|number| report.cause(number)).map(|cause| cause.id.clone());
        Self {
            urgency: row.urgency(),
            standing: Standing::of(row),
            verdict: terms::verdict(row).to_owned(),
            account: account.to_owned(),
            account_name: terms::account_name(report, account).map(|name| text::outside(name, LONG)),
            region: region.to_owned(),
            leg: terms::leg(row.key.hop).to_owned(),
            resource_type: text::outside(report.ledger().resource_type(row.key.resource), LONG),
            vault: text::outside(report.ledger().word(row.key.vault), LONG),
            plan: text::outside(&report.rules_of(row), LONG),
            reason: if cause.is_some() { None } else { why(report, row) },
            cause,
        }
    }
}

impl One {
    fn of(report: &Report, row: &Row, nights: Strip, tested: &ByResource<'_>) -> Self {
        let ledger = report.ledger();
        let facts = ledger.rows.get(&row.key);
        let good = facts.and_then(|facts| facts.good.as_ref());
        let bad = facts.and_then(|facts| facts.bad.as_deref());
        let last_failed_of = bad.and_then(|bad| ledger.causes.get(bad.cause as usize));
        let point = row.last_point(ledger);
        let looked = row.confirmation.as_deref().map(|looked| match looked {
            Look::Seen(found) => terms::found_word(found),
            Look::Missing => "gone",
            Look::Unreadable { .. } | Look::NotLooked { .. } => "not looked at",
        });
        let tested = tested.get(&row.key.resource);
        let restore = tested.and_then(|tested| tested.restore.as_ref());
        let (owner, owner_from) = owned::named(&report.owned(row));
        let (run, usual) = pace::of(report, row);
        let seconds = |span: SignedDuration| u32::try_from(span.as_secs()).ok();
        Self {
            arn: text::outside(ledger.arn(row.key.resource), LONG),
            name: text::outside(ledger.label(row.key.resource), LONG),
            last_good: row.last_good_start(),
            last_good_before: row.judged_from(),
            age_s: row.judgement.age.map(|age| age.as_secs()),
            objective_s: row.judgement.objective.map(|objective| objective.as_secs()),
            longest_s: facts.and_then(|facts| facts.longest_completed()).map(|longest| longest.as_secs()),
            took_s: run.and_then(|run| seconds(run.took)),
            median_s: usual.and_then(|usual| seconds(usual.median)),
            p95_s: usual.and_then(|usual| seconds(usual.p95)),
            breaches_at: row.judgement.verdict.breaches_at(),
            runs_missed: row.judgement.missed.runs,
            job: good.map(|good| text::outside(&good.job, LONG)),
            recovery_point: point.map(|point| text::outside(point, LONG)),
            looked: looked.map(Cow::Borrowed),
            failed_job: facts.and_then(|facts| facts.open_under()).map(|bad| text::outside(&bad.job, LONG)),
            last_failed_of: last_failed_of.map(|cause| cause.id.as_str().to_owned()),
            restore: tested.map(|tested| Cow::Borrowed(tested.verdict.as_str())),
            restored_at: restore.map(|restore| restore.at).or_else(|| tested?.last_tried.get()),
            owner,
            owner_from,
            exception: Accepting::of(report, row),
            wrong_tags: owned::wrong_tags(report, row),
            objective_tag: report.by_tag(row).map(|_| Cow::Borrowed(RPO_HOURS)),
            nights,
        }
    }
}

/// What is known of restores.
type ByResource<'a> = BTreeMap<Name, &'a Tested>;

fn tested(report: &Report) -> ByResource<'_> {
    report.tested().iter().map(|tested| (tested.resource, tested)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rows of one account, by how bad they are.
    fn sheet(account: &str, groups: &[(u8, usize)]) -> Sheet {
        let group = |&(urgency, rows): &(u8, usize)| {
            let rows: Vec<_> = (0..rows).map(|n| json!({"arn": format!("{account}-{urgency}-{n}")})).collect();
            json!({"rows": rows, "shared": {
                "urgency": urgency, "standing": "past", "verdict": "in-breach", "account": account, "region": "r", "leg": "backup",
                "resource_type": "RDS", "vault": "v", "plan": "p",
            }})
        };
        let groups: Vec<_> = groups.iter().map(group).collect();
        serde_json::from_value(json!({ "groups": groups })).unwrap()
    }

    #[test]
    fn of_too_many_rows_the_worst_stay_and_the_others_are_counted() {
        let mut whole = sheet("a", &[(1, 2), (5, 4)]);
        whole.add(sheet("b", &[(0, 3), (5, 9)]));
        whole.close();
        whole.keep(7);
        let kept: Vec<&str> = whole.each().map(|(_, one)| one.arn.as_str()).collect();
        assert_eq!(kept, ["b-0-0", "b-0-1", "b-0-2", "a-1-0", "a-1-1", "a-5-0", "a-5-1"]);
        assert_eq!((whole.rows(), whole.left_out), (7, 11));
        // Of an account that gave a part, what it left out is counted, too.
        let mut more = sheet("c", &[(9, 3)]);
        more.keep(1);
        whole.add(more);
        whole.close();
        whole.keep(4);
        assert_eq!((whole.rows(), whole.left_out), (4, 17));
    }
}
