//! A backup plan as a whole: its rules, and whom its selections cover.

use aws::{Aws, Error};
use futures::StreamExt;
use promise::{Plan, Selection};

/// How many selections are read at once; the rate of the API is held elsewhere.
const AT_ONCE: usize = 5;

/// A plan with all its selections. `None`: the plan is gone.
///
/// # Errors
/// The first that AWS answers. A plan of which one selection is missing is not told: it would seem not to cover what it covers.
pub async fn plan_with_selections(
    aws: &Aws,
    region: &str,
    plan_id: &str,
) -> Result<Option<(Plan, Vec<Selection>)>, Error> {
    let Some(plan) = aws.plan(region, plan_id).await? else { return Ok(None) };
    let listed = aws.selections(region, plan_id).await?;
    let bodies = listed.iter().map(|id| aws.selection(region, plan_id, id));
    let bodies: Vec<_> = futures::stream::iter(bodies).buffered(AT_ONCE).collect().await;
    let mut selections = Vec::with_capacity(bodies.len());
    for body in bodies {
        // One that went away since the list is one that does not cover any more.
        selections.extend(body?);
    }
    Ok(Some((plan, selections)))
}
