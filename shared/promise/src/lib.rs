//! What is promised, and to what: plans, selections and schedules become objectives and due runs, and ages become verdicts.
//!
//! Pure: no clock, no environment, no I/O. "Now" is always an argument, and the time zones are compiled in.
//!
//! AWS describes the dialect of schedules in pieces, and this crate follows these pages:
//! - the fields and wildcards: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html>
//! - rates, time zones, daylight saving: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
//! - what AWS Backup makes of it, and its default:
//!   <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>
//!
//! Where those pages are silent we read an expression leniently (a range may wrap, `FRI-MON`). Expressions come to us
//! from AWS, which has already accepted them: to refuse one makes its resources unassessable, to read it harms nobody.
//!
//! In reading order: `plan` (what AWS Backup holds of a plan), `selection` (which resources it covers, and as whom), `order` (one job to
//! start); `schedule` (one rule), `written` (as AWS writes it), `union` (all rules that cover one resource), `longest` (the interval a plan promises), `repeats` (that of a policy of Azure); `covering` (a rule
//! with the time in which it answers), `due` (the runs of several rules that AWS Backup makes), `objective` (how old a backup may get), `rpo`
//! (the verdict of one row), `item` (that of an item of Azure), `pace` (whether a backup takes too long);
//! below them `cron` on the wall clock, made of `field` and `days`, `zone` from wall clock to instants, and `rate`.

mod order;
mod plan;
mod selection;

mod schedule;
mod union;
mod written;

mod longest;
mod repeats;

mod covering;
mod due;
mod item;
mod objective;
mod pace;
mod rpo;

mod cron;
mod days;
mod error;
mod field;
mod rate;
mod zone;

pub use covering::CoveringRule;
pub use error::ScheduleError;
pub use item::{InVault, LastEnded, PolicySays, Running, SILENT, SeenItem, Standing, judge_item, policy_objective};
pub use objective::{Promise, age, breaches_at, next_run, objective, too_late, took};
pub use order::{BackupOrder, CopyOrder, Order};
pub use pace::{Run, Slow, Usual};
pub use plan::{COMPLETION_WINDOW, CopyAction, Grace, Lifecycle, Plan, Rule, START_WINDOW, TypeOptions};
pub use repeats::{hourly_within, weekly_on};
pub use rpo::{InFlight, Judgement, LastGood, Missed, NotAssessed, OptIn, Overrun, Seen, Verdict, judge};
pub use schedule::{Schedule, default_schedule};
pub use selection::{Covers, Selection, TagCondition, TagTest, ToList};
pub use union::Union;
pub use written::Written;
