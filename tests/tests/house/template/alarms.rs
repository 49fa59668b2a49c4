//! Nothing fails quietly: what is watched, how long without an answer is too long, and that somebody is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::tree::{Template, list, target};
use super::{ALARM, COMPOSITE, FUNCTION, Faults, QUEUE};
use crate::sources::records::METRICS;

/// The metrics of one stack alone: a second stack must not answer for the silence of this one, nor ring its alarms.
const STACK_NAMESPACE: &str = "NightOne/${Name}";

/// Metrics whose alarm stays on until somebody has mended what it tells of: a pager closes its incident when it is over. The others go out by
/// themselves, which says nothing.
const LAST: [&str; 7] = [
    "ApproximateNumberOfMessagesVisible",
    "CollectCoverageErrors",
    "CoverageErrors",
    "EvidenceNotWritten",
    "Invocations",
    "RerunsRefused",
    "SubscriptionsConfirmed",
];

/// Metric, what it is of, and what no data means.
type Watched = (String, String, String);

pub(crate) fn everything_is_watched(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut wanted = BTreeSet::new();
    let mut want = |metric: &str, of: &str, missing: &str| {
        wanted.insert((metric.to_owned(), of.to_owned(), missing.to_owned()));
    };
    // No failures, no data: that is the good case. For what must happen it is the bad one.
    for (id, _) in template.resources(FUNCTION) {
        want("Errors", id, "notBreaching");
        want("Throttles", id, "notBreaching");
    }
    for (id, queue) in template.resources(QUEUE) {
        let dead = queue["Properties"]["RedrivePolicy"].is_null();
        let metric = if dead { "ApproximateNumberOfMessagesVisible" } else { "ApproximateAgeOfOldestMessage" };
        want(metric, id, "notBreaching");
    }
    want("ExecutionsFailed", "ReportMachine", "notBreaching");
    want("Invocations", "VerifyFunction", "breaching");
    want("Invocations", "CollectFunction", "breaching");
    // What the last report said holds until the next one.
    want("CoverageErrors", STACK_NAMESPACE, "ignore");
    want("CollectCoverageErrors", STACK_NAMESPACE, "ignore");
    want("EvidenceNotWritten", STACK_NAMESPACE, "ignore");
    want("RerunsRefused", STACK_NAMESPACE, "ignore");
    want("SubscriptionsConfirmed", STACK_NAMESPACE, "ignore");
    want("ReportSent", STACK_NAMESPACE, "breaching");
    want("ReportDue", STACK_NAMESPACE, "notBreaching");
    let watched: BTreeSet<Watched> =
        template.resources(ALARM).map(|(_, alarm)| watched(&alarm["Properties"])).collect();
    for (metric, of, missing) in wanted.difference(&watched) {
        faults.push(format!("no alarm on {metric} of {of} that takes no data as {missing}"));
    }
    for (metric, of, missing) in watched.difference(&wanted) {
        faults.push(format!("an alarm on {metric} of {of} that takes no data as {missing}: nobody asked for it"));
    }
    faults
}

pub(crate) fn alarms_tell_somebody_what_to_do(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let rules: Vec<&str> = template
        .resources(COMPOSITE)
        .filter_map(|(_, alarm)| alarm["Properties"]["AlarmRule"]["!Sub"].as_str())
        .collect();
    // Where nobody is subscribed by mail, they go the way that the pages go.
    let other = json!({"!If": ["HasChatTopic", {"!Ref": "ChatTopicArn"}, {"!Ref": "NoticeTopicArn"}]});
    let both = json!({"!Join": [",", [{"!Ref": "AlertTopic"}, other]]});
    let topics = json!({"!Split": [",", {"!If": ["HasAlertEmail", {"!Ref": "AlertTopic"}, both]}]});
    // The one alarm that the alert topic cannot bring to anybody.
    let chat = json!({"!If": ["HasChatTopic", {"!Ref": "ChatTopicArn"}, {"!Ref": "AWS::NoValue"}]});
    let elsewhere = json!([{"!Ref": "AlertTopic"}, chat]);
    for (id, resource) in [ALARM, COMPOSITE].into_iter().flat_map(|kind| template.resources(kind)) {
        let alarm = &resource["Properties"];
        let told = &alarm["AlarmActions"];
        let of_readers = alarm["MetricName"] == "SubscriptionsConfirmed";
        // A part of another alarm has nothing to say by itself.
        let part = rules.iter().any(|rule| rule.contains(&format!("ALARM(\"${{{id}}}\")")));
        fault_if!(
            faults,
            part != told.is_null(),
            "{id} tells nobody, or is a part of another alarm and tells it alone"
        );
        let wanted = if of_readers { &elsewhere } else { &topics };
        fault_if!(faults, !part && told != wanted, "{id} tells {told}, not {wanted}");
        // Without a subscription by mail there is nothing to count; that of the other stack is there with it.
        let condition = resource["Condition"].as_str();
        fault_if!(faults, of_readers != (condition == Some("HasAlertEmail")), "{id} is there by {condition:?}");
        let metric = watched(alarm).0;
        let lasts = LAST.contains(&metric.as_str()) || (metric == "ReportSent" && !part);
        let over = if lasts { told } else { &Value::Null };
        fault_if!(faults, alarm["OKActions"] != *over, "{id} says that it is over to {}", alarm["OKActions"]);
        fault_if!(faults, alarm["ActionsEnabled"] == false, "{id} is switched off");
        let said = &alarm["AlarmDescription"];
        let said = said.as_str().or(said["!Sub"].as_str()).unwrap_or_default();
        // What happened, and what to do about it: two sentences at least.
        let sentences = said.split(['.', ':']).filter(|sentence| !sentence.trim().is_empty()).count();
        fault_if!(
            faults,
            sentences < 2 || said.len() > 1024,
            "{id} does not say what to do, or more than CloudWatch keeps"
        );
    }
    for rule in rules {
        let parts: Vec<&str> = rule.split(" AND ").collect();
        let alarms = parts.iter().all(|part| part.starts_with("ALARM(\"${") && part.ends_with("}\")"));
        fault_if!(faults, parts.len() < 2 || !alarms, "{rule} rings for a part alone");
    }
    faults
}

pub(crate) fn alarms_ring_in_time(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (id, alarm) in template.resources(ALARM) {
        let alarm = &alarm["Properties"];
        let (metric, _, missing) = watched(alarm);
        let by_math = source(alarm).get("MetricStat");
        let period = by_math.map_or(&alarm["Period"], |metric| &metric["Period"]).as_u64().unwrap_or(0);
        let of_alarm = alarm["Threshold"].as_u64();
        let patience = if metric == "ApproximateAgeOfOldestMessage" { 1200 } else { 1 };
        // As many readers as there should be; of all else a single one.
        let by_parameter = target(&alarm["Threshold"]) == Some("SubscribersExpected");
        fault_if!(faults, by_parameter != (metric == "SubscriptionsConfirmed"), "{id} rings at {}", alarm["Threshold"]);
        fault_if!(faults, !by_parameter && of_alarm != Some(patience), "{id} rings at {of_alarm:?}, not at {patience}");
        if let Some(queue) = queue_of(template, alarm) {
            // What was received three times counts no more: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
            let counted = 2 * queue["VisibilityTimeout"].as_u64().unwrap_or(30);
            let aged = metric == "ApproximateAgeOfOldestMessage";
            fault_if!(
                faults,
                aged && patience + period > counted,
                "{id}: no message that is given back counts for so long"
            );
        }
        let too_few = missing == "breaching" || metric == "SubscriptionsConfirmed";
        let wanted = if too_few { "LessThanThreshold" } else { "GreaterThanOrEqualToThreshold" };
        fault_if!(faults, alarm["ComparisonOperator"] != wanted, "{id} rings the wrong way round");
        let statistic = &alarm["Statistic"];
        let wanted = match metric.as_str() {
            "Errors" | "ExecutionsFailed" | "Throttles" => "Sum",
            "SubscriptionsConfirmed" => "Minimum",
            _ => "Maximum",
        };
        fault_if!(faults, by_math.is_none() && statistic != wanted, "{id} looks at the {statistic}, not the {wanted}");

        let windows = windows(template, &alarm["EvaluationPeriods"]);
        fault_if!(faults, windows.is_empty(), "{id} looks at no period");
        for (interval, periods) in windows {
            // <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
            let most = if period < 3600 { 86_400 } else { 604_800 };
            fault_if!(
                faults,
                !period.is_multiple_of(60) || period * periods > most,
                "{id} looks further back than CloudWatch lets it"
            );
            let wanted = match (metric.as_str(), id) {
                // verify and collect: an hour, or two intervals if they are longer.
                ("Invocations", _) => 3600.max(2 * 60 * interval.unwrap_or(0)),
                // One run of verify at a time: what meets another one is turned away for the five minutes that it may take.
                ("Throttles", "VerifyThrottlesAlarm") => 900,
                ("ReportSent", "NoReportTodayAlarm") => 24 * 3600,
                ("ReportDue", _) => 3600,
                // A day, an hour for the end of summer time, and an hour in reserve.
                ("ReportSent", _) => 26 * 3600,
                _ => 300,
            };
            let window = period * periods;
            fault_if!(faults, window != wanted, "{id} looks at {window} s, not {wanted} ({interval:?} minutes)");
        }
        // Silence must fill all periods.
        let enough = alarm["DatapointsToAlarm"].as_u64();
        fault_if!(faults, enough.is_some(), "{id} rings after {enough:?} periods");
        // CloudWatch looks further back than it is told to where data is missing: an old answer would hide the silence.
        let math = list(&alarm["Metrics"]);
        if missing == "breaching" || metric == "ReportDue" {
            let fills = match math.as_slice() {
                [filled, of] => {
                    let name = of["Id"].as_str().unwrap_or("nothing");
                    filled["Expression"] == format!("FILL({name}, 0)")
                        && filled["ReturnData"] != false
                        && of["ReturnData"] == false
                        && of["MetricStat"]["Stat"] == "Sum"
                }
                _ => false,
            };
            fault_if!(faults, !fills, "{id} rings late, or not: where data is missing CloudWatch looks further back");
        } else {
            fault_if!(faults, !math.is_empty(), "{id} reckons where it need not");
        }
    }
    faults
}

/// Each metric that an alarm looks at has somebody who writes it, under the name of this stack where it must.
pub(crate) fn watched_metrics_are_written(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut written: BTreeSet<(String, String)> = BTreeSet::new();
    for (id, filter) in template.resources("AWS::Logs::MetricFilter") {
        let filter = &filter["Properties"];
        let function = target(&filter["LogGroupName"]).map(super::queries::function).unwrap_or_default();
        let printed = METRICS.of.get(function.as_str());
        for metric in list(&filter["MetricTransformations"]) {
            let name = metric["MetricName"].as_str().unwrap_or_default();
            let pattern = filter["FilterPattern"].as_str().unwrap_or_default();
            let wanted = [format!("{{ $.{name} = 1 }}"), format!("{{ $.{name} >= 0 }}")];
            let prints = printed.is_some_and(|names| names.contains(name));
            fault_if!(faults, !prints, "{id}: {function} prints no {name}");
            fault_if!(faults, !wanted.iter().any(|wanted| wanted == pattern), "{id}: {pattern} is not {name}");
            let value = metric["MetricValue"].as_str().unwrap_or_default();
            fault_if!(faults, value != "1" && value != format!("$.{name}"), "{id}: {name} is {value}");
            written
                .insert((name.to_owned(), metric["MetricNamespace"]["!Sub"].as_str().unwrap_or_default().to_owned()));
        }
    }
    let scheduled =
        template.resources("AWS::Scheduler::Schedule").map(|(_, schedule)| &schedule["Properties"]["Target"]);
    for input in scheduled.filter_map(|target| target["Input"]["!Sub"].as_str()) {
        let input: Value = serde_json::from_str(input).unwrap_or_default();
        let namespace = input["Namespace"].as_str().unwrap_or_default();
        let names = list(&input["MetricData"]).into_iter().filter(|metric| metric["Value"] == 1);
        written.extend(
            names.map(|metric| (metric["MetricName"].as_str().unwrap_or_default().to_owned(), namespace.to_owned())),
        );
    }
    for (id, alarm) in template.resources(ALARM) {
        let (metric, of, _) = watched(&alarm["Properties"]);
        let ours = of == METRICS.namespace && METRICS.names.contains(&metric);
        let aws = ["AWS/Lambda FunctionName", "AWS/SQS QueueName", "AWS/States StateMachineArn"]
            .contains(&measured(&alarm["Properties"]).as_str());
        fault_if!(
            faults,
            !ours && !aws && !written.contains(&(metric.clone(), of.clone())),
            "{id}: nobody writes {of} {metric}"
        );
    }
    faults
}

/// By the deadline somebody is told: the scheduler says when it is, in the time zone of the report.
pub(crate) fn the_deadline_is_kept_in_local_time(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let Some(due) = template.properties("AWS::Scheduler::Schedule", "ReportDueSchedule") else {
        return vec!["nobody says when the report is due".to_owned()];
    };
    let Some(report) = template.properties(FUNCTION, "ReportFunction") else {
        return vec!["there is no report".to_owned()];
    };
    let report = &report["Events"]["Nightly"]["Properties"];
    let to = &due["Target"];
    let at = json!({"!Sub": "cron(0 ${ReportDeadlineHour} * * ? *)"});
    let zone = &report["ScheduleExpressionTimezone"];
    let put = json!({"!Sub": "arn:${AWS::Partition}:scheduler:::aws-sdk:cloudwatch:putMetricData"});
    let sent = json!({"!Sub": "cron(0 ${ReportHour} * * ? *)"});
    fault_if!(faults, due["ScheduleExpression"] != at, "the report is due at {}", due["ScheduleExpression"]);
    fault_if!(faults, report["ScheduleExpression"] != sent, "it is sent at {}", report["ScheduleExpression"]);
    fault_if!(
        faults,
        zone.is_null() || due["ScheduleExpressionTimezone"] != *zone,
        "it is due in another time zone than it is sent"
    );
    fault_if!(
        faults,
        due["State"] == "DISABLED" || due["FlexibleTimeWindow"]["Mode"] != "OFF",
        "it is due at any time, or never"
    );
    fault_if!(faults, to["Arn"] != put, "{} is no metric", to["Arn"]);
    fault_if!(faults, to["RoleArn"] != report["RoleArn"], "the scheduler has no role for it");
    fault_if!(faults, to["DeadLetterConfig"] != report["DeadLetterConfig"], "that it could not be said is lost");
    // At its own hour the report is still on its way.
    let apart = json!({"!Not": [{"!Equals": [{"!Ref": "ReportHour"}, {"!Ref": "ReportDeadlineHour"}]}]});
    let rules = template.tree["Rules"].as_object().into_iter().flat_map(serde_json::Map::values);
    let asserted = rules.flat_map(|rule| list(&rule["Assertions"])).any(|assertion| assertion["Assert"] == apart);
    fault_if!(faults, !asserted, "the report may be due when it is sent");
    faults
}

/// What an alarm looks at: itself, or the metric that its expression is made of.
fn source(alarm: &Value) -> &Value {
    list(&alarm["Metrics"]).into_iter().find(|metric| metric["MetricStat"].is_object()).unwrap_or(alarm)
}

fn watched(alarm: &Value) -> Watched {
    let metric = source(alarm);
    let metric = metric.get("MetricStat").map_or(metric, |stat| &stat["Metric"]);
    let of: Vec<&str> =
        list(&metric["Dimensions"]).into_iter().filter_map(|dimension| target(&dimension["Value"])).collect();
    let of = of.first().map(|id| id.trim_end_matches(".QueueName").to_owned());
    (
        metric["MetricName"].as_str().unwrap_or_default().to_owned(),
        of.unwrap_or_else(|| namespace(source(alarm)).to_owned()),
        alarm["TreatMissingData"].as_str().unwrap_or("missing").to_owned(),
    )
}

/// The namespace of what an alarm looks at, and the dimension by which it is found there.
fn measured(alarm: &Value) -> String {
    let metric = source(alarm);
    let of = metric.get("MetricStat").map_or(metric, |stat| &stat["Metric"]);
    format!("{} {}", namespace(metric), of["Dimensions"][0]["Name"].as_str().unwrap_or_default())
}

/// The queue that an alarm watches.
fn queue_of<'a>(template: &'a Template, alarm: &Value) -> Option<&'a Value> {
    let dimensions = list(&alarm["Dimensions"]);
    let queue = dimensions.first()?["Value"]["!GetAtt"].as_str()?.strip_suffix(".QueueName")?;
    template.properties(QUEUE, queue)
}

fn namespace(metric: &Value) -> &str {
    let metric = metric.get("MetricStat").map_or(metric, |stat| &stat["Metric"]);
    metric["Namespace"].as_str().or(metric["Namespace"]["!Sub"].as_str()).unwrap_or_default()
}

/// The parameters that say how often a function runs.
const INTERVALS: [&str; 2] = ["CollectIntervalMinutes", "VerifyIntervalMinutes"];

/// How many periods an alarm looks at: a number, or one for each interval of its function in minutes.
fn windows(template: &Template, periods: &Value) -> Vec<(Option<u64>, u64)> {
    match periods["!FindInMap"].as_array().map(Vec::as_slice) {
        Some([map, key, Value::String(column)]) if target(key).is_some_and(|key| INTERVALS.contains(&key)) => {
            let allowed = list(&template.tree["Parameters"][target(key).unwrap_or_default()]["AllowedValues"]);
            let row = |interval: &str| template.tree["Mappings"][map.as_str()?][interval][column].as_u64();
            allowed
                .into_iter()
                .filter_map(Value::as_str)
                .map(|interval| (interval.parse().ok(), row(interval).unwrap_or(0)))
                .collect()
        }
        Some(_) => Vec::new(),
        None => periods.as_u64().map(|periods| (None, periods)).into_iter().collect(),
    }
}
