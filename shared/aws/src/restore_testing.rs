//! Restore testing plans: what AWS Backup restores to see whether it can be restored.

use aws_sdk_backup::types::{RestoreTestingPlanForList, RestoreTestingSelectionForList};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{filled, timestamp};
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, PAGE, Page, each_item};

/// A restore testing plan, as its list tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestingPlan {
    pub name: String,
    pub arn: String,
    /// `cron(0 5 ? * * *)`, in the zone of `time_zone` (UTC when absent).
    pub schedule: String,
    pub time_zone: Option<String>,
    /// The tests of a run begin at random times within it.
    pub start_window: SignedDuration,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// When it last made tests. `None`: never.
    pub last_run: Option<Timestamp>,
}

/// What a plan tests, of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestingSelection {
    pub name: String,
    pub resource_type: String,
    /// How long a validator may take before what was restored is deleted. Zero: nobody is asked.
    pub validation_window: SignedDuration,
}

impl Account {
    /// All restore testing plans of a Region.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreTestingPlans.html>
    pub async fn testing_plans(&self, until: Instant) -> Result<Vec<TestingPlan>, Error> {
        let list = self.backup().list_restore_testing_plans().max_results(PAGE);
        let mut plans = Vec::new();
        each_item(
            List {
                gate: &self.gates().backup_lists,
                operation: "backup:ListRestoreTestingPlans",
                far: Far::END,
                until,
            },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: Some(page.restore_testing_plans), next: Next::of(page.next_token) },
            |plan| Some(plan.restore_testing_plan_arn.as_str()),
            |listed| plans.push(plan(listed)),
        )
        .await?;
        Ok(plans)
    }

    /// The selections of a restore testing plan. `None`: there is no such plan.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreTestingSelections.html>
    pub async fn testing_selections(
        &self,
        plan_name: &str,
        until: Instant,
    ) -> Result<Option<Vec<TestingSelection>>, Error> {
        let list = self.backup().list_restore_testing_selections().restore_testing_plan_name(plan_name);
        let list = list.max_results(PAGE);
        let mut selections = Vec::new();
        let read = each_item(
            List {
                gate: &self.gates().backup_lists,
                operation: "backup:ListRestoreTestingSelections",
                far: Far::END,
                until,
            },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: Some(page.restore_testing_selections), next: Next::of(page.next_token) },
            |selection| Some(selection.restore_testing_selection_name.as_str()),
            |listed| selections.push(selection(listed)),
        )
        .await;
        Ok(found(read)?.map(|_| selections))
    }
}

fn hours(hours: i32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(hours.max(0)))
}

fn plan(plan: RestoreTestingPlanForList) -> TestingPlan {
    TestingPlan {
        name: plan.restore_testing_plan_name,
        arn: plan.restore_testing_plan_arn,
        schedule: plan.schedule_expression,
        time_zone: filled(plan.schedule_expression_timezone),
        // AWS writes zero where the plan leaves it to the default.
        start_window: if plan.start_window_hours > 0 { hours(plan.start_window_hours) } else { hours(24) },
        created: timestamp(plan.creation_time),
        updated: plan.last_update_time.and_then(timestamp),
        last_run: plan.last_execution_time.and_then(timestamp),
    }
}

fn selection(selection: RestoreTestingSelectionForList) -> TestingSelection {
    TestingSelection {
        name: selection.restore_testing_selection_name,
        resource_type: selection.protected_resource_type,
        validation_window: hours(selection.validation_window_hours),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::primitives::DateTime;

    use super::*;

    #[test]
    fn a_plan_and_a_selection_are_read() {
        let listed = RestoreTestingPlanForList::builder()
            .restore_testing_plan_name("weekly")
            .restore_testing_plan_arn("arn:weekly")
            .schedule_expression("cron(0 5 ? * SUN *)")
            .schedule_expression_timezone("Europe/Berlin")
            .creation_time(DateTime::from_secs(10))
            .last_execution_time(DateTime::from_secs(20));
        let at = |seconds| Timestamp::from_second(seconds).ok();
        let expected = |start_window| TestingPlan {
            name: "weekly".to_owned(),
            arn: "arn:weekly".to_owned(),
            schedule: "cron(0 5 ? * SUN *)".to_owned(),
            time_zone: Some("Europe/Berlin".to_owned()),
            start_window: SignedDuration::from_hours(start_window),
            created: at(10),
            updated: None,
            last_run: at(20),
        };
        for (hours, window) in [(8, 8), (0, 24)] {
            let listed = listed.clone().start_window_hours(hours).build().unwrap();
            assert_eq!(plan(listed), expected(window));
        }
        let listed = RestoreTestingSelectionForList::builder()
            .restore_testing_plan_name("weekly")
            .restore_testing_selection_name("databases")
            .protected_resource_type("RDS")
            .iam_role_arn("arn:role")
            .creation_time(DateTime::from_secs(10))
            .validation_window_hours(4);
        let expected = TestingSelection {
            name: "databases".to_owned(),
            resource_type: "RDS".to_owned(),
            validation_window: SignedDuration::from_hours(4),
        };
        assert_eq!(selection(listed.build().unwrap()), expected);
    }
}
