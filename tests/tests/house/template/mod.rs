//! Holds template.yaml: which events fire a rule, the numbers that belong together, who may do what, and that nothing fails quietly.
//!
//! A check is a function from the template to a list of faults. `mutations` changes each value of the template and wants a check to
//! notice it, so that a check which no longer looks at anything is noticed.
/// `fault_if!(list, condition, "sentence {}", ...)`
macro_rules! fault_if {
    ($faults:ident, $condition:expr, $($sentence:tt)+) => {
        if $condition {
            $faults.push(format!($($sentence)+));
        }
    };
}

mod access;
mod alarms;
mod audit;
mod conditions;
mod delivery;
mod events;
mod everywhere;
mod evidence;
mod fan_out;
mod idle;
mod inventory;
mod limits;
mod member;
mod mutations;
mod nested;
mod organization;
mod permissions;
mod policy;
mod queries;
mod query;
mod restore_testing;
mod schedules;
mod tree;
mod variables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use access::*;
use alarms::*;
use conditions::*;
use delivery::*;
use events::*;
use fan_out::*;
use inventory::*;
use member::*;
use permissions::*;
use queries::*;
use schedules::*;
use serde_json::Value;
use tests::ROOT;
pub(crate) use tree::Template;
use variables::*;

const FUNCTION: &str = "AWS::Serverless::Function";
const RULE: &str = "AWS::Events::Rule";
const QUEUE: &str = "AWS::SQS::Queue";
const TOPIC: &str = "AWS::SNS::Topic";
const ROLE: &str = "AWS::IAM::Role";
const ALARM: &str = "AWS::CloudWatch::Alarm";
const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";

type Faults = Vec<String>;

/// The name of a function's folder and binary.
fn binary(function: &Value) -> &str {
    function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap_or("nothing")
}

/// Makes a test of each check.
macro_rules! checks {
    ($($check:ident),+ $(,)?) => {
        const CHECKS: &[fn(&Template) -> Faults] = &[$($check),+];

        mod holds {
            $(
                #[test]
                fn $check() {
                    let faults = super::$check(&super::Template::load());
                    assert!(faults.is_empty(), "template.yaml:\n{}", faults.join("\n"));
                }
            )+
        }
    };
}

checks!(
    samples_fire_as_told,
    collected_jobs_fire,
    states_fire_as_told,
    only_admitted_accounts_fire,
    rules_reach_a_queue_and_lose_nothing,
    queue_numbers_fit,
    queues_are_closed,
    topics_are_closed_and_alarms_get_through,
    roles_may_do_no_more_than_they_must,
    roles_are_assumed_and_handed_on_as_told,
    roles_go_to_other_accounts_where_these_are_watched,
    schedules_tell_their_time_and_lose_nothing,
    verify_ticks_fit_its_interval,
    collect_ticks_fit_its_interval,
    periods_are_told_where_somebody_wants_them,
    azure_is_on_or_off,
    conditions_ask_as_told,
    parameters_that_go_together_are_asked_for,
    the_fan_out_reaches_its_end,
    the_fan_out_starts_when_the_report_would,
    members_forward_and_are_let_in,
    settings_are_those_of_the_code,
    notices_reach_all_topics,
    functions_are_built_and_configured,
    everything_is_watched,
    alarms_tell_somebody_what_to_do,
    alarms_ring_in_time,
    watched_metrics_are_written,
    the_deadline_is_kept_in_local_time,
    queries_ask_for_what_is_logged,
    the_dashboard_shows_what_there_is,
    parameters_are_explained,
    names_carry_the_stack,
    descriptions_name_what_is_there,
    references_lead_somewhere,
    outputs_say_what_they_are_for,
);

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("events/ can be read") {
        let path = entry.expect("an entry").path();
        // Those are no events that come in but notices that go out.
        if path.ends_with("events/notices") {
            continue;
        }
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

#[test]
fn every_sample_has_an_expectation_and_a_source() {
    let events = Path::new(ROOT).join("events");
    let mut files = Vec::new();
    json_files(&events, &mut files);
    let found: BTreeSet<String> =
        files.iter().map(|file| file.strip_prefix(&events).unwrap().to_str().unwrap().to_owned()).collect();
    let told: BTreeSet<String> = FIRES.iter().chain(SILENT).map(|name| (*name).to_owned()).collect();
    assert_eq!(found, told, "events/ (left) and the tables FIRES and SILENT (right)");
    let readme = std::fs::read_to_string(events.join("README.md")).unwrap();
    for name in &told {
        assert!(readme.contains(&format!("| {name} |")), "events/README.md does not say where {name} is from");
    }
}
