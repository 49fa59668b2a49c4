use classification::classify::{Symptom, borne};
use job::{JobKind, JobState};
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    for line in text.lines() {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let g = |k: &str| v[k].as_str().unwrap_or_default().to_owned();
        let kind = JobKind::ALL.into_iter().find(|kind| kind.as_str() == g("job")).unwrap();
        let state = JobState::parse(&g("state"));
        println!(
            "{:?}",
            borne(classification::table::table(), &Symptom::new(kind, &state, &g("resource_type"), &g("message")))
        );
    }
}
