//! Where a service is called, and for which Region a call is signed.

use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::ServiceConfigKey;

use super::Api;

/// Where a service answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In each Region.
    EachRegion,
    /// In one Region of each partition.
    OneRegion,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) url: String,
    /// The one that signatures name.
    pub(super) region: Region,
}

/// `None` when no Region is set.
pub(super) fn of(api: &Api, config: &SdkConfig) -> Option<Endpoint> {
    let near = config.region().filter(|region| !region.as_ref().is_empty())?;
    let partition = Partition::of(near.as_ref());
    let region = match api.place {
        Place::EachRegion => near.clone(),
        Place::OneRegion => Region::new(partition.first_region),
    };
    let given = named(config, api.name).or_else(|| config.endpoint_url().map(str::to_owned));
    let url = given.unwrap_or_else(|| partition.url(api, region.as_ref(), config));
    Some(Endpoint { url, region })
}

/// The endpoint that AWS_ENDPOINT_URL_... names for one service.
pub(crate) fn named(config: &SdkConfig, service: &'static str) -> Option<String> {
    let key = ServiceConfigKey::builder();
    let key = key.service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    config.service_config()?.load_config(key)
}

/// Regions with one set of accounts.
///
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
struct Partition {
    name: &'static str,
    domain: &'static str,
    /// Of endpoints that have IPv6 addresses too.
    dual_stack_domain: &'static str,
    /// Where the services are that have one Region in each partition.
    first_region: &'static str,
}

const PARTITIONS: [Partition; 8] = [
    Partition::new("aws", "amazonaws.com", "api.aws", "us-east-1"),
    Partition::new("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1"),
    Partition::new("aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1"),
    Partition::new("aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"),
    Partition::new("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"),
    Partition::new("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"),
    Partition::new("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"),
    Partition::new("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"),
];

impl Partition {
    const fn new(
        name: &'static str,
        domain: &'static str,
        dual_stack_domain: &'static str,
        first_region: &'static str,
    ) -> Self {
        Self { name, domain, dual_stack_domain, first_region }
    }

    fn of(region: &str) -> &'static Self {
        let name = job::partition_of(region);
        let [standard, ..] = &PARTITIONS;
        PARTITIONS.iter().find(|partition| partition.name == name).unwrap_or(standard)
    }

    fn url(&self, api: &Api, region: &str, config: &SdkConfig) -> String {
        // In GovCloud the endpoints of both services without that name are those that FIPS asks for.
        let fips = config.use_fips().unwrap_or_default() && self.name != "aws-us-gov";
        let fips = if fips { "-fips" } else { "" };
        let domain = if config.use_dual_stack().unwrap_or_default() { self.dual_stack_domain } else { self.domain };
        format!("https://{}{fips}.{region}.{domain}", api.host)
    }
}
