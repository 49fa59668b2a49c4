//! What other accounts get (`deploy/member.yaml`), and how their events come in.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::mutations::unnoticed;
use super::policy::{allows, names, statements, statements_of_role};
use super::tree::{Template, list, target};
use super::{Faults, QUEUE, ROLE, RULE};

const PATH: &str = "deploy/member.yaml";

/// The hub's roles whose look another account must answer. Of what they may do, the services that are asked about another account.
const LOOKERS: [&str; 3] = ["ClassifyRole", "VerifyRole", "ReportRole"];
const LOOKED_AT: [&str; 4] = ["backup", "iam", "kms", "tag"];

static HUB: LazyLock<Template> = LazyLock::new(Template::load);
static MEMBER: LazyLock<Template> = LazyLock::new(|| Template::alone(PATH));

/// The rules of a member, and those of the hub that take what they send.
const FORWARDED: [(&str, &str); 2] =
    [("ForwardRule", "MemberJobRule"), ("ForwardProtectionRule", "MemberProtectionRule")];

/// A rule of a member sends what the hub's own rules take, and the hub lets in the accounts that are watched, and no other.
pub(crate) fn members_forward_and_are_let_in(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let pattern = |template: &Template, id: &str| {
        template.properties(RULE, id).map(|rule| rule["EventPattern"].clone()).unwrap_or_default()
    };
    for (sends, takes) in FORWARDED {
        let (sent, taken) = (pattern(&MEMBER, sends), pattern(template, takes));
        fault_if!(faults, sent["detail"] != taken["detail"], "sent is {}, taken {}", sent["detail"], taken["detail"]);
    }
    let bus = template.properties("AWS::Events::EventBus", "MemberBus");
    let name = bus.map(|bus| &bus["Name"]).unwrap_or(&Value::Null);
    fault_if!(faults, *name != json!({"!Sub": "${Name}-members"}), "members send to -members, and the bus is {name}");
    let policies: Vec<&Value> =
        template.resources("AWS::Events::EventBusPolicy").map(|(_, policy)| &policy["Properties"]).collect();
    let organization = json!({"!Ref": "OrganizationId"});
    let if_any = json!({"!If": ["HasOrganization", organization, {"!Ref": "AWS::NoValue"}]});
    let listed = json!({"!Split": [",", {"!Ref": "WatchAccounts"}]});
    let who = json!({"!If": [
        "WatchesOrganization",
        {"aws:PrincipalOrgID": organization},
        {"aws:PrincipalAccount": listed, "aws:PrincipalOrgID": if_any},
    ]});
    let wanted = json!({
        "EventBusName": {"!Ref": "MemberBus"},
        "StatementId": "WatchedAccountsPutEvents",
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "events:PutEvents",
            "Resource": {"!GetAtt": "MemberBus.Arn"},
            "Condition": {"StringEquals": who},
        },
    });
    fault_if!(faults, policies != [&wanted], "others may put events on a bus: {policies:?}");
    for (id, condition) in [
        ("MemberBus", "TakesEvents"),
        ("MemberJobRule", "TakesEvents"),
        ("MemberProtectionRule", "TakesEvents"),
        ("MemberBusPolicy", "TakesEventsOfOthers"),
    ] {
        let found = &template.tree["Resources"][id]["Condition"];
        fault_if!(faults, found != condition, "{id} is there by {found}");
    }
    faults
}

/// The hub's account, and of it the roles of these functions by name.
fn trust(functions: &[&str]) -> Value {
    let head = "arn:${AWS::Partition}:iam::${HubAccountId}:role${HubRolePath}${HubStackName}-";
    let roles: Vec<Value> =
        functions.iter().map(|function| json!({"!Sub": format!("{head}{function}Role-*")})).collect();
    let organization = json!({"aws:PrincipalOrgID": {"!Ref": "OrganizationId"}});
    json!({
        "Effect": "Allow",
        "Principal": {"AWS": {"!Sub": "arn:${AWS::Partition}:iam::${HubAccountId}:root"}},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": roles},
            "StringEquals": {"!If": ["HasOrganization", organization, {"!Ref": "AWS::NoValue"}]},
        },
    })
}

fn roles_are_assumed_by_the_hub_alone(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let to_events = json!({
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"!Ref": "AWS::AccountId"}}},
    });
    let wanted = [
        (
            "LookRole",
            "MakesRoles",
            json!({"!Ref": "LookRoleName"}),
            trust(&["Classify", "Verify", "Report", "Collect"]),
        ),
        ("RerunRole", "MakesRerunRole", json!({"!Ref": "RerunRoleName"}), trust(&["Verify"])),
        ("ForwardRole", "MakesRoles", json!({"!Sub": "${Name}-forward"}), to_events),
    ];
    let there: BTreeSet<&str> = template.resources(ROLE).map(|(id, _)| id).collect();
    fault_if!(faults, there != wanted.iter().map(|(id, ..)| *id).collect(), "the roles are {there:?}");
    for (id, condition, name, trust) in wanted {
        let (role, found) =
            (&template.tree["Resources"][id]["Properties"], &template.tree["Resources"][id]["Condition"]);
        fault_if!(faults, found != condition, "{id} is there by {found}");
        fault_if!(faults, role["RoleName"] != name, "{id} is called {}", role["RoleName"]);
        fault_if!(faults, role["Path"] != json!({"!Ref": "RolePath"}), "{id} lies in {}", role["Path"]);
        let boundary = json!({"!If": ["HasBoundary", {"!Ref": "PermissionsBoundaryArn"}, {"!Ref": "AWS::NoValue"}]});
        fault_if!(faults, role["PermissionsBoundary"] != boundary, "{id} has no boundary");
        let trusted = statements(&role["AssumeRolePolicyDocument"]);
        fault_if!(faults, trusted != [&trust], "{id} trusts {trusted:?}");
    }
    faults
}

/// What the hub's functions may read in their own account they may read in this one, and nothing else.
fn the_look_role_reads_what_the_hub_reads(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let roles = HUB.resources(ROLE).filter(|(id, _)| LOOKERS.contains(id));
    let granted = roles.flat_map(|(_, role)| statements_of_role(role)).filter(|statement| !is_start(statement));
    let mut wanted: BTreeSet<(String, String)> = granted
        .filter(|statement| target(&statement["Resource"]) != Some("AlertTopicKey"))
        .flat_map(grants)
        .filter(|(action, _)| LOOKED_AT.iter().any(|service| action.split(':').next() == Some(service)))
        // The jobs of an organization are counted in the hub.
        .filter(|(action, _)| !action.ends_with("JobSummaries"))
        .collect();
    // Who changed what: the history of the account itself.
    wanted.insert(("cloudtrail:LookupEvents".to_owned(), "\"*\"".to_owned()));
    let look = template.resources(ROLE).filter(|(id, _)| *id == "LookRole");
    let found: BTreeSet<(String, String)> =
        look.flat_map(|(_, role)| statements_of_role(role)).flat_map(grants).collect();
    for (action, on) in wanted.difference(&found) {
        faults.push(format!("the look role may not {action} on {on}"));
    }
    for (action, on) in found.difference(&wanted) {
        faults.push(format!("the look role may {action} on {on}, which nobody needs"));
    }
    faults.extend(faults_of_statements(template, "LookRole"));
    faults
}

/// What verify may start in its own account it may start in this one, if it is let.
fn the_rerun_role_starts_what_verify_starts(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let recovery_points = "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:recovery-point:*";
    let wanted = [
        (
            "backup:StartBackupJob",
            json!({"!Sub": "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:backup-vault:*"}),
            Value::Null,
        ),
        ("backup:StartCopyJob", json!("*"), Value::Null),
        ("backup:StopBackupJob", json!("*"), Value::Null),
        (
            "backup:TagResource",
            json!({"!Sub": recovery_points}),
            json!({"Null": {"aws:RequestTag/night-one:purpose": "false"}}),
        ),
        (
            "iam:PassRole",
            json!({"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RerunRolePattern}"}),
            json!({"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}),
        ),
    ];
    let role = template.properties(ROLE, "RerunRole").map(|role| json!({"Properties": role})).unwrap_or_default();
    let found: Vec<(&str, Value, Value)> = statements_of_role(&role)
        .into_iter()
        .map(|one| (one["Action"].as_str().unwrap_or("more"), one["Resource"].clone(), one["Condition"].clone()))
        .collect();
    fault_if!(faults, found != wanted, "the rerun role may {found:?}");
    let default = &template.tree["Parameters"]["RerunRoleName"]["Default"];
    fault_if!(faults, default != "", "something may be started unless told otherwise");
    let default = template.tree["Parameters"]["RerunRolePattern"]["Default"].as_str().unwrap_or("*");
    fault_if!(faults, default.contains(['*', '?']), "unless told otherwise, {default} may be handed on");
    faults.extend(faults_of_statements(template, "RerunRole"));
    faults
}

fn events_go_to_the_hub_and_none_is_lost(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let bus = json!({"!Sub": "arn:${AWS::Partition}:events:${HubRegion}:${HubAccountId}:event-bus/${HubName}-members"});
    let wanted = json!([{
        "Id": "hub",
        "Arn": bus,
        "RoleArn": {"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role${RolePath}${Name}-forward"},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
        "DeadLetterConfig": {"Arn": {"!GetAtt": "ForwardQueue.Arn"}},
    }]);
    for (id, _) in FORWARDED {
        let Some(rule) = template.properties(RULE, id) else { return vec![format!("there is no {id}")] };
        let account = &rule["EventPattern"]["account"];
        fault_if!(faults, *account != json!([{"!Ref": "AWS::AccountId"}]), "{id} sends on what {account} sent here");
        fault_if!(faults, rule["State"] == "DISABLED" || !rule["EventBusName"].is_null(), "{id} sees nothing");
        fault_if!(faults, rule["Targets"] != wanted, "{id} sends to {}", rule["Targets"]);
    }
    let role = template.properties(ROLE, "ForwardRole").map(|role| json!({"Properties": role})).unwrap_or_default();
    let may = statements_of_role(&role);
    let [put] = may.as_slice() else { return vec![format!("its role may {may:?}")] };
    let only = put["Effect"] == "Allow" && put["Action"] == "events:PutEvents" && put["Resource"] == bus;
    fault_if!(faults, !only, "its role may {put}");

    let kept = json!({
        "QueueName": {"!Sub": "${Name}-forward-dead-letters"},
        "SqsManagedSseEnabled": true,
        "MessageRetentionPeriod": 1_209_600,
        "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
    });
    let queue = template.properties(QUEUE, "ForwardQueue").unwrap_or(&Value::Null);
    fault_if!(faults, *queue != kept, "what cannot be sent is kept in {queue}");
    let policy = template.properties("AWS::SQS::QueuePolicy", "ForwardQueuePolicy").unwrap_or(&Value::Null);
    let of_queue = list(&policy["Queues"]).into_iter().filter_map(target).eq(["ForwardQueue"]);
    fault_if!(faults, !of_queue, "the policy is of {}", policy["Queues"]);
    let document = &policy["PolicyDocument"];
    let lets = json!({
        "Sid": "TheRuleSends",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"!GetAtt": "ForwardQueue.Arn"},
        "Condition": {
            "ArnEquals": {"aws:SourceArn": FORWARDED.map(|(id, _)| json!({"!GetAtt": format!("{id}.Arn")}))},
            "StringEqualsIfExists": {"aws:SourceAccount": {"!Ref": "AWS::AccountId"}},
        },
    });
    fault_if!(faults, allows(document) != [&lets], "the queue takes from {:?}", allows(document));
    let plain = super::access::refuses_plain_text(document, "sqs:*", "ForwardQueue");
    fault_if!(faults, !plain, "the queue takes messages without TLS");
    faults
}

fn each_part_is_made_by_itself(template: &Template) -> Faults {
    let is_not = |name: &str, value: &str| json!({"!Not": [{"!Equals": [{"!Ref": name}, value]}]});
    let with = |part: &str, name: &str| json!({"!And": [{"!Condition": part}, is_not(name, "")]});
    let wanted = json!({
        "MakesRoles": is_not("Part", "rule"),
        "MakesRule": is_not("Part", "roles"),
        "MakesRerunRole": with("MakesRoles", "RerunRoleName"),
        "MakesAlarm": with("MakesRule", "AlarmTopicName"),
        "HasOrganization": is_not("OrganizationId", ""),
        "HasBoundary": is_not("PermissionsBoundaryArn", ""),
    });
    let mut faults = Faults::new();
    fault_if!(faults, template.tree["Conditions"] != wanted, "the conditions ask {}", template.tree["Conditions"]);
    fault_if!(faults, !template.tree["Transform"].is_null(), "a service-managed StackSet takes no transform");
    for id in ["ForwardRule", "ForwardProtectionRule", "ForwardQueue", "ForwardQueuePolicy"] {
        let found = &template.tree["Resources"][id]["Condition"];
        fault_if!(faults, found != "MakesRule", "{id} is there by {found}");
    }
    let words = names(&template.tree["Parameters"]["Part"]["AllowedValues"]);
    fault_if!(faults, words != ["all", "roles", "rule"], "the parts are {words:?}");
    let alarm = &template.tree["Resources"]["ForwardAlarm"];
    let topic = json!({"!Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AlarmTopicName}"});
    let rings = json!({
        "AlarmName": {"!Sub": "${Name}-forward-dead-letters"},
        "AlarmDescription": alarm["Properties"]["AlarmDescription"],
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"!GetAtt": "ForwardQueue.QueueName"}}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [topic],
        "OKActions": [topic],
    });
    fault_if!(faults, alarm["Condition"] != "MakesAlarm", "the alarm is there by {}", alarm["Condition"]);
    fault_if!(faults, alarm["Properties"] != rings, "the alarm is {}", alarm["Properties"]);
    for (name, condition) in
        [("LookRoleArn", "MakesRoles"), ("RerunRoleArn", "MakesRerunRole"), ("ForwardQueueUrl", "MakesRule")]
    {
        let found = &template.tree["Outputs"][name]["Condition"];
        fault_if!(faults, found != condition, "the output {name} is there by {found}");
    }
    faults
}

/// Each allows, and says so under a name.
fn faults_of_statements(template: &Template, role: &str) -> Faults {
    let role_of = template.properties(ROLE, role).map(|role| json!({"Properties": role})).unwrap_or_default();
    let mut faults = Faults::new();
    for statement in statements_of_role(&role_of) {
        let fine = statement["Effect"] == "Allow" && statement["Sid"].is_string();
        fault_if!(faults, !fine, "{role}: {statement}");
    }
    faults
}

fn is_start(statement: &Value) -> bool {
    let starts = ["backup:Start", "backup:Stop", "backup:TagResource", "iam:PassRole"];
    names(&statement["Action"]).iter().any(|action| starts.iter().any(|start| action.starts_with(start)))
}

/// Each action with what it may be done to.
fn grants(statement: &Value) -> Vec<(String, String)> {
    let on = |resource: &Value| resource.to_string();
    let actions = names(&statement["Action"]).into_iter();
    actions
        .flat_map(|action| {
            list(&statement["Resource"]).into_iter().map(move |resource| (action.to_owned(), on(resource)))
        })
        .collect()
}

const CHECKS: &[fn(&Template) -> Faults] = &[
    roles_are_assumed_by_the_hub_alone,
    the_look_role_reads_what_the_hub_reads,
    the_rerun_role_starts_what_verify_starts,
    events_go_to_the_hub_and_none_is_lost,
    each_part_is_made_by_itself,
    forwards_what_the_hub_takes,
    parameters_are_asked_for_in_groups,
    super::inventory::references_lead_somewhere,
];

fn parameters_are_asked_for_in_groups(template: &Template) -> Faults {
    let groups = list(&template.tree["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]);
    let grouped: BTreeSet<&str> = groups.into_iter().flat_map(|group| names(&group["Parameters"])).collect();
    let parameters = template.tree["Parameters"].as_object();
    let there: BTreeSet<&str> = parameters.into_iter().flat_map(serde_json::Map::keys).map(String::as_str).collect();
    let mut faults = Faults::new();
    fault_if!(faults, grouped != there, "in groups are {grouped:?}, of {there:?}");
    for (name, parameter) in parameters.into_iter().flatten() {
        let bounds = ["AllowedValues", "AllowedPattern"].iter().any(|bound| !parameter[bound].is_null());
        fault_if!(faults, !bounds || parameter["Description"].is_null(), "{name} takes anything, or is not described");
    }
    faults
}

fn forwards_what_the_hub_takes(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (sends, takes) in FORWARDED {
        let taken = &HUB.properties(RULE, takes).expect("the hub's rule")["EventPattern"];
        let sent = &template.properties(RULE, sends).unwrap_or(&Value::Null)["EventPattern"];
        for part in ["source", "detail-type", "detail"] {
            fault_if!(faults, sent[part] != taken[part], "sent is {part} {}, taken {}", sent[part], taken[part]);
        }
    }
    faults
}

#[test]
fn members_get_what_they_need_and_no_more() {
    let faults: Faults = CHECKS.iter().flat_map(|check| check(&MEMBER)).collect();
    assert!(faults.is_empty(), "{PATH}:\n{}", faults.join("\n"));
}

#[test]
fn whatever_is_changed_for_members_is_noticed() {
    let unnoticed = unnoticed(&MEMBER, CHECKS).0;
    assert!(unnoticed.is_empty(), "{PATH}: no check notices a change of\n{}", unnoticed.join("\n"));
}
