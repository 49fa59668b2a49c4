use super::World;

/// An SNS topic; what is published to it is kept by the simulator, as in a mailbox.
#[derive(Clone, Debug)]
pub struct Topic {
    pub arn: String,
    pub confirmed: u32,
    pub pending: u32,
}

impl World {
    /// Adds a topic with one confirmed subscription.
    pub fn add_topic(&mut self, name: &str) -> &mut Topic {
        let arn = format!("arn:{}:sns:{}:{}:{name}", self.partition(), self.region, self.account);
        self.topics.push(Topic { arn, confirmed: 1, pending: 0 });
        self.topics.last_mut().expect("just added")
    }
}
