//! A backup plan as a whole: its rules, and whom its selections cover.

use aws::{Account, Error};
use futures::StreamExt;
use promise::{Plan, Selection};
use tokio::time::Instant;

/// How many selections are read at once; the rate of the API is held elsewhere.
const AT_ONCE: usize = 5;

/// A plan with all its selections. `None`: the plan is gone.
///
/// # Errors
/// The first that AWS answers. A plan of which one selection is missing is not told: it would seem not to cover what it covers.
pub async fn with_selections(
    account: &Account,
    plan_id: &str,
    until: Instant,
) -> Result<Option<(Plan, Vec<Selection>)>, Error> {
    let Some(plan) = account.plan(plan_id, until).await? else { return Ok(None) };
    let listed = account.selections(plan_id, until).await?;
    let bodies = listed.iter().map(|id| account.selection(plan_id, id, until));
    let bodies: Vec<_> = futures::stream::iter(bodies).buffered(AT_ONCE).collect().await;
    let mut selections = Vec::with_capacity(bodies.len());
    for body in bodies {
        // One that went away since the list is one that does not cover any more.
        selections.extend(body?);
    }
    Ok(Some((plan, selections)))
}
