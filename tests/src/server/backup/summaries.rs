//! How many jobs there were, by day: what AWS Backup counts for a whole organization.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::wire::{Answer, Request};
use super::pages::{invalid, region_of, seconds, trimmed};
use super::sight::Sight;
use crate::world::{Organization, World};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long after midnight UTC the day before is counted.
const UNTIL_COUNTED: SignedDuration = SignedDuration::from_mins(150);
const DAYS: i32 = 14;
const ALL: &str = "AGGREGATE_ALL";
const ANY: &str = "ANY";

/// One job as it is counted.
struct Counted {
    created: Timestamp,
    state: &'static str,
    kind: String,
    category: String,
}

/// What one row counts: when its days begin, account, state, resource type, message category.
type Row = (Timestamp, String, String, String, String);

pub(super) fn list(organization: &Organization, operation: &str, request: &Request) -> Answer {
    let member = operation.trim_start_matches("List");
    let sight = Sight::of_summary(organization, request);
    let midnight = last_counted(sight.caller.clock);
    let days = match request.parameter("AggregationPeriod").unwrap_or("ONE_DAY") {
        "ONE_DAY" => 1,
        "SEVEN_DAYS" => 7,
        "FOURTEEN_DAYS" => DAYS,
        _ => return invalid("Invalid AggregationPeriod"),
    };
    let length = if days == 1 { DAYS } else { days };
    let begin = midnight - DAY * length;
    let mut counts: BTreeMap<Row, u64> = BTreeMap::new();
    for (world, _) in &sight.worlds {
        for job in jobs(world, operation, &request.region) {
            if job.created < begin || job.created >= midnight {
                continue;
            }
            let passed = (job.created.as_second() - begin.as_second()) / (DAY.as_secs() * i64::from(days));
            let from = begin + DAY * days * i32::try_from(passed).unwrap_or_default();
            let account = if request.parameter("AccountId") == Some(ALL) { ALL } else { &world.account };
            let parts = [("State", job.state), ("ResourceType", &job.kind), ("MessageCategory", &job.category)];
            let Some([state, kind, category]) = told(request, parts) else { continue };
            *counts.entry((from, account.to_owned(), state, kind, category)).or_default() += 1;
        }
    }
    let rows: Vec<Value> = counts.iter().map(|(row, count)| shape(row, *count, days, operation, request)).collect();
    page(&rows, member, request)
}

/// The words that stand in a row for a job; none if it is not asked for.
fn told(request: &Request, parts: [(&str, &str); 3]) -> Option<[String; 3]> {
    let said = parts.map(|(name, actual)| match request.parameter(name) {
        None | Some(ALL) => Some(ALL.to_owned()),
        Some(ANY) => Some(actual.to_owned()),
        Some(wanted) => (wanted == actual).then(|| actual.to_owned()),
    });
    let [Some(state), Some(kind), Some(category)] = said else { return None };
    Some([state, kind, category])
}

/// The midnight up to which everything is counted now.
fn last_counted(now: Timestamp) -> Timestamp {
    let counted = (now - UNTIL_COUNTED).as_second();
    Timestamp::from_second(counted - counted.rem_euclid(DAY.as_secs())).expect("a midnight near now")
}

fn jobs(world: &World, operation: &str, region: &str) -> Vec<Counted> {
    let now = world.clock;
    let counted = |created, state, kind: &String, category: Option<&String>| Counted {
        created,
        state,
        kind: kind.clone(),
        category: category.cloned().unwrap_or_default(),
    };
    match operation {
        "ListBackupJobSummaries" => {
            let here = world.backup_jobs.iter().filter(|job| region_of(&job.vault_arn) == region);
            here.map(|job| counted(job.created, job.state(now).name(), &job.kind, job.category.as_ref())).collect()
        }
        "ListCopyJobSummaries" => {
            let here = world.copy_jobs.iter().filter(|job| region_of(&job.source_vault_arn) == region);
            here.map(|job| counted(job.created, job.state(now).name(), &job.kind, job.category.as_ref())).collect()
        }
        _ => {
            let here = world.restore_jobs.iter().filter(|_| world.region == region);
            here.map(|job| counted(job.created, job.state(now).name(), &job.kind, None)).collect()
        }
    }
}

fn shape(row: &Row, count: u64, days: i32, operation: &str, request: &Request) -> Value {
    let (from, account, state, kind, category) = row;
    let has_category = operation != "ListRestoreJobSummaries";
    trimmed(json!({
        "Region": request.region,
        "AccountId": account,
        "State": state,
        "ResourceType": kind,
        "MessageCategory": has_category.then_some(category),
        "Count": count,
        "StartTime": seconds(*from),
        "EndTime": seconds(*from + DAY * days)
    }))
}

fn page(rows: &[Value], member: &str, request: &Request) -> Answer {
    let most = match request.parameter("MaxResults").map(str::parse::<usize>) {
        None => 500,
        Some(Ok(most @ 1..=1000)) => most.min(500),
        Some(_) => return invalid("MaxResults must be from 1 to 500"),
    };
    let from = match request.parameter("NextToken").map(|token| token.strip_prefix("from-").map(str::parse::<usize>)) {
        None => 0,
        Some(Some(Ok(from))) if from <= rows.len() => from,
        Some(_) => return invalid("Invalid token"),
    };
    let to = rows.len().min(from + most);
    let period = request.parameter("AggregationPeriod").unwrap_or("ONE_DAY");
    let next = (to < rows.len()).then(|| format!("from-{to}"));
    Answer::json(&trimmed(json!({member: rows.get(from..to), "AggregationPeriod": period, "NextToken": next})))
}
