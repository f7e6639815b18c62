//! Numbers of people outside of the USA.

use super::{assert_counts, with_luhn};

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
