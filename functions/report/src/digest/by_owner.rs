//! Whose the resources of a night are, and what their tags accept.

use std::collections::BTreeMap;

use notice::text;
use owner::{Exception, Owned, Standing as Accepting};
use serde::{Deserialize, Serialize};

use super::listed::Listed;
use crate::report::Report;
use crate::rows::Row;
use crate::sheet::Standing;
use crate::words::{ascii, rows};

/// Owners that one entry names.
const NAMED: usize = 4;

/// Adds up from place to place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ByOwner {
    pub owners: BTreeMap<String, Holding>,
    /// Of resources that no tag names an owner of.
    pub nobody: Holding,
    /// Of resources whose owner is not known, and why that of the first is not.
    pub unknown: Holding,
    pub why: Option<String>,
    /// By name those that no tag names an owner of.
    pub unowned: Listed,
    /// Exceptions that hold, each with its day and reason, be the resource as it should or not.
    pub accepted: Listed,
    /// Of resources that are not as they should be: exceptions that have ended.
    pub ended: Listed,
    /// Tags that do not say what they should.
    pub wrong: Listed,
}

/// Resources of one owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holding {
    pub resources: usize,
    /// Those of which a backup or a copy is past its objective, was never made, or cannot be used; then those at risk.
    pub past: usize,
    pub at_risk: usize,
    /// Those that are not as they should be, and accepted.
    pub accepted: usize,
    /// How old the oldest last good backup is, of those that are not accepted.
    pub oldest_s: Option<i64>,
}

impl ByOwner {
    pub(super) fn of(report: &Report) -> Self {
        let mut ranked: Vec<(usize, &Row)> = report.rows().iter().enumerate().collect();
        ranked.sort_by_key(|(rank, row)| (row.key.resource, *rank));
        let mut resources: Vec<&[(usize, &Row)]> =
            ranked.chunk_by(|(_, one), (_, next)| one.key.resource == next.key.resource).collect();
        // The worst first, as the rows are.
        resources.sort_by_key(|rows| rows.first().map(|(rank, _)| *rank));
        let (mut by_owner, mut unowned) = (Self::default(), Vec::new());
        let (mut accepted, mut ended, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for rows in resources {
            let Some((_, worst)) = rows.first() else { continue };
            by_owner.holding(report.owned(worst)).take(rows);
            if report.owned(worst) == Owned::Nobody {
                unowned.push(*worst);
            }
            let arn = report.ledger().arn(worst.key.resource);
            let owners = report.owners_of(worst);
            match owners.exception(arn, report.night().now) {
                Some((exception, Accepting::Accepted)) => accepted.push((*worst, exception)),
                Some((exception, Accepting::Ended)) if worst.is_open() => ended.push((*worst, exception)),
                Some((_, Accepting::Ended)) | None => {}
            }
            wrong.extend(owners.wrong(arn).iter().map(|wrong| (*worst, wrong)));
        }
        let resource = |row: &Row| rows::resource(report, row.key.resource);
        Self {
            unowned: Listed::of(unowned, resource),
            accepted: Listed::of(accepted, |(row, exception)| self::accepted(report, row, exception)),
            ended: Listed::of(ended, |(row, exception)| {
                let because = ascii(&exception.because, 100);
                format!("{}: the exception ended on {} ({because})", resource(row), exception.until)
            }),
            wrong: Listed::of(wrong, |(row, wrong)| format!("{}: {}", resource(row), ascii(&wrong.to_string(), 200))),
            ..by_owner
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (owner, holding) in other.owners {
            self.owners.entry(owner).or_default().add(holding);
        }
        self.nobody.add(other.nobody);
        self.unknown.add(other.unknown);
        self.why = self.why.take().or(other.why);
        for (own, others) in [
            (&mut self.unowned, other.unowned),
            (&mut self.accepted, other.accepted),
            (&mut self.ended, other.ended),
            (&mut self.wrong, other.wrong),
        ] {
            own.add(others);
        }
    }

    /// The owners who have to act, the one with most to do first.
    pub(crate) fn acting(&self) -> Vec<(&String, &Holding)> {
        let mut acting: Vec<(&String, &Holding)> =
            self.owners.iter().filter(|(_, holding)| holding.past + holding.at_risk > 0).collect();
        acting.sort_by_key(|(owner, holding)| (std::cmp::Reverse((holding.past, holding.at_risk)), *owner));
        acting
    }

    /// Whether a tag names an owner of anything: only then is it news that one has none.
    pub(crate) fn is_used(&self) -> bool {
        !self.owners.is_empty()
    }

    /// Whether there is anything to say of owners: not where all tags were read and none names one.
    pub(crate) fn is_told(&self) -> bool {
        self.is_used() || self.unknown.resources > 0
    }

    fn holding(&mut self, owned: Owned) -> &mut Holding {
        match owned {
            Owned::By { owner, .. } => self.owners.entry(owner.to_string()).or_default(),
            Owned::Nobody => &mut self.nobody,
            Owned::Unknown { why } => {
                self.why.get_or_insert(why);
                &mut self.unknown
            }
        }
    }
}

impl Holding {
    /// One resource, with all of its rows.
    fn take(&mut self, rows: &[(usize, &Row)]) {
        self.resources += 1;
        match rows.iter().map(|(_, row)| Standing::of(row)).min() {
            Some(Standing::Unusable | Standing::Past) => self.past += 1,
            Some(Standing::AtRisk) => self.at_risk += 1,
            Some(Standing::Accepted) => self.accepted += 1,
            Some(Standing::SwitchedOff | Standing::NotAssessed | Standing::Fine) | None => {}
        }
        let backups = rows.iter().filter(|(_, row)| !row.is_copy() && !row.is_accepted());
        let oldest = backups.filter_map(|(_, row)| row.judgement.age).map(|age| age.as_secs()).max();
        self.oldest_s = self.oldest_s.max(oldest);
    }

    fn add(&mut self, other: Self) {
        self.resources += other.resources;
        self.past += other.past;
        self.at_risk += other.at_risk;
        self.accepted += other.accepted;
        self.oldest_s = self.oldest_s.max(other.oldest_s);
    }
}

/// Whose these rows are: `owner crm-team`, `owners crm-team (2), finance (1), without owner (1)`. `None` where no tag names an owner of anything.
pub(super) fn line(report: &Report, rows: &[&Row]) -> Option<String> {
    if !report.names_owners() {
        return None;
    }
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let (mut nobody, mut unknown) = (0, 0);
    for row in rows {
        match report.owned(row) {
            Owned::By { owner, .. } => *counted.entry(ascii(owner.as_str(), 100)).or_default() += 1,
            Owned::Nobody => nobody += 1,
            Owned::Unknown { .. } => unknown += 1,
        }
    }
    let mut owners: Vec<(String, usize)> = counted.into_iter().collect();
    owners.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = owners.len().saturating_sub(NAMED);
    let told = owners.iter().take(NAMED).map(|(owner, count)| format!("{owner} ({count})"));
    let others = [(nobody, "without owner"), (unknown, "unknown")].into_iter().filter(|(count, _)| *count > 0);
    Some(match (owners.as_slice(), nobody, unknown) {
        ([(owner, _)], 0, 0) => format!("owner {owner}"),
        ([], _, 0) => "without owner".to_owned(),
        ([], 0, _) => "owner unknown".to_owned(),
        _ => {
            let more = (more > 0).then(|| format!("{} more", text::count(more, "owner")));
            let told: Vec<String> =
                told.chain(more).chain(others.map(|(count, words)| format!("{words} ({count})"))).collect();
            format!("owners {}", told.join(", "))
        }
    })
}

fn accepted(report: &Report, row: &Row, exception: &Exception) -> String {
    let because = ascii(&exception.because, 100);
    let how = match row.is_printed() {
        true => format!("{}, {}", rows::verdict(row), rows::age(report, row)),
        false => "nothing is wrong with it now".to_owned(),
    };
    let whose = line(report, &[row]).map(|owner| format!("; {owner}")).unwrap_or_default();
    format!("{}: until {} ({because}){whose}; {how}", rows::resource(report, row.key.resource), exception.until)
}
