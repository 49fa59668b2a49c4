//! Reads a list to its end, one page after the other.

use std::cell::Cell;
use std::error::Error as StdError;

use aws_sdk_backup::config::http::HttpResponse;
use aws_sdk_backup::error::{ProvideErrorMetadata, SdkError};

use crate::error::{Error, ErrorKind};
use crate::gate::Gate;

/// The most that the list calls of AWS Backup give on one page.
pub(crate) const PAGE: i32 = 1000;

/// How far to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pages<'a> {
    /// Notes whether there would be more.
    First(&'a Cell<bool>),
    All,
}

impl Pages<'_> {
    /// The token to go on with, if at all.
    pub(crate) fn next(self, token: Option<String>) -> Option<String> {
        match self {
            Pages::First(more) => {
                more.set(token.is_some_and(|token| !token.is_empty()));
                None
            }
            Pages::All => token,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use std::future::ready;

    use aws_sdk_backup::operation::list_backup_jobs::ListBackupJobsError;

    use super::*;

    /// The tokens asked with, of a list whose pages name these next tokens.
    async fn asked(pages: Pages<'_>, next: &[Option<&str>]) -> (Vec<Option<String>>, Result<(), Error>) {
        let mut asked = Vec::new();
        let mut given = next.iter().map(|token| token.map(str::to_owned));
        let read = all_pages(
            &Gate::new(100),
            "backup:ListBackupJobs",
            |token| {
                asked.push(token);
                let page = given.next().expect("no page is read behind the last");
                ready(Ok::<_, SdkError<ListBackupJobsError, HttpResponse>>(page))
            },
            |page| pages.next(page),
        )
        .await;
        (asked, read)
    }

    #[tokio::test]
    async fn a_list_is_read_as_far_as_it_is_wanted() {
        let more = &Cell::new(false);
        let table = [
            (Pages::All, vec![None], vec![None]),
            (Pages::All, vec![Some("a"), Some("b"), None], vec![None, Some("a"), Some("b")]),
            (Pages::All, vec![Some("a"), Some("")], vec![None, Some("a")]),
            (Pages::First(more), vec![Some("a"), None], vec![None]),
            (Pages::First(more), vec![None], vec![None]),
        ];
        for (pages, next, expected) in table {
            let expected: Vec<Option<String>> = expected.iter().map(|token| token.map(str::to_owned)).collect();
            more.set(false);
            assert_eq!(asked(pages, &next).await, (expected, Ok(())), "{pages:?} {next:?}");
            assert_eq!(more.get(), matches!(pages, Pages::First(_)) && next[0].is_some());
        }
    }

    #[tokio::test]
    async fn a_list_that_goes_round_is_an_error() {
        let (_, read) = asked(Pages::All, &[Some("a"), Some("a")]).await;
        assert_eq!(read.unwrap_err().kind, ErrorKind::Malformed);
    }
}
