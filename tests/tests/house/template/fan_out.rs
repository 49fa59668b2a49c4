//! The state machine that makes one report of thousands of accounts: its states follow each other, its three calls are those that report
//! knows, and no single account can end the night of the others. cfn-lint knows which members a state may have.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::tree::Template;
use super::{FUNCTION, Faults};

pub(crate) fn the_fan_out_reaches_its_end(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let Some(machine) = template.properties("AWS::StepFunctions::StateMachine", "ReportMachine") else {
        return vec!["there is no state machine".to_owned()];
    };
    let (substitutions, definition) = (&machine["DefinitionSubstitutions"], &machine["Definition"]);
    let report =
        json!({"!Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${ReportFunction}"});
    fault_if!(faults, substitutions["Report"] != report, "it runs {}", substitutions["Report"]);
    let invoke = json!({"!Sub": "arn:${AWS::Partition}:states:::lambda:invoke"});
    fault_if!(faults, substitutions["Invoke"] != invoke, "it calls {}", substitutions["Invoke"]);
    // EXPRESS ends after five minutes.
    fault_if!(faults, machine["StateMachineType"] != "STANDARD", "it is {}", machine["StateMachineType"]);
    let role = json!({"!GetAtt": "ReportMachineRole.Arn"});
    fault_if!(faults, machine["RoleArn"] != role, "its role is {}", machine["RoleArn"]);
    let name = &machine["StateMachineName"]["!Sub"];
    fault_if!(faults, name != "${Name}-report", "{name} is not what its role and its command name");

    let order = order(definition, &mut faults);
    fault_if!(faults, order != ["Plan", "Look", "Merge"], "its states are {order:?}");
    let look = &definition["States"]["Look"];
    let inner = &look["ItemProcessor"];
    fault_if!(faults, self::order(inner, &mut faults) != ["LookIntoOne"], "a worker does more than look");

    let timeout = template.properties(FUNCTION, "ReportFunction").and_then(|report| report["Timeout"].as_u64());
    let [plan, worker, merge] =
        [&definition["States"]["Plan"], &inner["States"]["LookIntoOne"], &definition["States"]["Merge"]];
    for (task, payload) in [
        (plan, json!({"FunctionName": "${Report}", "Payload": {"plan": true}})),
        (worker, json!({"FunctionName": "${Report}", "Payload.$": "$"})),
        (merge, json!({"FunctionName": "${Report}", "Payload": {"merge.$": "$.night"}})),
    ] {
        let is_task = task["Type"] == "Task" && task["Resource"] == "${Invoke}";
        fault_if!(faults, !is_task, "a {} calls {}", task["Type"], task["Resource"]);
        fault_if!(faults, task["Parameters"] != payload, "a task sends {}, not {payload}", task["Parameters"]);
        // A little longer than the function: its own end is the better answer.
        let patience = task["TimeoutSeconds"].as_u64();
        fault_if!(faults, patience != timeout.map(|run| run + 60), "a run of {timeout:?} s is waited for {patience:?}");
        faults.extend(faults_of_retries(&task["Retry"]));
    }
    fault_if!(faults, plan["OutputPath"] != "$.Payload", "the plan is lost");
    fault_if!(faults, merge["OutputPath"] != "$.Payload", "what the merge answers is lost");
    // What thousands answer would be more than a state may hold.
    fault_if!(faults, worker["ResultSelector"] != json!({"status.$": "$.StatusCode"}), "a worker's answer is kept");
    faults.extend(faults_of_map(look));
    faults
}

/// In place of the schedule of the function, at the same hour.
pub(crate) fn the_fan_out_starts_when_the_report_would(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let schedule = template.properties("AWS::Scheduler::Schedule", "ReportMachineSchedule");
    let report = template.properties(FUNCTION, "ReportFunction");
    let (Some(schedule), Some(report)) = (schedule, report) else { return vec!["nobody starts it".to_owned()] };
    let report = &report["Events"]["Nightly"]["Properties"];
    for member in ["ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow"] {
        fault_if!(faults, schedule[member] != report[member], "its {member} is {}", schedule[member]);
    }
    let to = &schedule["Target"];
    fault_if!(faults, to["Arn"] != json!({"!Ref": "ReportMachine"}), "{} is started", to["Arn"]);
    fault_if!(faults, to["Input"] != "{}", "it is told {}", to["Input"]);
    fault_if!(faults, to["RoleArn"] != json!({"!GetAtt": "ReportMachineScheduleRole.Arn"}), "{}", to["RoleArn"]);
    for member in ["RetryPolicy", "DeadLetterConfig"] {
        fault_if!(faults, to[member] != report[member], "its {member} is {}", to[member]);
    }
    for (id, resource) in template.tree["Resources"].as_object().into_iter().flatten() {
        let conditional = resource["Condition"] == "FansOut";
        fault_if!(
            faults,
            conditional != id.starts_with("ReportMachine"),
            "{id} is there unasked, or not where it must"
        );
    }
    faults
}

/// The states as they follow each other. Each that is named is there, and each that is there is reached.
fn order(machine: &Value, faults: &mut Faults) -> Vec<String> {
    let states = machine["States"].as_object();
    let (mut order, mut next) = (Vec::new(), machine["StartAt"].as_str());
    while let Some(name) = next.filter(|name| !order.iter().any(|seen| seen == name)) {
        let Some(state) = states.and_then(|states| states.get(name)) else {
            faults.push(format!("{name} is no state"));
            break;
        };
        order.push(name.to_owned());
        next = state["Next"].as_str();
        fault_if!(faults, next.is_some() == (state["End"] == true), "{name} neither ends nor goes on, or both");
    }
    let all: BTreeSet<&String> = states.into_iter().flat_map(Map::keys).collect();
    fault_if!(faults, all != order.iter().collect(), "{all:?} are there, and {order:?} are reached");
    order
}

/// No room and no answer pass by themselves within minutes; a run that fails is tried twice more, and then the merge names its account.
fn faults_of_retries(retries: &Value) -> Faults {
    let of_lambda = json!([
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ]);
    let wanted = json!([
        {"ErrorEquals": of_lambda, "IntervalSeconds": 5, "MaxAttempts": 6, "BackoffRate": 2, "JitterStrategy": "FULL"},
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "MaxAttempts": 2, "BackoffRate": 2},
    ]);
    let mut faults = Faults::new();
    fault_if!(faults, *retries != wanted, "a task that fails is tried again by {retries}");
    faults
}

fn faults_of_map(look: &Value) -> Faults {
    let mut faults = Faults::new();
    let mode = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let sent = json!({"accounts.$": "States.Array($$.Map.Item.Value)", "night.$": "$.night"});
    let tolerated = &look["ToleratedFailurePercentage"];
    let at_once = look["MaxConcurrency"].as_u64().unwrap_or(10_000);
    fault_if!(faults, look["Type"] != "Map" || look["ItemProcessor"]["ProcessorConfig"] != mode, "it is no such map");
    fault_if!(faults, look["ItemsPath"] != "$.accounts", "it goes over {}", look["ItemsPath"]);
    fault_if!(faults, look["ItemSelector"] != sent, "a worker is told {}", look["ItemSelector"]);
    fault_if!(faults, !(20..=50).contains(&at_once), "{at_once} workers at once");
    fault_if!(faults, tolerated != 100, "{tolerated} percent of failures end it");
    // The night is needed afterwards, and what the workers answered is not.
    let counted = look["ResultSelector"] == json!({"workers.$": "States.ArrayLength($)"});
    fault_if!(faults, !counted || look["ResultPath"] != "$.looked", "its answer takes the place of the night");
    faults
}
