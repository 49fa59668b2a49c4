use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Tags, World};

/// A backup plan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: String,
    pub arn: String,
    pub name: String,
    pub version: String,
    pub rules: Vec<Rule>,
    /// The options of its jobs by resource type: EC2 to WindowsVSS = enabled.
    pub options: BTreeMap<String, Tags>,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    pub name: String,
    /// AWS cron text, for example `cron(0 3 ? * * *)`. The world does not read it: the test says when a night is.
    pub cron: String,
    pub timezone: String,
    /// The name of the target vault.
    pub vault: String,
    pub start_window_minutes: i64,
    pub completion_window_minutes: i64,
    pub lifecycle: Lifecycle,
    pub copies: Vec<CopyAction>,
    pub continuous: bool,
    /// The tags its recovery points get.
    pub tags: Tags,
}

#[derive(Clone, Debug)]
pub struct CopyAction {
    pub vault_arn: String,
    pub lifecycle: Lifecycle,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    pub delete_after_days: Option<i64>,
    pub cold_after_days: Option<i64>,
}

impl World {
    /// Adds a plan without rules.
    pub fn add_plan(&mut self, name: &str) -> &mut Plan {
        let (id, version) = (self.next_id(), self.next_id());
        self.plans.push(Plan {
            arn: format!("arn:aws:backup:{}:{}:backup-plan:{id}", self.region, self.account),
            id,
            name: name.to_owned(),
            version,
            rules: Vec::new(),
            options: BTreeMap::new(),
            created: self.clock,
        });
        self.plans.last_mut().expect("just added")
    }

    /// Adds a plan without rules that a backup policy of the organization made.
    pub fn add_organization_plan(&mut self, name: &str) -> &mut Plan {
        let plan = self.add_plan(name);
        let id = format!("orgs/{}", plan.id);
        plan.arn = plan.arn.replace(&plan.id, &id);
        plan.id = id;
        plan
    }

    /// Adds a rule to a plan: AWS's default windows (8 hours to start, 7 days to complete) and 35 days of retention.
    pub fn add_rule(&mut self, plan: &str, name: &str, cron: &str, vault: &str) -> &mut Rule {
        let id = self.next_id();
        let rules = &mut self.plan(plan).rules;
        rules.push(Rule {
            id,
            name: name.to_owned(),
            cron: cron.to_owned(),
            timezone: "Etc/UTC".to_owned(),
            vault: vault.to_owned(),
            start_window_minutes: 480,
            completion_window_minutes: 10_080,
            lifecycle: Lifecycle::days(35),
            copies: Vec::new(),
            continuous: false,
            tags: Tags::new(),
        });
        rules.last_mut().expect("just added")
    }

    /// The plan of that name or id.
    pub fn plan(&mut self, name: &str) -> &mut Plan {
        let found = self.plans.iter_mut().find(|plan| plan.name == name || plan.id == name);
        found.unwrap_or_else(|| panic!("the world has no plan {name}"))
    }
}

impl Rule {
    /// Copies each recovery point of the rule into another vault, by ARN, with the rule's own retention.
    pub fn copy_to(&mut self, vault_arn: &str) -> &mut Self {
        self.copies.push(CopyAction { vault_arn: vault_arn.to_owned(), lifecycle: self.lifecycle });
        self
    }
}

impl Lifecycle {
    #[must_use]
    pub fn days(days: i64) -> Self {
        Lifecycle { delete_after_days: Some(days), cold_after_days: None }
    }
}
