//! One account in one Region, as it is at one moment, and an organization of many. Nothing here is scripted: a job looks at the key, role, vault and
//! resource it needs and ends as they let it, so mending the world is what makes the next job succeed.

mod access;
pub mod azure;
mod bucket;
mod bus;
mod clock;
mod composite;
mod documents;
mod from_records;
mod hand;
mod history;
mod job;
mod key;
mod night;
mod order;
mod organization;
mod plan;
mod records;
mod recovery_point;
mod resource;
mod restore;
mod role;
mod selection;
mod sentence;
mod start;
mod testing;
mod topic;
mod trail;
mod vault;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use access::{Decision, Identity};
pub(crate) use access::{key_lets_in, trusts};
pub use bucket::{Bucket, ObjectVersion};
pub use bus::Bus;
pub use documents::{
    admins_only, delegating, delegating_but_denying, naming, statements_of_default_role, trusting_account,
    trusting_backup, vault_allowing, vault_denying,
};
pub use hand::Hand;
pub use history::History;
pub use job::{BackupJob, CopyJob, Creator, JobState, RestoreJob};
pub use key::{Grant, Key, KeyState};
pub use night::Night;
pub use order::{CopyOrder, Order};
pub use organization::{AccountState, AccountWords, HubIs, Member, Monitoring, Organization, REGIONS, Star};
pub use plan::{CopyAction, Lifecycle, Plan, Rule};
pub use records::Records;
pub use recovery_point::{LastBackup, RecoveryPoint, Scan};
pub use resource::{Condition, Resource};
pub use role::Role;
pub use selection::{Selection, TagCondition, TagTest};
pub use sentence::Wording;
pub(crate) use start::{Refused, Starter, session_of};
pub use testing::{Cleanup, Test, TestingPlan, TestingSelection};
pub use topic::Topic;
pub use trail::TrailEvent;
pub use vault::Vault;

/// Keys to values: the tags of a resource or recovery point, the options of a job.
pub type Tags = BTreeMap<String, String>;

/// Everything the simulated account holds. All members are open, so that a test can break or mend any of them.
#[derive(Clone, Debug)]
pub struct World {
    pub account: String,
    pub region: String,
    /// What time it is here. Nothing moves it but the test and the jobs that are run to their end.
    pub clock: Timestamp,
    pub keys: Vec<Key>,
    pub roles: Vec<Role>,
    pub vaults: Vec<Vault>,
    pub resources: Vec<Resource>,
    pub plans: Vec<Plan>,
    /// Earlier versions of plans, and deleted ones with the time of their deletion.
    pub old_plans: Vec<(Plan, Option<Timestamp>)>,
    pub selections: Vec<Selection>,
    pub testing_plans: Vec<TestingPlan>,
    pub backup_jobs: Vec<BackupJob>,
    pub copy_jobs: Vec<CopyJob>,
    pub restore_jobs: Vec<RestoreJob>,
    pub recovery_points: Vec<RecoveryPoint>,
    /// What LastBackupTime of a protected resource tells; AWS says only that it was backed up then.
    pub last_backup: LastBackup,
    pub topics: Vec<Topic>,
    pub buses: Vec<Bus>,
    pub buckets: Vec<Bucket>,
    /// What CloudTrail recorded.
    pub trail: Vec<TrailEvent>,
    /// What our identity sees of Azure.
    pub azure: azure::Azure,
    /// How failures are worded where the resource does not say otherwise.
    pub wording: Wording,
    /// A service control policy over the account, as JSON text; only its Deny statements matter.
    pub organization_policy: Option<String>,
    /// Which resource types AWS Backup manages in this Region. A type that is not named is opted in.
    pub opt_in: BTreeMap<String, bool>,
    /// The role that our functions run as; it is the caller of StartBackupJob and StartCopyJob.
    pub caller: String,
    /// The ARNs, `*` for any text, of the roles that our functions may pass to AWS Backup.
    pub passable_roles: Vec<String>,
    /// How many backup jobs may be in flight before another start is refused; none is no quota.
    pub most_running_jobs: Option<usize>,
    /// The most items a page holds; lower it to see paging with few items.
    pub page_size: usize,
    /// Idempotency tokens of the starts so far, and the jobs that came of them.
    tokens: BTreeMap<String, String>,
    /// All jobs that were started over the wire.
    started: Vec<String>,
    /// The other worlds of its organization.
    elsewhere: organization::Elsewhere,
    /// Where its ids begin, so that no two worlds make the same.
    salt: u64,
    made: u64,
}

impl World {
    /// An empty account 111122223333 in eu-west-1 at `clock`.
    #[must_use]
    pub fn new(clock: Timestamp) -> Self {
        World {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            clock,
            keys: Vec::new(),
            roles: Vec::new(),
            vaults: Vec::new(),
            resources: Vec::new(),
            plans: Vec::new(),
            old_plans: Vec::new(),
            selections: Vec::new(),
            testing_plans: Vec::new(),
            backup_jobs: Vec::new(),
            copy_jobs: Vec::new(),
            restore_jobs: Vec::new(),
            recovery_points: Vec::new(),
            last_backup: LastBackup::StartOfJob,
            topics: Vec::new(),
            buses: Vec::new(),
            buckets: Vec::new(),
            trail: Vec::new(),
            azure: azure::Azure::default(),
            wording: Wording::Verbose,
            organization_policy: None,
            opt_in: BTreeMap::new(),
            caller: "arn:aws:iam::111122223333:role/night-one-verify".to_owned(),
            passable_roles: vec!["*".to_owned()],
            most_running_jobs: None,
            page_size: 1000,
            tokens: BTreeMap::new(),
            started: Vec::new(),
            elsewhere: organization::Elsewhere::default(),
            salt: 0,
            made: 0,
        }
    }

    /// An empty account, by its 12 digits, in a Region. Its ids are others than those of any other account and Region.
    #[must_use]
    pub fn of(account: &str, region: &str, clock: Timestamp) -> Self {
        let letters = account.bytes().chain(region.bytes());
        let salt = letters.fold(1, |salt: u64, letter| splitmix(salt ^ u64::from(letter)));
        World {
            account: account.to_owned(),
            region: region.to_owned(),
            caller: format!("arn:aws:iam::{account}:role/night-one-verify"),
            salt,
            ..World::new(clock)
        }
    }

    /// The same, from RFC 3339 text.
    #[must_use]
    pub fn at(clock: &str) -> Self {
        World::new(clock.parse().expect("an RFC 3339 instant"))
    }

    /// What stands behind `arn:` here.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        match self.region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if self.region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// What the role's identity policies and the organization say about one action, with the context keys that were missing.
    #[must_use]
    pub fn identity_decision(
        &self,
        role: &Role,
        action: &str,
        resource: &str,
        context: &BTreeMap<String, Vec<String>>,
    ) -> Identity {
        access::identity(self, role, action, resource, context)
    }

    /// The next identifier: it looks random, and is the same in every run.
    pub(crate) fn next_id(&mut self) -> String {
        self.made += 1;
        uuid_of(self.salt.wrapping_add(self.made))
    }

    /// Whether both worlds have made ids, and the same ones.
    pub(crate) fn makes_the_ids_of(&self, other: &World) -> bool {
        self.salt == other.salt && self.made > 0 && other.made > 0
    }

    pub(crate) fn set_clock(&mut self, clock: Timestamp) {
        self.clock = clock;
    }
}

/// A version 4 UUID in form, drawn from the number by splitmix64.
pub(crate) fn uuid_of(number: u64) -> String {
    let high = splitmix(number.wrapping_mul(2));
    let low = splitmix(number.wrapping_mul(2) + 1);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

fn splitmix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
