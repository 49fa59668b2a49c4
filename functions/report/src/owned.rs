//! Whose the rows are, by the tags of their resources, and what these accept.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use job::Scope;
use lambda::record::LONG;
use notice::text;
use owner::{Owned, Owners, Source, Standing};
use serde::{Deserialize, Serialize};

use crate::Night;
use crate::report::Report;
use crate::rows::Row;
use crate::terms;

/// Who says whose a resource is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerFrom {
    /// A tag of its own.
    Resource,
    /// The tag of its account.
    Account,
    /// The tags were read, and name nobody.
    None,
    /// Its tags could not be read, or were not.
    #[default]
    Unknown,
}

/// An exception of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepting {
    /// Its last day, in UTC.
    pub until: Date,
    pub because: String,
    /// Otherwise it has ended.
    pub holds: bool,
    /// What the verdict would be without it, where it decides the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Cow<'static, str>>,
}

impl OwnerFrom {
    pub fn as_str(self) -> &'static str {
        match self {
            OwnerFrom::Resource => "resource",
            OwnerFrom::Account => "account",
            OwnerFrom::None => "none",
            OwnerFrom::Unknown => "unknown",
        }
    }
}

impl Report {
    /// The resources of these rows whose tags are read, by place: those of the worst rows first, and at most `most`.
    pub fn to_own(&self, most: usize, is_wanted: impl Fn(&Row) -> bool) -> BTreeMap<Scope, BTreeSet<String>> {
        let mut asked: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
        let mut room = most;
        for row in self.rows().iter().filter(|row| is_wanted(row)) {
            if room == 0 {
                break;
            }
            let resource = self.ledger().arn(row.key.resource);
            if asked.entry(self.night().scope_of(row).into_owned()).or_default().insert(resource.to_owned()) {
                room -= 1;
            }
        }
        asked
    }

    /// Whether a tag names an owner of anything: only then is it news that something has none.
    pub(crate) fn names_owners(&self) -> bool {
        self.night().owners.name_any()
    }

    /// What is known of whose a row is.
    pub(crate) fn owned(&self, row: &Row) -> Owned {
        self.owners_of(row).owned(self.ledger().arn(row.key.resource))
    }

    pub(crate) fn owners_of(&self, row: &Row) -> &Owners {
        self.night().owners_of(row)
    }

    /// How old its last good backup may be, by a tag of its resource: that counts before all else.
    pub(crate) fn by_tag(&self, row: &Row) -> Option<SignedDuration> {
        self.night().by_tag(row)
    }
}

impl Night {
    pub(crate) fn by_tag(&self, row: &Row) -> Option<SignedDuration> {
        self.owners_of(row).objective(self.ledger.arn(row.key.resource))
    }

    fn owners_of(&self, row: &Row) -> &Owners {
        self.owners.at(&self.scope_of(row))
    }

    fn scope_of(&self, row: &Row) -> Cow<'_, Scope> {
        match row.item.as_deref() {
            Some(item) => Cow::Owned(Scope::azure(&item.watched.subscription, "")),
            None => Cow::Borrowed(&self.scope),
        }
    }
}

/// The tags of the resource of a row that do not say what they should, a clause each.
pub(crate) fn wrong_tags(report: &Report, row: &Row) -> Vec<String> {
    let wrong = report.owners_of(row).wrong(report.ledger().arn(row.key.resource));
    wrong.iter().map(|wrong| text::outside(&wrong.to_string(), LONG)).collect()
}

impl Accepting {
    pub(crate) fn of(report: &Report, row: &Row) -> Option<Self> {
        let arn = report.ledger().arn(row.key.resource);
        let (exception, standing) = report.owners_of(row).exception(arn, report.night().now)?;
        Some(Self {
            until: exception.until,
            because: text::outside(&exception.because, LONG),
            holds: standing == Standing::Accepted,
            verdict: row.is_accepted().then(|| terms::verdict_alone(row).into()),
        })
    }

    /// `accepted` or `ended`.
    pub fn word(&self) -> &'static str {
        if self.holds { "accepted" } else { "ended" }
    }
}

/// The owner of a row for logs and files, and who says so.
pub(crate) fn named(owned: &Owned) -> (Option<String>, OwnerFrom) {
    match owned {
        Owned::By { owner, source } => {
            let from = match source {
                Source::Resource => OwnerFrom::Resource,
                Source::Account => OwnerFrom::Account,
            };
            (Some(text::outside(owner.as_str(), LONGEST)), from)
        }
        Owned::Nobody => (None, OwnerFrom::None),
        Owned::Unknown { .. } => (None, OwnerFrom::Unknown),
    }
}

/// The name of an owner is no longer.
const LONGEST: usize = 100;
