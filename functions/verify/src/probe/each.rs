//! One answer for a cause out of those for its resources. Pure.

use job::Job;

use super::{Probe, Verdict};

/// Any of the resources may be the one that is rerun, so the cause is fixed only where all of them are: the first that is not speaks, then
/// the first that nobody can tell.
pub(super) fn each<'a>(models: &[&'a Job], judge: impl Fn(&'a Job) -> Probe) -> Probe {
    let probes: Vec<Probe> = models.iter().map(|model| judge(model)).collect();
    let first = |verdict: Verdict| probes.iter().find(|probe| probe.verdict == verdict);
    let decisive = first(Verdict::NotFixed).or(first(Verdict::Undetermined)).or(probes.first());
    let Some(decisive) = decisive else { return Probe::undetermined("None of its resources was looked at.") };
    let mut evidence: Vec<String> = Vec::new();
    for sentence in probes.iter().filter(|probe| probe.verdict != Verdict::Undetermined).map(|probe| &probe.sentence) {
        if !evidence.contains(sentence) {
            evidence.push(sentence.clone());
        }
    }
    let mut could_not_read: Vec<String> = Vec::new();
    for why in probes.iter().flat_map(|probe| &probe.could_not_read) {
        if !could_not_read.contains(why) {
            could_not_read.push(why.clone());
        }
    }
    decisive.clone().with_evidence(evidence, could_not_read)
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::*;

    #[test]
    fn the_resource_that_is_worst_off_speaks() {
        let of = |id: &str| match id {
            "fixed" => Probe::fixed("A."),
            "not" => Probe::not_fixed("B."),
            _ => Probe::undetermined("C.").with_evidence(vec![], vec!["why".to_owned()]),
        };
        let table = [
            ("fixed fixed", Verdict::Fixed, "A.", "A.", ""),
            ("fixed not open", Verdict::NotFixed, "B.", "A. B.", "why"),
            ("open not", Verdict::NotFixed, "B.", "B.", "why"),
            ("fixed open open", Verdict::Undetermined, "C.", "A.", "why"),
            ("", Verdict::Undetermined, "None of its resources was looked at.", "", ""),
        ];
        for (ids, verdict, sentence, evidence, unread) in table {
            let jobs: Vec<Job> =
                ids.split_whitespace().map(|id| Job::new(JobKind::Backup, id, JobState::Failed)).collect();
            let models: Vec<&Job> = jobs.iter().collect();
            let probe = each(&models, |job| of(&job.id));
            assert_eq!((probe.verdict, probe.sentence.as_str()), (verdict, sentence), "{ids}");
            assert_eq!(probe.evidence.join(" "), evidence, "{ids}");
            assert_eq!(probe.could_not_read.join(" "), unread, "{ids}");
        }
    }
}
