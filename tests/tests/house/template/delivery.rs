//! What carries an event to its function: nothing is lost on the way.

use serde_json::Value;

use super::tree::{Template, list, target};
use super::{FUNCTION, Faults, QUEUE, RULE};

pub(crate) fn rules_reach_a_queue_and_lose_nothing(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let is_queue = |value: &Value| target(value).is_some_and(|id| template.properties(QUEUE, id).is_some());
    for (id, rule) in template.resources(RULE) {
        let targets = list(&rule["Properties"]["Targets"]);
        fault_if!(faults, targets.is_empty(), "{id} has no target");
        fault_if!(faults, rule["Properties"]["State"] == "DISABLED", "{id} is disabled");
        for target in targets {
            fault_if!(faults, !is_queue(&target["Arn"]), "{id}: a target is no queue of ours");
            fault_if!(faults, !is_queue(&target["DeadLetterConfig"]["Arn"]), "{id}: a target has no dead-letter queue");
            // The function reads the event as AWS sends it.
            let changed = target.get("Input").or(target.get("InputPath")).or(target.get("InputTransformer"));
            fault_if!(faults, changed.is_some(), "{id}: a target changes the event");
        }
    }
    fault_if!(faults, template.resources(RULE).next().is_none(), "there is no rule");
    faults
}

pub(crate) fn queue_numbers_fit(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let mut sources = 0;
    for (id, function) in template.resources(FUNCTION) {
        let timeout = number(&function["Properties"]["Timeout"]);
        fault_if!(faults, !(1..=900).contains(&timeout), "{id} has no timeout of its own");
        let Some(events) = function["Properties"]["Events"].as_object() else { continue };
        for event in events.values().filter(|event| event["Type"] == "SQS").map(|event| &event["Properties"]) {
            sources += 1;
            let window = number(&event["MaximumBatchingWindowInSeconds"]);
            let batch = number(&event["BatchSize"]);
            let at_once = number(&event["ScalingConfig"]["MaximumConcurrency"]);
            fault_if!(faults, !(1..=300).contains(&window), "{id}: batching window {window}");
            fault_if!(
                faults,
                !(11..=10_000).contains(&batch),
                "{id}: batch size {batch}: a storm must come as one batch"
            );
            fault_if!(faults, at_once != 2, "{id}: {at_once} at once: a storm would be split, or Lambda refuses");
            let types = list(&event["FunctionResponseTypes"]);
            fault_if!(
                faults,
                types != ["ReportBatchItemFailures"],
                "{id}: one bad message would repeat its whole batch"
            );

            let Some(queue) = target(&event["Queue"]).and_then(|id| template.properties(QUEUE, id)) else {
                faults.push(format!("{id}: reads from no queue of ours"));
                continue;
            };
            let visibility = number(&queue["VisibilityTimeout"]);
            let kept = number(&queue["MessageRetentionPeriod"]);
            let receives = number(&queue["RedrivePolicy"]["maxReceiveCount"]);
            let dead =
                target(&queue["RedrivePolicy"]["deadLetterTargetArn"]).and_then(|id| template.properties(QUEUE, id));
            fault_if!(
                faults,
                visibility < 6 * timeout + window,
                "{id}: {visibility} s of visibility for {timeout} s and {window} s"
            );
            fault_if!(faults, visibility > 43_200, "{id}: {visibility} s of visibility is more than SQS takes");
            fault_if!(faults, receives < 5, "{id}: given up after {receives} receives");
            fault_if!(faults, receives * visibility >= kept, "{id}: messages expire before they are given up");
            fault_if!(faults, dead.is_none(), "{id}: its queue has no dead-letter queue");
        }
    }
    for (id, queue) in template.resources(QUEUE).filter(|(_, queue)| queue["Properties"]["RedrivePolicy"].is_null()) {
        let kept = number(&queue["Properties"]["MessageRetentionPeriod"]);
        fault_if!(faults, kept != 14 * 86_400, "{id}: what nobody could handle is kept {kept} s, not 14 days");
    }
    fault_if!(faults, sources == 0, "no function reads from a queue");
    faults
}
