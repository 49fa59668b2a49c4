//! What the plan of a failed job promises: how old the last good backup of its resource may get, and when the next run is. Pure.

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind};
use owner::ByPlace;
use promise::{CoveringRule, Grace, Plan, Promise, Rule, Schedule, Written, next_run};

/// What the rules promise that write to the vault of a failed job.
#[derive(Clone, Debug)]
pub struct Promised {
    promise: Promise,
    pub by: ObjectiveBy,
    pub interval: Option<SignedDuration>,
    covering: Vec<Covering>,
    pub completion_window: SignedDuration,
}

/// A rule that writes where the job would have written.
#[derive(Clone, Debug)]
struct Covering {
    /// `daily, cron(0 1 ? * * *) UTC`
    named: String,
    rule: CoveringRule,
    /// `None`: the record of a job tells no completion window.
    windows: Option<Windows>,
    made: Made,
}

/// What a rule made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    ThisJob,
    Others,
}

/// How long a rule lets a job wait until it starts, and take until it completes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    pub rule: String,
    pub start: SignedDuration,
    pub completion: SignedDuration,
}

/// How old a recovery point may get, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    pub age: SignedDuration,
    pub by: ObjectiveBy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectiveBy {
    /// A tag of the resource, which goes before all else.
    Tag,
    /// RPO_HOURS: one for all.
    Setting,
    /// The interval of these rules, their start window and the longest run of the resource: `rule daily-35d, cron(0 1 ? * * *) UTC`.
    Rules(String),
    /// The interval of this policy of Azure, and the longest run of the resource.
    Policy(String),
}

/// What goes before every plan.
#[derive(Clone, Copy, Debug)]
pub struct BeforePlans<'a> {
    /// What the tags of the resources say.
    pub by_place: &'a ByPlace,
    /// RPO_HOURS.
    pub rpo: Option<SignedDuration>,
}

impl BeforePlans<'_> {
    pub fn objective(&self, job: &Job) -> Option<Objective> {
        let by_tag = self.by_place.of_resource(job).objective(&job.resource_arn);
        let by_tag = by_tag.map(|age| Objective { age, by: ObjectiveBy::Tag });
        by_tag.or_else(|| Some(Objective { age: self.rpo?, by: ObjectiveBy::Setting }))
    }
}

impl Promised {
    /// By the plan as it is today; without it by what the job's record tells of its rule. `None`: no rule made the job, or nothing tells its
    /// schedule.
    pub fn of(job: &Job, plan: Option<&Plan>, now: Timestamp) -> Option<Self> {
        let covering = match plan {
            Some(plan) => covering(job, plan),
            None => recorded(job).into_iter().collect(),
        };
        let rules: Vec<CoveringRule> = covering.iter().map(|covering| covering.rule.clone()).collect();
        let completion_window = rules.iter().map(|rule| rule.completion_window).max()?;
        let by = match plan {
            Some(plan) if rules.iter().any(|rule| rule.grace == Grace::OfPolicy) => {
                ObjectiveBy::Policy(plan.name.clone())
            }
            _ => {
                let noun = if rules.len() == 1 { "rule" } else { "rules" };
                let named: Vec<&str> = covering.iter().map(|covering| covering.named.as_str()).collect();
                ObjectiveBy::Rules(format!("{noun} {}", named.join("; ")))
            }
        };
        let promise = Promise::new(rules, now);
        Some(Self { interval: promise.interval(), promise, by, covering, completion_window })
    }

    /// The next run of its rules. A rate counts from the job that it made.
    pub fn next_run(&self, job: &Job, now: Timestamp) -> Option<Timestamp> {
        let counted = |covering: &Covering| match covering.made {
            Made::ThisJob => covering.rule.clone().counted_from(job.created),
            Made::Others => covering.rule.clone(),
        };
        next_run(self.covering.iter().map(counted), now)
    }

    /// How long the rule that made the job keeps a recovery point. `None`: not known, or for ever.
    pub fn keeps_days(&self) -> Option<i64> {
        self.covering.iter().find(|covering| covering.made == Made::ThisJob)?.rule.keeps_days
    }

    /// `None`: nobody knows which rule made the job, or its plan was not read.
    pub fn windows(&self) -> Option<Windows> {
        self.covering.iter().find(|covering| covering.made == Made::ThisJob)?.windows.clone()
    }

    /// `longest`: how long a good run took at most, as far as is known.
    pub fn objective(&self, longest: Option<SignedDuration>) -> Option<Objective> {
        let age = self.promise.objective(longest)?;
        Some(Objective { age, by: self.by.clone() })
    }
}

/// The rules of a plan that write where the job would have written, else the one that made it.
fn covering(job: &Job, plan: &Plan) -> Vec<Covering> {
    let vault = job.vault.as_ref().and_then(|vault| vault.known_name());
    let writes_there =
        |rule: &&Rule| vault == Some(&rule.vault_name) || rule.air_gapped_vault_arn.as_deref() == job.vault_arn();
    let of_vault: Vec<&Rule> = plan.rules.iter().filter(writes_there).collect();
    let made = job.rule().and_then(|by| plan.rule_of(by.rule_id.as_deref(), by.rule_name.as_deref()));
    let rules = if of_vault.is_empty() { made.into_iter().collect() } else { of_vault };
    rules.into_iter().filter_map(|rule| read(rule, made)).collect()
}

fn read(rule: &Rule, made: Option<&Rule>) -> Option<Covering> {
    Some(Covering {
        named: named(&rule.name, rule.written()),
        rule: CoveringRule::of(rule).ok()?,
        windows: Some(Windows {
            rule: rule.name.clone(),
            start: rule.start_window(),
            completion: rule.completion_window(),
        }),
        // A policy of Azure is one rule, and its jobs name no other.
        made: match rule.grace == Grace::OfPolicy || made == Some(rule) {
            true => Made::ThisJob,
            false => Made::Others,
        },
    })
}

/// The rule of a job as its record tells it. Its start window is that of the job.
fn recorded(job: &Job) -> Option<Covering> {
    let rule = job.rule().filter(|_| job.kind != JobKind::Restore)?;
    let (expression, zone) = (rule.rule_schedule.as_deref()?, rule.rule_time_zone.as_deref());
    let mut covering = CoveringRule::of_schedule(Schedule::parse(expression, zone).ok()?);
    if let (Some(start_by), Some(created)) = (job.start_by, job.created) {
        covering.start_window = start_by.duration_since(created).max(SignedDuration::ZERO);
    }
    let name = rule.rule_name.as_deref().or(rule.rule_id.as_deref()).unwrap_or("without a name");
    let named = named(name, Written::new(Some(expression), zone));
    Some(Covering { named, rule: covering, windows: None, made: Made::ThisJob })
}

fn named(name: &str, schedule: Written<'_>) -> String {
    format!("{name}, {schedule}")
}

#[cfg(test)]
mod tests {
    use job::{CreatedBy, JobState, Origin};

    use super::*;

    fn job() -> Job {
        let instant = |hour: &str| Some(format!("2026-11-21T{hour}:00:00Z").parse().unwrap());
        let rule = CreatedBy {
            rule_name: Some("daily".into()),
            rule_schedule: Some("cron(0 1 ? * * *)".into()),
            ..CreatedBy::default()
        };
        Job {
            created: instant("01"),
            start_by: instant("09"),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            origin: Origin::Rule(rule),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        }
    }

    #[test]
    fn the_plan_as_it_is_today_counts_and_the_record_stands_in_for_it() {
        let now = "2026-11-21T03:00:00Z".parse().unwrap();
        let rule = |name: &str, schedule: &str, vault: &str, window: i64| Rule {
            name: name.into(),
            schedule: Some(schedule.into()),
            vault_name: vault.into(),
            start_window_minutes: Some(window),
            ..Rule::default()
        };
        let plan = Plan {
            rules: vec![
                rule("daily", "cron(0 1 ? * * *)", "main", 60),
                rule("hourly", "cron(0 * ? * * *)", "elsewhere", 60),
            ],
            ..Plan::default()
        };
        let took = Some(SignedDuration::from_hours(3));
        let objective = |job: &Job, plan: Option<&Plan>| {
            let promised = Promised::of(job, plan, now)?;
            let ObjectiveBy::Rules(rules) = promised.by.clone() else { panic!("no rules") };
            Some((promised.objective(took)?.age.as_hours(), rules, promised.next_run(job, now)?.to_string()))
        };
        let told = |hours: i64| {
            Some((hours, "rule daily, cron(0 1 ? * * *) UTC".to_owned(), "2026-11-22T01:00:00Z".to_owned()))
        };
        assert_eq!(objective(&job(), Some(&plan)), told(24 + 1 + 3));
        assert_eq!(objective(&job(), None), told(24 + 8 + 3));
        let by_hand = Job { origin: Origin::Operator, ..job() };
        assert_eq!(objective(&by_hand, None), None);
    }
    /// A rate, and of Azure nothing else is known, counts from the run that failed. What is not known is not told.
    #[test]
    fn the_next_run_of_a_rate_counts_from_the_job_that_it_made() {
        let now = "2026-11-21T03:00:00Z".parse().unwrap();
        let rate = |id: &str, grace| Rule {
            id: id.into(),
            schedule: Some("rate(12 hours)".into()),
            vault_name: "main".into(),
            grace,
            ..Rule::default()
        };
        let by = |rule_id: Option<&str>| Job {
            origin: Origin::Rule(CreatedBy { rule_id: rule_id.map(str::to_owned), ..CreatedBy::default() }),
            ..job()
        };
        let not_dated = Job { created: None, ..by(None) };
        let (of_plan, of_policy) = (rate("r", Grace::OfWindows), rate("p", Grace::OfPolicy));
        let table = [
            ("the rule that made it", by(Some("r")), vec![of_plan.clone()], Some("2026-11-21T13:00:00Z")),
            ("another rule", by(Some("s")), vec![of_plan], Some("2026-11-21T15:00:00Z")),
            ("a policy", by(None), vec![of_policy.clone()], Some("2026-11-21T13:00:00Z")),
            ("a policy whose last run is not known", not_dated, vec![of_policy], None),
        ];
        for (name, job, rules, expected) in table {
            let promised = Promised::of(&job, Some(&Plan { rules, ..Plan::default() }), now).unwrap();
            let next_run = promised.next_run(&job, now).map(|run| run.to_string());
            assert_eq!(next_run.as_deref(), expected, "{name}");
        }
    }
}
