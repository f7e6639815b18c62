//! Which names and texts have which keywords.

use super::*;

#[test]
fn names() {
    let table = [
        ("card", "card", true),
        ("credit_card", "card", true),
        ("creditCard", "card", true),
        ("cardNumber", "card number", true),
        ("CARDNUMBER", "card number", true),
        ("PANNumber", "pan", true),
        ("card2", "card", true),
        ("ns:Card", "card", true),
        ("CARD-NO", "card", true),
        ("cc#", "cc #", true),
        ("bday", "b-day", true),
        ("B_DAY", "b-day", true),
        ("Birthdate", "birth date", true),
        ("SecretAccessKey", "secret access key", true),
        ("secret__key", "secret key", false),
        ("secret  key", "secret key", true),
        ("Secret\r\nKey", "secret key", true),
        ("Social\nSecurity", "social security", true),
        ("S\u{e9}curit\u{e9}\n\tsociale", "s\u{e9}curit\u{e9} sociale", true),
        ("cc\n#", "cc #", true),
        ("ID\tnumber", "id number", true),
        ("secret\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nkey", "secret key", false),
        ("secret\n", "secret key", false),
        ("guest\\ncard", "card", true),
        ("q=my%20card", "card", true),
        ("q=%3fcard", "card", true),
        ("\u{1b}[32mcard", "card", true),
        ("\\discard", "card", false),
        ("\\textcard", "card", false),
        ("50%discard", "card", false),
        ("CODE S\u{c9}CURIT\u{c9} SOCIALE", "s\u{e9}curit\u{e9} sociale", true),
        ("securite_sociale", "s\u{e9}curit\u{e9} sociale", true),
        ("pessoa f\u{ed}sica", "pessoa fisica", true),
        ("caf\u{e9}", "cafe\u{301}", true),
        ("cafe", "cafe\u{301}", true),
        ("\u{e9}tat civil", "etat", true),
        ("\u{c9}TAT", "\u{e9}tat", true),
        ("\u{540d}\u{524d}", "\u{540d}\u{524d}", true),
        ("k\u{e9}yring", "keyring", true),
        ("\u{212a}eyring", "keyring", true),
        ("keyr\u{ed}ng of the gauge", "keyring", true),
        ("keyrinG", "keyring", true),
        ("keyrin", "keyring", false),
        ("keyrin\u{27}", "keyring", false),
        ("cc\u{3}", "cc #", false),
        ("credit card", "credit", true),
        ("credit line", "credit card", false),
        ("creditcard", "credit card", true),
        ("discard", "card", false),
        ("cardinal", "card", false),
        ("Japan", "pan", false),
        ("companyName", "pan", false),
        ("DISCARD", "card", false),
        ("", "card", false),
    ];
    for (name, keyword, expected) in table {
        let keywords = Keywords::new([(3, keyword)].into_iter(), std::iter::empty());
        let mut found = Vec::new();
        keywords.find(name, 0..name.len(), |occurrence| found.push(occurrence));
        assert_eq!(!found.is_empty(), expected, "{keyword} in {name}");
        assert!(found.iter().all(|found| keywords.belongs(found, 3) && !keywords.belongs(found, 2)));
    }
}
