//! The story of a week or a month: from the reports in the bucket, or from what AWS still lists.

use jiff::Timestamp;
use lambda::nights::read_night;
use lambda::record::Layer;
use lambda::serve::failed;
use lambda_runtime::Diagnostic;
use serde_json::Value;

use super::{Function, Now};
use crate::digest::Digest;
use crate::period::{self, Night, Origin, Period, Review};
use crate::plan::Plan;
use crate::read::Reader;
use crate::record::period_summary;
use crate::sheet::Sheet;
use crate::whole::{Extent, Whole};
use crate::{night, work};

impl Function {
    pub(super) async fn period(&self, period: Period, due: Timestamp, now: &Now) -> Result<Value, Diagnostic> {
        let (nights, origin) = match self.kept(period, due, now).await {
            Ok(kept) => kept,
            Err(why) => (vec![self.today(period, due, now).await?], Origin::Aws { why }),
        };
        let review = Review::of(period, &nights, origin, due);
        let review = review.ok_or_else(|| failed("NoNights", "no report could be made or read".to_owned()))?;
        let notice = period::notice(&review, &now.stack, due);
        let what = format!("the summary of the {}", period.as_str());
        let page_id = format!("report/{}/{due}", period.as_str());
        self.send(&notice, &what, &page_id, now).await.map_err(|why| failed("NotPublished", why))?;
        let summary = period_summary(&review);
        serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
    }

    /// The reports that are kept, the last one first.
    ///
    /// # Errors
    /// Why there is none.
    async fn kept(&self, period: Period, due: Timestamp, now: &Now) -> Result<(Vec<Night>, Origin), String> {
        let name = self.settings.evidence_bucket.as_deref().ok_or("EVIDENCE_BUCKET is not set")?;
        let bucket = self.clouds.home().bucket(name);
        let (mut nights, mut missing, mut unread): (Vec<Night>, _, _) = (Vec::new(), Vec::new(), Vec::new());
        // One by one: each may be some megabytes.
        for night in period.nights(due) {
            match read_night::<Night>(&bucket, night, now.until).await {
                Ok(Some(mut read)) => {
                    if !nights.is_empty() {
                        read.forget_rows();
                    }
                    nights.push(read);
                }
                Ok(None) => missing.push(night),
                Err(why) => unread.push(why),
            }
        }
        missing.reverse();
        match (nights.is_empty(), unread.first()) {
            (false, _) => Ok((nights, Origin::Bucket { missing, unread })),
            (true, Some(why)) => Err(format!("no report in EVIDENCE_BUCKET can be read ({why})")),
            (true, None) => Err(format!("EVIDENCE_BUCKET holds no report of this {}", period.as_str())),
        }
    }

    /// The document that a report of today would leave, except that "new" and "recovered" mean: in this period.
    async fn today(&self, period: Period, due: Timestamp, now: &Now) -> Result<Night, Diagnostic> {
        let sources = self.clouds.sources(&now.account, due);
        let reader = Reader { last_report: period.begins(due), ..self.reader(&sources, due) };
        let (digest, extent) = if self.settings.common.watch.is_wide() {
            let plan = Plan::new(due, &now.account, sources.accounts().all(now.until).await);
            let ids = plan.accounts.iter().map(|account| account.id.clone()).collect();
            let mut all = Digest::default();
            let digests = work::read(reader, &plan, ids, None, now.until).await;
            digests.into_values().for_each(|digest| all.add(digest));
            (all, Extent::All)
        } else {
            let report = reader.alone(now.until).await;
            let mut digest = Digest::seen(&report, Layer::Own);
            digest.sheet = Sheet::of(&report);
            (digest, Extent::One)
        };
        let whole = Whole::new(self.frame(due, now, extent), digest);
        let document = night::json(&whole).map_err(|why| failed("Answer", why))?;
        serde_json::from_slice(&document).map_err(|error| failed("Answer", error.to_string()))
    }
}
