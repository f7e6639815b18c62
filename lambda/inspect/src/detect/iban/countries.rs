//! The countries whose accounts have international numbers, after the registry of SWIFT.
//!
//! The names are Macie's; countries that Macie does not know are named alike. The
//! structure is a list of kinds and counts: `n` digits, `a` letters, `c` either.
//!
//! A table of our own: a number in a text ends where its country says, and `iban_validate` (5.0), which takes a number
//! by itself, does not tell its length. It has the same structures for 87 of these 90 countries, which a test
//! compares, and does not know Honduras, Pakistan and Senegal.

pub(in super::super) type Country = (&'static str, &'static str, &'static [(u8, u8)]);

/// The identifiers in the order of the countries.
pub(super) const IDENTIFIERS: [&str; COUNTRIES.len()] = {
    let mut identifiers = [""; COUNTRIES.len()];
    let mut at = 0;
    while at < identifiers.len() {
        identifiers[at] = COUNTRIES[at].1;
        at += 1;
    }
    identifiers
};

/// The code of a country, its identifier, and what follows the check digits.
pub(in super::super) const COUNTRIES: &[Country] = &[
    ("AD", "ANDORRA_BANK_ACCOUNT_NUMBER", &[(b'n', 8), (b'c', 12)]),
    ("AE", "UNITED_ARAB_EMIRATES_BANK_ACCOUNT_NUMBER", &[(b'n', 19)]),
    ("AL", "ALBANIA_BANK_ACCOUNT_NUMBER", &[(b'n', 8), (b'c', 16)]),
    ("AT", "AUSTRIA_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("AZ", "AZERBAIJAN_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 20)]),
    ("BA", "BOSNIA_AND_HERZEGOVINA_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("BE", "BELGIUM_BANK_ACCOUNT_NUMBER", &[(b'n', 12)]),
    ("BG", "BULGARIA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 6), (b'c', 8)]),
    ("BH", "BAHRAIN_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 14)]),
    ("BI", "BURUNDI_BANK_ACCOUNT_NUMBER", &[(b'n', 23)]),
    ("BR", "BRAZIL_BANK_ACCOUNT_NUMBER", &[(b'n', 23), (b'a', 1), (b'c', 1)]),
    ("BY", "BELARUS_BANK_ACCOUNT_NUMBER", &[(b'c', 4), (b'n', 4), (b'c', 16)]),
    ("CH", "SWITZERLAND_BANK_ACCOUNT_NUMBER", &[(b'n', 5), (b'c', 12)]),
    ("CR", "COSTA_RICA_BANK_ACCOUNT_NUMBER", &[(b'n', 18)]),
    ("CY", "CYPRUS_BANK_ACCOUNT_NUMBER", &[(b'n', 8), (b'c', 16)]),
    ("CZ", "CZECH_REPUBLIC_BANK_ACCOUNT_NUMBER", &[(b'n', 20)]),
    ("DE", "GERMANY_BANK_ACCOUNT_NUMBER", &[(b'n', 18)]),
    ("DJ", "DJIBOUTI_BANK_ACCOUNT_NUMBER", &[(b'n', 23)]),
    ("DK", "DENMARK_BANK_ACCOUNT_NUMBER", &[(b'n', 14)]),
    ("DO", "DOMINICAN_REPUBLIC_BANK_ACCOUNT_NUMBER", &[(b'c', 4), (b'n', 20)]),
    ("EE", "ESTONIA_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("EG", "EGYPT_BANK_ACCOUNT_NUMBER", &[(b'n', 25)]),
    ("ES", "SPAIN_BANK_ACCOUNT_NUMBER", &[(b'n', 20)]),
    ("FI", "FINLAND_BANK_ACCOUNT_NUMBER", &[(b'n', 14)]),
    ("FK", "FALKLAND_ISLANDS_BANK_ACCOUNT_NUMBER", &[(b'a', 2), (b'n', 12)]),
    ("FO", "FAROE_ISLANDS_BANK_ACCOUNT_NUMBER", &[(b'n', 14)]),
    ("FR", "FRANCE_BANK_ACCOUNT_NUMBER", &[(b'n', 10), (b'c', 11), (b'n', 2)]),
    ("GB", "UK_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 14)]),
    ("GE", "GEORGIA_BANK_ACCOUNT_NUMBER", &[(b'a', 2), (b'n', 16)]),
    ("GI", "GIBRALTAR_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 15)]),
    ("GL", "GREENLAND_BANK_ACCOUNT_NUMBER", &[(b'n', 14)]),
    ("GR", "GREECE_BANK_ACCOUNT_NUMBER", &[(b'n', 7), (b'c', 16)]),
    ("GT", "GUATEMALA_BANK_ACCOUNT_NUMBER", &[(b'c', 24)]),
    ("HN", "HONDURAS_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 20)]),
    ("HR", "CROATIA_BANK_ACCOUNT_NUMBER", &[(b'n', 17)]),
    ("HU", "HUNGARY_BANK_ACCOUNT_NUMBER", &[(b'n', 24)]),
    ("IE", "IRELAND_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 14)]),
    ("IL", "ISRAEL_BANK_ACCOUNT_NUMBER", &[(b'n', 19)]),
    ("IQ", "IRAQ_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 15)]),
    ("IS", "ICELAND_BANK_ACCOUNT_NUMBER", &[(b'n', 22)]),
    ("IT", "ITALY_BANK_ACCOUNT_NUMBER", &[(b'a', 1), (b'n', 10), (b'c', 12)]),
    ("JO", "JORDAN_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 4), (b'c', 18)]),
    ("KW", "KUWAIT_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 22)]),
    ("KZ", "KAZAKHSTAN_BANK_ACCOUNT_NUMBER", &[(b'n', 3), (b'c', 13)]),
    ("LB", "LEBANON_BANK_ACCOUNT_NUMBER", &[(b'n', 4), (b'c', 20)]),
    ("LC", "SAINT_LUCIA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 24)]),
    ("LI", "LIECHTENSTEIN_BANK_ACCOUNT_NUMBER", &[(b'n', 5), (b'c', 12)]),
    ("LT", "LITHUANIA_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("LU", "LUXEMBOURG_BANK_ACCOUNT_NUMBER", &[(b'n', 3), (b'c', 13)]),
    ("LV", "LATVIA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 13)]),
    ("LY", "LIBYA_BANK_ACCOUNT_NUMBER", &[(b'n', 21)]),
    ("MC", "MONACO_BANK_ACCOUNT_NUMBER", &[(b'n', 10), (b'c', 11), (b'n', 2)]),
    ("MD", "MOLDOVA_BANK_ACCOUNT_NUMBER", &[(b'c', 20)]),
    ("ME", "MONTENEGRO_BANK_ACCOUNT_NUMBER", &[(b'n', 18)]),
    ("MK", "NORTH_MACEDONIA_BANK_ACCOUNT_NUMBER", &[(b'n', 3), (b'c', 10), (b'n', 2)]),
    ("MN", "MONGOLIA_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("MR", "MAURITANIA_BANK_ACCOUNT_NUMBER", &[(b'n', 23)]),
    ("MT", "MALTA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 5), (b'c', 18)]),
    ("MU", "MAURITIUS_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 19), (b'a', 3)]),
    ("NI", "NICARAGUA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 20)]),
    ("NL", "NETHERLANDS_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 10)]),
    ("NO", "NORWAY_BANK_ACCOUNT_NUMBER", &[(b'n', 11)]),
    ("OM", "OMAN_BANK_ACCOUNT_NUMBER", &[(b'n', 3), (b'c', 16)]),
    ("PK", "PAKISTAN_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 16)]),
    ("PL", "POLAND_BANK_ACCOUNT_NUMBER", &[(b'n', 24)]),
    ("PS", "PALESTINE_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 21)]),
    ("PT", "PORTUGAL_BANK_ACCOUNT_NUMBER", &[(b'n', 21)]),
    ("QA", "QATAR_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 21)]),
    ("RO", "ROMANIA_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'c', 16)]),
    ("RS", "SERBIA_BANK_ACCOUNT_NUMBER", &[(b'n', 18)]),
    ("RU", "RUSSIA_BANK_ACCOUNT_NUMBER", &[(b'n', 14), (b'c', 15)]),
    ("SA", "SAUDI_ARABIA_BANK_ACCOUNT_NUMBER", &[(b'n', 2), (b'c', 18)]),
    ("SC", "SEYCHELLES_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 20), (b'a', 3)]),
    ("SD", "SUDAN_BANK_ACCOUNT_NUMBER", &[(b'n', 14)]),
    ("SE", "SWEDEN_BANK_ACCOUNT_NUMBER", &[(b'n', 20)]),
    ("SI", "SLOVENIA_BANK_ACCOUNT_NUMBER", &[(b'n', 15)]),
    ("SK", "SLOVAKIA_BANK_ACCOUNT_NUMBER", &[(b'n', 20)]),
    ("SM", "SAN_MARINO_BANK_ACCOUNT_NUMBER", &[(b'a', 1), (b'n', 10), (b'c', 12)]),
    ("SN", "SENEGAL_BANK_ACCOUNT_NUMBER", &[(b'a', 2), (b'n', 22)]),
    ("SO", "SOMALIA_BANK_ACCOUNT_NUMBER", &[(b'n', 19)]),
    ("ST", "SAO_TOME_AND_PRINCIPE_BANK_ACCOUNT_NUMBER", &[(b'n', 21)]),
    ("SV", "EL_SALVADOR_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 20)]),
    ("TL", "TIMOR_LESTE_BANK_ACCOUNT_NUMBER", &[(b'n', 19)]),
    ("TN", "TUNISIA_BANK_ACCOUNT_NUMBER", &[(b'n', 20)]),
    ("TR", "TURKIYE_BANK_ACCOUNT_NUMBER", &[(b'n', 6), (b'c', 16)]),
    ("UA", "UKRAINE_BANK_ACCOUNT_NUMBER", &[(b'n', 6), (b'c', 19)]),
    ("VA", "VATICAN_CITY_BANK_ACCOUNT_NUMBER", &[(b'n', 18)]),
    ("VG", "VIRGIN_ISLANDS_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 16)]),
    ("XK", "KOSOVO_BANK_ACCOUNT_NUMBER", &[(b'n', 16)]),
    ("YE", "YEMEN_BANK_ACCOUNT_NUMBER", &[(b'a', 4), (b'n', 4), (b'c', 18)]),
];
