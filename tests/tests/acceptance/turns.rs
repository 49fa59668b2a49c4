//! Cells of the matrix and random nights run side by side, because they wait far more than they compute. All of them together take no more
//! processes than a small machine bears: one that is starved would miss its time limits.

use std::sync::{Condvar, Mutex};

/// AT_ONCE sets another number.
const AT_ONCE: usize = 24;

static TAKEN: Mutex<usize> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

/// A place among those that run. It is given back when dropped.
pub(crate) struct Turn(());

impl Turn {
    pub(crate) fn wait() -> Turn {
        let mut taken = GIVEN_BACK.wait_while(TAKEN.lock().unwrap(), |taken| *taken >= at_once()).unwrap();
        *taken += 1;
        Turn(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut taken) = TAKEN.lock() {
            *taken -= 1;
        }
        GIVEN_BACK.notify_one();
    }
}

/// How many threads are of use.
pub(crate) fn at_once() -> usize {
    std::env::var("AT_ONCE").ok().and_then(|text| text.parse().ok()).unwrap_or(AT_ONCE)
}
