//! What time it is. The simulated account keeps its own time, so that a demo and a test print the same text every day.

use jiff::Timestamp;

/// Where "now" comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// A file that holds one RFC 3339 instant. Only the simulator sets it.
    File(String),
}

impl Clock {
    /// The system's clock, unless NIGHT_ONE_CLOCK_FILE names a file *and* AWS_ENDPOINT_URL points to this machine: against real AWS
    /// the ages in a page can not be bent.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let simulated = lookup("AWS_ENDPOINT_URL").is_some_and(|url| url.starts_with("http://127.0.0.1:"));
        match lookup("NIGHT_ONE_CLOCK_FILE").filter(|_| simulated) {
            Some(path) => Clock::File(path),
            None => Clock::System,
        }
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::File(path) => std::fs::read_to_string(path)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or_else(Timestamp::now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_simulator_can_set_the_clock() {
        let env = |endpoint: Option<&'static str>| {
            Clock::from_env(move |name| match name {
                "NIGHT_ONE_CLOCK_FILE" => Some("/clock".to_owned()),
                "AWS_ENDPOINT_URL" => endpoint.map(str::to_owned),
                _ => None,
            })
        };
        assert!(matches!(env(Some("http://127.0.0.1:4000")), Clock::File(_)));
        assert!(matches!(env(None), Clock::System));
        assert!(matches!(env(Some("https://backup.eu-west-1.amazonaws.com")), Clock::System));
    }
}
