//! The last night on the dashboard: a custom widget of CloudWatch, which asks report for HTML. Its buttons call verify, with what the person at
//! the dashboard may do: report itself starts nothing, and has no right to.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html>

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};
use notice::text;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the widget shows of `night.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Night {
    pub now: Timestamp,
    pub verdict: String,
    pub severity: String,
    #[serde(default)]
    pub first_breach: Option<Timestamp>,
    pub summary: Numbers,
    #[serde(default)]
    pub causes: Vec<Cause>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Numbers {
    pub resources: usize,
    pub in_breach: usize,
    pub at_risk: usize,
    pub never_backed_up: usize,
    #[serde(default)]
    pub no_plan: usize,
    pub within_objective: usize,
    pub not_assessed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cause {
    pub id: String,
    pub title: String,
    pub is_open: bool,
    pub held_back: usize,
    #[serde(default)]
    pub fix: Vec<String>,
    /// Set where a claim starts a job.
    #[serde(default)]
    pub claim: Option<String>,
    #[serde(default)]
    pub runbook: Option<String>,
}

/// What there is to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Last {
    /// With the address of the whole page.
    Night(Box<Night>, String),
    /// No bucket is set.
    Nowhere,
    /// None of the last days has left one that can be read.
    None { why: Option<String> },
}

/// Causes with a button each.
const CAUSES: usize = 10;
const STYLE: &str = ".n1 td,.n1 th{text-align:left;vertical-align:top;padding:4px 12px 4px 0}.n1 dl{display:flex;flex-wrap:wrap;gap:4px 28px;margin:8px 0}\
                     .n1 dd{margin:0;font-size:24px;font-weight:600}.n1 small{opacity:.8}";

/// What the console shows to somebody who sets the widget up.
pub const DESCRIPTION: &str = "## The last night of Night One\n\nShows the verdict of the last report, its open root causes and their fixes, from EVIDENCE_BUCKET. \
     The buttons call the function verify: one asks what it would start now, the others say that a root cause is fixed, and ask before they do. \
     Who presses them needs `lambda:InvokeFunction` on verify; who looks needs it on report.\n\nIt takes no parameters.\n";

/// `verify`: the ARN of the function that the buttons call.
pub fn page(last: &Last, verify: &str) -> String {
    let shown = match last {
        Last::Night(night, address) => of_night(night, address, verify),
        Last::Nowhere => html! {
            p { "No page of a night is kept here: the parameter EvidenceBucket is empty. With a bucket, each report leaves its page there, and this \
                 widget shows the last one. Until then the mail of the report has all." }
            (dry_run(verify))
        },
        Last::None { why } => html! {
            p { "No report of the last days has left its page in EvidenceBucket." }
            @if let Some(why) = why { p { (text::outside(why, 300)) } }
            p { "ReportCommand, an output of the stack, makes one now." }
            (dry_run(verify))
        },
    };
    html! { style { (PreEscaped(STYLE)) } div.n1 { (shown) } }.into_string()
}

fn of_night(night: &Night, address: &str, verify: &str) -> Markup {
    let n = night.summary;
    let tiles = [
        (n.in_breach, "past RPO"),
        (n.at_risk, "at risk"),
        (n.never_backed_up, "never backed up"),
        (n.no_plan, "without a plan"),
        (n.not_assessed, "not assessed"),
        (n.within_objective, "within RPO"),
    ];
    let open: Vec<&Cause> = night.causes.iter().filter(|cause| cause.is_open).collect();
    html! {
        h2 { (text::outside(&night.verdict, 200)) }
        p {
            strong { (text::outside(&night.severity.to_uppercase(), 20)) } ", " (notice::minute(night.now))
            @if let Some(at) = night.first_breach { ". The next resource exceeds its RPO at " (notice::minute(at)) "." }
            " " a href=(address) target="_blank" { "The whole page" }
        }
        dl { @for (number, of) in tiles { div { dt { (of) } dd { (number) } } } }
        @if open.is_empty() { p { "No root cause is open." } }
        @else {
            table {
                tr { th { "Open root cause" } th { "Holds back" } th { "First step" } th {} }
                @for cause in open.iter().take(CAUSES) { (row(cause, verify)) }
            }
            @if open.len() > CAUSES { p { (open.len() - CAUSES) " more are on the page." } }
        }
        (dry_run(verify))
    }
}

fn row(cause: &Cause, verify: &str) -> Markup {
    let first = cause.fix.first().map(|step| step.split_once(". ").map_or(step.as_str(), |(first, _)| first));
    let title = text::outside(&cause.title, 120);
    let question = format!(
        "Is this fixed: {title}? Then Night One starts one job for {}, and says by mail whether it went well. A backup costs what its storage costs.",
        cause.id
    );
    html! {
        tr {
            td {
                @match &cause.runbook {
                    Some(runbook) if runbook.starts_with("https://") => a href=(runbook) target="_blank" { (title) },
                    _ => (title),
                }
                br; small { (text::outside(&cause.id, 40)) }
            }
            td { (text::count(cause.held_back, "resource")) }
            td { (text::outside(first.unwrap_or_default(), 300)) }
            td {
                @if cause.claim.is_some() && is_id(&cause.id) {
                    (button("I fixed it", verify, Some(&question), &json!({"fixed": [cause.id]})))
                }
            }
        }
    }
}

fn dry_run(verify: &str) -> Markup {
    html! { p { (button("What would it start now?", verify, None, &json!({"dry_run": true}))) } }
}

/// A button, and the element behind it that tells the console what a press of the button does.
fn button(label: &str, endpoint: &str, question: Option<&str>, payload: &Value) -> Markup {
    html! {
        a.btn.btn-primary { (label) }
        cwdb-action action="call" display="popup" endpoint=(endpoint) confirmation=[question] { (payload) }
    }
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("rc-").is_some_and(|rest| rest.len() == 10 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFY: &str = "arn:aws:lambda:eu-west-1:111122223333:function:night-one-verify";

    fn cause(id: &str, claim: Option<&str>) -> Cause {
        Cause {
            id: id.into(),
            title: "Key policy <refuses>".into(),
            is_open: true,
            held_back: 3,
            fix: vec!["Let the role in. Then wait.".into()],
            claim: claim.map(Into::into),
            runbook: Some("javascript:alert(1)".into()),
        }
    }

    fn shown(causes: Vec<Cause>) -> String {
        let night = Night {
            now: "2026-11-21T07:00:00Z".parse().unwrap(),
            verdict: "3 of 9 resources past their RPO".into(),
            severity: "critical".into(),
            first_breach: None,
            summary: Numbers {
                resources: 9,
                in_breach: 3,
                at_risk: 0,
                never_backed_up: 0,
                no_plan: 0,
                within_objective: 6,
                not_assessed: 0,
            },
            causes,
        };
        page(&Last::Night(Box::new(night), "https://eu-west-1.console.aws.amazon.com/s3/object/b".into()), VERIFY)
    }

    #[test]
    fn a_claim_has_a_button_that_asks_first_and_calls_verify() {
        let shown = shown(vec![cause("rc-0123456789", Some("aws lambda invoke"))]);
        assert!(shown.contains("{&quot;fixed&quot;:[&quot;rc-0123456789&quot;]}</cwdb-action>"), "{shown}");
        let actions: Vec<&str> = shown.split("<cwdb-action ").skip(1).collect();
        assert_eq!(actions.len(), 2, "the claim, and the dry run");
        assert!(actions.iter().all(|action| action.contains(&format!("endpoint=\"{VERIFY}\""))));
        assert!(actions[0].contains("confirmation=\"Is this fixed: Key policy &lt;refuses&gt;?"), "{shown}");
        assert!(!actions[1].contains("confirmation"), "a dry run starts nothing");
        // An action is of the element before it.
        assert_eq!(shown.matches("</a><cwdb-action ").count(), 2);
        assert!(!shown.contains("<script") && !shown.contains("javascript:"), "{shown}");
    }

    #[test]
    fn what_no_claim_starts_has_no_button() {
        for cause in [cause("rc-0123456789", None), cause("rc-\",\"x", Some("aws lambda invoke"))] {
            assert_eq!(shown(vec![cause]).matches("<cwdb-action").count(), 1);
        }
    }

    #[test]
    fn without_a_night_it_says_how_to_get_one() {
        assert!(page(&Last::Nowhere, VERIFY).contains("EvidenceBucket"));
        assert!(page(&Last::None { why: Some("<denied>".into()) }, VERIFY).contains("&lt;denied&gt;"));
    }
}
