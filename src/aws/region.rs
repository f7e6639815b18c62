//! The regions of AWS's partitions: a name with a mistake in it is not the name of a host, and to find that out by asking takes
//! many seconds.

use crate::outcome::failure::Failure;
use crate::outcome::nearest::nearest;
use std::time::Duration;

/// A partition, the beginning of its regions' names, the end of its hosts', and its regions as of November 2026.
const PARTITIONS: &[(&str, &str, &str, &[&str])] = &[
    ("aws-cn", "cn-", "amazonaws.com.cn", &["cn-north-1", "cn-northwest-1"]),
    ("aws-us-gov", "us-gov-", "amazonaws.com", &["us-gov-east-1", "us-gov-west-1"]),
    ("aws-iso", "us-iso-", "c2s.ic.gov", &["us-iso-east-1", "us-iso-west-1"]),
    ("aws-iso-b", "us-isob-", "sc2s.sgov.gov", &["us-isob-east-1", "us-isob-west-1"]),
    ("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", &["eu-isoe-west-1"]),
    ("aws-iso-f", "us-isof-", "csp.hci.ic.gov", &["us-isof-east-1", "us-isof-south-1"]),
    ("aws-eusc", "eusc-", "amazonaws.eu", &["eusc-de-east-1"]),
    // The last, since it has all other names.
    (
        "aws",
        "",
        "amazonaws.com",
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
];
/// How long the name of a region may take to be found that is not in the list: AWS opens some each year.
const LOOKUP: Duration = Duration::from_secs(3);

/// The partition of a region, by the beginning of its name.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    let own = PARTITIONS.iter().find(|(_, beginning, ..)| region.starts_with(beginning));
    own.map_or("aws", |(partition, ..)| partition)
}

/// The end of the names of a partition's hosts.
#[must_use]
pub fn url_suffix(partition: &str) -> &'static str {
    let own = PARTITIONS.iter().find(|(name, ..)| *name == partition);
    own.map_or("amazonaws.com", |(_, _, suffix, _)| suffix)
}

/// Refuses a name that no region has. `behind_proxy`: names are not looked up on this machine.
///
/// # Errors
/// There is no such region, and maybe one of a name like it.
pub(super) async fn check(region: &str, behind_proxy: bool) -> Result<(), Failure> {
    let known = || PARTITIONS.iter().flat_map(|(.., regions)| regions.iter().copied());
    if known().any(|name| name == region) {
        return Ok(());
    }
    if is_like_one(region) && (behind_proxy || resolves(region).await) {
        return Ok(());
    }
    let fix = match nearest(region, known()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "name one of AWS's regions, such as eu-west-1".to_owned(),
    };
    Err(Failure::usage(format!("use the region {region:?}"), "AWS has no region of this name", fix))
}

async fn resolves(region: &str) -> bool {
    let end = url_suffix(partition_of(region));
    let looked_up = tokio::time::timeout(LOOKUP, tokio::net::lookup_host(format!("sts.{region}.{end}:443"))).await;
    looked_up.is_ok_and(|found| found.is_ok())
}

/// Whether a name is made like a region's: `eu-west-1`, `us-gov-west-1`.
fn is_like_one(region: &str) -> bool {
    let parts: Vec<_> = region.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&words.len()) && words.iter().all(is_word) && number.parse::<u8>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_is_in_the_partition_of_its_name() {
        for (partition, .., regions) in PARTITIONS {
            for region in *regions {
                assert_eq!(partition_of(region), *partition, "{region}");
                assert!(is_like_one(region), "{region}");
            }
        }
    }

    #[tokio::test]
    async fn a_slip_is_told_what_was_meant_and_nobody_is_asked() {
        for (slip, meant) in [
            ("eu-west1", "eu-west-1"),
            ("eu_west_1", "eu-west-1"),
            ("EU-WEST-1", "eu-west-1"),
            ("us-east-1a", "us-east-1"),
            ("us-gov-west1", "us-gov-west-1"),
        ] {
            let failure = check(slip, true).await.unwrap_err();
            assert_eq!(failure.fix, format!("did you mean {meant}?"), "{slip}");
        }
        let failure = check("frankfurt", true).await.unwrap_err();
        assert!(failure.fix.contains("such as"), "{failure}");
        // A region that is opened after this was written.
        assert_eq!(check("xx-west-9", true).await, Ok(()));
        assert_eq!(check("eu-central-1", false).await, Ok(()));
    }
}
