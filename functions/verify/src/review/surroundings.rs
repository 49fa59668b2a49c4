//! What the root causes of a place have in common.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join3};
use source::{Account, Place, Source};
use tokio::time::Instant;

use super::{Case, Concern, Records, Waiting};
use crate::gather;
use crate::probe;
use crate::rerun::{Means, OnDemand, Own, PlanLook};
use crate::settings::Settings;

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

impl Records {
    /// Looks at what the causes have in common: the vaults, the plans behind their failures, the opt-ins.
    /// `asked`: root causes that matter even where they are proven and told.
    pub async fn surroundings(
        &self,
        source: &Source,
        settings: &Settings,
        asked: &BTreeSet<String>,
        until: Instant,
    ) -> Surroundings {
        let matters = |case: &&Case| case.concern != Concern::Settled || asked.contains(case.cause.id.as_str());
        let concern: Vec<&Case> = self.cases.iter().filter(matters).collect();
        // Plans tell what a rerun does, when a resource runs next and when it exceeds its objective. A cause has few of them, whatever it
        // holds back.
        let jobs =
            self.cases.iter().filter(|case| case.waiting == Waiting::Somebody || case.concern != Concern::Settled);
        let jobs = jobs.flat_map(|case| case.cause.jobs());
        let plans = gather::plans(source, jobs, until);
        match source {
            Source::Aws(account) => {
                let vaults = async {
                    match concern.is_empty() {
                        false => account.vaults(until).await.map_err(|why| why.to_string()),
                        true => Ok(Vec::new()),
                    }
                };
                let opt_ins = async {
                    match concern.iter().any(|case| probe::needs_opt_ins(case.cause.class)) {
                        true => account.opt_ins(until).await.map_err(|why| why.to_string()),
                        false => Ok(BTreeMap::new()),
                    }
                };
                let (vaults, opt_ins, plans) = join3(vaults, opt_ins, plans).await;
                let scope = account.scope();
                let own = Own {
                    account: scope.account.clone(),
                    region: scope.region.clone(),
                    retention_days: settings.rerun_retention_days,
                    vaults,
                };
                Surroundings { plans, cloud: Around::Aws { account: account.clone(), own, opt_ins } }
            }
            Source::Azure(place) => {
                let retention_days = settings.rerun_retention_days;
                let on_demand = async {
                    match concern.is_empty() {
                        false => gather::on_demand(place, retention_days, until).await,
                        true => OnDemand { retention_days, items: Ok(Vec::new()), policies: Ok(Vec::new()) },
                    }
                };
                let (on_demand, plans) = join(on_demand, plans).await;
                Surroundings { plans, cloud: Around::Azure { place: place.clone(), on_demand } }
            }
        }
    }
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
