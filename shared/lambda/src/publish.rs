//! Telling people: at most three publishes a second, and never the same notice twice from one warm process.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use aws::{Error, Home};
use notice::Notice;
use tokio::time::Instant;

use crate::record::{self, Ids};
use crate::settings::Topics;

/// Ten e-mails a second suspend a subscription; all three functions may publish at once.
const INTERVAL: Duration = Duration::from_millis(334);
/// Notices remembered by a warm process.
const REMEMBERED: usize = 1_000;

/// The way out to SNS.
#[derive(Debug)]
pub struct Publisher {
    topics: Topics,
    next: Option<Instant>,
    sent: HashSet<String>,
    order: VecDeque<String>,
}

impl Publisher {
    pub fn new(topics: Topics) -> Self {
        Self { topics, next: None, sent: HashSet::new(), order: VecDeque::new() }
    }

    /// Whether this process has sent the page before: a redelivered batch repeats it under the same id.
    pub fn has_sent(&self, page_id: &str) -> bool {
        self.sent.contains(page_id)
    }

    /// Whether there is a topic for programs.
    pub fn has_programs(&self) -> bool {
        self.topics.notices.is_some()
    }

    /// Publishes to people, then to programs, then to chat, and answers the message id of the first. Only the first can fail: a further
    /// topic that is down is logged, because giving a message back would page people again.
    ///
    /// # Errors
    /// What SNS answered. The page is then not remembered as sent.
    pub async fn publish(&mut self, home: &Home, notice: &Notice, page_ids: &[String]) -> Result<String, Error> {
        self.pace().await;
        let alert = self.topics.alert.as_str();
        let message_id = home.publish(alert, Some(&notice.subject), &notice.body, &notice.attributes()).await?;
        for page_id in page_ids {
            self.remember(page_id);
        }
        if let Err(error) = self.publish_to_programs(home, notice, page_ids).await {
            record::error(&format!("the document for programs was not sent: {error}"), Ids::Pages(page_ids));
        }
        if let Some(chat) = self.topics.chat.clone() {
            self.pace().await;
            if let Err(error) = home.publish(chat.as_str(), None, &notice.chat_document(), &notice.attributes()).await {
                record::error(&format!("the chat notice was not sent: {error}"), Ids::Pages(page_ids));
            }
        }
        Ok(message_id)
    }

    /// Publishes to programs alone, and answers the message id; `None` if there is no topic for them.
    ///
    /// # Errors
    /// What SNS answered. The notice is then not remembered as sent.
    pub async fn publish_to_programs(
        &mut self,
        home: &Home,
        notice: &Notice,
        page_ids: &[String],
    ) -> Result<Option<String>, Error> {
        let Some(topic) = self.topics.notices.clone() else { return Ok(None) };
        self.pace().await;
        let message_id = home.publish(topic.as_str(), None, &notice.document(page_ids), &notice.attributes()).await?;
        for page_id in page_ids {
            self.remember(page_id);
        }
        Ok(Some(message_id))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Reader;

    fn publisher() -> Publisher {
        let topic = |_: &str| Some("arn:aws:sns:eu-west-1:111122223333:alerts".to_owned());
        Publisher::new(Reader::new(&topic).topics().unwrap())
    }

    // In real time: a clock that tests can move is a feature of tokio, and would have every crate of the SDK built twice.
    #[tokio::test(flavor = "current_thread")]
    async fn at_most_three_go_out_in_a_second() {
        let (mut publisher, start) = (publisher(), Instant::now());
        let mut turns = Vec::new();
        for _ in 0..4 {
            publisher.pace().await;
            turns.push(start.elapsed());
        }
        assert!(turns[0] < INTERVAL, "the first waits for nobody: {turns:?}");
        // The first began a little after the start.
        assert!(turns[3] >= Duration::from_secs(1), "{turns:?}");
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut publisher = publisher();
        for number in 0..=REMEMBERED {
            publisher.remember(&number.to_string());
        }
        assert!(!publisher.has_sent("0"));
        assert!(publisher.has_sent("1"));
        assert!(publisher.has_sent(&REMEMBERED.to_string()));
    }
}
