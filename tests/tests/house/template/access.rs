//! Who may send to queues, publish to topics and use the key.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::permissions::CALLED;
use super::policy::{allows, statements};
use super::tree::{Template, list, target};
use super::{ALARM, COMPOSITE, FUNCTION, Faults, QUEUE, RULE, TOPIC, binary};

pub(crate) fn queues_are_closed(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let rules: BTreeSet<&str> = template.resources(RULE).map(|(id, _)| id).collect();
    for (id, queue) in template.resources(QUEUE) {
        fault_if!(faults, queue["Properties"]["SqsManagedSseEnabled"] != true, "{id} is not encrypted");
        let takes = takes_the_rest_of(template, id);
        fault_if!(
            faults,
            queue["Properties"]["RedriveAllowPolicy"] != takes,
            "{id}: queues of others may give up to it"
        );
        let policies: Vec<&Value> = template
            .resources("AWS::SQS::QueuePolicy")
            .map(|(_, policy)| &policy["Properties"])
            .filter(|policy| list(&policy["Queues"]).into_iter().any(|queue| target(queue) == Some(id)))
            .map(|policy| &policy["PolicyDocument"])
            .collect();
        let [policy] = policies.as_slice() else {
            faults.push(format!("{id} has {} policies", policies.len()));
            continue;
        };
        fault_if!(faults, !refuses_plain_text(policy, "sqs:*", id), "{id} takes messages without TLS");
        let allows = allows(policy);
        let rules_send = template.resources(RULE).any(|(_, rule)| {
            let targets = list(&rule["Properties"]["Targets"]).into_iter();
            targets.flat_map(|to| [&to["Arn"], &to["DeadLetterConfig"]["Arn"]]).any(|to| target(to) == Some(id))
        });
        // Whoever sends to a queue that no rule sends to has a role of ours, and needs nothing here.
        fault_if!(faults, allows.is_empty() == rules_send, "{id}: {} statements let somebody in", allows.len());
        for statement in allows {
            let condition = &statement["Condition"];
            let sources: BTreeSet<&str> =
                list(&condition["ArnEquals"]["aws:SourceArn"]).into_iter().filter_map(target).collect();
            fault_if!(
                faults,
                statement["Principal"] != json!({"Service": "events.amazonaws.com"}),
                "{id}: opened to others"
            );
            fault_if!(faults, list(&statement["Action"]) != ["sqs:SendMessage"], "{id}: more than sending is allowed");
            fault_if!(faults, target(&statement["Resource"]) != Some(id), "{id}: its policy speaks of another queue");
            fault_if!(faults, sources != rules, "{id}: senders {sources:?} are not the rules {rules:?}");
            let account = &condition["StringEqualsIfExists"]["aws:SourceAccount"];
            fault_if!(faults, !is_this_account(account), "{id}: rules of other accounts may send");
        }
    }
    faults
}

pub(crate) fn topics_are_closed_and_alarms_get_through(template: &Template) -> Faults {
    let mut faults = Faults::new();
    fault_if!(faults, template.text.contains("alias/aws/"), "a key of AWS's own is used: it shuts CloudWatch out");
    for (id, topic) in template.resources(TOPIC) {
        let key =
            target(&topic["Properties"]["KmsMasterKeyId"]).and_then(|key| template.properties("AWS::KMS::Key", key));
        let Some(key) = key else {
            faults.push(format!("{id} is not encrypted with a key of ours"));
            continue;
        };
        fault_if!(faults, key["EnableKeyRotation"] != true, "{id}: its key is never rotated");
        let alarms_may = allows(&key["KeyPolicy"]).into_iter().any(|statement| {
            statement["Principal"] == json!({"Service": "cloudwatch.amazonaws.com"})
                && statement["Action"] == json!(["kms:GenerateDataKey*", "kms:Decrypt"])
                && statement["Resource"] == "*"
                && is_this_account(&statement["Condition"]["StringEquals"]["aws:SourceAccount"])
        });
        fault_if!(faults, !alarms_may, "{id}: CloudWatch alarms may not use its key");
        for statement in allows(&key["KeyPolicy"]) {
            let principal = &statement["Principal"];
            let ours = principal["AWS"] == json!({"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"});
            let closed = ours || is_this_account(&statement["Condition"]["StringEquals"]["aws:SourceAccount"]);
            fault_if!(faults, !closed, "{id}: its key is open to {principal}");
        }
        let administered = statements(&key["KeyPolicy"]).into_iter().any(|statement| {
            statement["Effect"] == "Allow" && statement["Action"] == "kms:*" && statement["Resource"] == "*"
        });
        fault_if!(faults, !administered, "{id}: nobody could ever administer its key");

        let policies: Vec<&Value> = template
            .resources("AWS::SNS::TopicPolicy")
            .map(|(_, policy)| &policy["Properties"])
            .filter(|policy| list(&policy["Topics"]).into_iter().any(|topic| target(topic) == Some(id)))
            .map(|policy| &policy["PolicyDocument"])
            .collect();
        let [policy] = policies.as_slice() else {
            faults.push(format!("{id} has {} policies", policies.len()));
            continue;
        };
        fault_if!(faults, !refuses_plain_text(policy, "sns:Publish", id), "{id} takes messages without TLS");
        fault_if!(faults, allows(policy).is_empty(), "{id}: CloudWatch alarms may not publish");
        let others = others_are_refused(template, id);
        fault_if!(faults, !statements(policy).contains(&&others), "{id}: whoever may publish can forge a page");
        for statement in allows(policy) {
            let account = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
            let may = list(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]).into_iter();
            let may: BTreeSet<String> = may.map(Value::to_string).collect();
            let ours = ringing_alarms(template);
            fault_if!(faults, may != ours, "{id}: the alarms {may:?} may publish, and {ours:?} ring");
            fault_if!(
                faults,
                statement["Principal"] != json!({"Service": "cloudwatch.amazonaws.com"}),
                "{id}: opened to others"
            );
            fault_if!(faults, list(&statement["Action"]) != ["sns:Publish"], "{id}: more than publishing is allowed");
            fault_if!(faults, !is_this_account(account), "{id}: alarms of other accounts may publish");
        }
    }
    let subscribed = template.resources("AWS::SNS::Subscription").any(|(_, subscription)| {
        let subscription = &subscription["Properties"];
        subscription["Protocol"] == "email"
            && target(&subscription["Endpoint"]) == Some("AlertEmail")
            && target(&subscription["TopicArn"]) == Some("AlertTopic")
    });
    fault_if!(faults, !subscribed, "nobody is subscribed to the alert topic");
    faults
}

/// What a queue lets give up to it: the queue that names it, and no other. By name, for that queue needs this one.
fn takes_the_rest_of(template: &Template, id: &str) -> Value {
    let named = template.resources(QUEUE).find_map(|(_, queue)| {
        let dead = target(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]);
        queue["Properties"]["QueueName"]["!Sub"].as_str().filter(|_| dead == Some(id))
    });
    let arn = |name: &str| json!({"!Sub": format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}")});
    match named {
        Some(name) => json!({"redrivePermission": "byQueue", "sourceQueueArns": [arn(name)]}),
        None => json!({"redrivePermission": "denyAll"}),
    }
}

/// The ARNs of the alarms that tell somebody, as a policy names them.
fn ringing_alarms(template: &Template) -> BTreeSet<String> {
    let alarms = [ALARM, COMPOSITE].into_iter().flat_map(|kind| template.resources(kind));
    let ringing = alarms.map(|(_, alarm)| &alarm["Properties"]).filter(|alarm| !alarm["AlarmActions"].is_null());
    let names = ringing.filter_map(|alarm| alarm["AlarmName"]["!Sub"].as_str());
    let head = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:";
    names.map(|name| json!({"!Sub": format!("{head}{name}")}).to_string()).collect()
}

/// Nobody but the functions that page, and services, which the other statements let in or not.
fn others_are_refused(template: &Template, topic: &str) -> Value {
    let pages = |function: &Value| CALLED.get(binary(function)).is_some_and(|called| called.contains("sns:Publish"));
    let functions = template.resources(FUNCTION).filter(|(_, function)| pages(function));
    let roles = functions.filter_map(|(_, function)| function["Properties"].get("Role").cloned());
    json!({
        "Sid": "OnlyOurFunctionsWritePages",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"!Ref": topic},
        "Condition": {
            "ArnNotEquals": {"aws:PrincipalArn": in_order(roles.collect())},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    })
}

/// classify, verify, report: as the template has them.
fn in_order(mut roles: Vec<Value>) -> Vec<Value> {
    let place =
        |role: &Value| ["ClassifyRole", "VerifyRole", "ReportRole"].iter().position(|name| target(role) == Some(*name));
    roles.sort_by_key(place);
    roles
}

pub(super) fn refuses_plain_text(policy: &Value, action: &str, on: &str) -> bool {
    statements(policy).iter().any(|statement| {
        statement["Effect"] == "Deny"
            && statement["Action"] == action
            && target(&statement["Resource"]) == Some(on)
            && statement["Principal"] == "*"
            && statement["Condition"] == json!({"Bool": {"aws:SecureTransport": "false"}})
    })
}

fn is_this_account(value: &Value) -> bool {
    *value == json!({"!Ref": "AWS::AccountId"})
}
