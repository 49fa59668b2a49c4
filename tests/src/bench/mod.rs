//! What is measured, and against what. Absolute times belong to the machine; the ratios are what to compare between changes.

mod classifier;
mod cold;
mod figure;
mod function;
mod instructions;
mod organization;
mod page;
mod rates;
mod report;
mod verify;

use figure::Figure;

type Part = (&'static str, fn() -> Result<Vec<Figure>, String>);

/// The parts, by the names that `make bench PARTS="verify report"` takes.
const PARTS: [Part; 7] = [
    ("classifier", classifier::measure),
    ("function", function::measure),
    ("cold", cold::measure),
    ("page", page::measure),
    ("verify", verify::measure),
    ("report", report::measure),
    ("organization", organization::measure),
];

/// Measures the parts that are named, or all of them, and prints one table each, and at the end which goals are held.
///
/// # Errors
/// A sentence saying what could not be measured.
pub fn run(wanted: &[String]) -> Result<(), String> {
    if let Some(stranger) = wanted.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        return Err(format!("{stranger} is none of the parts: {parts}"));
    }
    let mut figures = Vec::new();
    for (_, measure) in PARTS.iter().filter(|(part, _)| wanted.is_empty() || wanted.iter().any(|name| name == part)) {
        figures.extend(measure()?);
    }
    figure::print(&figures);
    Ok(())
}

/// The middle of some samples.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
