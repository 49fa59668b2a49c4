//! What one page is about: a root cause, or the causes of several accounts that are one fault. Pure.

use std::collections::BTreeMap;

use cause::judged::Judged;
use classification::identity::FamilyId;

use crate::causes::Cause;
use crate::tonight::Tonight;

/// One fault. Pages and ranks go by it; causes, incidents, claims and reruns stay by account.
#[derive(Clone, Debug)]
pub struct Fault {
    /// All failures of it, under the id of the cause that holds back most resources.
    pub whole: Cause,
    /// Its causes, that one first. At least one.
    pub causes: Vec<Cause>,
    /// Set where it may be in several accounts, whether it is in this batch or not.
    pub family: Option<FamilyId>,
    /// Of a family: its failures in all accounts, in the order of their ranks.
    pub in_all_accounts: Vec<Judged>,
    /// Of a family: why more may have failed of it than is known.
    pub unread: Option<String>,
}

/// How far one fault goes beyond an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wide {
    /// One account is watched: each cause is a fault.
    One,
    /// A role or a vault of one name in several accounts is one fault.
    Several,
}

/// The faults of a batch, the one that holds back most resources first.
pub fn faults(causes: Vec<Cause>, wide: Wide) -> Vec<Fault> {
    let mut families: BTreeMap<FamilyId, Vec<Cause>> = BTreeMap::new();
    let mut faults = Vec::new();
    for cause in causes {
        match family(&cause).filter(|_| wide == Wide::Several) {
            Some(family) => families.entry(family).or_default().push(cause),
            None => faults.push(Fault::new(cause.clone(), vec![cause], None)),
        }
    }
    faults.extend(families.into_iter().filter_map(|(family, causes)| {
        let whole = Cause::joined(causes.iter().cloned())?;
        Some(Fault::new(whole, causes, Some(family)))
    }));
    faults.sort_by_cached_key(|fault| (std::cmp::Reverse(fault.whole.resources().len()), fault.whole.id.clone()));
    faults
}

/// The causes of all faults, by turns: the first of each, then the second of each. So one fault in many accounts takes no look from another one.
pub fn by_turns(faults: &[Fault]) -> Vec<&Cause> {
    let mut causes: Vec<(usize, &Cause)> = faults.iter().flat_map(|fault| (0..).zip(&fault.causes)).collect();
    causes.sort_by_key(|(turn, _)| *turn);
    causes.into_iter().map(|(_, cause)| cause).collect()
}

impl Fault {
    fn new(whole: Cause, causes: Vec<Cause>, family: Option<FamilyId>) -> Self {
        Self { whole, causes, family, in_all_accounts: Vec::new(), unread: None }
    }

    /// What its pages are counted and named by: the family, else the cause.
    pub fn id(&self) -> &str {
        self.family.as_ref().map_or(self.whole.id.as_str(), FamilyId::as_str)
    }

    /// Which time its failures in the batch are of. `hours`: STORM_WINDOW_HOURS.
    pub fn tonight(&self, hours: u16) -> Tonight {
        Tonight::of(self.whole.jobs(), hours)
    }

    /// Whether a failure on record is one of it.
    pub fn has(&self, judged: &Judged) -> bool {
        match &self.family {
            Some(family) => {
                judged.classification.class == self.whole.class
                    && FamilyId::of(&judged.job, &judged.classification).as_ref() == Some(family)
            }
            None => judged.cause == self.whole.id,
        }
    }
}

fn family(cause: &Cause) -> Option<FamilyId> {
    let first = cause.failures.first()?;
    FamilyId::of(first.job(), &first.judged.classification)
}
