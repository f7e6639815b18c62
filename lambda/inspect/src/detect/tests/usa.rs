//! Numbers of people in the USA.

use super::assert_counts;

#[test]
fn social_security() {
    assert_counts(
        "USA_SOCIAL_SECURITY_NUMBER",
        &[
            (1, "SSN 609-76-4218"),
            (1, "ssn: 609 76 4218"),
            (1, "ssn=609764218;"),
            (1, "SS# 609-76-4218"),
            (1, "Social Security No. is 609-76-4218."),
            (1, "socialSecurityNumber: 609-76-4218"),
            (1, "social-security 609\u{2011}76\u{2011}4218"),
            (1, "ssn \u{ff16}\u{ff10}\u{ff19}-\u{ff17}\u{ff16}-\u{ff14}\u{ff12}\u{ff11}\u{ff18}"),
            (1, "609-76-4218 (SSN)"),
            (2, "SSN 609-76-4218, 056-31-7047"),
            (1, "SSN-609-76-4218"),
            (1, "ssn 609-76-4218.0"),
            (0, "609-76-4218"),
            (0, "ssnx 609-76-4218"),
            (0, "assn 609-76-4218"),
            (0, "ssn 000-76-4218"),
            (0, "ssn 666-76-4218"),
            (0, "ssn 900-76-4218"),
            (0, "ssn 609-00-4218"),
            (0, "ssn 609-76-0000"),
            (0, "ssn 609-764218"),
            (0, "ssn 609-76 4218"),
            (0, "ssn 6097-64-218"),
            (0, "ssn 609-76-42189"),
            (0, "ssn 1-609-76-4218"),
            (0, "ssn 609-76-4218-1"),
            (0, "ssn 0.609764218"),
            (0, "ssn x609764218"),
            (0, "ssn 609764218x"),
            (0, "ssn XXX-XX-4218"),
            (0, "ssn ***-**-4218"),
            (0, "ssn 123-45-6789"),
            (0, "ssn 078-05-1120"),
            (0, "ssn 111-11-1111"),
            (0, "ssn 550e8400-e29b-41d4-a716-446655440000"),
        ],
    );
}

#[test]
fn tax_numbers() {
    assert_counts(
        "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        &[
            (1, "ITIN 912-70-1234"),
            (1, "i.t.i.n. 912 88 1234"),
            (1, "individual taxpayer identification number: 999901234"),
            (1, "individualTaxpayerIdentificationNumber 912-94-1234"),
            (0, "912-70-1234"),
            (0, "itin 812-70-1234"),
            (0, "itin 912-49-1234"),
            (0, "itin 912-66-1234"),
            (0, "itin 912-89-1234"),
            (0, "itin 912-93-1234"),
            (0, "itin 9XX-XX-1234"),
            (0, "itinerary 912-70-1234"),
        ],
    );
}

#[test]
fn passports() {
    assert_counts(
        "USA_PASSPORT_NUMBER",
        &[
            (1, "passport 340020013"),
            (1, "Passport No. A12345670"),
            (1, "travel document: 340020013"),
            (1, "travelDocument=C03005988"),
            (2, "passport 340020013, 340020014"),
            (0, "340020013"),
            (0, "passports 340020013"),
            (0, "passport 34002001"),
            (0, "passport 3400200131"),
            (0, "passport AB1234567"),
            (0, "passport 123456789"),
            (0, "passport 000000000"),
            (0, "passport A1234567X"),
            (0, "passport order-2024-340020013"),
        ],
    );
}
