//! Reads a list to its end, one page after the other, and hands over each record once.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::id::{lower_id, path};
use crate::members::Members;
use crate::tenant::Tenant;

/// A hundred thousand jobs of one vault, a million rows of the graph.
const PAGES: usize = 1000;

/// What tells a record that was moved to a later page while the list was read from a new one.
#[derive(Default)]
struct Seen(HashSet<String>);

impl Seen {
    /// A record without an id is new each time.
    fn is_new(&mut self, record: &Value) -> bool {
        match Members(record).text("id") {
            Some(id) => self.0.insert(lower_id(&id).unwrap_or_else(|| id.to_lowercase())),
            None => true,
        }
    }
}

impl Tenant {
    /// Follows `nextLink`, as it is written, to pages of our own host alone.
    pub(crate) async fn each_listed(
        &self,
        until: Instant,
        operation: &'static str,
        first: String,
        mut take: impl FnMut(Value),
    ) -> Result<(), Error> {
        let (mut records, mut links) = (Seen::default(), HashSet::new());
        let mut address = first;
        for _ in 0..PAGES {
            let mut page = self.read(until, operation, &address, None).await?;
            match page.get_mut("value").map(Value::take) {
                Some(Value::Array(list)) => {
                    list.into_iter().filter(|record| records.is_new(record)).for_each(&mut take)
                }
                _ => return Err(Error::without(operation, "list")),
            }
            let Some(link) = Members(&page).text("nextLink") else { return Ok(()) };
            if !self.settings().resource_manager.holds(&link) {
                return Err(broken(operation, "its next page is on another host"));
            }
            if !links.insert(link.clone()) {
                return Err(broken(operation, "its pages go round"));
            }
            address = sendable(&link);
        }
        Err(too_long(operation))
    }

    /// Follows the token of the resource graph, which goes back inside the options.
    ///
    /// <https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data>
    pub(crate) async fn each_row(
        &self,
        until: Instant,
        operation: &'static str,
        subscriptions: &[&str],
        query: &str,
        mut take: impl FnMut(Value),
    ) -> Result<(), Error> {
        let address = self.address("/providers/Microsoft.ResourceGraph/resources", "2021-03-01");
        let (mut records, mut tokens) = (Seen::default(), HashSet::new());
        let mut options = json!({"$top": 1000, "resultFormat": "objectArray"});
        for _ in 0..PAGES {
            let body = json!({"subscriptions": subscriptions, "query": query, "options": options});
            let mut page = self.read(until, operation, &address, Some(&body)).await?;
            match page.get_mut("data").map(Value::take) {
                Some(Value::Array(rows)) => rows.into_iter().filter(|row| records.is_new(row)).for_each(&mut take),
                _ => return Err(Error::without(operation, "rows")),
            }
            match (Members(&page).text("$skipToken"), Members(&page).flag("resultTruncated")) {
                (None, Some(true)) => {
                    let words = "it names no next page, and says that there is one";
                    return Err(broken(operation, words));
                }
                (None, _) => return Ok(()),
                (Some(token), _) if !tokens.insert(token.clone()) => {
                    return Err(broken(operation, "its pages go round"));
                }
                (Some(token), _) => options = json!({"$top": 1000, "resultFormat": "objectArray", "$skipToken": token}),
            }
        }
        Err(too_long(operation))
    }
}

fn broken(operation: &'static str, words: &str) -> Error {
    Error::new(ErrorKind::Malformed, operation, words)
}

fn too_long(operation: &'static str) -> Error {
    Error::new(ErrorKind::TooLong, operation, format!("more than {PAGES} pages"))
}

/// A link as it is written, but for the signs that no address may hold: some links come with the blanks of their filter.
fn sendable(link: &str) -> String {
    let encoded = |sign: char| {
        let allowed = sign.is_ascii_graphic() && !"\"<>\\^`{|}".contains(sign);
        if allowed { sign.to_string() } else { path(&sign.to_string()) }
    };
    link.chars().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_as_it_is_written() {
        let link = "https://a.example/x%3By?$filter=status eq 'Failed'&$skipToken=a%2Bb==";
        assert_eq!(sendable(link), "https://a.example/x%3By?$filter=status%20eq%20'Failed'&$skipToken=a%2Bb==");
    }

    #[test]
    fn a_record_is_the_same_however_its_id_is_written() {
        let mut seen = Seen::default();
        let id = |id: &str| json!({"id": id});
        assert!(seen.is_new(&id("/Subscriptions/a/resourceGroups/b;c")));
        assert!(!seen.is_new(&id("/subscriptions/A/resourcegroups/B%3bC")));
        assert!(seen.is_new(&json!({})) && seen.is_new(&json!({})));
    }
}
