//! A figure, the goal it is held to, and the table that tells which goals are held.

/// Something measured that has a goal.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    what: String,
    value: f64,
    goal: Goal,
    unit: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    pub(super) fn at_most(most: f64, unit: &'static str, what: impl Into<String>, value: f64) -> Self {
        Self { what: what.into(), value, goal: Goal::AtMost(most), unit }
    }

    pub(super) fn at_least(least: f64, unit: &'static str, what: impl Into<String>, value: f64) -> Self {
        Self { what: what.into(), value, goal: Goal::AtLeast(least), unit }
    }

    fn row(&self) -> String {
        let (held, goal) = match self.goal {
            Goal::AtMost(most) => (self.value <= most, format!("at most {most}")),
            Goal::AtLeast(least) => (self.value >= least, format!("at least {least}")),
        };
        let held = match held {
            _ if self.value.is_nan() => "not measured",
            true => "held",
            false => "NOT held",
        };
        format!("  {:<76} {:>9.2} {:<6} {:<14} {held}", self.what, self.value, self.unit, goal)
    }
}

pub(super) fn print(figures: &[Figure]) {
    println!("\n  {:<76} {:>9} {:<6} {:<14}", "figure", "measured", "", "goal");
    figures.iter().for_each(|figure| println!("{}", figure.row()));
}
