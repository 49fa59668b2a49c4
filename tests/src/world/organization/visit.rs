//! One world that changes while it looks at the others.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};

use jiff::Timestamp;

use super::{Accounts, Member, Organization, Scope};
use crate::world::{Key, RecoveryPoint, Role, Vault, World};

/// A world that was taken out of its organization. It goes back, and the organization follows what changed in it, when this is dropped.
pub(crate) struct Visit<'a> {
    organization: &'a mut Organization,
    account: String,
    place: usize,
    world: World,
    rest: Option<Arc<Accounts>>,
    clock: Timestamp,
}

impl<'a> Visit<'a> {
    pub(super) fn begin(organization: &'a mut Organization, id: &str, region: &str) -> Self {
        let clock = organization.clock();
        let member = organization.member(id);
        let place = member.place(region);
        // An empty world keeps the place meanwhile.
        let mut world = World::of(id, &member.world(region).region, clock);
        member.swap(place, &mut world);
        let rest = Arc::new(std::mem::take(&mut organization.accounts));
        world.elsewhere = Elsewhere(Arc::downgrade(&rest));
        Visit { organization, account: id.to_owned(), place, world, rest: Some(rest), clock }
    }
}

impl Deref for Visit<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Visit<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let Some(accounts) = self.rest.take().and_then(Arc::into_inner) else { return };
        self.organization.accounts = accounts;
        self.world.elsewhere = Elsewhere::default();
        let scope = (self.account.clone(), self.world.region.clone());
        let clock = self.world.clock;
        self.organization.member(&self.account).swap(self.place, &mut self.world);
        if clock != self.clock {
            self.organization.set_clock(clock);
        }
        self.organization.deliver(&scope);
    }
}

impl Organization {
    /// Puts what copies of a world made into the worlds of their vaults, and takes away what such a copy did not make after all.
    fn deliver(&mut self, from: &Scope) {
        let source = self.world(&from.0, &from.1);
        let known: HashSet<&str> =
            self.delivered.iter().filter(|(_, of, _)| of == from).map(|(arn, _, _)| arn.as_str()).collect();
        let mut foreign: Vec<(RecoveryPoint, Scope)> = Vec::new();
        let mut present: HashSet<String> = HashSet::new();
        for point in source.recovery_points.iter().filter(|point| point.source_vault_arn.is_some()) {
            let Some((region, account)) = place_of(&point.vault_arn) else { continue };
            let there = self.accounts.get(account).is_some_and(|member| member.has_world(region));
            if (account, region) == (from.0.as_str(), from.1.as_str()) || !there {
                continue;
            }
            present.insert(point.arn.clone());
            if !known.contains(point.arn.as_str()) {
                foreign.push((point.clone(), (account.to_owned(), region.to_owned())));
            }
        }
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.delivered)
            .into_iter()
            .partition(|(arn, of, _)| of != from || present.contains(arn));
        self.delivered = kept;
        for (arn, _, (account, region)) in gone {
            self.world_mut(&account, &region).recovery_points.retain(|point| point.arn != arn);
        }
        for (point, to) in foreign {
            self.delivered.push((point.arn.clone(), from.clone(), to.clone()));
            self.world_mut(&to.0, &to.1).recovery_points.push(point);
        }
    }
}

/// The other worlds of the organization, while this one is being changed; at other times, and in no organization, there are none.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Elsewhere(Weak<Accounts>);

impl Elsewhere {
    /// Looks for something in the world that its ARN names.
    fn at<Thing>(&self, arn: &str, find: impl FnOnce(&World) -> Option<Thing>) -> Option<Thing> {
        let accounts = self.0.upgrade()?;
        let (region, account) = place_of(arn)?;
        accounts
            .get(account)
            .filter(|member| member.has_world(region))
            .map(|member| member.world(region))
            .and_then(find)
    }

    fn member<Thing>(&self, id: &str, find: impl FnOnce(&Member) -> Option<Thing>) -> Option<Thing> {
        self.0.upgrade()?.get(id).and_then(find)
    }
}

impl World {
    /// A key in the world that owns it, else among those that this one knows of.
    pub(in crate::world) fn key_at(&self, arn: &str) -> Option<Cow<'_, Key>> {
        let find = |world: &World| world.keys.iter().find(|key| key.arn == arn).cloned();
        let own = || self.keys.iter().find(|key| key.arn == arn).map(Cow::Borrowed);
        self.elsewhere.at(arn, find).map(Cow::Owned).or_else(own)
    }

    /// A vault in the world that owns it, else among those that this one knows of.
    pub(in crate::world) fn vault_at(&self, arn: &str) -> Option<Cow<'_, Vault>> {
        let find = |world: &World| world.vaults.iter().find(|vault| vault.arn == arn).cloned();
        let own = || self.vaults.iter().find(|vault| vault.arn == arn).map(Cow::Borrowed);
        self.elsewhere.at(arn, find).map(Cow::Owned).or_else(own)
    }

    /// A role of this account, in whichever of its Regions a test put it down.
    pub(in crate::world) fn role_at(&self, arn: &str) -> Option<Cow<'_, Role>> {
        let own = self.roles.iter().find(|role| role.arn == arn).map(Cow::Borrowed);
        let find = |member: &Member| Some(Cow::Owned(member.role(arn)?.1.clone()));
        own.or_else(|| self.elsewhere.member(&self.account, find))
    }
}

/// The Region and the account that an ARN names.
pub(super) fn place_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':').skip(3);
    Some((parts.next()?, parts.next()?))
}
