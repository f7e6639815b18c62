//! Keys, tokens and headers.

use super::{assert_counts, base64};

/// Random characters, the same each time.
fn random(length: usize) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = 12345_u32;
    let next = |_| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
        char::from(SIGNS[(state >> 16) as usize % SIGNS.len()])
    };
    (0..length).map(next).collect()
}

fn lines(length: usize) -> String {
    let text = random(length);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n") + "\n"
}

#[test]
fn private_keys() {
    let key = lines(1600);
    for (label, identifier) in [
        ("PRIVATE KEY", "PKCS"),
        ("RSA PRIVATE KEY", "PKCS"),
        ("EC PRIVATE KEY", "PKCS"),
        ("DSA PRIVATE KEY", "PKCS"),
        ("OPENSSH PRIVATE KEY", "OPENSSH_PRIVATE_KEY"),
        ("PGP PRIVATE KEY BLOCK", "PGP_PRIVATE_KEY"),
    ] {
        let begin = format!("-----BEGIN {label}-----");
        let whole = format!("{begin}\n{key}-----END {label}-----\n");
        let public = whole.replace("PRIVATE", "PUBLIC");
        let table = [
            (1, whole.clone()),
            (2, format!("{whole}\n{whole}")),
            (1, format!("{public}{whole}{public}")),
            (1, whole.replace('\n', "\r\n")),
            (1, whole.replace('\n', "\\n")),
            (1, format!("x: |\n  {}", whole.replace('\n', "\n  "))),
            (1, format!("key = \"{whole}\"")),
            (1, format!("> {}", whole.replace('\n', "\n> "))),
            (1, format!("{begin}\nVersion: GnuPG v2\nComment: mine\n\n{key}")),
            (1, format!("a\\n{}", whole.replace('\n', "\\n"))),
            (1, format!("{begin}{}", lines(64))),
            (0, public),
            (0, begin.clone()),
            (0, format!("{begin}\n-----END {label}-----")),
            (0, format!("{begin}\n...\n-----END {label}-----")),
            (0, format!("{begin}\n<your key here>\n-----END {label}-----")),
            (0, format!("{begin}\n{}\n-----END {label}-----", "x".repeat(64))),
            (0, format!("a file with {begin} at its head is a key, and must be kept in a safe place")),
            (0, format!("-----BEGIN CERTIFICATE-----\n{key}-----END CERTIFICATE-----")),
        ];
        for (expected, text) in table {
            assert_counts(identifier, &[(expected, &text)]);
        }
    }
}

#[test]
fn putty_keys() {
    let (public, private) = (lines(720), lines(1100));
    let head = "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: rsa-key-20261124\n";
    let key = format!("{head}Public-Lines: 12\n{public}Private-Lines: 18\n{private}Private-MAC: 0a1b2c\n");
    assert_counts(
        "PUTTY_PRIVATE_KEY",
        &[
            (1, &key),
            (2, &format!("{key}{key}")),
            (1, &key.replace('\n', "\r\n")),
            (1, &key.replace('\n', "\\n")),
            (0, head),
            (0, &format!("{head}Public-Lines: 12\n{public}")),
            (0, &format!("{head}Public-Lines: 12\n{public}Private-Lines: 0\n")),
        ],
    );
}

#[test]
fn tokens() {
    let url = |text: &str| base64(text).trim_end_matches('=').replace('+', "-").replace('/', "_");
    let part = |alg: &str| {
        format!(
            "{}.{}",
            url(&format!("{{\"alg\":\"{alg}\",\"typ\":\"JWT\"}}")),
            url("{\"sub\":\"42\",\"iat\":1516239022}")
        )
    };
    let signed = format!("{}.{}", part("HS256"), random(43));
    let long = format!(
        "{}.{}.{}",
        url("{\"alg\":\"RS256\"}"),
        url(&format!("{{\"a\":\"{}\"}}", "b ".repeat(8000))),
        random(342)
    );
    let table = [
        (1, signed.clone()),
        (1, format!("Authorization: Bearer {signed}")),
        (1, format!("token={signed}&x=1")),
        (2, format!("\"{signed}\",\"{signed}\"")),
        (1, format!("{}.", part("none"))),
        (1, long),
        (0, part("HS256")),
        (0, format!("{}.", part("HS256"))),
        (0, format!("{}.***", part("HS256"))),
        (0, format!("{}.{}.{}", url("{\"kid\":\"a\"}"), url("{\"sub\":\"42\"}"), random(43))),
        (0, format!("{}.{}.{}", url("{\"alg\":\"HS256\"}"), random(20), random(43))),
        (0, "eyJhbGciOi...".to_owned()),
        (0, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86z\"}".to_owned()),
    ];
    for (expected, text) in table {
        assert_counts("JSON_WEB_TOKEN", &[(expected, &text)]);
    }
}

#[test]
fn basic_headers() {
    let secret = base64("harbour:Tide4-table");
    let table = [
        (1, format!("Authorization: Basic {secret}")),
        (1, format!("proxy-authorization: basic {secret}\r\n")),
        (1, format!("curl -H 'Authorization: Basic {secret}' https://example.net")),
        (1, format!("\"Authorization\": \"Basic {secret}\"")),
        (1, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned()),
        (1, "Proxy-Authorization: Basic dGVzdDoxMjPCow==".to_owned()),
        (0, format!("Basic {secret}")),
        (0, format!("Authorization: Bearer {secret}")),
        (0, format!("Authorization: Basic {}", base64("no colon here"))),
        (0, "Authorization: Basic <credentials>".to_owned()),
        (0, "Authorization: Basic ********".to_owned()),
        (0, format!("Authorization: Basic {}", base64("username:password"))),
        (0, "Authorization: basic rules apply".to_owned()),
        (0, format!("Authorization: BasicAuth {secret}")),
    ];
    for (expected, text) in table {
        assert_counts("HTTP_BASIC_AUTH_HEADER", &[(expected, &text)]);
    }
}

#[test]
fn keys_of_services() {
    let google = format!("AIza{}", random(35));
    let table = [
        (1, format!("GOOGLEKEY={google}")),
        (1, format!("x-goog-api-key: {google}")),
        (1, format!("G_PLACES_KEY {google}")),
        (1, format!("gcpApiKey: '{google}'")),
        (1, format!("google cloud key {google}")),
        (0, google.clone()),
        (0, format!("googlekey {google}x")),
        (0, format!("googlekey x{google}")),
        (0, format!("googlekey {}", &google[..38])),
        (0, format!("googlekey AIza{}", "X".repeat(35))),
        (0, "gcp key AIzaSyD-YOUR_API_KEY_HERE_0000000000000".to_owned()),
        (0, "googlekey AIza***********************************".to_owned()),
    ];
    for (expected, text) in table {
        assert_counts("GCP_API_KEY", &[(expected, &text)]);
    }
    let tail = random(24);
    let table = [
        (1, format!("sk_live_{tail}")),
        (1, format!("STRIPE_KEY='rk_live_{tail}'")),
        (1, format!("sk_test_{tail}")),
        (1, format!("sk_live_51{}", random(97))),
        (0, "sk_test_4eC39HqLyjWDarjtT1zdp7dc".to_owned()),
        (0, "pk_test_TYooMQauvdEDq54NiTphI7jx".to_owned()),
        (0, format!("pk_live_{tail}")),
        (0, format!("tok_{tail} pm_{tail} cus_{tail} pi_{tail}_secret_{tail}")),
        (0, "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx".to_owned()),
        (0, "sk_live_your_key_here".to_owned()),
        (0, format!("sk_live_{}", &tail[..10])),
        (0, format!("task_live_{tail}")),
        (0, format!("sk_live_{tail}_x")),
    ];
    for (expected, text) in table {
        assert_counts("STRIPE_CREDENTIALS", &[(expected, &text)]);
    }
}
