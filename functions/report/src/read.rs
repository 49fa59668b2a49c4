//! Reads one place, judges it, and looks for recovery points and for what denies.

use aws::Account;
use futures::channel::oneshot;
use futures::future::join;
use jiff::Timestamp;
use job::Scope;
use owner::{ByPlace, OwnerTag};
use source::Sources;
use source::lists::LONGEST_JOB;
use tokio::time::Instant;

use crate::azure::{Azure, feed, gather as azure};
use crate::check::{self, Filter};
use crate::confirm::Looks;
use crate::coverage::Source;
use crate::gather::{self, Gathered, Span, ToTrace, confirm, expired, gather, gather_among, look_into, unprocessed};
use crate::ledger::Ledger;
use crate::telling::{Named, Telling};
use crate::{Judging, Night, Report, judge};

/// What all places of a report are read with.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub sources: &'a Sources,
    pub settings: Judging,
    pub owner_tag: &'a OwnerTag,
    /// The instant that ages are measured at.
    pub now: Timestamp,
    /// "New" and "recovered" mean: since then.
    pub last_report: Timestamp,
    /// Set where only these rows matter: their recovery points are looked for beside the others.
    pub check: Option<&'a Filter>,
}

impl Reader<'_> {
    /// Where we run, and Azure.
    pub async fn alone(&self, until: Instant) -> Report {
        self.read(&self.sources.own(), Telling::Alone, until).await
    }

    /// One place among many. Where we run, it is read with Azure.
    pub async fn among(&self, account: &Account, named: Named, until: Instant) -> Report {
        self.read(account, Telling::Among(named), until).await
    }

    async fn read(&self, account: &Account, telling: Telling, until: Instant) -> Report {
        let most = telling.looks().traces;
        let (to, wanted) = oneshot::channel();
        // Most of its time a report waits for the rates of AWS: restores have one of their own.
        let traces = async { gather::traces(account, wanted.await.unwrap_or_default(), until).await };
        let report = async {
            let report = self.judged(account, telling, ToTrace { most, to }, until).await;
            self.looked_into(report, account, until).await
        };
        let (mut report, traces) = join(report, traces).await;
        report.take_restores(&traces);
        report
    }

    /// What the lists say.
    async fn judged(&self, account: &Account, telling: Telling, to_trace: ToTrace, until: Instant) -> Report {
        let Self { sources, settings, now, last_report, .. } = *self;
        let span = Span { since: now - settings.look_back - LONGEST_JOB, now, until };
        let ledger = Ledger::new(now, last_report);
        let since = now - settings.look_back;
        let times = azure::Times { since, now, last_report, stuck_after: settings.stuck_after };
        let of_aws = async {
            match &telling {
                Telling::Alone => gather(account, ledger, span, to_trace).await,
                Telling::Among(_) => gather_among(account, ledger, span, to_trace).await,
            }
        };
        let of_azure = async {
            match account.scope() == sources.own().scope() {
                true => azure::gather(sources, times, until).await,
                false => azure::Read::default(),
            }
        };
        let (mut gathered, read) = futures::join!(of_aws, of_azure);
        feed(&mut gathered.ledger, &read.azure, read.jobs, read.last);
        for (list, why) in read.unread {
            gathered.coverage.missed(Source::Azure(list), why);
        }
        let report = judge(self.night(account.scope().clone(), telling.looks(), gathered, read.azure));
        match telling {
            Telling::Alone => report,
            Telling::Among(named) => report.among(named),
        }
    }

    /// What is judged of a place.
    pub(crate) fn night(&self, scope: Scope, looks: Looks, gathered: Gathered, azure: Azure) -> Night {
        let Self { settings, now, last_report, .. } = *self;
        let Gathered { ledger, plans, tagged, opted_out, testing, vaults, coverage } = gathered;
        Night {
            now,
            last_report,
            scope,
            settings,
            looks,
            ledger,
            plans,
            tagged,
            opted_out,
            testing,
            vaults,
            azure,
            owners: ByPlace::default(),
            coverage,
        }
    }

    /// Owners, rules that made no job, recovery points, and open causes.
    async fn looked_into(&self, mut report: Report, account: &Account, until: Instant) -> Report {
        let Self { sources, now, check, owner_tag, .. } = *self;
        // Before all else that is looked at: which rows are told, and how, depends on them.
        let most = report.night().looks.tags;
        let asked = report.to_own(most, |row| check.is_none_or(|filter| filter.names_row(&report, row)));
        let owners = gather::owners(account, sources, asked, owner_tag, until).await;
        report = report.owned_by(owners);
        if *report.telling() != Telling::Alone {
            let silent = report.silent_rules();
            if !silent.is_empty() {
                report.take_unprocessed(unprocessed(account, silent, now, until).await);
            }
        }
        if let Some(filter) = check {
            report.look_for(check::rows(&report, filter));
        }
        let unseen = report.to_look_into();
        let of_azure = azure::points(sources, report.points_to_read(), until).await;
        let looks = confirm(account, report.to_confirm(), &unseen, until);
        let (confirmed, (undeleted, unread)) = join(looks, expired(account, report.old_in(), until)).await;
        report.confirm(confirmed.rows, of_azure);
        report.take_undeleted(confirmed.undeleted.into_iter().chain(undeleted));
        if let Some(why) = unread.into_iter().next() {
            report.old_unread(why);
        }
        let looked = look_into(account, &unseen, &confirmed.points, until).await;
        report.take_looks(&looked);
        report
    }
}
