//! Least privilege: what our roles may do, who may assume them, which roles we hand on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::policy::{conditional_statements, names, statements, statements_of_role};
use super::tree::{Template, list, target};
use super::{FUNCTION, Faults, ROLE, binary};
use crate::sources::calls;

/// Actions AWS offers no resource level for (or, for recovery points, whose resource is any service's ARN).
pub(super) const NO_RESOURCE_LEVEL: &[&str] = &[
    "backup:DescribeProtectedResource",
    "backup:DescribeRecoveryPoint",
    "backup:DescribeRegionSettings",
    "backup:ListBackupJobSummaries",
    "backup:ListBackupJobs",
    "backup:ListBackupPlans",
    "backup:ListBackupVaults",
    "backup:ListCopyJobSummaries",
    "backup:ListCopyJobs",
    "backup:ListProtectedResources",
    "backup:ListRecoveryPointsByResource",
    "backup:ListRestoreJobSummaries",
    "backup:ListRestoreJobs",
    "backup:ListRestoreTestingPlans",
    "backup:StartCopyJob",
    "backup:StopBackupJob",
    "cloudtrail:LookupEvents",
    "cloudwatch:PutMetricData",
    "organizations:ListAccounts",
    "sts:GetWebIdentityToken",
    "tag:GetResources",
];

/// The forms of the resources that our roles may touch, beside those that the template makes: of this account alone, and of this Region
/// where what is done there is done by us.
pub(super) const RESOURCES: [&str; 18] = [
    "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:backup-vault:*",
    "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:recovery-point:*",
    "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:backup-plan:*",
    "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:backup-vault:*",
    "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:recovery-point:*",
    "arn:${AWS::Partition}:backup:*:${AWS::AccountId}:restore-testing-plan:*",
    "arn:${AWS::Partition}:iam::*:role/${LookRole}",
    "arn:${AWS::Partition}:iam::*:role/${RerunRole}",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${BackupRolePattern}",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RerunRolePattern}",
    "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*",
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${ReportFunction}",
    "arn:${AWS::Partition}:organizations::*:account/*",
    "arn:${AWS::Partition}:s3:::${EvidenceBucket}",
    "arn:${AWS::Partition}:s3:::${EvidenceBucket}/causes/*",
    "arn:${AWS::Partition}:s3:::${EvidenceBucket}/nights/*",
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${Name}-report/*",
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${Name}-report",
];

/// What a role may do beyond the operations that its function's code calls, because AWS does it in the role's name: Lambda writes logs,
/// receives and keeps messages; SNS encrypts; AWS Backup wants to be handed a role, and tags what a job makes.
pub(super) const BEYOND_CALLS: &[(&str, &[&str])] = &[
    (
        "ClassifyRole",
        &[
            // Called on the hub, which the reading of the sources does not follow.
            "backup:ListBackupJobSummaries",
            "backup:ListCopyJobSummaries",
            "backup:ListRestoreJobSummaries",
            "kms:Decrypt",
            "kms:GenerateDataKey*",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
    ),
    (
        "VerifyRole",
        &[
            "backup:TagResource",
            "iam:PassRole",
            "kms:Decrypt",
            "kms:GenerateDataKey*",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            // With it S3 tells what is missing from what is denied.
            "s3:ListBucket",
            "sqs:SendMessage",
        ],
    ),
    (
        "ReportRole",
        &["kms:Decrypt", "kms:GenerateDataKey*", "logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"],
    ),
    ("CollectRole", &["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"]),
    ("SchedulerRole", &["cloudwatch:PutMetricData", "lambda:InvokeFunction", "sqs:SendMessage"]),
    (
        "ReportMachineRole",
        &["lambda:InvokeFunction", "states:DescribeExecution", "states:StartExecution", "states:StopExecution"],
    ),
    ("ReportMachineScheduleRole", &["sqs:SendMessage", "states:StartExecution"]),
];

/// The operations that each function's code can reach. Reading the sources takes a while.
pub(crate) static CALLED: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let template = Template::load();
    let binaries: Vec<&str> = template.resources(FUNCTION).map(|(_, function)| binary(function)).collect();
    // The permission to list a bucket has another name than its call.
    let action = |operation: String| match operation.as_str() {
        "s3:ListObjectsV2" => "s3:ListBucket".to_owned(),
        _ => operation,
    };
    let may = |binary: &str| calls::operations(binary).into_iter().map(action).collect();
    binaries.into_iter().map(|binary| (binary.to_owned(), may(binary))).collect()
});

/// The statements that have a comment in the line above them: the resource and their name.
static EXPLAINED: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let text = Template::load().text;
    let (mut resource, mut above, mut explained) = ("", "", BTreeSet::new());
    for line in text.lines() {
        let id = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
        resource = id.filter(|id| !id.starts_with(' ')).unwrap_or(resource);
        if let Some(sid) = line.trim().strip_prefix("- Sid: ").filter(|_| above.trim().starts_with("# ")) {
            explained.insert((resource.to_owned(), sid.to_owned()));
        }
        above = line;
    }
    explained
});

/// What stands under a condition: both, else the value alone.
fn branches(value: &Value) -> Vec<&Value> {
    match value["!If"].as_array().map(Vec::as_slice) {
        Some([_, there, nothing]) if *nothing == json!({"!Ref": "AWS::NoValue"}) => vec![there],
        Some([_, there, otherwise]) => vec![there, otherwise],
        _ => vec![value],
    }
}

/// A `*` of ours or one a parameter brings.
fn is_wildcard(member: &Value) -> bool {
    let text = member.to_string();
    text.contains('*') || text.contains("Pattern}")
}

/// What a role may do beyond its own account it may do only where other accounts are watched.
pub(crate) fn roles_go_to_other_accounts_where_these_are_watched(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let on_role = |setting: &str| json!({"!Sub": format!("arn:${{AWS::Partition}}:iam::*:role/${{{setting}}}")});
    let accounts = json!({"!Sub": "arn:${AWS::Partition}:organizations::*:account/*"});
    for (id, role) in template.resources(ROLE) {
        let foreign = |statement: &Value| {
            let actions = names(&statement["Action"]);
            actions.iter().any(|action| action.starts_with("organizations:") || *action == "sts:AssumeRole")
        };
        let conditional: Vec<(&str, &Value)> = conditional_statements(role)
            .into_iter()
            .filter_map(|branches| Some((branches.first()?.as_str()?, branches.get(1)?)))
            .filter(|(_, statement)| foreign(statement))
            .collect();
        let all = statements_of_role(role).into_iter().filter(|statement| foreign(statement)).count();
        fault_if!(faults, all != conditional.len(), "{id}: goes to other accounts whether they are watched or not");
        for (condition, statement) in conditional {
            let wanted = match condition {
                "WatchesAccounts" => ("sts:AssumeRole", on_role("LookRole")),
                "RerunsElsewhere" if id == "VerifyRole" => ("sts:AssumeRole", on_role("RerunRole")),
                "WatchesOrganization" if statement["Action"] == "organizations:ListTagsForResource" => {
                    ("organizations:ListTagsForResource", accounts.clone())
                }
                "WatchesOrganization" => ("organizations:ListAccounts", json!("*")),
                other => ("nothing", json!(other)),
            };
            let found = (statement["Action"].as_str().unwrap_or("more"), statement["Resource"].clone());
            fault_if!(faults, found != wanted, "{id}: where {condition} it may {found:?}, not {wanted:?}");
        }
    }
    faults
}

pub(crate) fn roles_may_do_no_more_than_they_must(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (id, function) in template.resources(FUNCTION) {
        let own_role =
            target(&function["Properties"]["Role"]).is_some_and(|role| template.properties(ROLE, role).is_some());
        fault_if!(faults, !own_role, "{id}: SAM would make it a role, with wildcards");
    }
    for (id, role) in template.resources(ROLE) {
        fault_if!(faults, !role["Properties"]["ManagedPolicyArns"].is_null(), "{id}: managed policies hold wildcards");
        for branches in conditional_statements(role) {
            let nothing = json!({"!Ref": "AWS::NoValue"});
            fault_if!(faults, branches.get(2) != Some(&nothing), "{id}: grants something else where a condition fails");
        }
        let mut granted = BTreeSet::new();
        for statement in statements_of_role(role) {
            let sid = statement["Sid"].as_str().unwrap_or("without a name");
            let actions = names(&statement["Action"]);
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
            for resource in list(&statement["Resource"]).into_iter().flat_map(branches) {
                let open = *resource == "*";
                let form = resource.as_str().map(|text| text == "*");
                let form = form.or(resource["!Sub"].as_str().map(|text| RESOURCES.contains(&text)));
                fault_if!(faults, form == Some(false), "{id} {sid}: {resource} is nothing that it needs");
                let needless = actions.iter().any(|action| !NO_RESOURCE_LEVEL.contains(action));
                fault_if!(faults, open && needless, "{id} {sid}: \"*\" where AWS offers a resource");
            }
            if actions.iter().any(|action| action.starts_with("backup:Start") || action.starts_with("backup:Stop")) {
                let watched = json!({"!Split": [",", {"!Ref": "WatchRegions"}]});
                let regions = json!({"!If": ["WatchesRegions", watched, {"!Ref": "AWS::Region"}]});
                let anywhere = statement["Condition"] != json!({"StringEquals": {"aws:RequestedRegion": regions}});
                fault_if!(faults, anywhere, "{id} {sid}: starts or stops something in any Region");
            }
            if actions.contains(&"backup:TagResource") {
                let ours = json!({"Null": {"aws:RequestTag/night-one:purpose": "false"}});
                fault_if!(faults, statement["Condition"] != ours, "{id} {sid}: tags more than what it made");
            }
            if actions.contains(&"cloudwatch:PutMetricData") {
                let ours = json!({"StringEquals": {"cloudwatch:namespace": {"!Sub": "NightOne/${Name}"}}});
                fault_if!(faults, statement["Condition"] != ours, "{id} {sid}: writes metrics of others");
            }
            if actions.contains(&"sts:GetWebIdentityToken") {
                let to_entra = json!({
                    "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": "api://AzureADTokenExchange"},
                    "StringEquals": {"sts:SigningAlgorithm": "RS256"},
                    "NumericLessThanEquals": {"sts:DurationSeconds": 300},
                });
                fault_if!(
                    faults,
                    statement["Condition"] != to_entra,
                    "{id} {sid}: says who it is to others than Entra"
                );
            }
            if actions.contains(&"events:PutEvents") {
                let buses: Vec<&Value> = list(&statement["Resource"]);
                let ours = buses.iter().all(|bus| {
                    target(bus).is_some_and(|bus| template.properties("AWS::Events::EventBus", bus).is_some())
                });
                fault_if!(faults, !ours, "{id} {sid}: puts events on a bus of others");
            }
            // A wildcard says why it is one, in the line above it.
            if [&statement["Action"], &statement["Resource"]].iter().any(|member| is_wildcard(member)) {
                let explained = EXPLAINED.contains(&(id.to_owned(), sid.to_owned()));
                fault_if!(faults, !explained, "{id} {sid}: a wildcard without a reason");
            }
            granted.extend(actions);
        }
        let mut must: BTreeSet<&str> =
            BEYOND_CALLS.iter().filter(|(role, _)| *role == id).flat_map(|(_, may)| may.iter().copied()).collect();
        let own =
            template.resources(FUNCTION).filter(|(_, function)| target(&function["Properties"]["Role"]) == Some(id));
        let called = own.filter_map(|(_, function)| CALLED.get(binary(function)));
        must.extend(called.flatten().map(String::as_str));
        for action in granted.difference(&must) {
            faults.push(format!("{id} may {action}, which nothing needs"));
        }
        for action in must.difference(&granted) {
            faults.push(format!("{id} may not {action}, which its code calls or AWS does in its name"));
        }
    }
    faults
}

/// A role is a key to all that it may: who may assume ours, and which one we hand on.
pub(crate) fn roles_are_assumed_and_handed_on_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut handed_on = Vec::new();
    for (id, role) in template.resources(ROLE) {
        let trust = statements(&role["Properties"]["AssumeRolePolicyDocument"]);
        let of_function =
            template.resources(FUNCTION).any(|(_, function)| target(&function["Properties"]["Role"]) == Some(id));
        // Lambda lets only this account give its roles to functions; the scheduler asks for the condition.
        let expected = if of_function {
            json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
        } else {
            let service = if id == "ReportMachineRole" { "states.amazonaws.com" } else { "scheduler.amazonaws.com" };
            json!({
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": {"!Ref": "AWS::AccountId"}}},
            })
        };
        fault_if!(faults, trust != [&expected], "{id} trusts others than it must");
        let boundary = json!({"!If": ["HasBoundary", {"!Ref": "PermissionsBoundaryArn"}, {"!Ref": "AWS::NoValue"}]});
        let bounded = role["Properties"]["PermissionsBoundary"] == boundary;
        fault_if!(
            faults,
            !bounded || target(&role["Properties"]["Path"]) != Some("RolePath"),
            "{id} has no boundary or path"
        );
        let passes =
            |statement: &&Value| names(&statement["Action"]).iter().any(|action| action.starts_with("iam:Pass"));
        handed_on.extend(statements_of_role(role).into_iter().filter(passes).map(|statement| (id, statement)));
    }
    let [(role, statement)] = handed_on.as_slice() else {
        faults.push(format!("{} statements hand roles on, not one", handed_on.len()));
        return faults;
    };
    let pattern = json!({"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RerunRolePattern}"});
    let to_aws_backup = json!({"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}});
    fault_if!(faults, *role != "VerifyRole", "{role} hands roles on, and starts nothing");
    fault_if!(faults, statement["Action"] != "iam:PassRole", "{role}: hands on and more: {}", statement["Action"]);
    fault_if!(faults, statement["Resource"] != pattern, "{role} hands on {}", statement["Resource"]);
    fault_if!(faults, statement["Condition"] != to_aws_backup, "{role} hands roles on to others than AWS Backup");
    let default = template.tree["Parameters"]["RerunRolePattern"]["Default"].as_str().unwrap_or("*");
    fault_if!(faults, default.contains(['*', '?']), "unless told otherwise, {default} may be handed on");
    faults
}
