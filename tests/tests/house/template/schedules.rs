//! What runs on a schedule: it is told its time, nothing overlaps, nothing is lost.

use serde_json::{Value, json};

use super::policy::{may, names};
use super::tree::{Template, target};
use super::{FUNCTION, Faults, QUEUE, binary};

pub(crate) fn schedules_tell_their_time_and_lose_nothing(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let is_dead_letters = |queue: &str| {
        template
            .resources(QUEUE)
            .any(|(_, other)| target(&other["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]) == Some(queue))
    };
    for (id, function) in template.resources(FUNCTION) {
        let own = &function["Properties"];
        let events: Vec<&Value> = own["Events"].as_object().into_iter().flat_map(serde_json::Map::values).collect();
        if events.iter().any(|event| event["Type"] == "SQS") {
            continue;
        }
        let [schedule] = events.as_slice() else {
            faults.push(format!("{id} has {} events, not one schedule", events.len()));
            continue;
        };
        fault_if!(faults, schedule["Type"] != "ScheduleV2", "{id} is started by {}", schedule["Type"]);
        let schedule = &schedule["Properties"];
        let name = json!({"!Sub": format!("${{Name}}-{}", binary(function))});
        fault_if!(faults, schedule["Name"] != name, "{id}: two stacks would fight over its schedule's name");
        let off = json!({"!If": ["FansOut", "DISABLED", "ENABLED"]});
        let state = if id == "ReportFunction" { &off } else { &Value::Null };
        fault_if!(faults, schedule["State"] != *state, "{id}: its schedule is {}", schedule["State"]);
        fault_if!(faults, schedule["FlexibleTimeWindow"] != json!({"Mode": "OFF"}), "{id}: its ticks may drift");
        let by_the_clock = schedule["ScheduleExpression"].to_string().contains("cron(");
        let zone = target(&schedule["ScheduleExpressionTimezone"]);
        fault_if!(faults, by_the_clock && zone.is_none(), "{id}: nobody may choose the time zone of its schedule");
        let input = schedule["Input"].as_str().and_then(|input| serde_json::from_str::<Value>(input).ok());
        let time = json!({"time": "<aws.scheduler.scheduled-time>"});
        fault_if!(faults, input.as_ref() != Some(&time), "{id} is not told which tick it is: {input:?}");

        // What the scheduler could not deliver, and what the function failed on.
        let invoke = &own["EventInvokeConfig"];
        let on_failure = &invoke["DestinationConfig"]["OnFailure"];
        let queue = target(&schedule["DeadLetterConfig"]["Arn"]).unwrap_or("nothing");
        let is_ours = template.properties(QUEUE, queue).is_some();
        fault_if!(faults, !is_ours || is_dead_letters(queue), "{id}: ticks that can not be delivered go to {queue}");
        fault_if!(faults, on_failure["Type"] != "SQS", "{id}: SAM does not know where failed ticks go");
        fault_if!(faults, target(&on_failure["Destination"]) != Some(queue), "{id}: failed ticks do not go to {queue}");
        for (what, retries) in [("delivery", &schedule["RetryPolicy"]), ("run", invoke)] {
            let attempts = retries["MaximumRetryAttempts"].as_u64().unwrap_or(185);
            fault_if!(
                faults,
                !(1..=2).contains(&attempts),
                "{id}: a {what} that fails is tried {attempts} times again"
            );
        }

        let role = target(&own["Role"]).unwrap_or("nothing");
        let scheduler = target(&schedule["RoleArn"]).unwrap_or("nothing");
        for (who, action, on) in [
            (role, "sqs:SendMessage", queue),
            (scheduler, "sqs:SendMessage", queue),
            (scheduler, "lambda:InvokeFunction", id),
        ] {
            fault_if!(faults, !may(template, who, action, on), "{id}: {who} may not {action} {on}");
        }
    }
    faults
}

/// verify tells of one interval each time it runs, and starts nothing when it runs late: its schedule, its setting and its patience agree.
pub(crate) fn verify_ticks_fit_its_interval(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let Some(verify) = template.properties(FUNCTION, "VerifyFunction") else {
        return vec!["there is no verify function".to_owned()];
    };
    let schedule = &verify["Events"]["Tick"]["Properties"];
    let every = &schedule["ScheduleExpression"];
    let setting = &verify["Environment"]["Variables"]["VERIFY_INTERVAL_MINUTES"];
    fault_if!(faults, *every != json!({"!Sub": "rate(${VerifyIntervalMinutes} minutes)"}), "it runs at {every}");
    fault_if!(faults, target(setting) != Some("VerifyIntervalMinutes"), "VERIFY_INTERVAL_MINUTES is {setting}");
    let one = json!({"!If": ["KeepsRunsApart", 1, {"!Ref": "AWS::NoValue"}]});
    fault_if!(faults, verify["ReservedConcurrentExecutions"] != one, "its ticks may overlap");
    let asked = json!({"!Equals": [{"!Ref": "ReserveConcurrency"}, "true"]});
    fault_if!(faults, template.tree["Conditions"]["KeepsRunsApart"] != asked, "KeepsRunsApart asks something else");
    let by_default = &template.tree["Parameters"]["ReserveConcurrency"]["Default"];
    // A new account has too few executions for it, and what it would cost there is the whole deployment.
    fault_if!(faults, by_default != "false", "a new account cannot deploy unless it knows better");

    let intervals = names(&template.tree["Parameters"]["VerifyIntervalMinutes"]["AllowedValues"]);
    fault_if!(faults, intervals.is_empty(), "any interval may be chosen");
    for interval in intervals {
        let minutes: u64 = interval.parse().unwrap_or(0);
        fault_if!(faults, minutes == 0 || 60 % minutes != 0, "{interval} minutes do not fill an hour");
        let timeout = verify["Timeout"].as_u64().unwrap_or(900);
        fault_if!(faults, timeout > minutes * 60, "a run of {timeout} s lasts longer than {interval} minutes");
        for (what, retries) in [("delivered", &schedule["RetryPolicy"]), ("tried again", &verify["EventInvokeConfig"])]
        {
            let age = seconds(template, &retries["MaximumEventAgeInSeconds"], interval);
            let fits = age == Some(2 * 60 * minutes);
            fault_if!(faults, !fits, "a tick of {interval} minutes is {what} for {age:?} s, not for two intervals");
        }
    }
    faults
}

/// collect brings in one interval each time it runs, however late: its schedule, its setting and its time agree.
pub(crate) fn collect_ticks_fit_its_interval(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let Some(collect) = template.properties(FUNCTION, "CollectFunction") else {
        return vec!["there is no collect function".to_owned()];
    };
    let schedule = &collect["Events"]["Tick"]["Properties"];
    let every = &schedule["ScheduleExpression"];
    let setting = &collect["Environment"]["Variables"]["COLLECT_INTERVAL_MINUTES"];
    fault_if!(faults, *every != json!({"!Sub": "rate(${CollectIntervalMinutes} minutes)"}), "it runs at {every}");
    fault_if!(faults, target(setting) != Some("CollectIntervalMinutes"), "COLLECT_INTERVAL_MINUTES is {setting}");
    let intervals = names(&template.tree["Parameters"]["CollectIntervalMinutes"]["AllowedValues"]);
    fault_if!(faults, intervals.is_empty(), "any interval may be chosen");
    for interval in intervals {
        let minutes: u64 = interval.parse().unwrap_or(0);
        fault_if!(faults, minutes == 0 || 60 % minutes != 0, "{interval} minutes do not fill an hour");
        let timeout = collect["Timeout"].as_u64().unwrap_or(900);
        fault_if!(faults, timeout > minutes * 60, "a run of {timeout} s lasts longer than {interval} minutes");
    }
    // The longest that Lambda keeps an event.
    for retries in [&schedule["RetryPolicy"], &collect["EventInvokeConfig"]] {
        let age = retries["MaximumEventAgeInSeconds"].as_u64();
        fault_if!(faults, age != Some(21_600), "a tick is given up after {age:?} s");
    }
    faults
}

/// A week and a month are told after the report of their last night, in the same time zone, and only where a parameter says so.
pub(crate) fn periods_are_told_where_somebody_wants_them(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (id, condition, parameter, period, days) in [
        ("WeekSchedule", "TellsWeeks", "WeeklySummary", "week", "? * MON *"),
        ("MonthSchedule", "TellsMonths", "MonthlyReview", "month", "1 * ? *"),
    ] {
        let schedule = &template.tree["Resources"][id];
        fault_if!(faults, schedule["Condition"] != condition, "{id} is there where {}", schedule["Condition"]);
        let properties = &schedule["Properties"];
        let told = json!({
            "Name": {"!Sub": format!("${{Name}}-report-{period}")},
            "Description": format!("report tells of the {period}"),
            "ScheduleExpression": {"!Sub": format!("cron(30 ${{ReportHour}} {days})")},
            "ScheduleExpressionTimezone": {"!Ref": "ReportTimeZone"},
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": {"!GetAtt": "ReportFunction.Arn"},
                "Input": format!("{{\"period\":\"{period}\",\"time\":\"<aws.scheduler.scheduled-time>\"}}"),
                "RoleArn": {"!GetAtt": "SchedulerRole.Arn"},
                "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
                "DeadLetterConfig": {"Arn": {"!GetAtt": "FailedTicksQueue.Arn"}},
            },
        });
        fault_if!(faults, *properties != told, "{id} is {properties}, not {told}");
        let default = &template.tree["Parameters"][parameter]["Default"];
        fault_if!(faults, default != "false", "{parameter} is {default} unless told otherwise");
    }
    faults
}

/// A number, or the seconds that a mapping has for an interval.
fn seconds(template: &Template, value: &Value, interval: &str) -> Option<u64> {
    match value["!FindInMap"].as_array().map(Vec::as_slice) {
        Some([map, key, Value::String(column)]) if target(key) == Some("VerifyIntervalMinutes") => {
            template.tree["Mappings"][map.as_str()?][interval][column].as_u64()
        }
        Some(_) => None,
        None => value.as_u64(),
    }
}
