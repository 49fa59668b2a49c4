//! Who we are and how long we have.

use std::time::{Duration, SystemTime};

use classification::arn::Arn;
use lambda_runtime::Context;
use tokio::time::Instant;

use crate::settings::RunbookUrl;
use crate::stack::Stack;

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
    pub fn of(context: &Context, runbook: Option<&RunbookUrl>) -> Self {
        let arn = Arn::parse(&context.invoked_function_arn);
        Self {
            account: arn.map(|arn| arn.account.to_owned()).unwrap_or_default(),
            region: arn.map(|arn| arn.region.to_owned()).unwrap_or_default(),
            stack: Stack {
                verify_function: verify_beside(&context.env_config.function_name),
                runbook: runbook.cloned(),
            },
            deadline: Instant::now() + context.deadline().duration_since(SystemTime::now()).unwrap_or_default(),
        }
    }

    /// Time left before Lambda ends the function.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// The functions of a stack are named alike: `STACK-classify`, `STACK-verify`, `STACK-report`.
fn verify_beside(own_name: &str) -> String {
    let stack = ["classify", "verify", "report"].iter().find_map(|function| own_name.strip_suffix(function));
    format!("{}verify", stack.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_tells_who_we_are_and_how_long_we_have() {
        let mut context = Context::default();
        context.invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:night-one-classify".to_owned();
        let in_a_minute = SystemTime::now() + Duration::from_secs(60);
        context.deadline = in_a_minute.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64;
        let invocation = Invocation::of(&context, None);
        assert_eq!((invocation.account.as_str(), invocation.region.as_str()), ("111122223333", "eu-west-1"));
        assert!((50..=60).contains(&invocation.left().as_secs()), "{:?}", invocation.left());
        // A deadline that has passed is no time, and no panic.
        assert_eq!(Invocation::of(&Context::default(), None).left(), Duration::ZERO);
    }

    #[test]
    fn the_functions_of_a_stack_are_named_alike() {
        for (own, verify) in [
            ("night-one-classify", "night-one-verify"),
            ("night-one-verify", "night-one-verify"),
            ("night-one-report", "night-one-verify"),
            ("classify", "verify"),
            ("pages", "verify"),
        ] {
            assert_eq!(verify_beside(own), verify, "{own}");
        }
    }
}
