//! The HTTP client: through a proxy where one is named, trusting the authorities that are named, and saying which host
//! it could not reach.

use crate::outcome::failure::Failure;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::error::Error;
use std::fmt;
use std::path::Path;

/// A client of this machine alone: no proxy.
pub(super) fn local() -> SharedHttpClient {
    Builder::new().tls_provider(rustls_with_ring()).build_https()
}

/// A client for AWS: `HTTPS_PROXY` and its like count, and `authorities`, a file in PEM, takes the place of this
/// machine's own.
///
/// # Errors
/// The file cannot be read, or has no certificates.
pub(super) fn client(authorities: Option<&Path>) -> Result<SharedHttpClient, Failure> {
    let trust = match authorities {
        None => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(certificates(path)?),
    };
    let context = TlsContext::builder().with_trust_store(trust).build();
    let context = context.map_err(|error| Failure::usage("prepare TLS", error.to_string(), "correct AWS_CA_BUNDLE"))?;
    let through = |proxy: ProxyConfig| {
        let context = context.clone();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder()
                .tls_provider(rustls_with_ring())
                .tls_context(context.clone())
                .proxy_config(proxy.clone());
            builder.set_connector_settings(settings.cloned());
            builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            builder.build()
        })
    };
    let (proxied, direct) = (through(ProxyConfig::from_env()), through(ProxyConfig::disabled()));
    Ok(SharedHttpClient::new(Reach { proxied, direct }))
}

fn rustls_with_ring() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)
}

/// The file's text, once it is known that all certificates in it can be read: the client itself would panic.
fn certificates(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| {
        let fix = "name a file of certificates in PEM in AWS_CA_BUNDLE, or in ca_bundle of the profile; or unset it";
        Failure::usage(format!("trust the authorities in {}", path.display()), why, fix)
    };
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|_| wrong("it is not in PEM".to_owned()))?;
        store.add(certificate).map_err(|_| wrong("one of its certificates cannot be read".to_owned()))?;
    }
    if store.is_empty() { Err(wrong("it has no certificate".to_owned())) } else { Ok(text) }
}

/// A client, or its connectors, with and without the proxy.
#[derive(Debug)]
struct Reach<T> {
    proxied: T,
    direct: T,
}

impl HttpClient for Reach<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let proxied = self.proxied.http_connector(settings, components);
        let direct = self.direct.http_connector(settings, components);
        SharedHttpConnector::new(Reach { proxied, direct })
    }
}

impl HttpConnector for Reach<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_here = is_of_this_machine(host_of(request.uri()));
        let host = shown(request.uri()).to_owned();
        let connector = if is_here { &self.direct } else { &self.proxied };
        let call = connector.call(request);
        HttpConnectorFuture::new(async move { call.await.map_err(|error| named(error, host)) })
    }
}

/// Where the credentials of an instance or a container come from: no proxy can reach these.
fn is_of_this_machine(host: &str) -> bool {
    ["169.254.169.254", "[fd00:ec2::254]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(&host)
}

/// The host of an address.
fn host_of(uri: &str) -> &str {
    parts(uri).1
}

/// The host of an address, and its port unless it is the scheme's own.
fn shown(uri: &str) -> &str {
    let (authority, host) = parts(uri);
    let own = if uri.starts_with("https:") { ":443" } else { ":80" };
    if authority[host.len()..] == *own { host } else { authority }
}

/// What is between the slashes of an address, and the same without the port.
fn parts(uri: &str) -> (&str, &str) {
    let behind = uri.split_once("://").map_or(uri, |(_, behind)| behind);
    let authority = behind.split(['/', '?']).next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (authority, host),
        _ => (authority, authority),
    }
}

/// The error, with the host that was not reached before its causes.
fn named(error: ConnectorError, host: String) -> ConnectorError {
    let connection = error.connection_metadata().cloned();
    let (is_timeout, is_user, is_io, kind) = (error.is_timeout(), error.is_user(), error.is_io(), error.as_other());
    let unreached = Box::new(Unreached { host, cause: error.into_source() });
    let named = match kind {
        _ if is_timeout => ConnectorError::timeout(unreached),
        _ if is_user => ConnectorError::user(unreached),
        _ if is_io => ConnectorError::io(unreached),
        kind => ConnectorError::other(unreached, kind),
    };
    match connection {
        Some(connection) => named.with_connection(connection),
        None => named,
    }
}

#[derive(Debug)]
struct Unreached {
    host: String,
    cause: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be reached", self.host)
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_is_between_the_slashes() {
        for (uri, host, with_port) in [
            ("https://sts.eu-west-1.amazonaws.com/", "sts.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"),
            ("http://127.0.0.1:4566/?a=b:1", "127.0.0.1", "127.0.0.1:4566"),
            ("https://aws.test:443/", "aws.test", "aws.test"),
            ("https://aws.test:80/", "aws.test", "aws.test:80"),
            ("http://[fd00:ec2::254]/latest", "[fd00:ec2::254]", "[fd00:ec2::254]"),
            ("http://[::1]:80", "[::1]", "[::1]"),
            ("/", "", ""),
        ] {
            assert_eq!((host_of(uri), shown(uri)), (host, with_port), "{uri}");
        }
        assert!(is_of_this_machine(host_of("http://169.254.169.254/latest/api/token")));
        assert!(!is_of_this_machine(host_of("https://s3.eu-west-1.amazonaws.com")));
    }

    #[test]
    fn files_without_certificates_are_refused() {
        let path = std::env::temp_dir().join(format!("cvault-ca-{}", std::process::id()));
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, text).unwrap();
            let failure = client(Some(&path)).unwrap_err();
            assert!(failure.fix.contains("AWS_CA_BUNDLE"), "{text:?}: {failure}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(client(Some(&path)).is_err(), "it is not there");
        assert!(client(None).is_ok());
    }
}
