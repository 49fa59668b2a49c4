//! The story of one invocation, from the payload to the answer.

mod period;

use std::collections::{BTreeMap, BTreeSet};

use advice::stack::Stack;
use aws::Home;
use jiff::Timestamp;
use jiff::civil::Date;
use job::Scope;
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::record::{self, Ids, Layer};
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::Notice;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use source::{Clouds, Sources};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::check::{Checked, Filter};
use crate::coverage::{Gap, Source};
use crate::digest::{Digest, Unread};
use crate::evidence::{Evidence, Pages};
use crate::gather::A_DAY;
use crate::input::Asked;
use crate::part::Part;
use crate::plan::Plan;
use crate::read::Reader;
use crate::record::{lines, summary, summary_line};
use crate::settings::Settings;
use crate::store::{Merge, Store};
use crate::telling::Named;
use crate::whole::{Extent, Frame, KeptPage, Whole};
use crate::widget::Last;
use crate::{mail, metrics, sheet, widget, work};

/// A night older than this is no last night any more.
const NIGHTS_BACK: i32 = 4;

/// What lives as long as the process: clients, settings, the way to people.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
}

/// One invocation.
struct Now {
    clock: Timestamp,
    account: String,
    region: String,
    stack: Stack,
    /// Until when is read: what is known then is told, and the rest named.
    until: Instant,
    last_moment: Instant,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self { clouds, settings, clock, publisher }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// For a payload that is not understood, and when the report could not be published: then Lambda runs it again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let clock = self.clock.now();
        let asked = Asked::read(event.payload.get(), clock).map_err(|why| refused("MalformedPayload", why))?;
        let left = invocation.left();
        let now = Now {
            clock,
            // Nine tenths of the time for reading.
            until: Instant::now() + left * 9 / 10,
            last_moment: Instant::now() + left * 19 / 20,
            account: invocation.account,
            region: invocation.region,
            stack: invocation.stack,
        };
        match asked {
            Asked::Report { now: due } if self.settings.common.watch.is_wide() => self.report_all(due, &now).await,
            Asked::Report { now: due } => self.report_one(due, &now).await,
            Asked::Period { period, now: due } => self.period(period, due, &now).await,
            Asked::Check { filter } => self.check(&filter, &now).await,
            Asked::Plan { now: due } => self.plan(due, &now).await,
            Asked::Parts { accounts, night } => self.parts(accounts, night, &now).await,
            Asked::Merge { night } => self.merge(night, &now).await,
            Asked::Widget => Ok(Value::String(self.widget(&now).await)),
            Asked::Description => Ok(Value::String(widget::DESCRIPTION.to_owned())),
        }
    }

    /// One account in one Region, and Azure.
    async fn report_one(&self, due: Timestamp, now: &Now) -> Result<Value, Diagnostic> {
        let sources = self.clouds.sources(&now.account, due);
        let reader = self.reader(&sources, due);
        let (report, subscriptions) = futures::join!(reader.alone(now.until), self.subscriptions(now));
        let evidence = self.evidence(lambda::nights::night_of(due), now);
        let frame = self.frame_with_page(due, now, Extent::One, evidence.as_ref());
        let mut whole = whole(frame, Digest::seen(&report, Layer::Own), subscriptions);
        // People first: the log can be long, and is of no use at 07:00.
        let sent = self.send(&mail::notice(&whole), "the report", &format!("report/{due}"), now).await;
        lines(&report).for_each(|line| println!("{line}"));
        if let Some(evidence) = evidence {
            evidence.keep(&mut whole, Some(report)).await;
        }
        self.told(&whole, sent, now)
    }

    /// All places, in one process: the same steps as those of workers.
    async fn report_all(&self, due: Timestamp, now: &Now) -> Result<Value, Diagnostic> {
        let sources = self.clouds.sources(&now.account, due);
        let plan = Plan::new(due, &now.account, sources.accounts().all(now.until).await);
        let ids: BTreeSet<String> = plan.accounts.iter().map(|account| account.id.clone()).collect();
        let evidence = self.evidence(plan.night(), now);
        let frame = self.frame(due, now, Extent::All);
        let pages = evidence.as_ref().map(|evidence| Pages { evidence, frame: &frame });
        let reads = work::read(self.reader(&sources, due), &plan, ids, pages, now.until);
        let (digests, subscriptions) = futures::join!(reads, self.subscriptions(now));
        let (whole, sent) = self.tell_all(&plan, digests, subscriptions, Vec::new(), now).await;
        self.told(&whole, sent, now)
    }

    /// Whether some resources are backed up as they should be. Nothing is published, and no line of a report is written.
    async fn check(&self, filter: &Filter, now: &Now) -> Result<Value, Diagnostic> {
        let sources = self.clouds.sources(&now.account, now.clock);
        let reader = Reader { check: Some(filter), ..self.reader(&sources, now.clock) };
        let checked = if self.settings.common.watch.is_wide() {
            let plan = Plan::new(now.clock, &now.account, sources.accounts().all(now.until).await);
            work::check(reader, filter, &plan, now.until).await
        } else {
            let mut checked = Checked::default();
            checked.take(&reader.alone(now.until).await, filter);
            checked
        };
        serde_json::to_value(checked.answer(filter)).map_err(|error| failed("Answer", error.to_string()))
    }

    /// The first step of a report that workers make: whose night it is.
    async fn plan(&self, due: Timestamp, now: &Now) -> Result<Value, Diagnostic> {
        let sources = self.clouds.sources(&now.account, due);
        let plan = Plan::new(due, &now.account, sources.accounts().all(now.until).await);
        let store = self.store(plan.night())?;
        store.put_plan(&plan, now.last_moment).await.map_err(|why| refused("NotStored", why))?;
        let ids: Vec<&str> = plan.accounts.iter().map(|account| account.id.as_str()).collect();
        Ok(json!({ "accounts": ids, "night": plan.night().to_string() }))
    }

    /// The second step, of one worker: the parts of its accounts.
    async fn parts(&self, accounts: BTreeSet<String>, night: Date, now: &Now) -> Result<Value, Diagnostic> {
        let store = self.store(night)?;
        let planned = store.plan(now.until).await.map_err(|why| refused("NoPlan", why.to_string()))?;
        let plan = planned.unwrap_or_else(|| Plan::of(now.clock, &accounts));
        // The first step has listed the organization: no worker asks for it again.
        let sources = self.clouds.sources_of(&now.account, plan.now, &accounts);
        let evidence = self.evidence(night, now);
        let frame = self.frame(plan.now, now, Extent::All);
        let pages = evidence.as_ref().map(|evidence| Pages { evidence, frame: &frame });
        let digests = work::read(self.reader(&sources, plan.now), &plan, accounts, pages, now.until).await;
        let mut keys = Vec::new();
        for (account, digest) in digests {
            let part = Part::new(night, &account, now.clock, digest);
            let key = store.put_part(&part, now.last_moment).await.map_err(|why| refused("NotStored", why))?;
            keys.push(key);
        }
        Ok(json!({ "parts": keys, "night": night.to_string() }))
    }

    /// The last step: the report of the parts that there are. It waits for none.
    async fn merge(&self, night: Date, now: &Now) -> Result<Value, Diagnostic> {
        let store = self.store(night)?;
        let unreadable = |why: aws::Error| {
            refused("NoParts", format!("the parts of {night} cannot be read from EVIDENCE_BUCKET: {why}"))
        };
        let (plan, parts, merges, subscriptions) = futures::join!(
            store.plan(now.until),
            store.parts(now.until),
            store.merges(now.until),
            self.subscriptions(now)
        );
        let parts = parts.map_err(unreadable)?;
        let mut merges = merges.map_err(unreadable)?;
        let sources = self.clouds.sources(&now.account, now.clock);
        let plan = match plan.map_err(unreadable)? {
            Some(plan) => plan,
            None => self.unplanned(&sources, &parts, now).await,
        };
        let (digests, missing) = self.collect(&sources, &plan, parts);
        let mut opening = Vec::new();
        if let Some(first) = merges.0.first() {
            let lacked = match first.missing.len() {
                0 => String::new(),
                lacked => format!(" and lacked {}", notice::text::count(lacked, "account")),
            };
            opening.push(format!(
                "This is another report of the night of {night}: the first went out {}{lacked}.",
                notice::minute(first.at)
            ));
        }
        let (whole, sent) = self.tell_all(&plan, digests, subscriptions, opening, now).await;
        if sent.is_ok() {
            merges.0.push(Merge { at: now.clock, missing });
            if let Err(why) = store.put_merges(&merges, now.last_moment).await {
                record::error(
                    &format!("the next report of this night will not know of this one: {why}"),
                    Ids::Pages(&[]),
                );
            }
        }
        self.told(&whole, sent, now)
    }

    /// The accounts that should have parts, where nobody left a plan.
    async fn unplanned(&self, sources: &Sources, parts: &BTreeMap<String, Result<Part, String>>, now: &Now) -> Plan {
        let of_parts = parts.values().flatten().next().map(|part| part.made);
        let mut plan = Plan::new(of_parts.unwrap_or(now.clock), &now.account, sources.accounts().all(now.until).await);
        if plan.unlisted.is_some() {
            let own = Plan::of(plan.now, &parts.keys().cloned().chain([now.account.clone()]).collect());
            plan.accounts = own.accounts;
        }
        plan
    }

    /// What is known of each account of a plan, and the accounts without a part that can be read.
    fn collect(
        &self,
        sources: &Sources,
        plan: &Plan,
        mut parts: BTreeMap<String, Result<Part, String>>,
    ) -> (BTreeMap<String, Digest>, BTreeSet<String>) {
        let (mut digests, mut missing) = (BTreeMap::new(), BTreeSet::new());
        for account in &plan.accounts {
            let part = parts.remove(&account.id).unwrap_or_else(|| Err("its worker left none".to_owned()));
            let digest = part.map(|part| part.digest).unwrap_or_else(|why| {
                missing.insert(account.id.clone());
                let named = Named(account.name.clone());
                work::unread(&sources.regions_of(&account.id), &account.id, &named, Source::Part, why)
            });
            digests.insert(account.id.clone(), digest);
        }
        (digests, missing)
    }

    /// Adds up what is known of all accounts, in their order, and mails it.
    async fn tell_all(
        &self,
        plan: &Plan,
        digests: BTreeMap<String, Digest>,
        subscriptions: Result<usize, String>,
        mut opening: Vec<String>,
        now: &Now,
    ) -> (Whole, Result<(), String>) {
        let mut all = Digest::default();
        if let Some(why) = &plan.unlisted {
            let own = notice::text::outside(&now.account, 40);
            opening.insert(0, format!("The organization could not be listed: this report is of account {own} alone."));
            all.missed(Unread::at(&Gap { source: Source::Organization, why: why.clone() }, None));
        }
        digests.into_values().for_each(|digest| all.add(digest));
        let evidence = self.evidence(plan.night(), now);
        let frame = self.frame_with_page(plan.now, now, Extent::All, evidence.as_ref());
        let mut whole = whole(Frame { opening, ..frame }, all, subscriptions);
        whole.digest.sheet.keep(sheet::ROWS);
        let sent = self.send(&mail::notice(&whole), "the report", &format!("report/{}", plan.now), now).await;
        if let Some(evidence) = evidence {
            evidence.keep(&mut whole, None).await;
        }
        (whole, sent)
    }

    /// Sends a mail. `what` it is, for the line about one that was not sent.
    async fn send(&self, notice: &Notice, what: &str, page_id: &str, now: &Now) -> Result<(), String> {
        let page_ids = [page_id.to_owned()];
        let mut publisher = self.publisher.lock().await;
        match publisher.publish(self.clouds.home(), notice, &page_ids, now.last_moment).await {
            Ok(message_id) => {
                record::page(notice, page_id, &message_id);
                Ok(())
            }
            Err(error) => {
                let why = format!("{what} was not sent: {error}");
                record::error(&why, Ids::Pages(&page_ids));
                Err(why)
            }
        }
    }

    /// The lines of the whole, and the answer.
    fn told(&self, whole: &Whole, sent: Result<(), String>, now: &Now) -> Result<Value, Diagnostic> {
        println!("{}", summary_line(whole));
        metrics::lines(whole).into_iter().for_each(|line| println!("{line}"));
        sent.map_err(|why| failed("NotPublished", why))?;
        println!("{}", metrics::report_sent(now.clock));
        serde_json::to_value(summary(whole)).map_err(|error| failed("Answer", error.to_string()))
    }

    fn reader<'a>(&'a self, sources: &'a Sources, now: Timestamp) -> Reader<'a> {
        let Settings { judging: settings, common, .. } = &self.settings;
        Reader {
            sources,
            settings: *settings,
            owner_tag: &common.owner_tag,
            now,
            last_report: now - A_DAY,
            check: None,
        }
    }

    fn frame_with_page(&self, due: Timestamp, now: &Now, extent: Extent, evidence: Option<&Evidence>) -> Frame {
        let page = evidence.map_or(KeptPage::Nowhere, |evidence| evidence.page(&now.region));
        Frame { page, ..self.frame(due, now, extent) }
    }

    fn frame(&self, due: Timestamp, now: &Now, extent: Extent) -> Frame {
        Frame {
            now: due,
            clock: now.clock,
            last_report: due - A_DAY,
            scope: Scope::aws(&now.account, &now.region),
            settings: self.settings.judging,
            subscriptions: None,
            stack: now.stack.clone(),
            extent,
            opening: Vec::new(),
            page: KeptPage::Nowhere,
        }
    }

    async fn subscriptions(&self, now: &Now) -> Result<usize, String> {
        let topic = self.settings.common.topics.alert.as_str();
        let home = self.clouds.home();
        let confirmed = home.confirmed_subscriptions(topic, now.until).await;
        confirmed.map(|confirmed| usize::try_from(confirmed).unwrap_or(0)).map_err(|why| why.to_string())
    }

    /// The last night that has left its data, as HTML.
    async fn widget(&self, now: &Now) -> String {
        let last = match self.settings.evidence_bucket.as_deref() {
            None => Last::Nowhere,
            Some(bucket) => {
                let mut last = Last::None { why: None };
                for ago in 0..NIGHTS_BACK {
                    let night = lambda::nights::night_of(now.clock - A_DAY * ago);
                    let store = Store::new(self.clouds.home().bucket(bucket), night);
                    match store.last_night(now.until).await {
                        Ok(Some(found)) => {
                            last = Last::Night(Box::new(found), store.console(&now.region, "night.html"));
                            break;
                        }
                        Ok(None) => {}
                        // An older night would be taken for the last one.
                        Err(why) => {
                            last = Last::None { why: Some(why) };
                            break;
                        }
                    }
                }
                last
            }
        };
        widget::page(&last, &now.stack.verify_arn())
    }

    fn evidence(&self, night: Date, now: &Now) -> Option<Evidence> {
        let bucket = self.settings.evidence_bucket.as_deref()?;
        let store = Store::new(self.clouds.home().bucket(bucket), night);
        Some(Evidence { store, clock: now.clock, last_moment: now.last_moment })
    }

    fn store(&self, night: Date) -> Result<Store, Diagnostic> {
        let bucket = self.settings.evidence_bucket.as_deref().ok_or_else(|| {
            let why = "EVIDENCE_BUCKET is not set: a report that is made in steps keeps them there";
            refused("NoBucket", why.to_owned())
        })?;
        Ok(Store::new(self.clouds.home().bucket(bucket), night))
    }
}

fn refused(kind: &'static str, why: String) -> Diagnostic {
    record::error(&why, Ids::RootCauses(&[]));
    failed(kind, why)
}

/// With the number of subscriptions. Why that is not known is a gap.
fn whole(frame: Frame, mut digest: Digest, subscriptions: Result<usize, String>) -> Whole {
    let missed = |why| digest.missed(Unread::at(&Gap { source: Source::Subscriptions, why }, None));
    let subscriptions = subscriptions.map_err(missed).ok();
    Whole::new(Frame { subscriptions, ..frame }, digest)
}
