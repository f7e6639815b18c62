//! The last gate before the network: a while after the run was stopped, no call begins any more.
//!
//! What is in flight is finished, yet one resource can take many calls, and the SDK repeats a call for
//! half a minute. Who has sent a signal kills soon after: GitHub sends SIGKILL after ten seconds.

use crate::outcome::interrupt::Interrupt;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::time::Duration;

/// How long what is in flight has for its further calls.
const GRACE: Duration = Duration::from_secs(6);

/// A client, or one of its connectors, behind the gate.
#[derive(Debug)]
pub struct Gate<T> {
    behind: T,
    interrupt: Interrupt,
}

impl Gate<SharedHttpClient> {
    /// This client until the run is stopped, and for a while after.
    pub fn before(behind: SharedHttpClient, interrupt: &Interrupt) -> SharedHttpClient {
        SharedHttpClient::new(Self { behind, interrupt: interrupt.clone() })
    }
}

impl HttpClient for Gate<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let behind = self.behind.http_connector(settings, components);
        SharedHttpConnector::new(Gate { behind, interrupt: self.interrupt.clone() })
    }
}

impl HttpConnector for Gate<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.interrupt.stopped_for().is_some_and(|time| time >= GRACE) {
            // A mistake of the user to the SDK, which it does not repeat.
            return HttpConnectorFuture::ready(Err(ConnectorError::user("the run was interrupted".into())));
        }
        self.behind.call(request)
    }
}
