//! Who has to act for the resources of a notice, and what of them is accepted: the sentences of all mails.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use job::Arn;
use notice::text;

use crate::exception::{Exception, Standing};
use crate::owned::{Owned, Source};
use crate::owners::Owners;
use crate::said::{Owner, Wrong};

/// Owners, and resources, named in one sentence; the rest is counted.
const NAMED: usize = 3;
const LONGEST_LABEL: usize = 60;
/// Of an ARN, which tells namesakes apart.
const LONGEST_ARN: usize = 200;
const LONGEST_WHY: usize = 160;
/// Of a reason, in a mail.
const LONGEST_REASON: usize = 80;

/// Who has to act. Resources are added one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acting {
    known: BTreeSet<String>,
    owners: BTreeMap<Owner, usize>,
    /// Whether an account's tag names one of them.
    by_account: bool,
    nobody: usize,
    unknown: usize,
    why: Option<String>,
    /// What people call each resource, by its ARN or id, as the next ones: several accounts may have one of the same name.
    labels: BTreeMap<String, String>,
    accepted: BTreeMap<String, Exception>,
    ended: BTreeMap<String, Exception>,
    wrong: BTreeMap<String, Vec<Wrong>>,
}

impl Acting {
    /// A resource of which something ended badly then: somebody has to act. `label`: what people call it.
    pub fn add(&mut self, resource: &str, label: &str, ended: Timestamp, owners: &Owners) {
        if resource.is_empty() || !self.known.insert(resource.to_owned()) {
            return;
        }
        match owners.owned(resource) {
            Owned::By { owner, source } => {
                *self.owners.entry(owner).or_default() += 1;
                self.by_account |= source == Source::Account;
            }
            Owned::Nobody => self.nobody += 1,
            Owned::Unknown { why } => {
                self.unknown += 1;
                self.why.get_or_insert(why);
            }
        }
        self.labels.insert(resource.to_owned(), text::outside(label, LONGEST_LABEL));
        if let Some((exception, Standing::Ended)) = owners.exception(resource, ended) {
            self.ended.insert(resource.to_owned(), exception.clone());
        }
        let wrong = owners.wrong(resource);
        if !wrong.is_empty() {
            self.wrong.insert(resource.to_owned(), wrong.to_vec());
        }
    }

    /// A resource whose failure is accepted: nobody has to act.
    pub fn leave_out(&mut self, resource: &str, label: &str, exception: &Exception) {
        self.labels.insert(resource.to_owned(), text::outside(label, LONGEST_LABEL));
        self.accepted.insert(resource.to_owned(), exception.clone());
    }

    /// The owners, the one of most resources first.
    pub fn owners(&self) -> Vec<String> {
        self.counted().into_iter().map(|(owner, _)| owner.to_string()).collect()
    }

    pub fn accepted(&self) -> usize {
        self.accepted.len()
    }

    /// Those of them that some account of AWS has, as far as their ARNs tell.
    pub fn accepted_in(&self, account: &str) -> usize {
        let is_there = |arn: &&String| Arn::parse(arn).is_some_and(|arn| arn.account == account);
        self.accepted.keys().filter(is_there).count()
    }

    /// `Owner: crm-team.` `None`: nothing names a resource.
    pub fn owner_line(&self) -> Option<String> {
        let counted = self.counted();
        let others = self.nobody + self.unknown;
        let why = || in_brief(self.why.as_deref().unwrap_or_default());
        Some(match counted.as_slice() {
            [] if others == 0 => return None,
            [] if self.unknown == 0 => "Owner: none, no tag names one.".to_owned(),
            [] if self.nobody == 0 => format!("Owner: unknown ({}).", why()),
            [] => format!("Owner: none for {}, unknown for {} ({}).", self.nobody, self.unknown, why()),
            [(owner, _)] if others == 0 && self.by_account => format!("Owner: {owner} (by the tag of the account)."),
            [(owner, _)] if others == 0 => format!("Owner: {owner}."),
            all => {
                let some = all.iter().take(NAMED).map(|(owner, count)| format!("{owner} ({count})"));
                let mut parts: Vec<String> = some.collect();
                parts.extend(more(all.len()));
                if self.nobody > 0 {
                    parts.push(format!("without owner ({})", self.nobody));
                }
                if self.unknown > 0 {
                    parts.push(format!("unknown ({}: {})", self.unknown, why()));
                }
                let noun = if all.len() == 1 { "Owner" } else { "Owners" };
                format!("{noun}: {}.", parts.join(", "))
            }
        })
    }

    /// What else is to be said, a sentence each: exceptions that ended, failures that are accepted, tags that are wrong.
    pub fn sentences(&self) -> Vec<String> {
        let ended = self.sentence(&self.ended, |labels, until, because| {
            format!("{labels}: the accepted exception ended on {until} ({because}).")
        });
        let (count, verb, them) = match self.accepted.len() {
            1 => ("1 more resource".to_owned(), "is", "it"),
            more => (text::count(more, "more resource"), "are", "them"),
        };
        let accepted = self.sentence(&self.accepted, |labels, until, because| {
            format!("{count} failed and {verb} accepted, with no page for {them}: {labels} until {until} ({because}).")
        });
        let wrong = self.wrong.iter().flat_map(|(resource, wrong)| {
            let name = self.name(resource);
            wrong.iter().map(move |wrong| format!("{name}: {wrong}."))
        });
        let left = self.wrong.values().map(Vec::len).sum::<usize>().saturating_sub(NAMED);
        let rest = (left > 0).then(|| format!("And {} that are wrong.", text::count(left, "more tag")));
        ended.into_iter().chain(accepted).chain(wrong.take(NAMED)).chain(rest).collect()
    }

    fn counted(&self) -> Vec<(&Owner, usize)> {
        let mut counted: Vec<(&Owner, usize)> = self.owners.iter().map(|(owner, count)| (owner, *count)).collect();
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted
    }

    /// One sentence about several exceptions: with the day and the reason of the one that ends first.
    fn sentence(
        &self,
        exceptions: &BTreeMap<String, Exception>,
        say: impl Fn(&str, Date, &str) -> String,
    ) -> Option<String> {
        let first = exceptions.values().min()?;
        let mut names: Vec<String> = exceptions.keys().map(|resource| self.name(resource)).collect();
        names.sort();
        names.truncate(NAMED);
        names.extend(more(exceptions.len()));
        let because = text::outside(&first.because, LONGEST_REASON);
        let others = exceptions.values().any(|other| other != first);
        let because = if others { format!("{because}; others later or for other reasons") } else { because };
        Some(say(&names.join(", "), first.until, &because))
    }

    /// What people call a resource; its ARN where they call another one the same.
    fn name(&self, resource: &str) -> String {
        match self.labels.get(resource) {
            Some(label) if self.labels.values().filter(|other| *other == label).count() == 1 => label.clone(),
            _ => text::outside(resource, LONGEST_ARN),
        }
    }
}

/// What was found, without what it may mean and what helps: the owner stands on the first screen of a phone.
fn in_brief(why: &str) -> String {
    let found = why.split(": ").next().and_then(|found| found.split("; ").next()).unwrap_or(why);
    text::outside(found, LONGEST_WHY).trim_end_matches('.').to_owned()
}

fn more(all: usize) -> Option<String> {
    (all > NAMED).then(|| format!("and {} more", all - NAMED))
}
