//! Many accounts, each with a world a Region, and what stands between them.

mod member;
mod visit;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use member::{AccountState, Member};
pub(super) use visit::Elsewhere;
use visit::Visit;

use super::{Key, Role, World, documents};

/// The Regions that every account has without asking for them.
pub const REGIONS: [&str; 17] = [
    "eu-west-1",
    "us-east-1",
    "eu-central-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "sa-east-1",
];

/// An organization around the account in which our functions run. All open members may be changed by a test.
#[derive(Clone, Debug)]
pub struct Organization {
    /// `o-` and ten letters or digits.
    pub id: String,
    pub hub_is: HubIs,
    /// Whether the hub may see jobs of other accounts in its own lists.
    pub monitoring: Monitoring,
    /// Regions in which a hub that is a delegated administrator sees only its own jobs.
    pub blind: BTreeSet<String>,
    /// What a list of backup jobs makes of `*`, where the hub may see other accounts.
    pub star_of_backups: Star,
    /// The same of lists of copies and restores, for which AWS does not document it.
    pub star_of_others: Star,
    /// Which words ListAccounts has about an account.
    pub words: AccountWords,
    hub: String,
    management: String,
    accounts: Accounts,
    /// Recovery points that a copy put into a vault of another account: their ARN, whose copy it was, and where it lies.
    delivered: Vec<(String, Scope, Scope)>,
}

/// An account in a Region.
pub(crate) type Scope = (String, String);
pub(crate) type Accounts = BTreeMap<String, Member>;

/// What the hub is in its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubIs {
    /// In no organization at all.
    Alone,
    Management,
    DelegatedAdministrator,
    Member,
}

/// Trusted access for AWS Backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monitoring {
    Off,
    /// Lists show jobs of other accounts that were created from then on. Summaries count the others as well.
    Since(Timestamp),
}

/// What `*` as an account means to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Star {
    EveryAccount,
    /// The list answers the jobs of its caller, as if nothing was asked.
    OwnAccount,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountWords {
    State,
    /// The older word, which says SUSPENDED of a closed account.
    Status,
    Both,
}

impl Organization {
    /// An organization of the hub alone, which is its management account and has monitored since 1970.
    #[must_use]
    pub fn around(hub: World) -> Self {
        Organization { hub_is: HubIs::Management, ..Organization::none(hub) }
    }

    /// No organization: an account by itself.
    pub(crate) fn none(hub: World) -> Self {
        let id = hub.account.clone();
        let member = Member::new(&id, "hub", hub);
        Organization {
            id: "o-exampleorg".to_owned(),
            hub_is: HubIs::Alone,
            monitoring: Monitoring::Since(Timestamp::UNIX_EPOCH),
            blind: BTreeSet::new(),
            star_of_backups: Star::EveryAccount,
            star_of_others: Star::EveryAccount,
            words: AccountWords::State,
            management: id.clone(),
            accounts: BTreeMap::from([(id.clone(), member)]),
            hub: id,
            delivered: Vec::new(),
        }
    }

    /// Adds an active account without anything in it but one empty world, in the hub's Region. Nobody can assume a role there.
    pub fn add(&mut self, id: &str, name: &str) -> &mut Member {
        let world = World::of(id, &self.home().region, self.clock());
        self.admit(world, name)
    }

    /// Adds a world: the first one of an account makes the account. The clock of all worlds becomes that of the latest.
    ///
    /// # Panics
    /// If the account has a world in that Region, or if its jobs may have the ids of another world's: make it by [`World::of`].
    pub fn admit(&mut self, world: World, name: &str) -> &mut Member {
        let (id, clock) = (world.account.clone(), world.clock);
        let twin = self.worlds().any(|other| other.makes_the_ids_of(&world));
        assert!(!twin, "two worlds give the same ids to their jobs: World::of makes one that does not");
        let member = match self.accounts.remove(&id) {
            Some(mut member) => {
                member.add_world(world);
                member
            }
            None => Member::new(&id, name, world),
        };
        self.accounts.insert(id.clone(), member);
        self.set_clock(self.clock().max(clock));
        self.member(&id)
    }

    /// Makes another account than the hub the management account.
    ///
    /// # Panics
    /// If the organization has no such account.
    pub fn manage_from(&mut self, id: &str, hub_is: HubIs) {
        self.management = self.member(id).id.clone();
        self.hub_is = hub_is;
    }

    /// # Panics
    /// If the organization has no such account.
    pub fn member(&mut self, id: &str) -> &mut Member {
        self.accounts.get_mut(id).unwrap_or_else(|| panic!("the organization has no account {id}"))
    }

    /// All accounts, the hub among them, by id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.accounts.values()
    }

    /// Looks at the world of an account and Region, or changes it; an account that has none there gets an empty one. Jobs that are made
    /// here see the keys, roles and vaults of the other worlds, and a clock that is moved here moves everywhere.
    ///
    /// # Panics
    /// If the organization has no such account.
    pub fn with_account<Out>(&mut self, id: &str, region: &str, look: impl FnOnce(&mut World) -> Out) -> Out {
        let clock = self.clock();
        self.member(id).need_world(region, clock);
        look(&mut self.visit(id, region))
    }

    /// Lets the hub's functions assume a role in an account, by name or `path/name`, that may read all they look at.
    pub fn add_look_role(&mut self, id: &str, name: &str) -> &mut Role {
        self.add_role_for_us(id, name, documents::statements_of_look_role())
    }

    /// Lets the hub's functions assume a role in an account, by name or `path/name`, that may start jobs and nothing else.
    pub fn add_rerun_role(&mut self, id: &str, name: &str) -> &mut Role {
        self.add_role_for_us(id, name, documents::statements_of_rerun_role())
    }

    fn add_role_for_us(&mut self, id: &str, name: &str, statements: Vec<serde_json::Value>) -> &mut Role {
        let trust = documents::trusting_account(&self.hub, &self.id);
        let role = self.member(id).home().add_role(name);
        role.name = name.rsplit('/').next().unwrap_or(name).to_owned();
        role.trust = trust;
        role.statements = statements;
        role
    }

    /// The id of the account in which our functions run.
    #[must_use]
    pub fn hub(&self) -> &str {
        &self.hub
    }

    #[must_use]
    pub fn management(&self) -> &str {
        &self.management
    }

    #[must_use]
    pub fn clock(&self) -> Timestamp {
        self.home().clock
    }
}

impl Organization {
    /// The first world of the hub.
    pub(crate) fn home(&self) -> &World {
        self.accounts.get(&self.hub).map(|hub| hub.world("")).expect("a hub stays in its organization")
    }

    pub(crate) fn home_mut(&mut self) -> &mut World {
        let hub = self.hub.clone();
        self.member(&hub).home()
    }

    pub(crate) fn known(&self, id: &str) -> Option<&Member> {
        self.accounts.get(id)
    }

    /// What answers for an account in a Region: a world of its own, else the account's first one, which has nothing there.
    pub(crate) fn world(&self, id: &str, region: &str) -> &World {
        self.accounts.get(id).map_or_else(|| self.home(), |member| member.world(region))
    }

    pub(crate) fn world_mut(&mut self, id: &str, region: &str) -> &mut World {
        self.member(id).world_mut(region)
    }

    /// Takes a world out, so that it can change while it looks at the others.
    pub(crate) fn visit(&mut self, id: &str, region: &str) -> Visit<'_> {
        Visit::begin(self, id, region)
    }

    /// A role of an account, by name or ARN: roles are the same in all Regions.
    pub(crate) fn role(&self, id: &str, name: &str) -> Option<(&World, &Role)> {
        self.accounts.get(id)?.role(name)
    }

    /// A key where it is, by ARN.
    pub(crate) fn key(&self, arn: &str) -> Option<(&World, &Key)> {
        let (region, account) = visit::place_of(arn)?;
        let world = self.accounts.get(account)?.world(region);
        Some((world, world.keys.iter().find(|key| key.arn == arn)?))
    }

    fn worlds(&self) -> impl Iterator<Item = &World> {
        self.accounts.values().flat_map(Member::worlds)
    }

    fn set_clock(&mut self, clock: Timestamp) {
        for world in self.accounts.values_mut().flat_map(Member::worlds_mut) {
            world.set_clock(clock);
        }
    }
}
