//! The proxies that the environment names: the HTTP client leaves out, in silence, what it cannot read.

use crate::outcome::failure::Failure;
use aws_smithy_http_client::proxy::ProxyConfig;

/// The variables, as the HTTP client reads them: of each pair the first that is set.
const VARIABLES: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Whether a proxy is named for what is encrypted.
pub(super) fn is_named() -> bool {
    let names = [VARIABLES[0], VARIABLES[2]];
    names.as_flattened().iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Refuses what is no proxy's address.
///
/// # Errors
/// A variable names something else: exit code 64.
pub(super) fn check() -> Result<(), Failure> {
    check_with(|name| std::env::var(name).ok())
}

fn check_with(variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let set = VARIABLES.iter().filter_map(|pair| pair.iter().find_map(|name| Some((*name, variable(name)?))));
    set.filter(|(_, value)| !value.is_empty()).try_for_each(|(name, value)| check_one(name, &value))
}

fn check_one(name: &str, value: &str) -> Result<(), Failure> {
    let (scheme, address) = value.split_once("://").unwrap_or(("http", value));
    if ProxyConfig::all(format!("{scheme}://{address}")).is_ok() {
        return Ok(());
    }
    // What is before the host may be a password.
    let shown = address.rsplit_once('@').map_or_else(|| value.to_owned(), |(_, host)| format!("{scheme}://…@{host}"));
    let (why, fix) = if scheme.to_lowercase().starts_with("socks") {
        ("it is a SOCKS proxy", format!("cvault speaks to HTTP proxies only: {name}=http://host:port"))
    } else {
        ("it is not the address of a proxy", format!("{name}=http://host:port, or unset it"))
    };
    Err(Failure::usage(format!("use {name}={shown}"), why, fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, value: &str) -> Option<String> {
        let set = |wanted: &str| (wanted == name).then(|| value.to_owned());
        check_with(set).err().map(|failure| failure.to_string())
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for (name, value, expected) in [
            (
                "HTTPS_PROXY",
                "nonsense://",
                "use HTTPS_PROXY=nonsense://\n  why: it is not the address of a proxy\n  fix: HTTPS_PROXY=http://host:port, or unset it",
            ),
            (
                "all_proxy",
                "socks5://me:secret@10.0.0.1:1080",
                "use all_proxy=socks5://…@10.0.0.1:1080\n  why: it is a SOCKS proxy\n  fix: cvault speaks to HTTP proxies only: \
                 all_proxy=http://host:port",
            ),
        ] {
            assert_eq!(told(name, value).as_deref(), Some(expected));
        }
        for value in ["http://", "http:// host", "ftp://host:1", "://"] {
            assert!(told("http_proxy", value).is_some(), "{value}");
        }
    }

    #[test]
    fn what_the_client_takes_is_taken() {
        for value in
            ["", "http://proxy:3128", "https://me:pass@proxy.example.com", "proxy:3128", "10.0.0.1:8080", "HTTP://p:1/"]
        {
            assert_eq!(told("HTTPS_PROXY", value), None, "{value}");
        }
        // The client takes the first that is set, even to nothing.
        let both = |name: &str| {
            (name.eq_ignore_ascii_case("https_proxy")).then(|| if name == "HTTPS_PROXY" { "" } else { "nonsense://" })
        };
        assert!(check_with(|name| both(name).map(str::to_owned)).is_ok());
    }
}
