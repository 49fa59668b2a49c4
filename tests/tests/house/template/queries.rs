//! Saved queries and the dashboard: they ask for members, records and metrics that exist, of the functions that write them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::query::Query;
use super::tree::{Template, list, target};
use super::{ALARM, COMPOSITE, Faults};
use crate::sources::records::{METRICS, RECORDS, TEXTS, WRITTEN};

const QUERY: &str = "AWS::Logs::QueryDefinition";

/// What a query over several records asks for, and one of them does not have: record, its function, members.
const LACKS: [(&str, &str, &[&str]); 8] = [
    ("accepted", "classify", &["event_id", "known_failures", "reason"]),
    ("ignored", "classify", &["accepted_because", "accepted_until", "known_failures", "resource_arn", "root_cause_id"]),
    ("incident_closed", "verify", &["kind", "severity", "subject"]),
    ("page", "classify", &["kind"]),
    ("page_suppressed", "classify", &["accepted_because", "accepted_until", "event_id", "resource_arn"]),
    (
        "rerun_outcome",
        "classify",
        &["attempt", "new_root_cause_id", "outcome", "reason", "recovery_point_arn", "role_arn", "vault"],
    ),
    ("rerun_outcome", "verify", &["announced_by", "reason", "role_arn", "vault"]),
    (
        "rerun_started",
        "verify",
        &["announced_by", "message", "new_root_cause_id", "outcome", "recovery_point_arn", "state"],
    ),
];

pub(crate) fn queries_ask_for_what_is_logged(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut asked = BTreeSet::new();
    for (id, query) in template.resources(QUERY) {
        let query = &query["Properties"];
        let groups: Vec<String> = list(&query["LogGroupNames"]).into_iter().filter_map(target).map(function).collect();
        let named = list(&query["LogGroupNames"]).len();
        fault_if!(faults, groups.len() != named, "{id}: not all of its log groups are ours");
        let text = query["QueryString"].as_str().unwrap_or_default();
        faults.extend(faults_of(text, &groups).into_iter().map(|fault| format!("{id}: {fault}")));
        asked.extend(Query::read(text).map(|query| query.records).unwrap_or_default());
    }
    let known: BTreeSet<String> = RECORDS.keys().map(|record| (*record).to_owned()).collect();
    fault_if!(faults, known != *WRITTEN, "known records {known:?}, written {:?}", *WRITTEN);
    let never: Vec<_> = known.difference(&asked).collect();
    fault_if!(faults, !never.is_empty(), "no saved query asks for {never:?}");
    faults
}

/// Names of metrics, records and alarms: what is renamed elsewhere would leave an empty widget.
pub(crate) fn the_dashboard_shows_what_there_is(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let body =
        template.properties("AWS::CloudWatch::Dashboard", "Dashboard").map(|board| &board["DashboardBody"]["!Sub"]);
    let body = body.and_then(filled).and_then(|body| serde_json::from_str::<Value>(&body).ok());
    let Some(body) = body else {
        faults.push("there is no dashboard, or its body is no JSON".to_owned());
        return faults;
    };
    let mut alarms = BTreeSet::new();
    for widget in list(&body["widgets"]) {
        let properties = &widget["properties"];
        let title = properties["title"].as_str().unwrap_or("a widget without a title");
        match widget["type"].as_str() {
            Some("metric") => {
                for (namespace, name) in metrics_of(properties) {
                    let exists = namespace == METRICS.namespace && METRICS.names.contains(&name);
                    fault_if!(faults, !exists, "{title}: nobody prints {namespace} {name}");
                }
                for dimension in searched(properties) {
                    fault_if!(faults, !METRICS.dimensions.contains(&dimension), "{title}: no metric has a {dimension}");
                }
            }
            Some("log") => {
                let (groups, text) = sources(properties["query"].as_str().unwrap_or_default());
                faults.extend(faults_of(text, &groups).into_iter().map(|fault| format!("{title}: {fault}")));
            }
            // It asks report, which starts nothing; its buttons ask verify.
            Some("custom") => {
                let own = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${ReportFunction}";
                fault_if!(faults, properties["endpoint"] != own, "{title} asks {}", properties["endpoint"]);
                fault_if!(faults, properties["updateOn"]["refresh"] != true, "{title} is never renewed");
            }
            Some("alarm") => {
                alarms.extend(list(&properties["alarms"]).into_iter().filter_map(Value::as_str).map(str::to_owned))
            }
            other => faults.push(format!("{title} is a {other:?}")),
        }
    }
    let ringing = [ALARM, COMPOSITE].into_iter().flat_map(|kind| template.resources(kind));
    let ringing = ringing.filter(|(_, alarm)| !alarm["Properties"]["AlarmActions"].is_null());
    // That of another nested stack goes by its name.
    let name = |alarm: &Value| alarm["Properties"]["AlarmName"]["!Sub"].as_str().unwrap_or_default().to_owned();
    let head = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:";
    let arn = |(id, alarm): (&str, &Value)| match alarm["Condition"].as_str() {
        Some("FansOut") => format!("{head}{}", name(alarm)),
        _ => format!("${{{id}.Arn}}"),
    };
    let ringing: BTreeSet<String> = ringing.map(arn).collect();
    fault_if!(faults, alarms != ringing, "alarms on the dashboard {alarms:?}, alarms that ring {ringing:?}");
    faults
}

/// A text, with what is put into it where all that is conditional is there.
fn filled(body: &Value) -> Option<String> {
    let (text, values) = (body[0].as_str()?, body[1].as_object()?);
    let or_nothing = |value: &Value| value["!If"][2] == "";
    let value = |value: &Value| value["!If"][1]["!Sub"].as_str().filter(|_| or_nothing(value)).map(str::to_owned);
    values
        .iter()
        .try_fold(text.to_owned(), |text, (name, put)| Some(text.replace(&format!("${{{name}}}"), &value(put)?)))
}

/// What a query asks for and these functions do not log.
fn faults_of(text: &str, functions: &[String]) -> Faults {
    let mut faults = Faults::new();
    let Some(query) = Query::read(text) else {
        faults.push("not understood, or it names no record".to_owned());
        return faults;
    };
    let written = |function: &String| {
        query
            .records
            .iter()
            .any(|record| RECORDS.get(record.as_str()).is_some_and(|writers| writers.contains_key(function.as_str())))
    };
    for function in functions.iter().filter(|function| !written(function)) {
        faults.push(format!("{function} writes none of {:?}", query.records));
    }
    let mut members = BTreeSet::new();
    for record in &query.records {
        let writers = RECORDS.get(record.as_str()).into_iter().flatten();
        let own: Vec<_> = writers.filter(|(function, _)| functions.iter().any(|name| name == *function)).collect();
        fault_if!(faults, own.is_empty(), "{record} is in none of its log groups");
        // What one record calls otherwise than another would be missing from half of the lines.
        for (function, has) in &own {
            let lacks = LACKS.iter().find(|(of, by, _)| of == record && by == *function).map(|(_, _, lacks)| *lacks);
            let known = |member: &&String| has.contains(*member) || lacks.unwrap_or(&[]).contains(&member.as_str());
            for member in query.members.iter().filter(|member| !known(member)) {
                faults.push(format!("{record} of {function} has no {member}"));
            }
        }
        members.extend(own.into_iter().flat_map(|(_, members)| members.iter().map(String::as_str)));
    }
    for value in &query.values {
        fault_if!(faults, !TEXTS.contains(value), "no line says {value}");
    }
    for end in &query.ends {
        fault_if!(faults, !members.iter().any(|member| member.ends_with(end.as_str())), "no member ends in {end}");
    }
    faults
}

/// `ReportLogGroup` -> `report`
pub(crate) fn function(group: &str) -> String {
    group.trim_end_matches("LogGroup").to_ascii_lowercase()
}

/// `SOURCE '${ReportLogGroup}' | filter ...` as the functions and the query.
fn sources(text: &str) -> (Vec<String>, &str) {
    let mut functions = Vec::new();
    let mut rest = text;
    while let Some((group, after)) = rest.strip_prefix("SOURCE '${").and_then(|after| after.split_once("}' | ")) {
        functions.push(function(group));
        rest = after;
    }
    (functions, rest)
}

/// Namespace and name of each metric of a widget; of a search, what it searches for.
fn metrics_of(properties: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&properties["metrics"])
        .into_iter()
        .map(|metric| match metric[0]["expression"].as_str() {
            Some(search) => {
                let between =
                    |from, to| search.split_once(from).and_then(|(_, after): (_, &str)| after.split(to).next());
                (
                    between("{", ',').unwrap_or_default().to_owned(),
                    between("MetricName=\"", '"').unwrap_or_default().to_owned(),
                )
            }
            None => (text(&metric[0]), text(&metric[1])),
        })
        .collect()
}

/// The dimensions of the searches: `{NightOne,Vault}`.
fn searched(properties: &Value) -> Vec<String> {
    let searches = list(&properties["metrics"]).into_iter().filter_map(|metric| metric[0]["expression"].as_str());
    searches
        .filter_map(|search| search.split_once('{')?.1.split('}').next())
        .flat_map(|schema| schema.split(',').skip(1))
        .map(str::to_owned)
        .collect()
}
