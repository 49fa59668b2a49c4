//! The last thirty nights of a row, a mark each.

use cause::rank::Block;
use jiff::{SignedDuration, Timestamp};
use job::{JobKind, JobState};
use serde::{Deserialize, Serialize};

use crate::coverage::Source;
use crate::ledger::{Came, Hop};
use crate::report::Report;
use crate::rows::{Flight, Row};

/// Nights of a strip: as many as the days of which AWS Backup keeps records.
pub const NIGHTS: usize = 30;
/// Nights of which the completed jobs of Azure are read.
const OF_AZURE: u32 = 7;
/// At most this many causes of a row have a letter of their own. All others share one mark: a row seldom has more causes.
const CAUSES: usize = 20;

/// One mark a night, the oldest first: `g` good, `l` late (good, and another job failed), `x` failed of a cause that is not told, `A` to `T` failed of that
/// one of `failed_by`, `r` a job runs, `.` no job ended, `?` not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Strip {
    pub marks: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_by: Vec<String>,
}

/// What a mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark<'a> {
    Good,
    Late,
    /// With the id of the root cause.
    Failed(Option<&'a str>),
    Running,
    Nothing,
    NotKnown,
}

/// How many rows had a good backup in each night, and how many a job that ended; the oldest night first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByNight(Vec<(usize, usize)>);

impl Strip {
    pub(super) fn failed_by(&self) -> &[String] {
        &self.failed_by
    }

    /// The oldest first.
    pub fn each(&self) -> impl Iterator<Item = Mark<'_>> {
        self.marks.bytes().map(|mark| match mark {
            b'g' => Mark::Good,
            b'l' => Mark::Late,
            b'x' => Mark::Failed(None),
            letter @ b'A'..=b'Z' => Mark::Failed(self.failed_by.get(usize::from(letter - b'A')).map(String::as_str)),
            b'r' => Mark::Running,
            b'.' => Mark::Nothing,
            _ => Mark::NotKnown,
        })
    }

    fn failed(&mut self, cause: Option<&str>) -> char {
        let Some(cause) = cause else { return 'x' };
        let known = self.failed_by.iter().position(|known| known == cause);
        let place = known.unwrap_or_else(|| {
            if self.failed_by.len() < CAUSES {
                self.failed_by.push(cause.to_owned());
            }
            self.failed_by.len() - 1
        });
        ('A'..='T').nth(place).unwrap_or('x')
    }
}

impl ByNight {
    pub(super) fn count(&mut self, strip: &Strip) {
        self.0.resize(NIGHTS, (0, 0));
        for ((good, tried), mark) in self.0.iter_mut().zip(strip.each()) {
            *good += usize::from(matches!(mark, Mark::Good | Mark::Late));
            *tried += usize::from(matches!(mark, Mark::Good | Mark::Late | Mark::Failed(_)));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.resize(NIGHTS, (0, 0));
        for ((good, tried), (more_good, more_tried)) in self.0.iter_mut().zip(&other.0) {
            *good += more_good;
            *tried += more_tried;
        }
    }

    /// Rows with a good backup, and with any job that ended; the oldest night first.
    pub fn each(&self) -> impl Iterator<Item = (usize, usize)> {
        self.0.iter().copied()
    }
}

/// What is known of the last nights of a row.
pub(super) fn of(report: &Report, row: &Row) -> Strip {
    let night = report.night();
    let facts = report.ledger().rows.get(&row.key);
    let tonight = Block::night(night.now).start;
    let begins =
        |ago: u32| tonight.saturating_sub(SignedDuration::from_hours(24 * i64::from(ago))).unwrap_or(Timestamp::MIN);
    let known_from = known_from(report, row);
    let point = row.item.as_deref().and_then(|item| item.watched.last_point);
    let mut strip = Strip::default();
    for ago in (0..u32::try_from(NIGHTS).unwrap_or_default()).rev() {
        let holds = |instant: Timestamp| (begins(ago)..begins(ago) + SignedDuration::from_hours(24)).contains(&instant);
        let came = facts.map_or(Came::Nothing, |facts| facts.nights.came(ago));
        let mark = match came {
            Came::Good => 'g',
            Came::GoodAndBad => 'l',
            Came::Bad { .. } if point.is_some_and(holds) => 'l',
            Came::Bad { cause } => {
                let id =
                    cause.and_then(|number| report.ledger().causes.get(number as usize)).map(|cause| cause.id.as_str());
                strip.failed(id)
            }
            Came::Nothing if point.is_some_and(holds) => 'g',
            Came::Nothing if ago == 0 && row.flight != Flight::None => 'r',
            Came::Nothing if known_from.is_none_or(|known| begins(ago) < known) => '?',
            Came::Nothing => '.',
        };
        strip.marks.push(mark);
    }
    strip
}

/// Since when the absence of a job says something. `None`: a list that could not be read may hold one.
fn known_from(report: &Report, row: &Row) -> Option<Timestamp> {
    let night = report.night();
    let records = night.settings.records_from(night.now);
    if night.coverage.is_of_failures_at_most() {
        return None;
    }
    if row.item.is_some() {
        let unread =
            night.coverage.gaps.iter().any(|gap| matches!(&gap.source, Source::Azure(list) if list.is_of_backups()));
        let week =
            night.now.saturating_sub(SignedDuration::from_hours(24 * i64::from(OF_AZURE))).unwrap_or(Timestamp::MIN);
        return (!unread).then_some(records.max(week));
    }
    let kind = match row.key.hop {
        Hop::Backup => JobKind::Backup,
        Hop::Copy => JobKind::Copy,
    };
    let known = |source: &Source| !matches!(source, Source::Jobs(of, state) if *of == kind && !matches!(state, JobState::Other(_)));
    night.coverage.gaps.iter().all(|gap| known(&gap.source)).then_some(records)
}
