//! Phones and dates of birth.

use crate::scan::count;

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
        "telephone 06.12.34.56.78",
        "phone 1.212.555.0123",
        "phone 0039.06.12.3456",
        "tel 0049 30 1234987",
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
        "2026-11-30 17:31:04 GET /contact 200",
        "last contact 2026-11-30 17:31",
        "last contact 2026-11-30 17:31:04.123",
        "contact date 05.11.2026 17:31",
        "phone updated 06/30/2026 17:31",
        "phone updated 30-06-2026 1731",
        "phone 212.251.200.2",
        "phone 212.251.200.2 1",
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
