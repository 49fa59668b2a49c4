use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::world::{Role, Tags, World};

/// An account of an organization.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub state: AccountState,
    pub joined: Timestamp,
    /// The organizational units from the root down: `ou-exam-prod1234/ou-exam-web12345`. Empty is the root.
    pub unit: String,
    /// Regions in which a policy of the organization denies everything.
    pub shut: BTreeSet<String>,
    /// Of the account itself.
    pub tags: Tags,
    /// At least one; the first is the home of the account.
    worlds: Vec<World>,
}

/// The State of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    PendingActivation,
    Active,
    Suspended,
    PendingClosure,
    Closed,
}

impl Member {
    pub(super) fn new(id: &str, name: &str, world: World) -> Self {
        Member {
            id: id.to_owned(),
            name: name.to_owned(),
            state: AccountState::Active,
            joined: Timestamp::UNIX_EPOCH,
            unit: String::new(),
            shut: BTreeSet::new(),
            tags: Tags::new(),
            worlds: vec![world],
        }
    }

    /// The first world of the account, in which its roles are.
    pub fn home(&mut self) -> &mut World {
        self.worlds.first_mut().expect("an account has a world")
    }

    /// Shuts a Region by a policy of the organization.
    pub fn shut(&mut self, region: &str) {
        self.shut.insert(region.to_owned());
    }

    pub fn worlds(&self) -> impl Iterator<Item = &World> {
        self.worlds.iter()
    }
}

impl Member {
    pub(crate) fn world(&self, region: &str) -> &World {
        let place = self.place(region);
        self.worlds.get(place).expect("an account has a world")
    }

    pub(super) fn world_mut(&mut self, region: &str) -> &mut World {
        let place = self.place(region);
        self.worlds.get_mut(place).expect("an account has a world")
    }

    /// The world of a Region, else the first.
    pub(super) fn place(&self, region: &str) -> usize {
        self.worlds.iter().position(|world| world.region == region).unwrap_or(0)
    }

    pub(super) fn has_world(&self, region: &str) -> bool {
        self.worlds.iter().any(|world| world.region == region)
    }

    pub(super) fn need_world(&mut self, region: &str, clock: Timestamp) {
        if !self.has_world(region) {
            self.worlds.push(World::of(&self.id, region, clock));
        }
    }

    pub(super) fn add_world(&mut self, world: World) {
        assert!(!self.has_world(&world.region), "account {} has a world in {}", self.id, world.region);
        self.worlds.push(world);
    }

    pub(super) fn worlds_mut(&mut self) -> impl Iterator<Item = &mut World> {
        self.worlds.iter_mut()
    }

    pub(super) fn swap(&mut self, place: usize, world: &mut World) {
        std::mem::swap(&mut self.worlds[place], world);
    }

    pub(crate) fn role(&self, name: &str) -> Option<(&World, &Role)> {
        self.worlds
            .iter()
            .find_map(|world| Some((world, world.roles.iter().find(|role| role.arn == name || role.name == name)?)))
    }
}

impl AccountState {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            AccountState::PendingActivation => "PENDING_ACTIVATION",
            AccountState::Active => "ACTIVE",
            AccountState::Suspended => "SUSPENDED",
            AccountState::PendingClosure => "PENDING_CLOSURE",
            AccountState::Closed => "CLOSED",
        }
    }

    /// The word of the older member, which knows fewer.
    #[must_use]
    pub fn status(self) -> &'static str {
        match self {
            AccountState::Active | AccountState::PendingActivation => "ACTIVE",
            AccountState::PendingClosure => "PENDING_CLOSURE",
            AccountState::Suspended | AccountState::Closed => "SUSPENDED",
        }
    }

    /// Whether calls in such an account are answered.
    #[must_use]
    pub fn works(self) -> bool {
        matches!(self, AccountState::Active | AccountState::PendingClosure)
    }
}
