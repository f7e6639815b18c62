//! What is often taken for something sensitive, and is not.

use crate::scan::found;

#[test]
fn everyday_numbers_pass() {
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for text in [
        "order 4000004427083831, invoice 6011005053385830, part 609-76-4218",
        "id 550e8400-e29b-41d4-a716-446655440000, 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709, secret key rotation in 3dea8e6",
        "secret key sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "2024-05-01T12:30:45.123456Z 1714566645 1714566645123 20240501123045123",
        "phone ext. 4521, fax ext 77, cell B12",
        "ISBN 978-3-16-148410-0, EAN 4006381333931, ISSN 0317-8471",
        "MAC 00:1A:2B:3C:4D:5E, 00-1A-2B-3C-4D-5E, IP 192.168.100.200, 2001:db8::8a2e:370:7334",
        "version 4.0.0-2024.1.15, part AB123456C-77, SKU 12345678Z, GTIN 00012345600012",
        "lat/long 52.520008, 13.404954; 41.948614,-87.655311",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOR9d4wcjQs+O2clx2OBEvM0JJ+kQ/haduqx7dW6h1wE harbour",
        "card **** **** **** 3831, ssn ***-**-4218, passport *****0013, IBAN DE37 **** **** **** **** 52",
        "card 4000-XXXX-XXXX-3831, cvv ***, credit 400000******3831",
        "secret access key: <your secret access key>, secret key = ${SECRET_KEY}, {{ credentials }}",
        "payment tok_1MzpZ2eZvKYlo2CXy8R3vQpL card_1MzpZ2eZvKYlo2CXy8R3vQpL pm_1MzpZ2eZvKYlo2CXy8R3vQpL",
        "tracking 1Z999AA10123456784, container MSCU6639870, flight LH 4000",
        "DE 12345, NL 1234 AB, GB 29, FR 75001; be12 cafe babe dead beef",
        "discard 4000004427083831; cardinal; companion; Japan 6011005053385830",
        "sin(123456789) = 0.5; cos 0.8; sin 3.141592653",
        "bank account opened 2024-05-01, bank account balance 1,234,567.89",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    assert_eq!(found(&format!("credentials {hash} secret key {}", hash.to_uppercase())), []);
}
