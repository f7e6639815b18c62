use super::*;

#[test]
fn the_contract_s_example() {
    let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", Some("626fa970"));
    assert_eq!(names.bucket(Zone::Vault), "cv-vault-zone-626fa970");
    assert_eq!(names.bucket_arn(Zone::Vault), "arn:aws:s3:::cv-vault-zone-626fa970");
    assert_eq!(names.topic(), "cyber_vault_notification-626fa970");
    assert_eq!(names.role("trigger"), "cyber_vault-trigger-626fa970");
    assert_eq!(names.classifier_log_group(), "/aws/lambda/cyber_vault-626fa970");
    assert_eq!(
        names.state_machine_arn(),
        "arn:aws:states:eu-west-1:123456789012:stateMachine:CyberVaultOrquestrator-626fa970"
    );
    assert_eq!(
        names.rule_arn(Zone::Ingress),
        "arn:aws:events:eu-west-1:123456789012:rule/cyber_vault_ingress-626fa970"
    );
}

#[test]
fn the_id_follows_from_account_region_and_stack() {
    let of = |account, region, stack| Names::new("aws", account, region, stack, None).id;
    let id = of("123456789012", "eu-west-1", "cyber-vault");
    assert_eq!(id.len(), 8);
    // printf 123456789012/eu-west-1/cyber-vault | sha256sum
    assert_eq!(id, "9e2a834c");
    assert_ne!(id, of("123456789013", "eu-west-1", "cyber-vault"));
    assert_ne!(id, of("123456789012", "eu-west-2", "cyber-vault"));
    assert_ne!(id, of("123456789012", "eu-west-1", "cyber-vault2"));
}

/// An id may begin as another one does.
#[test]
fn a_queue_of_verify_is_of_one_stack() {
    let of = |id: &str| Names::new("aws", "123456789012", "eu-west-1", "s", Some(id));
    let (prod, eu) = (of("prod"), of("prod-eu"));
    assert!(prod.is_verify_queue(&prod.verify_queue("0a1b2c3d")) && eu.is_verify_queue(&eu.verify_queue("0a1b2c3d")));
    assert!(!prod.is_verify_queue(&eu.verify_queue("0a1b2c3d")) && !eu.is_verify_queue(&prod.verify_queue("0a1b2c3d")));
    let arn = prod.verify_queues_arn().replace('*', "0a1b2c3d");
    assert!(prod.is_verify_queue_arn(&arn) && !prod.is_verify_queue_arn(&arn.replace("eu-west-1", "eu-west-2")));
    for run in ["", "0a1b2c3", "0a1b2c3d4", "0A1B2C3D", "deadbeeg"] {
        assert!(!prod.is_verify_queue(&prod.verify_queue(run)), "{run}");
    }
}

#[test]
fn other_partitions() {
    let names = Names::new("aws-cn", "123456789012", "cn-north-1", "s", Some("x"));
    assert_eq!(names.url_suffix(), "amazonaws.com.cn");
    assert_eq!(names.bucket_arn(Zone::Ingress), "arn:aws-cn:s3:::cv-ingress-zone-x");
    assert_eq!(names.role_arn("trigger"), "arn:aws-cn:iam::123456789012:role/cyber_vault-trigger-x");
}

/// As AWS's own `partitions.json` has them.
#[test]
fn regions_tell_their_partition() {
    for (region, partition, suffix) in [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("us-west-2", "aws", "amazonaws.com"),
        ("mx-central-1", "aws", "amazonaws.com"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
    ] {
        assert_eq!(region::partition_of(region), partition, "{region}");
        assert_eq!(Names::new(partition, "1", region, "s", None).url_suffix(), suffix, "{region}");
    }
}

#[test]
fn an_organisation_s_names() {
    let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
    let (role_prefix, role_path, bucket_prefix) = ("acme-".into(), "/ci/vault/".into(), "acme-".into());
    let names = Names { role_prefix, role_path, bucket_prefix, ..names };
    assert_eq!(names.role_arn("trigger"), "arn:aws:iam::123456789012:role/ci/vault/acme-cyber_vault-trigger-x");
    assert_eq!(names.bucket_arn(Zone::Vault), "arn:aws:s3:::acme-cv-vault-zone-x");
    assert_eq!(names.function(), "cyber_vault-x");
}

#[test]
fn names_that_s3_keeps_to_itself() {
    for id in ["s3alias", "prod-s3alias", "a--ol-s3", "a--table-s3", "a--x-s3", "an", "prod-an"] {
        assert!(is_reserved(id), "{id}");
    }
    // Nor do they begin or end by chance as a reserved name does.
    for id in ["prod", "626fa970", "s3", "ol-s3", "x-s3", "table-s3", "ban", "xn--a", "sthree-a", "amzn-s3-demo-a"] {
        assert!(!is_reserved(id), "{id}");
    }
}

/// IAM allows 64 characters, S3 63, EventBridge 64: an id of 32 must fit them all.
#[test]
fn the_longest_id_fits() {
    let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some(&"x".repeat(32)));
    assert!(names.role("orchestrator").len() <= 64);
    assert!(Zone::ALL.iter().all(|zone| names.bucket(*zone).len() <= 63));
    assert!(names.function().len() <= 64);
    assert!(names.verify_queue("01234567").len() <= 80);
    assert!(["ingress", "failures"].iter().all(|rule| names.rule(rule).len() <= 64));
    assert!([names.state_machine(), names.express(), names.sweep()].iter().all(|machine| machine.len() <= 80));
}
