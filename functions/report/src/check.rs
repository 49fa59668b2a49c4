//! Ready for a release? What is known of some resources, in one word. Pure.
//!
//! Never ready on half knowledge: what is known to be wrong is told whatever else is unread, and what could not be read or looked at is unknown.

use std::collections::BTreeSet;

use cause::restore::Verdict as Restored;
use jiff::SignedDuration;
use job::{Arn, Look, type_name};
use notice::text;
use owner::Owned;
use promise::Verdict;
use serde::Serialize;
use serde_json::Value;

use crate::coverage::Gap;
use crate::found::Found;
use crate::report::Report;
use crate::rows::{Flight, Row};
use crate::summary::not_assessed;
use crate::terms::{verdict, verdict_alone};

/// Reasons in an answer; the others are counted.
const REASONS: usize = 200;
const ERRORS: usize = 20;

/// What a check is about: all filters have to fit, and an empty one fits everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// By name or ARN.
    pub vaults: BTreeSet<String>,
    /// By ARN or name.
    pub resources: BTreeSet<String>,
    /// As AWS Backup writes them, in any case: `RDS`.
    pub types: BTreeSet<String>,
    pub owner: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    Ready,
    NotReady,
    Unknown,
}

/// Why it is not ready, or not known to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub resource_arn: String,
    pub vault_arn: String,
    pub verdict: String,
    pub reason: String,
    #[serde(skip)]
    is_known: bool,
}

/// A row that somebody accepts as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptedRow {
    pub resource_arn: String,
    pub vault_arn: String,
    /// What it would be without the exception.
    pub verdict: String,
    pub until: String,
    pub because: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    pub complete: bool,
    pub errors: Vec<String>,
}

/// What a check answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub check: Ready,
    /// Resources and vaults that fit the filters.
    pub rows: usize,
    /// What is wrong first, then what is not known.
    pub reasons: Vec<Reason>,
    pub reasons_left_out: usize,
    /// What is not as it should be, and ready all the same, for somebody accepts it; the first of them.
    pub accepted: Vec<AcceptedRow>,
    pub coverage: Covered,
}

/// What the places come to, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    rows: usize,
    reasons: Vec<Reason>,
    errors: Vec<String>,
    met: BTreeSet<String>,
    accepted: Vec<AcceptedRow>,
    /// Rows whose owner is not known, where a check is about one; and why, of the first.
    not_owned: (usize, Option<String>),
}

/// Whether a row is one that a check is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    /// Its owner is not known.
    NotKnown {
        why: String,
    },
}

impl Filter {
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn read(value: &Value) -> Result<Self, String> {
        let known = ["vaults", "resources", "types", "owner"];
        let members = value.as_object().ok_or("check is no object")?;
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("the member {:?} is not known in check", text::outside(name, 60)));
        }
        let words = |name: &str| match value.get(name) {
            None => Ok(BTreeSet::new()),
            Some(list) => {
                let words = list.as_array().map(|list| list.iter().map(|word| word.as_str().map(str::to_owned)));
                let words: Option<BTreeSet<String>> = words.and_then(Iterator::collect);
                words
                    .filter(|words| words.iter().all(|word| !word.is_empty()))
                    .ok_or_else(|| format!("{name} of check is no list of names"))
            }
        };
        let owner = match value.get("owner") {
            None => None,
            Some(owner) => Some(owner.as_str().ok_or("owner of check is no text")?.to_owned()),
        };
        Ok(Self { vaults: words("vaults")?, resources: words("resources")?, types: words("types")?, owner })
    }

    /// Whether a row fits by its names, be it whose it may.
    pub fn names_row(&self, report: &Report, row: &Row) -> bool {
        self.fits_by_name(report, row, &mut BTreeSet::new())
    }

    /// Whether a row fits, by what is known of it; the names that it fits are noted.
    fn fits(&self, report: &Report, row: &Row, met: &mut BTreeSet<String>) -> Fit {
        if !self.fits_by_name(report, row, met) {
            return Fit::No;
        }
        match (&self.owner, report.owned(row)) {
            (None, _) => Fit::Yes,
            (Some(name), Owned::By { owner, .. }) if owner.as_str() == name => {
                met.insert(name.clone());
                Fit::Yes
            }
            (Some(_), Owned::By { .. } | Owned::Nobody) => Fit::No,
            (Some(_), Owned::Unknown { why }) => Fit::NotKnown { why },
        }
    }

    fn fits_by_name(&self, report: &Report, row: &Row, met: &mut BTreeSet<String>) -> bool {
        let ledger = report.ledger();
        let vault = ledger.word(row.key.vault);
        let vault_name = Arn::parse(vault).and_then(|arn| arn.vault_name()).unwrap_or(vault);
        let (arn, label) = (ledger.arn(row.key.resource), ledger.label(row.key.resource));
        let of_type = ledger.resource_type(row.key.resource);
        let mut one = |names: &BTreeSet<String>, is: &dyn Fn(&str) -> bool| {
            let fitting: Vec<&String> = names.iter().filter(|name| is(name)).collect();
            met.extend(fitting.iter().map(|name| (*name).clone()));
            names.is_empty() || !fitting.is_empty()
        };
        let in_vault = one(&self.vaults, &|name| name == vault || name == vault_name);
        let of_resource = one(&self.resources, &|name| name == arn || name == label);
        let of_type = one(&self.types, &|name| {
            name.eq_ignore_ascii_case(of_type) || name.eq_ignore_ascii_case(type_name(of_type))
        });
        in_vault && of_resource && of_type
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.vaults.iter().chain(&self.resources).chain(&self.types).chain(&self.owner)
    }
}

/// The rows of a place that a check is about.
pub fn rows(report: &Report, filter: &Filter) -> Vec<usize> {
    let mut met = BTreeSet::new();
    let numbered = report.rows().iter().enumerate();
    numbered.filter(|(_, row)| filter.fits(report, row, &mut met) == Fit::Yes).map(|(number, _)| number).collect()
}

impl Checked {
    /// Takes in one place.
    pub fn take(&mut self, report: &Report, filter: &Filter) {
        self.errors.extend(
            report.night().coverage.gaps.iter().map(|Gap { source, why }| format!("{source}: {why}{}", report.here())),
        );
        for row in report.rows() {
            match filter.fits(report, row, &mut self.met) {
                Fit::Yes if row.is_accepted() => {
                    self.rows += 1;
                    self.accepted.extend(accepted(report, row));
                }
                Fit::Yes => {
                    self.rows += 1;
                    self.reasons.extend(reason(report, row));
                }
                Fit::NotKnown { why } => {
                    self.not_owned.0 += 1;
                    self.not_owned.1.get_or_insert(why);
                }
                Fit::No => {}
            }
        }
    }

    /// Takes in a place that could not be read.
    pub fn miss(&mut self, why: String) {
        self.errors.push(why);
    }

    pub fn answer(mut self, filter: &Filter) -> Answer {
        let unknown = |name: &str, verdict: &str, reason: &str| Reason {
            resource_arn: text::outside(name, 400),
            vault_arn: String::new(),
            verdict: verdict.to_owned(),
            reason: reason.to_owned(),
            is_known: false,
        };
        for name in filter.names().filter(|name| !self.met.contains(*name)) {
            let why = "no vault, resource, type or owner of this name was seen";
            self.reasons.push(unknown(name, "unknown-name", why));
        }
        if let (rows @ 1.., why) = &self.not_owned {
            let why = why.as_deref().unwrap_or_default();
            let rows = text::count(*rows, "row");
            self.reasons.push(unknown("", "unknown-owner", &format!("whose {rows} may be is not known: {why}")));
        }
        if self.rows == 0 {
            self.reasons.push(unknown("", "nothing-fits", "no resource fits all of the filters"));
        }
        let check = match (self.reasons.iter().any(|reason| reason.is_known), self.reasons.is_empty()) {
            (true, _) => Ready::NotReady,
            (false, true) if self.errors.is_empty() => Ready::Ready,
            _ => Ready::Unknown,
        };
        self.reasons.sort_by_key(|reason| !reason.is_known);
        self.accepted.truncate(REASONS);
        let left_out = self.reasons.len().saturating_sub(REASONS);
        self.reasons.truncate(REASONS);
        let complete = self.errors.is_empty();
        self.errors.truncate(ERRORS);
        let errors = self.errors.iter().map(|error| text::outside(error, 600)).collect();
        Answer {
            check,
            rows: self.rows,
            reasons: self.reasons,
            reasons_left_out: left_out,
            accepted: self.accepted,
            coverage: Covered { complete, errors },
        }
    }
}

fn accepted(report: &Report, row: &Row) -> Option<AcceptedRow> {
    let ledger = report.ledger();
    let arn = ledger.arn(row.key.resource);
    let exception = report.owners_of(row).accepted(arn, report.night().now)?;
    Some(AcceptedRow {
        resource_arn: arn.to_owned(),
        vault_arn: ledger.word(row.key.vault).to_owned(),
        verdict: verdict_alone(row).to_owned(),
        until: exception.until.to_string(),
        because: text::outside(&exception.because, 200),
    })
}

/// Why a row is not ready. `None`: it is.
fn reason(report: &Report, row: &Row) -> Option<Reason> {
    let ledger = report.ledger();
    let (is_known, word, why) = bad(report, row).map(|(word, why)| (true, word, why)).or_else(|| {
        let why = not_known(row)?;
        Some((false, verdict(row), why))
    })?;
    Some(Reason {
        resource_arn: ledger.arn(row.key.resource).to_owned(),
        vault_arn: ledger.word(row.key.vault).to_owned(),
        verdict: word.to_owned(),
        reason: why,
        is_known,
    })
}

/// What is known to be wrong.
fn bad(report: &Report, row: &Row) -> Option<(&'static str, String)> {
    let span = |age: Option<SignedDuration>| age.map_or("not known".to_owned(), |age| notice::span(age.as_secs()));
    let (age, objective) = (span(row.judgement.age), span(row.judgement.objective));
    let why = match row.judgement.verdict {
        _ if row.nothing_left() => "no recovery point is left".to_owned(),
        _ if row.only_incomplete() => "only incomplete recovery points are left".to_owned(),
        _ if row.is_infected() => "a malware scan found threats in its newest recovery point".to_owned(),
        Verdict::InBreach => format!("its last good backup is {age} old; RPO {objective}"),
        Verdict::NeverBackedUp => "it was never backed up".to_owned(),
        Verdict::NoPlan => "no plan backs it up any more".to_owned(),
        Verdict::NotDueYet => "it has no backup yet: no run of its plan was due".to_owned(),
        Verdict::AtRisk { .. } => format!("its last run left no good backup; the last good one is {age} old"),
        Verdict::NoScheduleRan { .. } => "no run of its schedule was made".to_owned(),
        Verdict::OptedOut => "its type is switched off in this Region".to_owned(),
        Verdict::SnapshotOnly => "its last backup is a snapshot alone".to_owned(),
        Verdict::Stopped => "somebody stopped its protection".to_owned(),
        Verdict::SoftDeleted => "its backups were deleted, and go for good soon".to_owned(),
        Verdict::NotAssessed { .. } | Verdict::WithinObjective => match (row.flight, bad_restore(report, row)) {
            (Flight::Stuck { .. }, _) if row.stuck_jobs() > 0 => {
                return Some(("stuck", "a job of it hangs".to_owned()));
            }
            (_, Some(restored)) => {
                return Some((
                    restored.as_str(),
                    "its last restore shows that it cannot be restored as it should".to_owned(),
                ));
            }
            _ => return None,
        },
    };
    Some((verdict(row), why))
}

fn bad_restore(report: &Report, row: &Row) -> Option<Restored> {
    let tested = report.tested().iter().find(|tested| tested.resource == row.key.resource)?;
    Some(tested.verdict).filter(|verdict| verdict.is_bad())
}

/// What is not known of a row that nothing is known to be wrong with.
fn not_known(row: &Row) -> Option<String> {
    if let Verdict::NotAssessed { why } = row.judgement.verdict {
        return Some(not_assessed(why).to_owned());
    }
    match row.confirmation.as_deref() {
        Some(Look::Seen(Found::LastGood | Found::Some { .. })) => None,
        Some(Look::Seen(Found::OnlyOlder { .. })) => {
            Some("the recovery point of its last good backup is gone, and an older one is there".to_owned())
        }
        Some(Look::Seen(_) | Look::Missing) => Some("its recovery point was not found".to_owned()),
        Some(Look::Unreadable { why } | Look::NotLooked { why }) => {
            Some(format!("its recovery points were not looked for: {}", text::outside(why, 300)))
        }
        None => Some("its recovery points were not looked for".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_is_read_or_refused() {
        let read = |value: Value| Filter::read(&value);
        let all = read(json!({"vaults": ["prod"], "resources": ["orders"], "types": ["RDS"], "owner": "crm"})).unwrap();
        assert_eq!((all.vaults.len(), all.resources.len(), all.types.len()), (1, 1, 1));
        assert_eq!(all.owner.as_deref(), Some("crm"));
        assert_eq!(read(json!({})), Ok(Filter::default()));
        for wrong in [
            json!([]),
            json!("prod"),
            json!({"vault": ["prod"]}),
            json!({"vaults": "prod"}),
            json!({"vaults": [""]}),
            json!({"types": [7]}),
            json!({"owner": 7}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_is_ready_on_half_knowledge() {
        let reason = |is_known| Reason {
            resource_arn: "arn".into(),
            vault_arn: "vault".into(),
            verdict: "in-breach".into(),
            reason: "old".into(),
            is_known,
        };
        let filter = |names: &[&str]| Filter {
            resources: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Filter::default()
        };
        let checked = |rows, reasons: &[bool], errors: &[&str]| Checked {
            rows,
            reasons: reasons.iter().map(|known| reason(*known)).collect(),
            errors: errors.iter().map(|error| (*error).to_owned()).collect(),
            met: BTreeSet::from(["orders".to_owned()]),
            ..Checked::default()
        };
        let unowned = |checked: Checked| Checked {
            met: BTreeSet::from(["crm".to_owned()]),
            not_owned: (2, Some("denied".to_owned())),
            ..checked
        };
        let owned = Filter { owner: Some("crm".into()), ..Filter::default() };
        let table = [
            ("all is well", checked(3, &[], &[]), filter(&["orders"]), Ready::Ready),
            ("one breach", checked(3, &[true], &[]), filter(&["orders"]), Ready::NotReady),
            ("one breach, and a list is unread", checked(3, &[true], &["denied"]), filter(&[]), Ready::NotReady),
            ("one breach, and a name is unknown", checked(3, &[true], &[]), filter(&["nobody"]), Ready::NotReady),
            ("a list is unread", checked(3, &[], &["denied"]), filter(&[]), Ready::Unknown),
            ("one was not looked at", checked(3, &[false], &[]), filter(&[]), Ready::Unknown),
            ("a name is unknown", checked(3, &[], &[]), filter(&["orders", "nobody"]), Ready::Unknown),
            ("nothing fits", checked(0, &[], &[]), filter(&["orders"]), Ready::Unknown),
            ("no row has the owner", checked(3, &[], &[]), owned.clone(), Ready::Unknown),
            ("owners are not known", unowned(checked(3, &[], &[])), owned.clone(), Ready::Unknown),
            ("owners are not known, and one breach", unowned(checked(3, &[true], &[])), owned, Ready::NotReady),
        ];
        for (name, checked, filter, expected) in table {
            let answer = checked.answer(&filter);
            assert_eq!(answer.check, expected, "{name}: {answer:?}");
            assert_eq!(answer.reasons.is_empty() && answer.coverage.complete, expected == Ready::Ready, "{name}");
        }
    }
}
