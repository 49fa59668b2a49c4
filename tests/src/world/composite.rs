//! Stacks and clusters: one job for the whole, one for each member.

use jiff::{SignedDuration, Timestamp};

use super::{BackupJob, JobState, Order, Resource, World};

impl World {
    /// The ids of a parent's jobs, in the order of its members. A night counts the parent only.
    #[must_use]
    pub fn children(&self, parent: &str) -> Vec<String> {
        let ours = |job: &&BackupJob| job.parent.as_deref() == Some(parent);
        self.backup_jobs.iter().filter(ours).map(|job| job.id.clone()).collect()
    }

    /// Makes the jobs of a composite resource. The parent's end follows from its children's: PARTIAL if only some completed.
    pub(super) fn back_up_all(&mut self, order: &Order, resource: Resource, at: Timestamp) -> String {
        // What stands in the way of the whole stands in the way of its members: they get no jobs.
        if self.trouble_of_backup(order, &resource).is_some() {
            let id = self.back_up_one(order, resource, at);
            self.parent(&id).is_parent = true;
            return id;
        }
        let id = self.next_id();
        let members: Vec<String> = resource.members.iter().map(|name| self.resource(name).arn.clone()).collect();
        let mut children = Vec::new();
        for (number, resource_arn) in members.into_iter().enumerate() {
            let child = Order { resource_arn, ..order.clone() };
            // A stack in a stack is one member like another: AWS flattens them.
            let resource = self.resource(&child.resource_arn).clone();
            children.push(self.back_up_one(&child, resource, at + SignedDuration::from_secs(2 + number as i64)));
        }
        let jobs: Vec<&BackupJob> = children.iter().filter_map(|id| self.backup_job(id)).collect();
        let completed = jobs.iter().filter(|job| job.end == JobState::Completed).count();
        let (end, category) = match completed {
            0 => (JobState::Failed, "MISCELLANEOUS"),
            some if some < jobs.len() => (JobState::Partial, "MISCELLANEOUS"),
            _ => (JobState::Completed, "SUCCESS"),
        };
        let ends = jobs.iter().map(|job| job.ends).collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
        // AWS gives no words of its own to a PARTIAL parent: the reason is with the child.
        let message = jobs.iter().find_map(|job| job.message.clone()).filter(|_| end == JobState::Failed);
        let points: Vec<String> = jobs.iter().filter_map(|job| job.recovery_point_arn.clone()).collect();

        let made = ends.filter(|_| end != JobState::Failed);
        let key = self.key_of_backup(order, &resource);
        let recovery_point_arn = made.map(|ends| self.keep(order, &resource, key.clone(), at, ends));
        for point in &mut self.recovery_points {
            if Some(&point.arn) == recovery_point_arn.as_ref() {
                point.is_parent = true;
                point.status = end.name().to_owned();
            } else if points.contains(&point.arn) {
                point.parent.clone_from(&recovery_point_arn);
            }
        }
        for job in self.backup_jobs.iter_mut().filter(|job| children.contains(&job.id)) {
            job.parent = Some(id.clone());
        }
        self.backup_jobs.push(BackupJob {
            id: id.clone(),
            key: recovery_point_arn.as_ref().and(key),
            ends,
            end,
            message,
            category: Some(category.to_owned()),
            recovery_point_arn,
            is_parent: true,
            ..self.job_of(order, resource, at)
        });
        id
    }

    fn parent(&mut self, id: &str) -> &mut BackupJob {
        self.backup_jobs.iter_mut().find(|job| job.id == id).expect("just made")
    }
}
