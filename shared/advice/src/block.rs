//! The advice of a class for one failure: how to confirm it, how to fix it, who must agree and how to go back.

use classification::named::Named;
use classification::table::{Entry, Step};
use job::Job;
use notice::layout::paragraph;

use crate::stack::Stack;
use crate::steps::{Printed, each_numbered, first_in_brief, in_brief, owned_elsewhere, where_to_run};

/// What a mail says a person can do about a failure.
#[derive(Clone, Copy, Debug)]
pub struct AdviceBlock<'a> {
    pub entry: &'a Entry,
    /// Its values fill the commands.
    pub job: &'a Job,
    pub named: &'a Named,
    pub printed: Printed,
}

impl AdviceBlock<'_> {
    /// The steps that change nothing.
    pub fn confirm(&self) -> Vec<String> {
        self.steps(self.entry.confirm)
    }

    /// The steps that change something.
    pub fn fix(&self) -> Vec<String> {
        self.steps(self.entry.fix)
    }

    /// In which account to run what changes something, where that is not the one of the stack.
    pub fn where_to_fix(&self, stack: &Stack) -> Option<String> {
        match self.printed {
            Printed::Everything => where_to_run(stack, self.entry.fix, self.job, self.named),
            Printed::WordsOnly => None,
        }
    }

    /// Who must agree to the fix, how to take it back, and where to read on.
    pub fn agree_and_go_back(&self, stack: &Stack) -> String {
        let owner = owned_elsewhere(self.entry.fix, self.job, self.named);
        let where_it_is = owner.map(|owner| format!(", in account {}", owner.account)).unwrap_or_default();
        let Entry { approver, rollback, .. } = self.entry;
        paragraph(&format!("Who must agree: {approver}{where_it_is}. How to roll back: {rollback}"))
            + &stack.runbook_line("", self.entry.class)
    }

    /// The fix in one sentence, without its full stop: the whole of it stands further down.
    pub fn first_fix(&self) -> Option<String> {
        first_in_brief(self.job, self.entry.fix, self.named.seen)
    }

    /// The fix in brief, for chats and pagers.
    pub fn in_brief(&self) -> Vec<String> {
        match self.printed {
            Printed::Everything => in_brief(self.job, self.entry.fix, self.named),
            Printed::WordsOnly => Vec::new(),
        }
    }

    fn steps(&self, steps: &[Step]) -> Vec<String> {
        each_numbered(self.printed, steps, self.job, self.named)
    }
}
