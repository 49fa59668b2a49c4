//! Reads a list to its end, one page after the other.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Failure};
use crate::gate::Gate;

/// The most that the list calls of AWS Backup give on one page.
pub(crate) const PAGE: i32 = 1000;

/// How a list is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'a> {
    pub(crate) gate: &'a Gate,
    /// As IAM policies write it: `backup:ListBackupJobs`.
    pub(crate) operation: &'static str,
    pub(crate) far: Far,
    /// What has not been read by then is missing, and the list an error.
    pub(crate) until: Instant,
}

/// How far to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Far {
    FirstPage,
    /// To the end. A list with more pages than these is an error.
    Pages(usize),
}

impl Far {
    /// Two million jobs of one kind and state, in the 30 days that AWS Backup keeps its records: more than 60,000 a day.
    pub(crate) const END: Far = Far::Pages(2_000);
}

/// Whether what was handed over is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    End,
    FirstPage,
}

/// One page. `items` is `None` if the answer has no such member: AWS writes an empty list as an empty list.
pub(crate) struct Page<I> {
    pub(crate) items: Option<Vec<I>>,
    pub(crate) next: Next,
}

/// How to go on after a page.
pub(crate) enum Next {
    End,
    Token(String),
    /// The answer says that there is more, and not how to ask for it.
    Lost,
}

impl Next {
    /// Of an answer whose token alone says whether there is more.
    pub(crate) fn of(token: Option<String>) -> Self {
        token.filter(|token| !token.is_empty()).map_or(Next::End, Next::Token)
    }

    /// Of an answer that says by itself whether there is more.
    pub(crate) fn of_truncated(is_truncated: bool, token: Option<String>) -> Self {
        match (is_truncated, Next::of(token)) {
            (false, _) => Next::End,
            (true, Next::End) => Next::Lost,
            (true, next) => next,
        }
    }
}

/// Calls with the token of the page before until there is none, and hands over each item once, in the order of the pages.
///
/// `open` takes an answer apart, and `id` names an item: one whose id came before is the same one, which moved to a later page while the
/// list was read. An item without an id is handed over each time it comes.
///
/// The SDK's own paginators are not used because each page has to wait for its turn at the gate. A list that was not read to its
/// end is an error, never a shorter list: after an error the items handed over are not all.
pub(crate) async fn each_item<T, I, E: Failure, F>(
    list: List<'_>,
    mut call: impl FnMut(Option<String>) -> F,
    open: impl Fn(T) -> Page<I>,
    id: impl Fn(&I) -> Option<&str>,
    mut take: impl FnMut(I),
) -> Result<Reached, Error>
where
    F: Future<Output = Result<T, E>>,
{
    let broken = |words: &str| Error::new(ErrorKind::Malformed, list.operation, words);
    let pages = match list.far {
        Far::FirstPage => 1,
        Far::Pages(pages) => pages,
    };
    let (mut tokens, mut items) = (Seen::default(), Seen::default());
    let mut token = None;
    for _ in 0..pages {
        let page = open(list.gate.call(list.until, list.operation, call(token.take())).await?);
        for item in page.items.ok_or_else(|| Error::without(list.operation, "list"))? {
            if id(&item).is_none_or(|id| id.is_empty() || items.is_new(id)) {
                take(item);
            }
        }
        match page.next {
            Next::End => return Ok(Reached::End),
            Next::Lost => return Err(broken("it names no next page, and says that there is one")),
            Next::Token(next) if !tokens.is_new(&next) => return Err(broken("its pages go round")),
            Next::Token(next) => token = Some(next),
        }
    }
    match list.far {
        Far::FirstPage => Ok(Reached::FirstPage),
        Far::Pages(pages) => Err(Error::new(ErrorKind::TooLong, list.operation, format!("more than {pages} pages"))),
    }
}

/// Remembers texts in eight bytes each. Of 300,000 the odds that two are taken for one are less than one in a hundred million.
#[derive(Debug, Default)]
struct Seen(HashSet<u64>);

impl Seen {
    fn is_new(&mut self, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;
    use std::time::Duration;

    use super::*;

    /// The items of a page, and the token of the next one.
    type Given = (Option<&'static [&'static str]>, Option<&'static str>);

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    struct Read {
        /// The tokens asked with.
        asked: Vec<Option<String>>,
        items: Vec<String>,
        end: Result<Reached, Error>,
    }

    async fn read(far: Far, pages: impl IntoIterator<Item = Given>) -> Read {
        let (mut asked, mut items, mut pages) = (Vec::new(), Vec::new(), pages.into_iter());
        let end = each_item(
            List { gate: &Gate::new(10_000), operation: "backup:ListBackupJobs", far, until: soon() },
            |token| {
                asked.push(token);
                ready(Ok::<_, Error>(pages.next().expect("no page too many")))
            },
            |(items, token)| Page { items: items.map(<[&str]>::to_vec), next: Next::of(token.map(str::to_owned)) },
            |item| Some(*item),
            |item| items.push(item.to_owned()),
        )
        .await;
        Read { asked, items, end }
    }

    #[tokio::test]
    async fn a_list_is_read_as_far_as_it_is_wanted_and_each_item_once() {
        type Row = (Far, Vec<Given>, &'static [Option<&'static str>], &'static [&'static str], Reached);
        let table: [Row; 8] = [
            (Far::END, vec![(Some(&[]), None)], &[None], &[], Reached::End),
            (Far::END, vec![(Some(&["1"]), Some(""))], &[None], &["1"], Reached::End),
            (
                Far::END,
                vec![(Some(&["1", "2"]), Some("a")), (Some(&[]), Some("b")), (Some(&["3"]), None)],
                &[None, Some("a"), Some("b")],
                &["1", "2", "3"],
                Reached::End,
            ),
            // The same ones again, on the same page and on a later one; those without an id are never the same.
            (
                Far::END,
                vec![(Some(&["1", "2", "1"]), Some("a")), (Some(&["2", "3", "1"]), None)],
                &[None, Some("a")],
                &["1", "2", "3"],
                Reached::End,
            ),
            (
                Far::END,
                vec![(Some(&["", ""]), Some("a")), (Some(&[""]), None)],
                &[None, Some("a")],
                &["", "", ""],
                Reached::End,
            ),
            (Far::FirstPage, vec![(Some(&["1"]), Some("a"))], &[None], &["1"], Reached::FirstPage),
            (Far::FirstPage, vec![(Some(&["1"]), None)], &[None], &["1"], Reached::End),
            (Far::Pages(1), vec![(Some(&["1"]), None)], &[None], &["1"], Reached::End),
        ];
        for (far, pages, asked, items, reached) in table {
            let told = format!("{far:?} {pages:?}");
            let read = read(far, pages).await;
            assert_eq!(read.asked, asked.iter().map(|token| token.map(str::to_owned)).collect::<Vec<_>>(), "{told}");
            assert_eq!(
                (read.items, read.end),
                (items.iter().map(ToString::to_string).collect(), Ok(reached)),
                "{told}"
            );
        }
    }

    #[tokio::test]
    async fn a_list_that_goes_round_is_an_error() {
        for tokens in [&["a", "a"][..], &["a", "b", "a"], &["a", "b", "c", "b"]] {
            let pages = tokens.iter().map(|token| (Some(&["1"][..]), Some(*token)));
            let read = read(Far::END, pages).await;
            let error = Error::new(ErrorKind::Malformed, "backup:ListBackupJobs", "its pages go round");
            assert_eq!((read.items.len(), read.end), (1, Err(error)), "{tokens:?}");
        }
    }

    #[tokio::test]
    async fn a_list_without_an_end_is_an_error() {
        let names: Vec<&'static str> = (0..50).map(|number| &*number.to_string().leak()).collect();
        let read = read(Far::Pages(50), names.iter().map(|name| (Some(&["1"][..]), Some(*name)))).await;
        assert_eq!((read.asked.len(), read.end.unwrap_err().kind), (50, ErrorKind::TooLong));
    }

    /// Not even the thousands of pages that a list may have: time is what other lists need.
    #[tokio::test]
    async fn a_list_ends_with_its_time() {
        let until = Instant::now() + Duration::from_millis(50);
        let (pages, mut items) = (Cell::new(0), 0);
        let end = each_item(
            List { gate: &Gate::new(100), operation: "backup:ListBackupJobs", far: Far::END, until },
            |_| ready(Ok::<_, Error>(())),
            |()| {
                pages.set(pages.get() + 1);
                Page { items: Some(vec![()]), next: Next::Token(pages.get().to_string()) }
            },
            |()| None,
            |()| items += 1,
        )
        .await;
        assert!(items > 0);
        assert_eq!(end, Err(Error::no_time("backup:ListBackupJobs")));
    }

    #[tokio::test]
    async fn an_answer_without_its_list_is_not_an_empty_list() {
        for pages in [vec![(None, None)], vec![(Some(&["1"][..]), Some("a")), (None, None)]] {
            let read = read(Far::END, pages.clone()).await;
            assert_eq!(read.end, Err(Error::without("backup:ListBackupJobs", "list")), "{pages:?}");
        }
    }

    #[tokio::test]
    async fn more_without_a_token_is_an_error() {
        let next = |truncated, token: Option<&str>| Next::of_truncated(truncated, token.map(str::to_owned));
        assert!(matches!(next(false, None), Next::End));
        assert!(matches!(next(false, Some("a")), Next::End));
        assert!(matches!(next(true, Some("a")), Next::Token(token) if token == "a"));
        assert!(matches!(next(true, Some("")), Next::Lost));
        assert!(matches!(next(true, None), Next::Lost));
        let end = each_item(
            List { gate: &Gate::new(100), operation: "kms:ListGrants", far: Far::END, until: soon() },
            |_| ready(Ok::<_, Error>(())),
            |()| Page { items: Some(vec!["1"]), next: Next::Lost },
            |item| Some(*item),
            |_| {},
        )
        .await;
        assert_eq!(end.unwrap_err().kind, ErrorKind::Malformed);
    }

    proptest::proptest! {
        /// Whatever pages hold, in whatever order: each id is handed over once, when it comes first.
        #[test]
        fn each_id_is_handed_over_once(pages in proptest::collection::vec(proptest::collection::vec(0_u8..20, 0..8), 1..6)) {
            let names: Vec<Vec<&'static str>> =
                pages.iter().map(|page| page.iter().map(|id| &*id.to_string().leak()).collect()).collect();
            let mut expected: Vec<String> = Vec::new();
            for name in names.iter().flatten() {
                if !expected.iter().any(|known| known == name) {
                    expected.push((*name).to_owned());
                }
            }
            let last = names.len() - 1;
            let given = names.into_iter().enumerate().map(|(number, page)| {
                let next = (number < last).then(|| &*number.to_string().leak());
                (Some(&*page.leak()), next)
            });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let read = runtime.block_on(read(Far::END, given));
            proptest::prop_assert_eq!(read.items, expected);
            proptest::prop_assert_eq!(read.end, Ok(Reached::End));
        }
    }
}
