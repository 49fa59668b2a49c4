//! Changes that took protection away: looked into, and told once each.

use std::collections::BTreeMap;

use advice::protection::{Lost, Told as Notices};
use lambda::record::{ProtectionLine, ProtectionOutcome};

use super::Function;
use crate::intake::{Delivered, ProtectionEvent};
use crate::outcome::ProtectionTold;
use crate::protection::{Desk, Found, Told};
use crate::record::{self, Ids};
use crate::visit::Visit;

impl Function {
    /// Looks into each change, and tells those that took something away: one notice for each kind, place and thing.
    pub(super) async fn protect(&self, events: Vec<Delivered<ProtectionEvent>>, visit: Visit<'_>) -> ProtectionTold {
        let mut told = ProtectionTold::default();
        if events.is_empty() {
            return told;
        }
        let desk = Desk {
            sources: visit.sources,
            now: visit.now,
            least_days: self.settings.least_days,
            stack: &visit.invocation.stack,
            trail_until: visit.deadlines.trail(),
            until: visit.deadlines.looks,
        };
        let mut lost: Vec<Lost> = Vec::new();
        let mut messages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Told { event_id, message_ids, found } in desk.look(events).await {
            match found {
                Found::Harmless(reason) => {
                    record::ignored(&event_id, &reason);
                    told.ignored += 1;
                }
                Found::Lost(one) if self.publisher.lock().await.has_sent(&one.page_id()) => {
                    ProtectionLine::of(&one, self.settings.show_address).write(ProtectionOutcome::SentBefore);
                    told.suppressed += 1;
                }
                Found::Lost(one) => {
                    messages.insert(one.page_id(), message_ids);
                    lost.push(*one);
                }
            }
        }
        let stack_of = |lost: &Lost| visit.stack_of([&lost.scope]);
        for notices in Notices::each(&lost, self.settings.show_address, visit.now, stack_of) {
            self.tell(&notices, &messages, visit, &mut told).await;
        }
        told
    }

    async fn tell(
        &self,
        notices: &Notices<'_>,
        messages: &BTreeMap<String, Vec<String>>,
        visit: Visit<'_>,
        told: &mut ProtectionTold,
    ) {
        let (notice, page_ids) = (notices.notice(), notices.page_ids());
        let (home, until) = (self.clouds.home(), visit.deadlines.pages);
        let sent = self.publisher.lock().await.publish(home, &notice, &page_ids, until).await;
        let outcome = match &sent {
            Ok(message_id) => {
                lambda::record::page(&notice, page_ids.first().map_or("", String::as_str), message_id);
                told.pages += 1;
                ProtectionOutcome::Told
            }
            Err(error) => {
                let back = page_ids.iter().filter_map(|id| messages.get(id)).flatten().cloned();
                told.given_back.extend(back);
                told.failed += 1;
                record::error(&format!("a change of protection could not be mailed: {error}"), Ids::Pages(&page_ids));
                ProtectionOutcome::NotTold
            }
        };
        for lost in notices.changes() {
            ProtectionLine::of(lost, self.settings.show_address).write(outcome);
        }
        told.changes += notices.changes().len();
    }
}
