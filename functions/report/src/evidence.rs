//! Leaves the page of the night and its files in EVIDENCE_BUCKET. What cannot be written is an alarm, and holds no mail back.

use std::time::Duration;

use advice::stack::Stack;
use jiff::Timestamp;
use lambda::record::{self, Ids, Layer};
use tokio::time::Instant;

use crate::digest::Digest;
use crate::report::Report;
use crate::sheet::{self, Sheet};
use crate::store::{Store, Written};
use crate::telling::Named;
use crate::whole::{Extent, Frame, KeptPage, Whole};
use crate::{metrics, night};

/// A bucket that does not answer by then does not hold the mail back any longer.
const WRITING: Duration = Duration::from_secs(60);
/// Rows that each of many accounts lends to the page of them all, at least.
const FEWEST: usize = 50;

/// Where the night is kept, and what its pages say of themselves.
#[derive(Debug)]
pub struct Evidence {
    pub store: Store,
    pub clock: Timestamp,
    pub last_moment: Instant,
}

/// The page of each account, where pages are kept.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    pub evidence: &'a Evidence,
    pub frame: &'a Frame,
}

/// The digest of a place. It has the rows of the place only where pages are kept.
pub(crate) fn digest(report: &Report, layer: Layer, pages: Option<Pages<'_>>) -> Digest {
    let mut digest = Digest::seen(report, layer);
    if pages.is_some() {
        digest.sheet = Sheet::of(report);
    }
    digest
}

impl Evidence {
    /// Where the page of the whole night will be.
    pub fn page(&self, region: &str) -> KeptPage {
        KeptPage::At(self.store.console(region, "night.html"))
    }

    /// The files of the whole night: `nights/2026-11-21/night.html`. The rows of a single place are written however many there are; then it
    /// goes, for it and a page together would need more memory.
    pub async fn keep(&self, whole: &mut Whole, report: Option<Report>) {
        let written = self.write("", whole, report).await;
        let not_written = usize::from(written.is_err()) + whole.digest.pages_not_written;
        println!("{}", metrics::evidence_not_written(self.clock, not_written));
    }

    /// The files of one account of many, below those of the whole: `nights/2026-11-21/444455556666/night.html`. The sheet of its digest then
    /// has no more rows than the page of all takes from it, and the digest knows whether they were written: the metric is one for all.
    pub async fn keep_account(
        &self,
        account: &str,
        named: &Named,
        frame: Frame,
        mut digest: Digest,
        accounts: usize,
    ) -> Digest {
        digest.sheet.close();
        digest.sheet.keep(sheet::ROWS);
        let stack = frame.stack.about_account(named.0.as_deref().unwrap_or(account), "all Regions");
        let stack = Stack { account: account.to_owned(), ..stack };
        let mut whole = Whole::new(Frame { stack, extent: Extent::All, ..frame }, digest);
        let written = self.write(&format!("{account}/"), &mut whole, None).await;
        let Whole { mut digest, .. } = whole;
        digest.pages_not_written += usize::from(written.is_err());
        digest.sheet.keep((sheet::ROWS / accounts.max(1)).max(FEWEST));
        digest
    }

    async fn write(&self, folder: &str, whole: &mut Whole, report: Option<Report>) -> Result<(), String> {
        let written = self.write_all(folder, whole, report).await;
        if let Err(why) = &written {
            record::error(&format!("the page of the night was not kept: {why}"), Ids::Pages(&[]));
        }
        written
    }

    /// The page comes last: one that is there has its files beside it.
    async fn write_all(&self, folder: &str, whole: &mut Whole, report: Option<Report>) -> Result<(), String> {
        let until = self.last_moment.min(Instant::now() + WRITING);
        let put = |name: String, body, kind| {
            let written = Written { name: format!("{folder}{name}"), body, kind };
            async move { self.store.put_file(written, until).await }
        };
        match report {
            Some(report) => {
                for (table, number) in night::csv_of_report(&whole.frame, &report).zip(1..) {
                    let name = if number == 1 { "rows.csv".to_owned() } else { format!("rows-{number}.csv") };
                    put(name, table?, "text/csv; charset=utf-8").await?;
                }
                whole.digest.sheet = Sheet::of(&report);
                whole.digest.sheet.close();
            }
            None => {
                put("rows.csv".to_owned(), night::csv(&whole.frame, &whole.digest.sheet)?, "text/csv; charset=utf-8")
                    .await?
            }
        }
        put("night.json".to_owned(), night::json(whole)?, "application/json").await?;
        put("night.html".to_owned(), night::html(whole).into_bytes(), "text/html; charset=utf-8").await
    }
}
