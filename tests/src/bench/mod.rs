//! What is measured, and against what. Absolute times belong to the machine; the ratios are what to compare between changes.

mod classifier;
mod function;
mod report;
mod verify;

/// Measures everything and prints one table each.
///
/// # Errors
/// A sentence saying what could not be measured.
pub fn run() -> Result<(), String> {
    classifier::measure()?;
    function::measure()?;
    verify::measure()?;
    report::measure()
}

/// The middle of some samples.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
