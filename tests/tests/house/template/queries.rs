//! Saved queries and the dashboard: they ask for members, records and metrics that exist, of the functions that write them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::query::Query;
use super::tree::{Template, list, target};
use super::{ALARM, COMPOSITE, Faults};
use crate::sources::records::{METRICS, RECORDS, TEXTS, WRITTEN};

const QUERY: &str = "AWS::Logs::QueryDefinition";

/// What a query over several records asks for, and one of them does not have: record, its function, members.
const LACKS: [(&str, &str, &[&str]); 7] = [
    ("accepted", "classify", &["event_id", "known_failures", "reason"]),
    ("ignored", "classify", &["accepted_because", "accepted_until", "known_failures", "resource_arn", "root_cause_id"]),
    ("incident_closed", "verify", &["kind", "severity", "subject"]),
    ("page_suppressed", "classify", &["accepted_because", "accepted_until", "event_id", "resource_arn"]),
    ("rerun_outcome", "classify", &["reason", "role_arn", "vault"]),
    ("rerun_outcome", "verify", &["reason", "role_arn", "vault"]),
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
    let Some(body) = dashboard(template) else {
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

fn dashboard(template: &Template) -> Option<Value> {
    let board = template.properties("AWS::CloudWatch::Dashboard", "Dashboard")?;
    serde_json::from_str(&filled(&board["DashboardBody"]["!Sub"])?).ok()
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
        let own = writers(record, functions);
        fault_if!(faults, own.is_empty(), "{record} is in none of its log groups");
        members.extend(own.into_iter().flat_map(|(_, members)| members.iter().map(String::as_str)));
    }
    let known = told_lacks();
    for (record, function, member) in lacks(&query, functions).difference(&known) {
        faults.push(format!("{record} of {function} has no {member}"));
    }
    for value in &query.values {
        fault_if!(faults, !TEXTS.contains(value), "no line says {value}");
    }
    for end in &query.ends {
        fault_if!(faults, !members.iter().any(|member| member.ends_with(end.as_str())), "no member ends in {end}");
    }
    faults
}

/// Which of these functions write a record, and with which members.
fn writers<'a>(record: &str, functions: &'a [String]) -> Vec<(&'a str, &'static BTreeSet<String>)> {
    let Some(writers) = RECORDS.get(record) else { return Vec::new() };
    functions.iter().filter_map(|function| Some((function.as_str(), writers.get(function.as_str())?))).collect()
}

/// Record, function and member.
type Lack = (String, String, String);

/// What a query asks for of a record that has it not: what one record calls otherwise than another would be missing from half of the lines.
fn lacks(query: &Query, functions: &[String]) -> BTreeSet<Lack> {
    let lacks = |record: &'_ String| {
        let of = |(function, has): (&str, &BTreeSet<String>)| -> Vec<Lack> {
            let lacks = query.members.iter().filter(|member| !has.contains(*member));
            lacks.map(|member| (record.clone(), function.to_owned(), member.clone())).collect()
        };
        writers(record, functions).into_iter().flat_map(of).collect::<Vec<Lack>>()
    };
    query.records.iter().flat_map(lacks).collect()
}

fn told_lacks() -> BTreeSet<Lack> {
    let owned =
        |record: &str, function: &str, member: &str| (record.to_owned(), function.to_owned(), member.to_owned());
    LACKS.iter().flat_map(|(record, by, lacks)| lacks.iter().map(move |member| owned(record, by, member))).collect()
}

#[test]
fn every_lack_that_is_told_is_one() {
    let template = Template::load();
    let mut found = BTreeSet::new();
    for (_, query) in template.resources(QUERY) {
        let query = &query["Properties"];
        let functions: Vec<String> =
            list(&query["LogGroupNames"]).into_iter().filter_map(target).map(function).collect();
        let query = Query::read(query["QueryString"].as_str().unwrap()).unwrap();
        found.extend(lacks(&query, &functions));
    }
    let board = dashboard(&template).unwrap();
    for widget in list(&board["widgets"]).into_iter().filter(|widget| widget["type"] == "log") {
        let (functions, text) = sources(widget["properties"]["query"].as_str().unwrap());
        found.extend(lacks(&Query::read(text).unwrap(), &functions));
    }
    let told = told_lacks();
    let idle: Vec<&Lack> = told.difference(&found).collect();
    assert!(idle.is_empty(), "neither a saved query nor the dashboard needs {idle:?}");
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
