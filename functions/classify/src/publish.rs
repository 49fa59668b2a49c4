//! Telling people: at most three publishes a second, and never the same page twice from one warm process.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use aws::{Aws, Error};
use notice::{Notice, log};
use serde::Serialize;
use tokio::time::Instant;

use crate::settings::Settings;

/// Ten e-mails a second suspend a subscription; two functions may publish at once.
const INTERVAL: Duration = Duration::from_millis(334);
/// Pages remembered by a warm process.
const REMEMBERED: usize = 1_000;

/// The way out to SNS.
#[derive(Debug)]
pub struct Publisher {
    alert_topic_arn: String,
    chat_topic_arn: Option<String>,
    next: Option<Instant>,
    sent: HashSet<String>,
    order: VecDeque<String>,
}

impl Publisher {
    pub fn new(settings: &Settings) -> Self {
        Self {
            alert_topic_arn: settings.alert_topic_arn.clone(),
            chat_topic_arn: settings.chat_topic_arn.clone(),
            next: None,
            sent: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether this process has sent the page before: a redelivered batch repeats it under the same id.
    pub fn has_sent(&self, page_id: &str) -> bool {
        self.sent.contains(page_id)
    }

    /// Publishes to people, then to chat. Only the first can fail: a chat that is down is logged and gives no message back.
    ///
    /// # Errors
    /// What SNS answered. The page is then not remembered as sent.
    pub async fn publish(&mut self, aws: &Aws, notice: &Notice, page_ids: &[String]) -> Result<String, Error> {
        self.pace().await;
        let message_id =
            aws.publish(&self.alert_topic_arn, Some(&notice.subject), &notice.body, &notice.attributes()).await?;
        for page_id in page_ids {
            self.remember(page_id);
        }
        if let Some(topic) = self.chat_topic_arn.clone() {
            self.pace().await;
            if let Err(error) = aws.publish(&topic, None, &notice.chat_document(), &notice.attributes()).await {
                log::write(
                    "error",
                    &ChatFailed { message: format!("the chat notice was not sent: {error}"), page_ids },
                );
            }
        }
        Ok(message_id)
    }

    async fn pace(&mut self) {
        let now = Instant::now();
        let at = self.next.unwrap_or(now).max(now);
        tokio::time::sleep_until(at).await;
        self.next = Some(at + INTERVAL);
    }

    fn remember(&mut self, page_id: &str) {
        if self.sent.insert(page_id.to_owned()) {
            self.order.push_back(page_id.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.sent.remove(&oldest);
        }
    }
}

#[derive(Serialize)]
struct ChatFailed<'a> {
    message: String,
    page_ids: &'a [String],
}
