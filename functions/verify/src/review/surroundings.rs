//! What the root causes of a place have in common.

use std::collections::BTreeMap;

use source::{Account, Place};

use crate::rerun::{Means, OnDemand, Own, PlanLook};

/// Read once for all of them.
#[derive(Debug)]
pub struct Surroundings {
    /// By plan id; policies of Azure are plans.
    pub plans: BTreeMap<String, PlanLook>,
    pub(super) cloud: Around,
}

/// What only one of the clouds has.
#[derive(Debug)]
pub(super) enum Around {
    Aws { account: Account, own: Own, opt_ins: Result<BTreeMap<String, bool>, String> },
    Azure { place: Place, on_demand: OnDemand },
}

impl Surroundings {
    pub fn means(&self) -> Means<'_> {
        match &self.cloud {
            Around::Aws { own, .. } => Means::Aws { own, plans: &self.plans },
            Around::Azure { on_demand, .. } => Means::Azure(on_demand),
        }
    }

    /// What backups on demand are made of; `None` where that is not Azure.
    pub fn on_demand(&self) -> Option<&OnDemand> {
        match &self.cloud {
            Around::Aws { .. } => None,
            Around::Azure { on_demand, .. } => Some(on_demand),
        }
    }
}
