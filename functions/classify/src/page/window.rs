//! Of a job that ran out of its window: how long its rule gives, and how long a good run took.

use classification::class::Class;
use jiff::SignedDuration;
use job::Cloud;
use notice::text;

use super::Page;
use super::at_risk::name;

/// `Rule daily-35d has a start window of 480 minutes and a completion window of 180 minutes. The longest good run of crm-17 on
/// record took 72 minutes.`
pub(super) fn sentence(page: &Page<'_>) -> Option<String> {
    if page.diagnosis.class != Class::WindowExpired || page.cloud() != Cloud::Aws {
        return None;
    }
    let (resource, windows) = page.at_risk.iter().find_map(|resource| Some((resource, resource.windows.as_ref()?)))?;
    let [start, completion] = [windows.start, windows.completion].map(minutes);
    let rule = text::outside(&windows.rule, 100);
    let label = name(resource, page);
    let took = match resource.longest {
        Some(longest) => {
            format!("The longest good run of {label} on record took {}.", minutes(longest))
        }
        None => format!("No good run of {label} is on record."),
    };
    let is_wide = |longest: SignedDuration| windows.start.min(windows.completion) > longest * 2;
    let look_first = match resource.longest.is_some_and(is_wide) {
        true => " Both are much longer than that: see what held the job up before you widen them.",
        false => "",
    };
    Some(format!(
        "Rule {rule} has a start window of {start} and a completion window of {completion}. {took}{look_first}"
    ))
}

/// As the plan writes its windows: `180 minutes`.
fn minutes(span: SignedDuration) -> String {
    text::count(usize::try_from(span.as_mins()).unwrap_or_default(), "minute")
}
