//! Cells of the matrix: one fault on one operation of one function, the promises that it breaks, and the table that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tests::{Call, Fault, Repeat, Simulator, World};

use crate::turns::{Turn, at_once};

/// One operation, as the simulator names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    pub(crate) service: String,
    pub(crate) name: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) operation: Operation,
    pub(crate) fault_name: &'static str,
    pub(crate) fault: Fault,
}

/// What must hold whatever goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// No invocation runs into its time limit, and none ends without an answer.
    Late,
    /// P1: a failure whose event came is paged or given back, and an outcome is told.
    NothingLost,
    /// P2: nothing is started twice.
    NothingTwice,
    /// P3: what was not read is not green.
    NothingGreenUnread,
}

/// A promise that a cell breaks, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    pub(crate) how: String,
}

impl Broken {
    pub(crate) fn new(promise: Promise, how: impl Into<String>) -> Self {
        Broken { promise, how: how.into() }
    }
}

/// A function in its account, with and without a fault.
pub(crate) trait Scene: Sync {
    /// What came of it.
    type Told: Send + Sync;

    fn function(&self) -> &'static str;

    /// How long an invocation may take. Lambda gives minutes; but all that a function does within its time is a share of the time it has, so
    /// seconds show the same.
    fn time_limit(&self) -> Duration;

    fn world(&self) -> World;

    /// The invocation that may meet the fault, and what AWS does next: it runs again what failed, and the next one when it is due. `heal` is
    /// called after the first.
    fn play(&self, simulator: &Simulator, time_limit: Duration, heal: &dyn Fn()) -> Self::Told;

    /// The promises that `with` the fault breaks.
    fn broken(&self, cell: &Cell, without: &Self::Told, with: &Self::Told) -> Vec<Broken>;
}

impl Cell {
    /// Whether what was asked for may be done although no good answer came: then it may be done once more.
    pub(crate) fn may_be_done(&self) -> bool {
        matches!(self.fault, Fault::LostResponse | Fault::Malformed | Fault::Truncated | Fault::NoMembers)
    }

    /// The operation without its list.
    pub(crate) fn bare_operation(&self) -> &str {
        self.operation.name.split('[').next().unwrap_or_default()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation.name, self.fault_name)
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Promise::Late => "LATE",
            Promise::NothingLost => "P1",
            Promise::NothingTwice => "P2",
            Promise::NothingGreenUnread => "P3",
        })
    }
}

/// Which cells are played.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    All,
    /// Every operation meets some faults and every fault some operations; some operations meet all.
    Sample {
        whole: &'static [&'static str],
        one_in: usize,
    },
    /// Those whose name holds a text.
    Named(String),
}

impl Which {
    /// CELLS=all, or CELLS="ListGrants: denied" for one, or else this sample.
    pub(crate) fn asked(whole: &'static [&'static str], one_in: usize) -> Which {
        match std::env::var("CELLS") {
            Err(_) => Which::Sample { whole, one_in },
            Ok(all) if all == "all" => Which::All,
            Ok(name) => Which::Named(name),
        }
    }

    fn holds(&self, cell: &Cell, diagonal: usize) -> bool {
        match self {
            Which::All => true,
            Which::Named(text) => cell.to_string().contains(text),
            Which::Sample { whole, one_in } => {
                // What waits in vain waits for as long as there is time.
                let waits = matches!(cell.fault, Fault::Delay(_) | Fault::Pages(_));
                whole.contains(&cell.operation.name.as_str()) || (!waits && diagonal.is_multiple_of(*one_in))
            }
        }
    }
}

/// The operations that a scene calls before it is healed.
fn operations(calls: &[Call]) -> BTreeSet<Operation> {
    calls.iter().map(|call| Operation { service: call.service.clone(), name: call.name.clone() }).collect()
}

fn cells(operations: &BTreeSet<Operation>, which: &Which) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (row, operation) in operations.iter().enumerate() {
        for (column, (fault_name, fault)) in Fault::ALL.into_iter().enumerate() {
            let cell = Cell { operation: operation.clone(), fault_name, fault };
            if fault.can_meet(&operation.name) && which.holds(&cell, row + column) {
                cells.push(cell);
            }
        }
    }
    cells
}

/// Plays the cells of a scene side by side: they wait far more than they compute.
///
/// # Panics
/// With a table of the cells that break a promise, if one does.
pub(crate) fn hold<S: Scene>(scene: &S, which: &Which) {
    let began = Instant::now();
    let simulator = Simulator::start(scene.world());
    let called = Mutex::new(BTreeSet::new());
    let time_limit = scene.time_limit();
    let without = scene.play(&simulator, time_limit, &|| *called.lock().unwrap() = operations(&simulator.calls()));
    let operations = called.into_inner().unwrap();
    let cells = cells(&operations, which);
    assert!(!cells.is_empty(), "{which:?} names no cell of {}", scene.function());
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(&Cell, Vec<Broken>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once().min(cells.len()) {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _turn = Turn::wait();
                    let mut broken = play(scene, cell, &without, time_limit);
                    if broken.iter().any(|broken| broken.promise == Promise::Late) {
                        // The machine may have been busy. What heeds its limit heeds a longer one too.
                        broken = play(scene, cell, &without, time_limit * 3);
                    }
                    found.lock().unwrap().push((cell, broken));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    let holding = found.iter().filter(|(_, broken)| broken.is_empty()).count();
    let all = format!(
        "{}: {} operations, {} cells, {holding} hold ({} s)",
        scene.function(),
        operations.len(),
        cells.len(),
        began.elapsed().as_secs()
    );
    println!("{all}");
    assert_eq!(holding, cells.len(), "{all}\n{}", table(&found));
}

fn play<S: Scene>(scene: &S, cell: &Cell, without: &S::Told, time_limit: Duration) -> Vec<Broken> {
    let simulator = Simulator::start(scene.world());
    simulator.fail(&cell.operation.service, &cell.operation.name, cell.fault, Repeat::Always);
    let with = scene.play(&simulator, time_limit, &|| simulator.heal());
    scene.broken(cell, without, &with)
}

/// What is broken, in which operations, by which faults.
fn table(found: &[(&Cell, Vec<Broken>)]) -> String {
    let mut rows: BTreeMap<&Broken, BTreeMap<&Operation, BTreeSet<&str>>> = BTreeMap::new();
    for (cell, broken) in found {
        for one in broken {
            rows.entry(one).or_default().entry(&cell.operation).or_default().insert(cell.fault_name);
        }
    }
    let mut table = String::new();
    for (broken, operations) in rows {
        let _ = writeln!(table, "  {} {}", broken.promise, broken.how);
        for (operation, faults) in operations {
            let faults: Vec<&str> = faults.into_iter().collect();
            let _ = writeln!(table, "      {}: {}", operation.name, faults.join(", "));
        }
    }
    table
}
