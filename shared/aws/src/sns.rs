//! SNS: the way out to people.

use std::collections::HashMap;

use aws_sdk_sns::types::MessageAttributeValue;
use notice::AttributeValue;
use tokio::time::Instant;

use crate::convert::{filled, region_of};
use crate::error::{Error, ErrorKind};
use crate::home::Home;

/// More than ten are dropped on their way to SQS subscriptions with raw delivery.
const ATTRIBUTES: usize = 10;
const OPERATION: &str = "sns:Publish";

impl Home {
    /// Publishes a plain text with attributes, and answers the message id. Never with MessageStructure=json: SNS then drops the
    /// attributes, and with them everybody's filters. What is given up at `until` may have gone out.
    ///
    /// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
    pub async fn publish(
        &self,
        topic_arn: &str,
        subject: Option<&str>,
        body: &str,
        attributes: &[(&str, AttributeValue)],
        until: Instant,
    ) -> Result<String, Error> {
        let mut publish = self
            .sns(region_of(topic_arn, self.region()))
            .publish()
            .topic_arn(topic_arn)
            .set_subject(subject.map(str::to_owned))
            .message(body);
        let written = attributes.iter().filter_map(|(name, value)| Some((*name, written(value)?)));
        for (name, (data_type, text)) in written.take(ATTRIBUTES) {
            let value = MessageAttributeValue::builder().data_type(data_type).string_value(text).build();
            let value = value.map_err(|error| Error::new(ErrorKind::Broken, OPERATION, error.to_string()))?;
            publish = publish.message_attributes(name, value);
        }
        let answer = self.sns_gate.call(until, OPERATION, publish.send()).await?;
        filled(answer.message_id).ok_or_else(|| Error::without(OPERATION, "message id"))
    }

    /// How many subscriptions of a topic are confirmed: with none, what is published reaches nobody.
    ///
    /// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
    pub async fn confirmed_subscriptions(&self, topic_arn: &str, until: Instant) -> Result<u64, Error> {
        const OPERATION: &str = "sns:GetTopicAttributes";
        let sns = self.sns(region_of(topic_arn, self.region()));
        let send = sns.get_topic_attributes().topic_arn(topic_arn).send();
        let answer = self.sns_gate.call(until, OPERATION, send).await?;
        confirmed(answer.attributes).ok_or_else(|| Error::without(OPERATION, "number of confirmed subscriptions"))
    }
}

/// How many confirmed subscriptions the attributes of a topic tell of.
fn confirmed(attributes: Option<HashMap<String, String>>) -> Option<u64> {
    attributes?.get("SubscriptionsConfirmed")?.trim().parse().ok()
}

/// The data type and text of an attribute; `None` for an empty one, which SNS refuses.
fn written(value: &AttributeValue) -> Option<(&'static str, String)> {
    match value {
        AttributeValue::Text(text) if text.is_empty() => None,
        AttributeValue::Text(text) => Some(("String", text.clone())),
        AttributeValue::List(items) if items.is_empty() => None,
        AttributeValue::List(items) => {
            let items = items.iter().map(|item| serde_json::Value::from(item.as_str())).collect();
            Some(("String.Array", serde_json::Value::Array(items).to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_written_as_sns_wants_them() {
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        assert_eq!(written(&text("page")), Some(("String", "page".to_owned())));
        assert_eq!(written(&text("")), None);
        assert_eq!(written(&AttributeValue::List(Vec::new())), None);
        let list = AttributeValue::List(vec!["RDS".to_owned(), "a\"b".to_owned()]);
        assert_eq!(written(&list), Some(("String.Array", r#"["RDS","a\"b"]"#.to_owned())));
    }

    #[test]
    fn confirmed_subscriptions_are_counted_or_unknown() {
        let told = |text: &str| Some(HashMap::from([("SubscriptionsConfirmed".to_owned(), text.to_owned())]));
        let table = [
            (told("2"), Some(2)),
            (told("0"), Some(0)),
            (told(""), None),
            (told("-1"), None),
            (told("many"), None),
            (Some(HashMap::from([("SubscriptionsPending".to_owned(), "1".to_owned())])), None),
            (None, None),
        ];
        for (attributes, count) in table {
            assert_eq!(confirmed(attributes.clone()), count, "{attributes:?}");
        }
    }
}
