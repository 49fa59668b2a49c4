//! Holds template.yaml: which events fire a rule, the numbers that belong together, who may do what, and that nothing fails quietly.
//!
//! A check is a function from the template to a list of faults. The last test spoils the template in one place for each of them
//! and wants the fault found, so that a check which no longer looks at anything is noticed.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

#[path = "support/pattern.rs"]
mod pattern;
#[path = "support/template.rs"]
mod template;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use template::{Template, list, target};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const FUNCTION: &str = "AWS::Serverless::Function";
const RULE: &str = "AWS::Events::Rule";
const QUEUE: &str = "AWS::SQS::Queue";
const TOPIC: &str = "AWS::SNS::Topic";
const ROLE: &str = "AWS::IAM::Role";
const ALARM: &str = "AWS::CloudWatch::Alarm";

/// The samples in events/ that must reach the function. `sqs-batch.json` is what the queue makes of three of them.
const FIRES: &[&str] = &[
    "doc-backup-job-aborted.json",
    "doc-backup-job-expired.json",
    "doc-backup-job-failed.json",
    "doc-copy-job-failed.json",
    "doc-restore-job-failed.json",
    "made-backup-job-completed-with-issues.json",
    "made-backup-job-partial.json",
    "made-s3-no-objects-backed-up.json",
    "repo-backup-job-failed-older-docs.json",
    "sqs-batch.json",
];

/// Those that must not: good news, work in progress, and what other functions of AWS Backup say.
const SILENT: &[&str] = &[
    "ignored/cli-list-backup-jobs-response.json",
    "ignored/cloudtrail-record-backupjobcompleted.json",
    "ignored/doc-access-point-available.json",
    "ignored/doc-access-point-failed.json",
    "ignored/doc-backup-job-completed.json",
    "ignored/doc-backup-job-created.json",
    "ignored/doc-backup-job-pending.json",
    "ignored/doc-backup-job-running.json",
    "ignored/doc-backup-plan-created.json",
    "ignored/doc-backup-plan-deleted.json",
    "ignored/doc-backup-plan-modified.json",
    "ignored/doc-backup-vault-created.json",
    "ignored/doc-backup-vault-deleted.json",
    "ignored/doc-backup-vault-modified.json",
    "ignored/doc-copy-job-completed.json",
    "ignored/doc-copy-job-created.json",
    "ignored/doc-copy-job-running.json",
    "ignored/doc-recovery-point-completed.json",
    "ignored/doc-recovery-point-index-active.json",
    "ignored/doc-recovery-point-index-deleted.json",
    "ignored/doc-recovery-point-index-failed.json",
    "ignored/doc-region-setting-modified.json",
    "ignored/doc-restore-job-completed.json",
    "ignored/doc-restore-job-created.json",
    "ignored/doc-restore-job-pending.json",
    "ignored/doc-restore-job-running.json",
    "ignored/doc-scan-job-canceled.json",
    "ignored/doc-scan-job-completed-with-issues.json",
    "ignored/doc-scan-job-completed.json",
    "ignored/doc-scan-job-created.json",
    "ignored/doc-scan-job-failed.json",
    "ignored/doc-scan-job-running.json",
    "ignored/sns-vault-notification-failed.json",
];

/// Actions AWS offers no resource level for (or, for recovery points, whose resource is any service's ARN).
const NO_RESOURCE_LEVEL: &[&str] = &[
    "backup:DescribeProtectedResource",
    "backup:DescribeRecoveryPoint",
    "backup:ListBackupJobs",
    "backup:ListBackupVaults",
    "backup:ListCopyJobs",
    "backup:ListRecoveryPointsByResource",
    "backup:ListRestoreJobs",
];

/// Everything a function's role may do: what its code calls, and what Lambda does in its name.
const MAY: &[(&str, &[&str])] = &[(
    "ClassifyRole",
    &[
        "backup:DescribeProtectedResource",
        "backup:DescribeRecoveryPoint",
        "backup:GetBackupVaultAccessPolicy",
        "backup:ListBackupJobs",
        "backup:ListBackupVaults",
        "backup:ListCopyJobs",
        "backup:ListRecoveryPointsByResource",
        "backup:ListRestoreJobs",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey*",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sns:Publish",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ],
)];

type Faults = Vec<String>;

/// `fault_if!(list, condition, "sentence {}", ...)`
macro_rules! fault_if {
    ($faults:ident, $condition:expr, $($sentence:tt)+) => {
        if $condition {
            $faults.push(format!($($sentence)+));
        }
    };
}

// ---- Which events fire ----

fn fires(template: &Template, event: &Value) -> Result<bool, String> {
    template
        .resources(RULE)
        .try_fold(false, |any, (_, rule)| Ok(any | pattern::matches(&rule["Properties"]["EventPattern"], event)?))
}

fn samples_fire_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (names, expected) in [(FIRES, true), (SILENT, false)] {
        for name in names {
            let text = std::fs::read_to_string(Path::new(ROOT).join("events").join(name)).expect(name);
            let sample: Value = serde_json::from_str(&text).expect(name);
            let bodies: Vec<Value> = match sample["Records"].as_array() {
                Some(records) if sample["Records"][0]["eventSource"] == "aws:sqs" => records
                    .iter()
                    .map(|record| serde_json::from_str(record["body"].as_str().expect("a body")).expect("an event"))
                    .collect(),
                _ => vec![sample],
            };
            for event in bodies {
                let fired = fires(template, &event);
                fault_if!(faults, fired != Ok(expected), "{name}: expected {expected}, got {fired:?}");
            }
        }
    }
    faults
}

/// What no sample shows: every state AWS documents, words it has not invented yet, and the wrappings of an empty message.
fn states_fire_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let message = "\"Some Kubernetes Objects failed to be backed up.\"";
    let cases = [
        ("Backup Job", "state", "FAILED EXPIRED ABORTED PARTIAL PAUSED failed", None, true),
        ("Backup Job", "state", "CREATED PENDING RUNNING ABORTING COMPLETED", None, false),
        ("Backup Job", "state", "COMPLETED", Some(""), false),
        ("Backup Job", "state", "COMPLETED", Some("\"\""), false),
        ("Backup Job", "state", "COMPLETED", Some(message), true),
        ("Backup Job", "state", "RUNNING", Some(message), false),
        ("Copy Job", "state", "FAILED PARTIAL PAUSED", None, true),
        ("Copy Job", "state", "CREATED RUNNING COMPLETED", None, false),
        ("Copy Job", "state", "COMPLETED", Some(message), true),
        ("Restore Job", "status", "FAILED ABORTED PAUSED", None, true),
        ("Restore Job", "status", "CREATED PENDING RUNNING COMPLETED", None, false),
        ("Restore Job", "status", "COMPLETED", Some(message), true),
        ("Restore Job", "status", "COMPLETED", Some(""), false),
        ("Restore Job", "state", "CREATED", None, false),
        ("Scan Job", "state", "FAILED", None, false),
        ("Recovery Point", "status", "EXPIRED", None, false),
    ];
    for (family, member, states, message, expected) in cases {
        for state in states.split(' ') {
            let mut detail = json!({ member: state });
            if let Some(message) = message {
                detail["statusMessage"] = message.into();
            }
            let detail_type = format!("{family} State Change");
            let event = json!({"source": "aws.backup", "detail-type": detail_type, "detail": detail});
            let fired = fires(template, &event);
            fault_if!(
                faults,
                fired != Ok(expected),
                "{family} {state} {message:?}: expected {expected}, got {fired:?}"
            );
            let foreign = json!({"source": "my.backup", "detail-type": detail_type, "detail": detail});
            fault_if!(faults, fires(template, &foreign) != Ok(false), "{family} {state} of another source fires");
        }
    }
    faults
}

// ---- Delivery ----

fn rules_reach_a_queue_and_lose_nothing(template: &Template) -> Faults {
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

fn queue_numbers_fit(template: &Template) -> Faults {
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
            match dead {
                None => faults.push(format!("{id}: its queue has no dead-letter queue")),
                Some(dead) => {
                    let days = number(&dead["MessageRetentionPeriod"]) / 86_400;
                    fault_if!(faults, days != 14, "{id}: dead letters are kept {days} days, not 14");
                }
            }
        }
    }
    fault_if!(faults, sources == 0, "no function reads from a queue");
    faults
}

// ---- Who may send, publish and use the key ----

fn statements(policy: &Value) -> Vec<&Value> {
    list(&policy["Statement"])
}

fn allows(policy: &Value) -> Vec<&Value> {
    statements(policy).into_iter().filter(|statement| statement["Effect"] == "Allow").collect()
}

fn refuses_plain_text(policy: &Value) -> bool {
    statements(policy).iter().any(|statement| {
        statement["Effect"] == "Deny"
            && statement["Principal"] == "*"
            && statement["Condition"] == json!({"Bool": {"aws:SecureTransport": "false"}})
    })
}

fn is_this_account(value: &Value) -> bool {
    *value == json!({"!Ref": "AWS::AccountId"})
}

fn queues_are_closed(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let rules: BTreeSet<&str> = template.resources(RULE).map(|(id, _)| id).collect();
    for (id, queue) in template.resources(QUEUE) {
        fault_if!(faults, queue["Properties"]["SqsManagedSseEnabled"] != true, "{id} is not encrypted");
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
        fault_if!(faults, !refuses_plain_text(policy), "{id} takes messages without TLS");
        let allows = allows(policy);
        fault_if!(faults, allows.is_empty(), "{id}: no rule may send to it");
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

fn topics_are_closed_and_alarms_get_through(template: &Template) -> Faults {
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
            let actions = list(&statement["Action"]);
            statement["Principal"] == json!({"Service": "cloudwatch.amazonaws.com"})
                && actions.contains(&&json!("kms:GenerateDataKey*"))
                && actions.contains(&&json!("kms:Decrypt"))
                && is_this_account(&statement["Condition"]["StringEquals"]["aws:SourceAccount"])
        });
        fault_if!(faults, !alarms_may, "{id}: CloudWatch alarms may not use its key");
        for statement in allows(&key["KeyPolicy"]) {
            let principal = &statement["Principal"];
            let ours = principal["AWS"] == json!({"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"});
            let closed = ours || is_this_account(&statement["Condition"]["StringEquals"]["aws:SourceAccount"]);
            fault_if!(faults, !closed, "{id}: its key is open to {principal}");
        }

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
        fault_if!(faults, !refuses_plain_text(policy), "{id} takes messages without TLS");
        fault_if!(faults, allows(policy).is_empty(), "{id}: CloudWatch alarms may not publish");
        for statement in allows(policy) {
            let account = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
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

// ---- Least privilege ----

/// A `*` of ours or one a parameter brings.
fn is_wildcard(member: &Value) -> bool {
    let text = member.to_string();
    text.contains('*') || text.contains("Pattern}")
}

fn roles_may_do_no_more_than_they_must(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (id, function) in template.resources(FUNCTION) {
        let own_role =
            target(&function["Properties"]["Role"]).is_some_and(|role| template.properties(ROLE, role).is_some());
        fault_if!(faults, !own_role, "{id}: SAM would make it a role, with wildcards");
    }
    for (id, role) in template.resources(ROLE) {
        let role = &role["Properties"];
        fault_if!(faults, !role["ManagedPolicyArns"].is_null(), "{id}: managed policies hold wildcards");
        let mut granted = BTreeSet::new();
        for statement in list(&role["Policies"]).into_iter().flat_map(|policy| statements(&policy["PolicyDocument"])) {
            let sid = statement["Sid"].as_str().unwrap_or("without a name");
            let actions: Vec<&str> = list(&statement["Action"]).into_iter().filter_map(Value::as_str).collect();
            fault_if!(
                faults,
                statement["Effect"] != "Allow" || actions.is_empty(),
                "{id} {sid}: allows nothing by name"
            );
            for action in &actions {
                let whole_service =
                    *action == "*" || action.split_once(':').is_none_or(|(_, name)| name.starts_with('*'));
                fault_if!(faults, whole_service, "{id} {sid}: {action} is a whole service");
            }
            for resource in list(&statement["Resource"]) {
                let open = *resource == "*";
                let needless = actions.iter().any(|action| !NO_RESOURCE_LEVEL.contains(action));
                fault_if!(faults, open && needless, "{id} {sid}: \"*\" where AWS offers a resource");
            }
            // A wildcard says why it is one, in the line above it.
            if [&statement["Action"], &statement["Resource"]].iter().any(|member| is_wildcard(member)) {
                let lines: Vec<&str> = template.text.lines().map(str::trim).collect();
                let place = lines.iter().position(|line| *line == format!("- Sid: {sid}"));
                let explained =
                    place.and_then(|place| lines.get(place.checked_sub(1)?)).is_some_and(|l| l.starts_with("# "));
                fault_if!(faults, !explained, "{id} {sid}: a wildcard without a reason");
            }
            granted.extend(actions);
        }
        let may: BTreeSet<&str> =
            MAY.iter().filter(|(role, _)| *role == id).flat_map(|(_, may)| may.iter().copied()).collect();
        fault_if!(
            faults,
            granted != may,
            "{id}: differs in {:?}",
            granted.symmetric_difference(&may).collect::<Vec<_>>()
        );
    }
    faults
}

// ---- Functions, logs, alarms, parameters ----

fn functions_are_built_and_configured(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut built = BTreeSet::new();
    for (id, function) in template.resources(FUNCTION) {
        let own = &function["Properties"];
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap_or("nothing");
        let name = json!({"!Sub": format!("${{AWS::StackName}}-{binary}")});
        built.insert(binary.to_owned());
        fault_if!(
            faults,
            function["Metadata"]["BuildMethod"] != "rust-cargolambda",
            "{id} is not built with cargo-lambda"
        );
        fault_if!(faults, own["FunctionName"] != name, "{id} is not named after its stack and binary");
        for (property, wanted) in [("Runtime", "provided.al2023"), ("Handler", "bootstrap"), ("CodeUri", ".")] {
            let found = template.function_property(function, property);
            fault_if!(faults, found != wanted, "{id}: {property} is {found}");
        }
        let topic = template.function_variable(function, "ALERT_TOPIC_ARN");
        fault_if!(
            faults,
            target(topic).is_none_or(|id| template.properties(TOPIC, id).is_none()),
            "{id}: no alert topic"
        );

        let logging = template.function_property(function, "LoggingConfig");
        let group =
            template.resources("AWS::Logs::LogGroup").find(|(group, _)| Some(*group) == target(&logging["LogGroup"]));
        let Some((_, group)) = group else {
            faults.push(format!("{id}: its log group is not ours, so its lines are kept for ever"));
            continue;
        };
        let retention = target(&group["Properties"]["RetentionInDays"]);
        fault_if!(faults, retention != Some("LogRetentionDays"), "{id}: its log is kept for ever");
        let kept = group["DeletionPolicy"].as_str().is_some_and(|policy| policy.starts_with("Retain"));
        fault_if!(faults, !kept, "{id}: the evidence goes with the stack");
    }
    let functions = std::fs::read_dir(Path::new(ROOT).join("functions")).unwrap();
    let folders: BTreeSet<String> = functions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    fault_if!(faults, built != folders, "the template builds {built:?}, functions/ holds {folders:?}");
    let variables = &template.properties(FUNCTION, "ClassifyFunction").unwrap()["Environment"]["Variables"];
    let window = &variables["STORM_WINDOW_HOURS"];
    fault_if!(faults, target(window) != Some("StormWindowHours"), "STORM_WINDOW_HOURS is {window}");
    // An empty parameter must not arrive as an empty variable.
    let objective = &variables["RPO_HOURS"];
    let wanted = json!({"!If": ["HasRpoHours", {"!Ref": "RpoHours"}, {"!Ref": "AWS::NoValue"}]});
    fault_if!(faults, *objective != wanted, "RPO_HOURS is {objective}");
    faults
}

fn nothing_fails_quietly(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut watched = BTreeSet::new();
    for (id, alarm) in template.resources(ALARM) {
        let alarm = &alarm["Properties"];
        fault_if!(faults, alarm["AlarmActions"] != json!([{"!Ref": "AlertTopic"}]), "{id} tells nobody");
        fault_if!(faults, alarm["ActionsEnabled"] == false, "{id} is switched off");
        fault_if!(faults, alarm["AlarmDescription"].is_null(), "{id} does not say what to do");
        // No failures, no data: that is the good case for every metric here.
        fault_if!(faults, alarm["TreatMissingData"] != "notBreaching", "{id} would ring without data");
        for dimension in list(&alarm["Dimensions"]) {
            let of = &dimension["Value"];
            let of = target(of).map(|id| id.strip_suffix(".QueueName").unwrap_or(id)).unwrap_or("nothing").to_owned();
            watched.insert((alarm["MetricName"].as_str().unwrap_or_default().to_owned(), of));
        }
    }
    let mut wanted = BTreeSet::new();
    wanted.extend(template.resources(FUNCTION).map(|(id, _)| ("Errors".to_owned(), id.to_owned())));
    for (id, queue) in template.resources(QUEUE) {
        let dead = queue["Properties"]["RedrivePolicy"].is_null();
        let metric = if dead { "ApproximateNumberOfMessagesVisible" } else { "ApproximateAgeOfOldestMessage" };
        wanted.insert((metric.to_owned(), id.to_owned()));
    }
    let unwatched: Vec<_> = wanted.difference(&watched).collect();
    fault_if!(faults, !unwatched.is_empty(), "no alarm on {unwatched:?}");
    faults
}

fn parameters_are_explained_and_names_carry_the_stack(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let parameters = template.tree["Parameters"].as_object().unwrap();
    let groups = template.tree["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"].to_string();
    for (name, parameter) in parameters {
        fault_if!(faults, parameter["Description"].is_null(), "parameter {name} is not described");
        fault_if!(faults, !groups.contains(&format!("\"{name}\"")), "parameter {name} is in no group");
        // Without a default a person must think: only for what cannot be guessed.
        fault_if!(faults, parameter["Default"].is_null() != (name == "AlertEmail"), "parameter {name} and its default");
    }
    let stack = "${AWS::StackName}";
    let named = [
        (FUNCTION, "FunctionName"),
        (RULE, "Name"),
        (QUEUE, "QueueName"),
        (TOPIC, "TopicName"),
        (ALARM, "AlarmName"),
        (ROLE, "RoleName"),
        ("AWS::Logs::LogGroup", "LogGroupName"),
    ];
    for (kind, property) in named {
        for (id, resource) in template.resources(kind) {
            let name = &resource["Properties"][property];
            let carries = name.is_null() || name["!Sub"].as_str().is_some_and(|name| name.contains(stack));
            fault_if!(faults, !carries, "{id}: two stacks would fight over the name {name}");
        }
    }
    faults
}

// ---- The tests ----

macro_rules! checks {
    ($($check:ident),+ $(,)?) => {
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
    states_fire_as_told,
    rules_reach_a_queue_and_lose_nothing,
    queue_numbers_fit,
    queues_are_closed,
    topics_are_closed_and_alarms_get_through,
    roles_may_do_no_more_than_they_must,
    functions_are_built_and_configured,
    nothing_fails_quietly,
    parameters_are_explained_and_names_carry_the_stack,
);

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("events/ can be read") {
        let path = entry.expect("an entry").path();
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

/// What is spoiled for a check: a text in the template and what stands there instead.
type Spoiled = [(&'static str, &'static str)];
type Check = fn(&Template) -> Faults;

#[test]
fn every_check_can_fail() {
    let spoiled: [(Check, &Spoiled); 10] = [
        (
            samples_fire_as_told,
            &[
                ("ABORTING, COMPLETED]", "ABORTING, COMPLETED, EXPIRED]"),
                ("PENDING, RUNNING, ABORTING, COMPLETED]", "PENDING, RUNNING]"),
                ("- status: [{anything-but", "- state: [{anything-but"),
                ("detail-type: [Backup", "detail-typ: [Backup"),
                ("source: [aws.backup]", "source: aws.backup"),
                (r#"statusMessage: [{anything-but: ["", '""']}]"#, "statusMessage: [{exists: false}]"),
            ],
        ),
        (
            states_fire_as_told,
            &[
                (r#"["", '""']"#, r#"[""]"#),
                (r#"[{anything-but: ["", '""']}]"#, r#"[{exists: true}, {anything-but: ["", '""']}]"#),
                (
                    "[{anything-but: [CREATED, PENDING, RUNNING, ABORTING, COMPLETED]}]",
                    "[FAILED, EXPIRED, ABORTED, PARTIAL]",
                ),
                ("source: [aws.backup]", r#"source: [{prefix: ""}]"#),
            ],
        ),
        (
            rules_reach_a_queue_and_lose_nothing,
            &[
                ("          DeadLetterConfig:\n            Arn: !GetAtt DeadLetterQueue.Arn\n", ""),
                (
                    "        - Id: queue\n          Arn: !GetAtt ClassifyQueue.Arn\n",
                    "        - Id: queue\n          Arn: !GetAtt ClassifyFunction.Arn\n",
                ),
                ("        - Id: queue\n", "        - Id: queue\n          InputPath: $.detail\n"),
                ("    Properties:\n      Name: !Sub", "    Properties:\n      State: DISABLED\n      Name: !Sub"),
            ],
        ),
        (
            queue_numbers_fit,
            &[
                ("Timeout: 120", "Timeout: 121"),
                ("VisibilityTimeout: 780", "VisibilityTimeout: 779"),
                ("MaximumBatchingWindowInSeconds: 60", "MaximumBatchingWindowInSeconds: 61"),
                ("BatchSize: 1000", "BatchSize: 10"),
                ("MaximumConcurrency: 2", "MaximumConcurrency: 5"),
                ("- ReportBatchItemFailures", "- Other"),
                ("maxReceiveCount: 20", "maxReceiveCount: 4"),
                ("maxReceiveCount: 20", "maxReceiveCount: 1000"),
                ("deadLetterTargetArn", "nowhere"),
                ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"),
            ],
        ),
        (
            queues_are_closed,
            &[
                ("Service: events.amazonaws.com", r#"AWS: "*""#),
                ("Action: sqs:SendMessage", "Action: sqs:*"),
                ("                  - !GetAtt RestoreJobRule.Arn\n", ""),
                ("StringEqualsIfExists:", "StringLike:"),
                ("SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"),
                ("Principal: \"*\"\n            Action: sqs:*", "Principal: {AWS: me}\n            Action: sqs:*"),
                ("Queues:\n        - !Ref DeadLetterQueue", "Queues:\n        - !Ref ClassifyQueue"),
            ],
        ),
        (
            topics_are_closed_and_alarms_get_through,
            &[
                ("KmsMasterKeyId: !Ref AlertTopicKey", "KmsMasterKeyId: alias/aws/sns"),
                ("      KmsMasterKeyId: !Ref AlertTopicKey\n", ""),
                ("              - kms:GenerateDataKey*\n", ""),
                (
                    "Service: cloudwatch.amazonaws.com\n            Action:\n",
                    "Service: sns.amazonaws.com\n            Action:\n",
                ),
                (r#"AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root""#, r#"AWS: "*""#),
                ("EnableKeyRotation: true", "EnableKeyRotation: false"),
                (
                    "Service: cloudwatch.amazonaws.com\n            Action: sns:Publish",
                    "AWS: \"*\"\n            Action: sns:Publish",
                ),
                (
                    "              StringEquals:\n                aws:SourceAccount",
                    "              StringLike:\n                aws:SourceAccount",
                ),
                ("aws:SecureTransport", "aws:Other"),
                ("Protocol: email", "Protocol: sms"),
            ],
        ),
        (
            roles_may_do_no_more_than_they_must,
            &[
                ("- backup:ListBackupJobs", "- backup:*"),
                ("- backup:ListBackupJobs", r#"- "*""#),
                ("- backup:ListBackupJobs", "- backup:DeleteRecoveryPoint"),
                ("                  - backup:ListCopyJobs\n", ""),
                (r#"Resource: !Sub "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*""#, r#"Resource: "*""#),
                ("              - Sid: ReadRoles\n", "\n              - Sid: ReadRoles\n"),
                ("              - Sid: ReadVaultPolicies\n", "\n              - Sid: ReadVaultPolicies\n"),
                ("      Role: !GetAtt ClassifyRole.Arn\n", ""),
                ("      Policies:\n", "      ManagedPolicyArns: [x]\n      Policies:\n"),
            ],
        ),
        (
            functions_are_built_and_configured,
            &[
                ("Binary: classify", "Binary: other"),
                ("BuildMethod: rust-cargolambda", "BuildMethod: makefile"),
                ("Runtime: provided.al2023", "Runtime: provided.al2"),
                ("ALERT_TOPIC_ARN", "TOPIC_ARN"),
                ("        LogGroup: !Ref ClassifyLogGroup\n", ""),
                ("RetentionInDays: !Ref LogRetentionDays", "KmsKeyId: none"),
                ("DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete"),
                ("STORM_WINDOW_HOURS: !Ref StormWindowHours", "STORM_WINDOW_HOURS: !Ref RpoHours"),
                ("!If [HasRpoHours, !Ref RpoHours, !Ref AWS::NoValue]", "!Ref RpoHours"),
            ],
        ),
        (
            nothing_fails_quietly,
            &[
                ("AlarmActions: [!Ref AlertTopic]", "OKActions: [!Ref AlertTopic]"),
                ("MetricName: Errors", "MetricName: Invocations"),
                ("Value: !GetAtt DeadLetterQueue.QueueName", "Value: !GetAtt ClassifyQueue.QueueName"),
                ("TreatMissingData: notBreaching", "TreatMissingData: breaching"),
            ],
        ),
        (
            parameters_are_explained_and_names_carry_the_stack,
            &[
                ("    Description: Processor", "    ConstraintDescription: Processor"),
                ("Parameters: [AlertEmail]", "Parameters: []"),
                ("    Default: 24\n", ""),
                (r#"!Sub "${AWS::StackName}-classify""#, "night-one-classify"),
                (r#"!Sub "${AWS::StackName}-alerts""#, "alerts"),
            ],
        ),
    ];
    let whole = Template::load().text;
    for (check, places) in spoiled {
        for (old, new) in places {
            assert!(whole.contains(old), "template.yaml no longer says {old:?}: spoil another place");
            let faults = check(&Template::parse(whole.replace(old, new)));
            assert!(!faults.is_empty(), "{old:?} -> {new:?} went unnoticed");
        }
    }
}
