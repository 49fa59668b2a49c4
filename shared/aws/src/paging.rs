//! Reads a list to its end, one page after the other.

use std::error::Error as StdError;

use aws_sdk_backup::config::http::HttpResponse;
use aws_sdk_backup::error::{ProvideErrorMetadata, SdkError};

use crate::error::{Error, ErrorKind};
use crate::gate::Gate;

/// Calls with the token of the page before until there is none. `take` keeps a page's items and answers its next token.
///
/// The SDK's own paginators are not used because each page has to wait for its turn at the gate. A list that was not read to its
/// end is an error, never a shorter list.
pub(crate) async fn all_pages<T, E, F>(
    gate: &Gate,
    operation: &'static str,
    mut call: impl FnMut(Option<String>) -> F,
    mut take: impl FnMut(T) -> Option<String>,
) -> Result<(), Error>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + StdError + 'static,
{
    let mut token = None;
    loop {
        let answer = {
            let _turn = gate.turn().await;
            call(token.clone()).await
        };
        let page = answer.map_err(|error| Error::of(operation, error))?;
        let next = take(page).filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(());
        }
        if next == token {
            return Err(Error::new(ErrorKind::Malformed, operation, "AWS gave the same page token twice"));
        }
        token = next;
    }
}
