//! Numbers of people, phones and dates of birth.

use super::super::super::scan::count;
use super::{assert_counts, with_luhn};

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

#[test]
fn national_insurance() {
    assert_counts(
        "UK_NATIONAL_INSURANCE_NUMBER",
        &[
            (1, "NINO AB123456C"),
            (1, "nino: AB 12 34 56 C"),
            (1, "National Insurance Number AB-12-34-56-C"),
            (1, "insurance no. AB 123456 C"),
            (1, "insurance# ab123456c"),
            (1, "nationalInsuranceNumber=AB123456D,"),
            (1, "nin \u{ff21}\u{ff22}\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}\u{ff23}"),
            (0, "AB123456C"),
            (0, "nino QQ123456C"),
            (0, "nino AO123456C"),
            (0, "nino BG123456C"),
            (0, "nino GB123456C"),
            (0, "nino ZZ123456C"),
            (0, "nino AB123456E"),
            (0, "nino AB123456"),
            (0, "nino AB1234567C"),
            (0, "nino AB12345C"),
            (0, "nino XAB123456C"),
            (0, "nino AB123456CD"),
            (0, "nino Ab123456c"),
            (0, "el niño AB123456Cx"),
            (0, "nine AB123456C"),
            (0, "nino AB ** ** ** C"),
        ],
    );
}

#[test]
fn dni() {
    let letter = |number: u32| char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize]);
    let good = letter(48_209_173);
    let bad = letter(48_209_174);
    let table = [
        (1, format!("DNI 48209173{good}")),
        (1, format!("dni: 48209173-{good}")),
        (1, format!("DNI# 48.209.173-{good}")),
        (1, format!("dni 48.209.173{good}")),
        (1, format!("Documento Nacional de Identidad 48209173 {good}")),
        (1, format!("national identification number 48209173{}", good.to_ascii_lowercase())),
        (0, format!("dni 48209173{bad}")),
        (0, format!("48209173{good}")),
        (0, format!("dni 148209173{good}")),
        (0, format!("dni 48209173{good}{good}")),
        (0, "dni 48209173".to_owned()),
        (0, format!("dni 48.20.9173{good}")),
        (0, "dni 12345678Z".to_owned()),
        (0, "dni 00000000T".to_owned()),
        (0, "dni 99999999R".to_owned()),
        (0, format!("sidni 48209173{good}")),
    ];
    for (expected, text) in table {
        assert_counts("SPAIN_DNI_NUMBER", &[(expected, &text)]);
    }
}

/// A French number with its key; Corsican departments count as 19 and 18.
fn insee(number: &str) -> String {
    let plain: u64 = number.replace("2A", "19").replace("2B", "18").parse().unwrap();
    format!("{number}{:02}", 97 - plain % 97)
}

#[test]
fn french_numbers() {
    let number = insee("1850578006084");
    let groups =
        |n: &str, sign: &str| [&n[..1], &n[1..3], &n[3..5], &n[5..7], &n[7..10], &n[10..13], &n[13..]].join(sign);
    let wrong = format!("{}{}", &number[..14], (number.as_bytes()[14] - b'0' + 1) % 10);
    let table = [
        (1, format!("INSEE {number}")),
        (1, format!("n\u{b0} de s\u{e9}curit\u{e9} sociale : {}", groups(&number, " "))),
        (1, format!("numero_securite_sociale={number}")),
        (1, format!("Code S\u{c9}CURIT\u{c9} sociale {}", groups(&number, "-"))),
        (1, format!("num\u{e9}ro d\u{2019}assurance {}", groups(&number, "\u{a0}"))),
        (1, format!("ssn {} {}", &number[..13], &number[13..])),
        (1, format!("social security {}", insee("285052A004084"))),
        (1, format!("assurance sociale {}", groups(&insee("285052B004084"), " "))),
        (1, format!("insee {}", insee("2932099352001"))),
        (0, format!("insee {wrong}")),
        (0, number.clone()),
        (0, format!("insee {}", insee("5850578006084"))),
        (0, format!("insee {}", insee("1851478006084"))),
        (0, format!("insee {}", &number[..13])),
        (0, format!("insee {number}1")),
        (0, format!("insee {}", groups(&number, "  "))),
    ];
    for (expected, text) in table {
        assert_counts("FRANCE_NATIONAL_IDENTIFICATION_NUMBER", &[(expected, &text)]);
    }
}

#[test]
fn canadian_and_brazilian_numbers() {
    let sin = with_luhn("51872340");
    let (a, b, c) = (&sin[..3], &sin[3..6], &sin[6..]);
    let wrong = format!("{}{}", &sin[..8], (sin.as_bytes()[8] - b'0' + 1) % 10);
    let table = [
        (1, format!("SIN {sin}")),
        (1, format!("sin: {a} {b} {c}")),
        (1, format!("Social Insurance Number {a}-{b}-{c}")),
        (1, format!("num\u{e9}ro d'assurance sociale {a} {b} {c}")),
        (1, format!("canadian_id={sin}")),
        (0, format!("sin {wrong}")),
        (0, format!("{a} {b} {c}")),
        (0, format!("since {a} {b} {c}")),
        (0, format!("sin {a}-{b} {c}")),
        (0, "sin 000 000 000".to_owned()),
    ];
    for (expected, text) in table {
        assert_counts("CANADA_SOCIAL_INSURANCE_NUMBER", &[(expected, &text)]);
    }
    assert_counts(
        "BRAZIL_CPF_NUMBER",
        &[
            (1, "CPF 390.533.447-05"),
            (1, "cpf=39053344705"),
            (1, "Cadastro de Pessoa F\u{ed}sica: 390.533.447-05"),
            (1, "cadastro de pessoa fisica 390.533.447/05"),
            (1, "cpf_cliente 390 533 447 05"),
            (0, "390.533.447-05"),
            (0, "cpf 390.533.447-06"),
            (0, "cpf 111.111.111-11"),
            (0, "cpf 123.456.789-09"),
            (0, "cpf 390.533.447-051"),
            (0, "cpf 1390.533.447-05"),
            (0, "cpfs 390.533.447-05"),
            (0, "cpf ***.533.447-**"),
        ],
    );
}

#[test]
fn phones_and_births_in_bulk() {
    let phones = [
        "phone (212) 555-0123",
        "tel: 212-555-0123",
        "mobile 212.555.0123",
        "cell 2125550123",
        "fax 1-212-555-0123",
        "contact 020 7946 0958",
        "telephone 06 12 34 56 78",
        "+1 212 555 0123",
        "+1 (212) 555-0123",
        "+44 20 7946 0958",
        "+49 (0) 30 123456",
        "+33612345678",
        "tel 212-555-0123 27",
        "+1 212 555 0123 4000",
    ];
    for phone in phones {
        let text = |times: usize| format!("{phone}.\n").repeat(times);
        assert_eq!(count(&text(99), "PHONE_NUMBER"), 0, "{phone}");
        assert_eq!(count(&text(100), "PHONE_NUMBER"), 100, "{phone}");
    }
    for other in [
        "212-555-0123",
        "phone ext. 4521",
        "phone 112-555-0123",
        "phone 212-155-0123",
        "phone 2125550123456",
        "hotel 212-555-0123",
        "tel 1700000000",
        "phone 2024-05-01",
        "+1 112 555 0123",
        "a+12125550123b",
        "phone ***-***-0123",
    ] {
        assert_eq!(count(&format!("{other}\n").repeat(150), "PHONE_NUMBER"), 0, "{other}");
    }
    for date in [
        "1990-02-28",
        "28/02/1990",
        "02/28/1990",
        "28.2.1990",
        "28-02-1990",
        "2/28/90",
        "28 February 1990",
        "Feb 28, 1990",
        "28-Feb-1990",
        "19900228",
        "1990-02-28T00:00:00Z",
    ] {
        let text = |times: usize| format!("dob {date}\n").repeat(times);
        assert_eq!(count(&text(99), "DATE_OF_BIRTH"), 0, "{date}");
        assert_eq!(count(&text(100), "DATE_OF_BIRTH"), 100, "{date}");
    }
    for other in
        ["dob 1990-13-28", "created 1990-02-28", "dob 10.0.0.1", "dob 2.28", "dob 12:30:45", "dobby 1990-02-28"]
    {
        assert_eq!(count(&format!("{other}\n").repeat(150), "DATE_OF_BIRTH"), 0, "{other}");
    }
}
