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
/// Notices remembered by a warm process, each topic counted.
const REMEMBERED: usize = 3_000;

/// Whom a topic reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// ALERT_TOPIC_ARN: people.
    Alert,
    /// NOTICE_TOPIC_ARN: programs.
    Notices,
    /// CHAT_TOPIC_ARN.
    Chat,
}

impl Topic {
    /// In the order in which they are told.
    pub const ALL: [Topic; 3] = [Topic::Alert, Topic::Notices, Topic::Chat];
}

/// The way out to SNS.
#[derive(Debug)]
pub struct Publisher {
    topics: Topics,
    next: Option<Instant>,
    /// Each topic by itself: what one has received another may still lack.
    sent: HashSet<(Topic, String)>,
    order: VecDeque<(Topic, String)>,
}

impl Publisher {
    pub fn new(topics: Topics) -> Self {
        Self { topics, next: None, sent: HashSet::new(), order: VecDeque::new() }
    }

    /// Whether this process has sent the page to people before: a redelivered batch repeats it under the same id.
    pub fn has_sent(&self, page_id: &str) -> bool {
        self.has_sent_to(Topic::Alert, page_id)
    }

    /// Whether this process has sent the notice to this topic before.
    pub fn has_sent_to(&self, topic: Topic, page_id: &str) -> bool {
        self.sent.contains(&(topic, page_id.to_owned()))
    }

    /// Whether there is a topic for programs.
    pub fn has_programs(&self) -> bool {
        self.topics.notices.is_some()
    }

    /// The ARN of a topic; `None` where there is no such topic.
    pub fn arn(&self, topic: Topic) -> Option<&str> {
        match topic {
            Topic::Alert => Some(self.topics.alert.as_str()),
            Topic::Notices => self.topics.notices.as_ref().map(|topic| topic.as_str()),
            Topic::Chat => self.topics.chat.as_ref().map(|topic| topic.as_str()),
        }
    }

    /// Publishes to people, then to programs, then to chat, and answers the message id of the first. Only the first can fail: a further
    /// topic that is down is logged, because giving a message back would page people again.
    ///
    /// # Errors
    /// What SNS answered, or that the time was over. The page is then not remembered as sent.
    pub async fn publish(
        &mut self,
        home: &Home,
        notice: &Notice,
        page_ids: &[String],
        until: Instant,
    ) -> Result<String, Error> {
        let message_id = self.send(home, Topic::Alert, notice, page_ids, until).await?.unwrap_or_default();
        if let Err(error) = self.send(home, Topic::Notices, notice, page_ids, until).await {
            record::error(&format!("the document for programs was not sent: {error}"), Ids::Pages(page_ids));
        }
        if let Err(error) = self.send(home, Topic::Chat, notice, page_ids, until).await {
            record::error(&format!("the chat notice was not sent: {error}"), Ids::Pages(page_ids));
        }
        Ok(message_id)
    }

    /// Publishes to one topic, in its form, and answers the message id; `None` if there is no such topic.
    ///
    /// # Errors
    /// What SNS answered, or that the time was over. The notice is then not remembered as sent to it.
    pub async fn send(
        &mut self,
        home: &Home,
        topic: Topic,
        notice: &Notice,
        page_ids: &[String],
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let Some(arn) = self.arn(topic).map(str::to_owned) else { return Ok(None) };
        self.pace().await;
        let attributes = notice.attributes();
        let message_id = match topic {
            Topic::Alert => home.publish(&arn, Some(&notice.subject), &notice.body, &attributes, until).await?,
            Topic::Notices => home.publish(&arn, None, &notice.document(page_ids), &attributes, until).await?,
            Topic::Chat => home.publish(&arn, None, &notice.chat_document(), &attributes, until).await?,
        };
        for page_id in page_ids {
            self.remember(topic, page_id);
        }
        Ok(Some(message_id))
    }

    async fn pace(&mut self) {
        let now = Instant::now();
        let at = self.next.unwrap_or(now).max(now);
        // A timer of tokio takes a millisecond even where its time has come.
        if at > now {
            tokio::time::sleep_until(at).await;
        }
        self.next = Some(at + INTERVAL);
    }

    fn remember(&mut self, topic: Topic, page_id: &str) {
        let key = (topic, page_id.to_owned());
        if self.sent.insert(key.clone()) {
            self.order.push_back(key);
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
    use std::task::{Context, Waker};

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
        let first = std::pin::pin!(publisher.pace()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(first.is_ready(), "the first waits for nobody");
        for _ in 0..3 {
            publisher.pace().await;
        }
        // The first began a little after the start.
        assert!(start.elapsed() >= Duration::from_secs(1));
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut publisher = publisher();
        for number in 0..=REMEMBERED {
            publisher.remember(Topic::Alert, &number.to_string());
        }
        assert!(!publisher.has_sent("0"));
        assert!(publisher.has_sent("1"));
        assert!(publisher.has_sent(&REMEMBERED.to_string()));
        assert!(!publisher.has_sent_to(Topic::Notices, "1"), "another topic knows nothing of it");
    }
}
