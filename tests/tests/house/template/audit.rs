//! AWS Backup Audit Manager: names that neither CloudFormation nor cfn-lint knows before it is too late.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Faults;
use super::tree::{Template, list, target};

/// The controls and what they must be told, as AWS writes them.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html>
const CONTROLS: &[(&str, &[&str])] = &[
    ("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", &[]),
    (
        "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        &["requiredFrequencyUnit", "requiredFrequencyValue", "requiredRetentionDays"],
    ),
    ("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", &["requiredRetentionDays"]),
    ("BACKUP_LAST_RECOVERY_POINT_CREATED", &["recoveryPointAgeUnit", "recoveryPointAgeValue"]),
];

#[test]
fn audit_manager_checks_what_night_one_does() {
    let faults = faults(&Template::alone("deploy/audit-manager.yaml"));
    assert!(faults.is_empty(), "deploy/audit-manager.yaml:\n{}", faults.join("\n"));
}

fn faults(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let Some((framework, properties)) = template.resources("AWS::Backup::Framework").next() else {
        return vec!["there is no framework".to_owned()];
    };
    let bucket = json!({"!Not": [{"!Equals": [{"!Ref": "AuditReportBucket"}, ""]}]});
    let conditions = &template.tree["Conditions"];
    fault_if!(faults, conditions["HasAuditReport"] != bucket, "HasAuditReport asks something else");
    let parameters = &template.tree["Parameters"];
    let described = template.tree["Description"].as_str().unwrap_or_default();
    fault_if!(faults, !described.contains("AWS Config"), "nobody is told that AWS Config must record");

    let controls = list(&properties["Properties"]["FrameworkControls"]);
    let found: BTreeSet<&str> = controls.iter().filter_map(|control| control["ControlName"].as_str()).collect();
    let known: BTreeSet<&str> = CONTROLS.iter().map(|(name, _)| *name).collect();
    fault_if!(faults, found != known, "{framework} has the controls {found:?}, not {known:?}");
    for control in controls {
        let name = control["ControlName"].as_str().unwrap_or_default();
        let told = list(&control["ControlInputParameters"]);
        let names: BTreeSet<&str> = told.iter().filter_map(|input| input["ParameterName"].as_str()).collect();
        let wanted =
            CONTROLS.iter().find(|(known, _)| *known == name).map(|(_, names)| names.iter().copied().collect());
        fault_if!(faults, wanted != Some(names.clone()), "{name} is told {names:?}");
        for input in told {
            let unit = input["ParameterName"].as_str().is_some_and(|name| name.ends_with("Unit"));
            let value = &input["ParameterValue"];
            let days = parameters[target(value).unwrap_or("nothing")]["MaxValue"].as_u64();
            // An age or a frequency in days is 31 at most.
            let retention = input["ParameterName"] == "requiredRetentionDays";
            let fits = if unit { value == "days" } else { days.is_some_and(|most| retention || most <= 31) };
            fault_if!(faults, !fits, "{name}: {} is {value}", input["ParameterName"]);
        }
    }

    let Some((plan, report)) = template.resources("AWS::Backup::ReportPlan").next() else {
        return vec!["there is no report plan".to_owned()];
    };
    let of = list(&report["Properties"]["ReportSetting"]["FrameworkArns"]);
    let of: Vec<_> = of.into_iter().filter_map(target).collect();
    fault_if!(faults, report["Condition"] != "HasAuditReport", "{plan} is made unasked");
    fault_if!(faults, of != [format!("{framework}.FrameworkArn")], "{plan} reports of {of:?}");
    let setting = &report["Properties"]["ReportSetting"];
    fault_if!(faults, setting["ReportTemplate"] != "RESOURCE_COMPLIANCE_REPORT", "{plan} reports of no resource");
    let channel = &report["Properties"]["ReportDeliveryChannel"];
    fault_if!(faults, target(&channel["S3BucketName"]) != Some("AuditReportBucket"), "{plan} goes to no bucket");
    for (id, name) in
        [(framework, &properties["Properties"]["FrameworkName"]), (plan, &report["Properties"]["ReportPlanName"])]
    {
        fault_if!(faults, !has_no_hyphen(name), "{id}: {name} may hold a hyphen, and AWS Backup takes none");
    }
    faults
}

/// `!Join ["_", !Split ["-", text]]`: letters, digits and underscores are left, since a stack's name has letters, digits and hyphens.
pub(super) fn has_no_hyphen(name: &Value) -> bool {
    let split = &name["!Join"][1]["!Split"];
    let text = split[1]["!Sub"].as_str().unwrap_or("?").replace("${Name}", "");
    name["!Join"][0] == "_" && split[0] == "-" && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
