//! How many reruns may still be started.

use std::cell::Cell;

/// Reruns of one tick in all accounts together.
pub const IN_ALL: usize = 50;

/// What one account may have started, and with it what is left for all.
#[derive(Debug)]
pub struct Budget<'a> {
    /// The setting that it comes from.
    setting: &'static str,
    left: Cell<usize>,
    in_all: &'a Cell<usize>,
}

/// One rerun's share. It is given back unless it is used: a refusal does not count.
#[derive(Debug)]
pub struct Turn<'b> {
    budget: &'b Budget<'b>,
    used: Cell<bool>,
}

impl<'a> Budget<'a> {
    /// MAX_RERUNS_PER_TICK of one account.
    pub fn new(of_account: usize, in_all: &'a Cell<usize>) -> Self {
        Self { setting: "MAX_RERUNS_PER_TICK", left: Cell::new(of_account), in_all }
    }

    /// MAX_CATCH_UP, of all accounts together.
    pub(crate) fn of_catch_up(in_all: &'a Cell<usize>) -> Self {
        Self { setting: "MAX_CATCH_UP", left: Cell::new(in_all.get()), in_all }
    }

    /// # Errors
    /// What is used up, as the beginning of a sentence.
    pub(crate) fn is_left(&self) -> Result<(), String> {
        match (self.left.get(), self.in_all.get()) {
            (0, _) => Err(format!("{} is used up", self.setting)),
            (_, 0) => Err(format!("In all accounts together {IN_ALL} reruns were started in this tick")),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// As of [`Budget::is_left`].
    pub fn take(&self) -> Result<Turn<'_>, String> {
        self.is_left()?;
        self.left.set(self.left.get() - 1);
        self.in_all.set(self.in_all.get() - 1);
        Ok(Turn { budget: self, used: Cell::new(false) })
    }
}

impl Turn<'_> {
    pub(crate) fn is_used(&self) {
        self.used.set(true);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.used.get() {
            self.budget.left.set(self.budget.left.get() + 1);
            self.budget.in_all.set(self.budget.in_all.get() + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_own_and_all_have_theirs_together() {
        let in_all = Cell::new(3);
        let (first, second) = (Budget::new(2, &in_all), Budget::new(2, &in_all));
        let start = |budget: &Budget<'_>| budget.take().map(|turn| turn.is_used());
        assert_eq!(start(&first), Ok(()));
        // A refusal is given back.
        drop(first.take().unwrap());
        assert_eq!(start(&first), Ok(()));
        assert_eq!(start(&first), Err("MAX_RERUNS_PER_TICK is used up".to_owned()));
        assert_eq!(start(&second), Ok(()));
        let used_up = "In all accounts together 50 reruns were started in this tick";
        assert_eq!(start(&second), Err(used_up.to_owned()));
    }
}
