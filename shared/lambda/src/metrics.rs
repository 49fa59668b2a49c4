//! Metrics in CloudWatch's Embedded Metric Format: one JSON object a line, printed by itself.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Where all metrics of Night One are.
pub const NAMESPACE: &str = "NightOne";

/// The metrics of one line, which may hold 100.
#[derive(Default)]
pub struct Metrics {
    definitions: Vec<Definition>,
    values: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl Metrics {
    pub fn count(&mut self, name: &'static str, value: usize) {
        self.put(name, "Count", json!(value));
    }

    pub fn add(&mut self, name: &'static str, value: usize) {
        match self.values.get_mut(name) {
            Some(known) => {
                *known = json!(known.as_u64().and_then(|known| usize::try_from(known).ok()).unwrap_or(0) + value)
            }
            None => self.count(name, value),
        }
    }

    /// CloudWatch knows no hours as a unit.
    pub fn hours(&mut self, name: &'static str, seconds: Option<i64>) {
        if let Some(seconds) = seconds {
            self.put(name, "None", json!(seconds / 3600));
        }
    }

    pub fn percent(&mut self, name: &'static str, value: Option<f64>) {
        if let Some(value) = value {
            self.put(name, "Percent", json!(value));
        }
    }

    fn put(&mut self, name: &'static str, unit: &'static str, value: Value) {
        self.definitions.push(Definition { name, unit });
        self.values.insert(name.to_owned(), value);
    }

    /// The line, of a time that CloudWatch takes: up to two weeks old, and not more than two hours ahead.
    pub fn line(self, now: Timestamp, dimension: Option<(&str, &str)>) -> String {
        let names: Vec<&str> = dimension.iter().map(|(name, _)| *name).collect();
        let head = json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": self.definitions }],
        });
        let mut line = Map::new();
        line.insert("_aws".to_owned(), head);
        if let Some((name, value)) = dimension {
            line.insert(name.to_owned(), json!(notice::text::outside(value, 1024)));
        }
        line.extend(self.values);
        Value::Object(line).to_string()
    }
}
