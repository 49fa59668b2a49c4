//! What a call is called where one list of an operation has to be told from another.

use super::tagging;
use super::wire::Request;

/// Filters that make another list of it, and how they are said.
const FILTERS: [(&str, &str); 4] = [
    ("resourceArn", "by resource"),
    ("resourceType", "by type"),
    ("parentJobId", "by parent"),
    ("accountId", "by account"),
];

/// `ListBackupJobs[COMPLETED, by resource]`, `GetResources[by ARN]`, `ListJobs[Restore]` of Azure, `GetRole`.
pub(super) fn of(operation: &str, request: &Request) -> String {
    if operation == "GetResources" {
        return format!("{operation}[{}]", tagging::kind_of(request));
    }
    let state = request.parameter("state").or(request.parameter("status"));
    let filters = FILTERS.iter().filter(|(name, _)| request.parameter(name).is_some()).map(|(_, said)| *said);
    let azure =
        request.parameter("$filter").and_then(|filter| filter.split("operation eq '").nth(1)?.split('\'').next());
    let told: Vec<&str> = state.into_iter().chain(filters).chain(azure).collect();
    if told.is_empty() { operation.to_owned() } else { format!("{operation}[{}]", told.join(", ")) }
}
