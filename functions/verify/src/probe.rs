//! Is it fixed? What the account says about a cause today.
//!
//! One file for each family of classes, and in it pure judges: what was read in, a [`Probe`] out. Only [`probe`], `access` and `places`
//! ask AWS. What Azure says is in [`azure`].

mod access;
pub mod azure;
mod busy;
mod each;
mod gone;
mod opt_in;
mod places;
mod retention;
mod schedule;
mod today;
mod window;

#[cfg(test)]
mod examples;

use std::collections::BTreeMap;

use classification::class::Class;
use classification::named::vault_of;
use classification::table::Rerun;
use job::{Job, JobKind};
use notice::text;
use source::Account;
use tokio::time::Instant;

use crate::ledger::{Cause, Ledger};
use crate::rerun::{Looks, Own, PlanLook, Points};
use each::each;
use places::Places;
use today::Today;

/// The answer for one root cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub verdict: Verdict,
    /// One plain sentence: what shows that it is fixed, what still denies, or what would settle it.
    pub sentence: String,
    /// What was looked at, in sentences.
    pub evidence: Vec<String>,
    pub could_not_read: Vec<String>,
    /// The class of what denies, where the words leave it open and evidence settles it.
    pub found: Option<Class>,
}

/// Whether the obstacle is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fixed,
    /// Nobody can see it, and faults of its kind pass by themselves: a rerun tells.
    MayHavePassed,
    /// Something that was read still denies.
    NotFixed,
    /// Nothing that can be read decides it.
    Undetermined,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Fixed => "fixed",
            Verdict::MayHavePassed => "may-have-passed",
            Verdict::NotFixed => "not-fixed",
            Verdict::Undetermined => "undetermined",
        }
    }
}

/// What the tick has read already, for one cause.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    pub own: &'a Own,
    /// By plan id.
    pub plans: &'a BTreeMap<String, PlanLook>,
    /// Which resource types AWS Backup is switched on for: see [`needs_opt_ins`].
    pub opt_ins: &'a Result<BTreeMap<String, bool>, String>,
    pub ledger: &'a Ledger,
    /// What was read about the resources of the cause. Those not among them are no candidates, and are not judged.
    pub looks: &'a Looks,
    /// The recovery points that were looked at already.
    pub points: &'a Points,
    /// The jobs that reruns would follow, in the order in which they would be tried.
    pub models: &'a [&'a Job],
}

/// Whether causes of this class are judged by the opt-ins of the Region.
pub fn needs_opt_ins(class: Class) -> bool {
    class == Class::UnsupportedOrNotEnabled
}

/// Looks whether the cause is fixed. Never fails: what could not be read, or not by `until`, makes the answer undetermined.
pub async fn probe(account: &Account, cause: &Cause, world: &World<'_>, until: Instant) -> Probe {
    let models = world.models;
    if cause.kind() == JobKind::Restore {
        return Probe::claim(cause.class);
    }
    let Some(first) = models.first().copied() else {
        return Probe::undetermined("No resource that was looked at fails because of it any more.");
    };
    let today = |model| Today::of(model, world.plans);
    match cause.class {
        Class::KmsPolicyDenied
        | Class::KmsKeyUnusable
        | Class::IamPermissionMissing
        | Class::IamRoleUnassumable
        | Class::VaultPolicyDenied
        | Class::AccessDeniedUnspecified => access::probe(account, cause, first, world, until).await,
        Class::VaultRetentionConflict => {
            let places = Places::of(account, world.own, retention::vaults(models), until).await;
            each(models, |model| retention::judge(model, today(model), &places))
        }
        Class::ResourceNotFound => match vault_of(first, &cause.classification.text) {
            Some(vault) => {
                let places = Places::of(account, world.own, vec![&vault.arn], until).await;
                each(models, |model| gone::vault(&vault.arn, model, today(model), &places))
            }
            None => each(models, |model| gone::resource(model, world.plans)),
        },
        Class::WindowExpired => each(models, |model| window::judge(model, today(model), &world.looks.completions)),
        Class::MaintenanceWindowConflict => each(models, |model| schedule::judge(model, today(model))),
        Class::ConcurrencyThrottled => busy::judge(models, world.ledger.in_flight()),
        Class::UnsupportedOrNotEnabled => opt_in::judge(first, &cause.classification.text, world.opt_ins),
        Class::ResourceState | Class::NetworkConnectivity | Class::ServiceInternal => Probe::passes(cause.class, first),
        Class::OrgPolicyDenied
        | Class::Vss
        | Class::AgentUnhealthy
        | Class::QuotaExceeded
        | Class::PrerequisiteMisconfigured
        | Class::RestoreTargetInvalid
        | Class::UserCancelled
        | Class::PartialItemsFailed
        | Class::Unknown => Probe::claim(cause.class),
    }
}

/// As long as a mail can bear; ARNs are to stay whole.
const SENTENCE: usize = 900;

impl Probe {
    fn fixed(sentence: impl AsRef<str>) -> Self {
        Self::new(Verdict::Fixed, sentence.as_ref())
    }

    fn not_fixed(sentence: impl AsRef<str>) -> Self {
        Self::new(Verdict::NotFixed, sentence.as_ref())
    }

    fn undetermined(sentence: impl AsRef<str>) -> Self {
        Self::new(Verdict::Undetermined, sentence.as_ref())
    }

    fn new(verdict: Verdict, sentence: &str) -> Self {
        let sentence = text::outside(sentence, SENTENCE);
        Self { verdict, sentence, evidence: Vec::new(), could_not_read: Vec::new(), found: None }
    }

    fn with_evidence(self, evidence: Vec<String>, could_not_read: Vec<String>) -> Self {
        Self { evidence, could_not_read, ..self }
    }

    /// Nothing that Night One reads shows it: a person's word opens the way, where there is one.
    fn claim(class: Class) -> Self {
        let entry = class.entry();
        Self::undetermined(match entry.rerun {
            Rerun::Never => format!("Only this would show it: {} No rerun can prove it.", entry.proof),
            _ => format!("Night One cannot read what shows it. Check this, then claim the fix: {}", entry.proof),
        })
    }

    /// A fault of a kind that mostly passes by itself, and that AWS Backup's API does not show.
    fn passes(class: Class, model: &Job) -> Self {
        let what = match class {
            Class::ResourceState => "the state of",
            Class::NetworkConnectivity => "the network path of",
            _ => "a passing fault of AWS under",
        };
        let arn = &model.resource_arn;
        Self::new(Verdict::MayHavePassed, &format!("AWS Backup's API does not show {what} {arn}."))
    }
}

#[cfg(test)]
mod tests {
    use classification::class::Class;

    use super::examples::failure;
    use super::*;

    #[test]
    fn what_cannot_be_read_is_never_fixed_and_says_what_would_settle_it() {
        for class in Class::ALL {
            let probe = Probe::claim(class);
            assert_eq!(probe.verdict, Verdict::Undetermined);
            assert!(probe.sentence.contains(class.entry().proof), "{class}: {}", probe.sentence);
            assert_eq!(probe.sentence.contains("claim the fix"), class.entry().rerun != Rerun::Never, "{class}");
            assert!(probe.sentence.ends_with('.'), "{class}: {}", probe.sentence);
        }
    }

    #[test]
    fn a_fault_that_passes_says_that_nobody_looked() {
        let table = [
            (Class::ResourceState, "the state of"),
            (Class::NetworkConnectivity, "the network path of"),
            (Class::ServiceInternal, "a passing fault of AWS under"),
        ];
        for (class, what) in table {
            let probe = Probe::passes(class, &failure());
            let db = "arn:aws:rds:eu-west-1:111122223333:db:orders";
            let words = format!("AWS Backup's API does not show {what} {db}.");
            assert_eq!((probe.verdict, probe.sentence), (Verdict::MayHavePassed, words), "{class}");
        }
    }

    #[test]
    fn outside_text_cannot_break_out_of_a_sentence() {
        let probe = Probe::not_fixed("The vault a\n{\"record\":\"page\"} is gone.");
        assert_eq!(probe.sentence, "The vault a {\"record\":\"page\"} is gone.");
    }
}
