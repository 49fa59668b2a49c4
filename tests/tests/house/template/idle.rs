//! Exceptions are needed: each entry of a list that lets something pass lets something pass. One that is idle would hide the next fault.

use std::collections::BTreeSet;

use serde_json::Value;

use super::inventory::NOT_A_NAME;
use super::limits::{LIMITS, TEMPLATES, load};
use super::permissions::{BEYOND_CALLS, CALLED, NO_RESOURCE_LEVEL, RESOURCES};
use super::policy::{names, statements_of_role};
use super::tree::{Template, list, target};
use super::variables::{MADE_HERE, NOT_OURS, NOT_SET};
use super::{FUNCTION, ROLE, binary};
use crate::sources::settings;

/// Type and property of all that stands under `Properties`, in all templates. What SAM makes of `Events` has its own types.
fn properties() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for template in TEMPLATES.map(load) {
        for resource in template.tree["Resources"].as_object().unwrap().values() {
            let events = resource["Properties"]["Events"].as_object().into_iter().flat_map(serde_json::Map::values);
            for named in events.chain([resource]) {
                let kind = named["Type"].as_str().unwrap();
                let names = named["Properties"].as_object().into_iter().flat_map(serde_json::Map::keys);
                found.extend(names.map(|name| (kind.to_owned(), name.clone())));
            }
        }
    }
    found
}

#[test]
fn every_property_of_a_list_is_in_a_template() {
    let there = properties();
    let limited = LIMITS.iter().map(|(kind, property, _)| (*kind, *property));
    let idle: Vec<(&str, &str)> = NOT_A_NAME
        .into_iter()
        .chain(limited)
        .filter(|(kind, property)| !there.contains(&((*kind).to_owned(), (*property).to_owned())))
        .collect();
    assert!(idle.is_empty(), "no template has {idle:?}");
}

/// The values of a resource, also of the branches of a condition.
fn leaves(value: &Value) -> Vec<&Value> {
    match value["!If"].as_array() {
        Some(branches) => branches.iter().skip(1).flat_map(leaves).collect(),
        None => vec![value],
    }
}

fn resources(statement: &Value) -> impl Iterator<Item = &Value> {
    list(&statement["Resource"]).into_iter().flat_map(leaves)
}

#[test]
fn every_right_that_is_listed_by_hand_is_granted_and_called_by_no_code() {
    let template = Template::load();
    let statements: Vec<&Value> = template.resources(ROLE).flat_map(|(_, role)| statements_of_role(role)).collect();
    let anywhere = statements.iter().filter(|statement| resources(statement).any(|resource| *resource == "*"));
    let anywhere: BTreeSet<&str> = anywhere.flat_map(|statement| names(&statement["Action"])).collect();
    let idle: Vec<&&str> = NO_RESOURCE_LEVEL.iter().filter(|action| !anywhere.contains(*action)).collect();
    assert!(idle.is_empty(), "no role may do {idle:?} to any resource");
    let forms: BTreeSet<String> = statements
        .iter()
        .flat_map(|statement| resources(statement))
        .filter_map(|resource| resource["!Sub"].as_str().map(str::to_owned))
        .collect();
    let idle: Vec<&str> = RESOURCES.into_iter().filter(|form| !forms.contains(*form)).collect();
    assert!(idle.is_empty(), "no role may touch {idle:?}");
    // That each is granted is held by `roles_may_do_no_more_than_they_must`, of the roles that are there.
    for (role, rights) in BEYOND_CALLS {
        assert!(template.properties(ROLE, role).is_some(), "there is no role {role}");
        let own = template.resources(FUNCTION).filter(|(_, of)| target(&of["Properties"]["Role"]) == Some(*role));
        let called: BTreeSet<&str> =
            own.flat_map(|(_, function)| &CALLED[binary(function)]).map(String::as_str).collect();
        let idle: Vec<&&str> = rights.iter().filter(|right| called.contains(*right)).collect();
        assert!(idle.is_empty(), "{role}: its code calls {idle:?}");
    }
}

#[test]
fn every_variable_of_a_list_is_read_or_set() {
    let template = Template::load();
    let read: BTreeSet<String> =
        settings::FUNCTIONS.into_iter().flat_map(|name| settings::settings(name).into_keys()).collect();
    for variable in MADE_HERE.into_iter().chain(NOT_SET) {
        assert!(read.contains(variable), "nobody reads {variable}");
    }
    for variable in NOT_OURS {
        let set =
            template.resources(FUNCTION).all(|(_, function)| !template.function_variable(function, variable).is_null());
        assert!(set && !read.contains(variable), "{variable} is not set, or our code reads it");
    }
}
