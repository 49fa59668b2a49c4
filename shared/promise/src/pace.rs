//! Whether a backup takes too long before it fails of it: against its completion window, and against what the same resource usually takes.

use jiff::SignedDuration;

/// How long the good backups of one row took, of all that are on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    pub runs: usize,
    pub median: SignedDuration,
    /// The time within which 95 of 100 were done.
    pub p95: SignedDuration,
}

/// How long one backup took, or has run so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Since it began to work.
    pub took: SignedDuration,
    /// Since it was created. AWS counts the completion window from the scheduled run, at which it creates the job: waiting uses it up too.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html>
    pub used: SignedDuration,
}

/// Why a backup takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    /// It used over 80 % of its completion window. AWS Backup cancels what is not done at the end of it.
    NearWindow { used: SignedDuration, window: SignedDuration },
    /// It took over twice the median of its row.
    Slower { took: SignedDuration, usual: Usual },
}

/// A median of fewer runs says little.
const RUNS: usize = 5;
/// A shorter backup may double for reasons that nobody needs to look for.
const LEAST: SignedDuration = SignedDuration::from_mins(30);

impl Usual {
    /// `nth`: how long each run took, the shortest first. `None` without any.
    pub fn of(runs: usize, nth: impl Fn(usize) -> SignedDuration) -> Option<Self> {
        let last = runs.checked_sub(1)?;
        let (low, high) = (nth(last / 2), nth(runs / 2));
        let median = low.saturating_add(high.saturating_sub(low) / 2);
        // The smallest that is not exceeded by 95 of 100: rounded up, and counted from nought.
        let p95 = nth((runs.saturating_mul(95).div_ceil(100)).saturating_sub(1).min(last));
        Some(Self { runs, median, p95 })
    }

    /// Whether there are enough runs to compare with.
    pub fn is_enough(&self) -> bool {
        self.runs >= RUNS
    }
}

impl Slow {
    /// The window goes first: what does not fit into it fails.
    pub fn of(run: Run, window: Option<SignedDuration>, usual: Option<Usual>) -> Option<Self> {
        let near = |window: &SignedDuration| {
            window.is_positive() && run.used.as_secs().saturating_mul(5) > window.as_secs().saturating_mul(4)
        };
        let slower = |usual: &Usual| {
            usual.is_enough() && run.took >= LEAST && run.took.as_secs() > usual.median.as_secs().saturating_mul(2)
        };
        let window = window.filter(near).map(|window| Slow::NearWindow { used: run.used, window });
        window.or_else(|| usual.filter(slower).map(|usual| Slow::Slower { took: run.took, usual }))
    }

    /// How much of its window it used, or of its median it took, in percent.
    pub fn percent(&self) -> i64 {
        let (part, whole) = match self {
            Slow::NearWindow { used, window } => (used, window),
            Slow::Slower { took, usual } => (took, &usual.median),
        };
        part.as_secs().saturating_mul(100).checked_div(whole.as_secs()).unwrap_or(i64::MAX)
    }
}
