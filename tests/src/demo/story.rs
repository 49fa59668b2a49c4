//! Two nights, told in the order in which they happen.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::morning::morning;
use super::report::report;
use super::screen::Screen;
use super::{read_event, start, worlds};
use crate::events::sqs_batch;
use crate::{Function, Simulator};

/// AWS's documented samples of jobs that ended badly.
const SAMPLES: [&str; 5] = [
    "events/doc-backup-job-failed.json",
    "events/doc-backup-job-expired.json",
    "events/doc-backup-job-aborted.json",
    "events/doc-copy-job-failed.json",
    "events/doc-restore-job-failed.json",
];

/// Plays both nights, prints what happened, and then every mail.
///
/// # Errors
/// A sentence saying what could not be played.
pub fn story() -> Result<(), String> {
    let screen = Screen::new("nights")?;
    let simulator = Simulator::start(worlds::healthy());
    let mut classify = start(&simulator)?;
    let mut tally = Tally::default();

    screen.title("First night: 18 of the 24 databases of one plan fail");
    let events = simulator.with_world(|world| {
        let night = worlds::first_night(world);
        world.events(&night.jobs())
    });
    play(&screen, &simulator, &mut classify, "18 of 24 databases", &events, &mut tally)?;
    morning(&screen, &simulator)?;

    let nights = simulator.with_world(|world| worlds::second_night(world).map(|night| world.events(&night.jobs())));
    let [unmended, rotated] = &nights;
    screen.title("Second night: what nobody has mended fails again");
    play(&screen, &simulator, &mut classify, "not mended yet", unmended, &mut tally)?;
    screen.title("Second night: the key of 41 volumes and databases was rotated, and the new one refuses the role");
    play(&screen, &simulator, &mut classify, "a rotated key", rotated, &mut tally)?;
    report(&screen, &simulator)?;

    screen.title("AWS's documented samples: five jobs of another account that ended badly");
    let samples = SAMPLES.iter().map(|path| read_event(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    play(&screen, &simulator, &mut classify, "the five samples", &samples, &mut tally)?;

    let figures = tally.figures();
    tally.print(&screen);
    screen.show("Two nights of a simulated account: 65 databases and volumes", &figures)
}

/// Hands one batch to the function, prints its mails.
fn play(
    screen: &Screen,
    simulator: &Simulator,
    classify: &mut Function<'_>,
    name: &'static str,
    events: &[Value],
    tally: &mut Tally,
) -> Result<(), String> {
    simulator.forget_calls();
    let outcome = classify.invoke(&sqs_batch(events));
    let answer = outcome.answer.map_err(|error| format!("classify answered with an error: {error}"))?;
    let mails = simulator.take_published();
    screen.logs(&outcome.logs);
    for mail in &mails {
        screen.mail(mail)?;
    }
    let summary = outcome.logs.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let failures =
        summary.filter(|line| line["record"] == "classify_summary").filter_map(|line| line["failures"].as_u64()).sum();
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for call in simulator.calls() {
        *calls.entry(call.service).or_default() += 1;
    }
    let given_back = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
    tally.rows.push(Row {
        name,
        events: events.len(),
        failures,
        pages: mails.iter().filter(|mail| !mail.topic.ends_with(super::NOTICES)).count(),
        given_back,
        calls,
    });
    Ok(())
}

#[derive(Default)]
struct Tally {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    events: usize,
    failures: u64,
    pages: usize,
    given_back: usize,
    calls: BTreeMap<String, usize>,
}

impl Tally {
    /// What it came to, in a line.
    fn figures(&self) -> Vec<String> {
        let sum = |of: fn(&Row) -> usize| self.rows.iter().map(of).sum::<usize>();
        let calls = sum(|row| row.calls.values().sum());
        let failures: u64 = self.rows.iter().map(|row| row.failures).sum();
        vec![format!("{failures} failures became {} pages, with {calls} calls to AWS", sum(|row| row.pages))]
    }

    fn print(&self, screen: &Screen) {
        screen.section("What each batch took");
        screen.line(&format!(
            "{:<22} {:>7} {:>9} {:>6} {:>11}  calls to AWS",
            "", "events", "failures", "pages", "given back"
        ));
        for row in &self.rows {
            let calls: Vec<String> = row.calls.iter().map(|(service, count)| format!("{service} {count}")).collect();
            screen.line(&format!(
                "{:<22} {:>7} {:>9} {:>6} {:>11}  {}",
                row.name,
                row.events,
                row.failures,
                row.pages,
                row.given_back,
                calls.join(", ")
            ));
        }
    }
}
