//! Who we are and how long we have.

use std::time::{Duration, SystemTime};

use job::Arn;
use lambda_runtime::Context;
use notice::Label;
use tokio::time::Instant;

use crate::settings::Common;
use advice::stack::{RerunsElsewhere, Stack};

/// Time of an invocation that says nothing of its end: less than any function of ours gets from Lambda.
const UNTOLD: Duration = Duration::from_secs(60);

/// One invocation, as Lambda describes it, and the stack it belongs to. What time it is "now" depends on the function, and is no part of it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The account and Region that the function runs in.
    pub account: String,
    pub region: String,
    pub stack: Stack,
    deadline: Instant,
}

impl Invocation {
    /// Lambda tells a function its ARN and its deadline. `cargo lambda watch` gives a bare name and a deadline in 1970: then we are where our
    /// alert topic is, and have a minute.
    pub fn of(context: &Context, settings: &Common) -> Self {
        let arn = Arn::parse(&context.invoked_function_arn).or_else(|| Arn::parse(settings.topics.alert.as_str()));
        let left = context.deadline().duration_since(SystemTime::now()).unwrap_or(UNTOLD);
        let (account, region) = arn.map(|arn| (arn.account, arn.region)).unwrap_or_default();
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            stack: Stack {
                label: settings.label.clone().unwrap_or_else(|| Label::of_place(account, region)),
                called: None,
                account: account.to_owned(),
                region: region.to_owned(),
                verify_function: verify_beside(&context.env_config.function_name),
                runbook: settings.runbook.clone(),
                verify_mode: settings.verify_mode,
                reruns_elsewhere: match settings.watch.rerun_role {
                    Some(_) => RerunsElsewhere::ByRole,
                    None => RerunsElsewhere::None,
                },
            },
            deadline: Instant::now() + left,
        }
    }

    /// Time left before Lambda ends the function.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// The functions of a stack are named alike: `STACK-classify`, `STACK-verify`, `STACK-report`, `STACK-collect`.
fn verify_beside(own_name: &str) -> String {
    let stack = ["classify", "verify", "report", "collect"].iter().find_map(|function| own_name.strip_suffix(function));
    format!("{}verify", stack.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Reader;

    #[test]
    fn the_context_tells_who_we_are_and_how_long_we_have() {
        let mut context = Context::default();
        context.invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:night-one-classify".to_owned();
        let in_a_minute = SystemTime::now() + Duration::from_secs(60);
        context.deadline = in_a_minute.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64;
        let invocation = Invocation::of(&context, &settings());
        assert_eq!((invocation.account.as_str(), invocation.region.as_str()), ("111122223333", "eu-west-1"));
        assert!((50..=60).contains(&invocation.left().as_secs()), "{:?}", invocation.left());
    }

    #[test]
    fn what_an_emulator_does_not_tell_is_taken_from_the_topic() {
        let mut context = Context::default();
        context.invoked_function_arn = "function-arn".to_owned();
        context.deadline = 600_000;
        let invocation = Invocation::of(&context, &settings());
        assert_eq!((invocation.account.as_str(), invocation.region.as_str()), ("444455556666", "us-east-1"));
        assert!((50..=60).contains(&invocation.left().as_secs()), "{:?}", invocation.left());
    }

    fn settings() -> Common {
        let topic = "arn:aws:sns:us-east-1:444455556666:alerts";
        let lookup = |name: &str| (name == "ALERT_TOPIC_ARN").then(|| topic.to_owned());
        Reader::new(&lookup).common().unwrap()
    }

    #[test]
    fn the_functions_of_a_stack_are_named_alike() {
        for (own, verify) in [
            ("night-one-classify", "night-one-verify"),
            ("night-one-verify", "night-one-verify"),
            ("night-one-report", "night-one-verify"),
            ("night-one-collect", "night-one-verify"),
            ("classify", "verify"),
            ("pages", "verify"),
        ] {
            assert_eq!(verify_beside(own), verify, "{own}");
        }
    }
}
