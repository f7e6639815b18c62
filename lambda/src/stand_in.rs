//! The other end of the clients, for tests: answers each request by a function, on HTTP's level, so that
//! what is tested is what is sent and what is read.

pub(crate) mod buckets;

use crate::batch::Executions;
use crate::macie::Macie;
use crate::objects::Objects;
use aws_credential_types::Credentials;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Method and path, with the query.
    pub(crate) what: String,
    /// The headers, by their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, where it is JSON.
    pub(crate) body: Value,
    /// The body, where it is another text.
    pub(crate) text: String,
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(Value),
    /// An error of Macie: status, code, message.
    Error(u16, &'static str, &'static str),
    /// An error of S3: status and code.
    Refusal(u16, &'static str),
    /// The same, and the argument that it is about.
    RefusalOf(u16, &'static str, &'static str),
    /// Headers only, as for a HEAD.
    Head(Vec<(&'static str, String)>),
    /// A header whose value is any bytes.
    Raw(&'static str, Vec<u8>),
    /// Headers and a body.
    Whole(Vec<(&'static str, String)>, Vec<u8>),
    /// The status alone.
    Status(u16),
    /// A delete marker: nothing, and something below it.
    Marker,
    Bytes(Vec<u8>),
    /// The connection breaks, whatever was done.
    Lost,
}

/// The head of a version of a copy in analytics, five bytes long, with its mark.
pub(crate) fn head(version: &str, copy: &str) -> Reply {
    Reply::Head(vec![
        ("x-amz-version-id", version.into()),
        ("content-length", "5".into()),
        ("etag", "\"e\"".into()),
        ("x-amz-meta-cvault-copy", copy.into()),
    ])
}

/// The other end.
#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) answer: Arc<dyn Fn(&Call) -> Reply + Send + Sync>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl StandIn {
    pub(crate) fn new(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), calls: Arc::default() }
    }

    /// What was asked so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Methods and paths of what was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.what).collect()
    }

    fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    pub(crate) fn macie(&self) -> Macie {
        let config = aws_sdk_macie2::Config::builder()
            .behavior_version(aws_sdk_macie2::config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.client());
        Macie::new(aws_sdk_macie2::Client::from_conf(config.build()))
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.client());
        aws_sdk_sns::Client::from_conf(config.build())
    }

    pub(crate) fn executions(&self) -> Executions {
        let config = aws_sdk_sfn::Config::builder()
            .behavior_version(aws_sdk_sfn::config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.client());
        Executions::new(aws_sdk_sfn::Client::from_conf(config.build()))
    }

    pub(crate) fn objects(&self) -> Objects {
        Objects::new(aws_sdk_s3::Client::from_conf(s3().http_client(self.client()).build()))
    }
}

/// What a client of S3 has in tests.
pub(crate) fn s3() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .force_path_style(true)
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandIn")
    }
}

impl HttpConnector for StandIn {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let path = request.uri().split_once("://").map_or(request.uri(), |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        let bytes = request.body().bytes().unwrap_or_default();
        let (body, text) = (serde_json::from_slice(bytes).unwrap_or_default(), String::from_utf8_lossy(bytes).into());
        let headers = request.headers().iter().map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let call = Call { what: format!("{} {path}", request.method()), headers, body, text };
        self.calls.lock().unwrap().push(call.clone());
        let answer = Arc::clone(&self.answer);
        HttpConnectorFuture::new(async move {
            // Whoever asks at the same time is served in between.
            tokio::task::yield_now().await;
            respond(answer(&call))
        })
    }
}

/// What goes over the wire.
fn respond(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let (status, headers, body) = match reply {
        Reply::Raw(name, value) => {
            let response = http::Response::builder().header(name, value).body(SdkBody::empty());
            return Ok(HttpResponse::try_from(response.unwrap()).unwrap());
        }
        Reply::Json(value) => (200, vec![], value.to_string().into_bytes()),
        Reply::Error(status, code, message) => {
            let body = serde_json::json!({"message": message}).to_string();
            (status, vec![("x-amzn-errortype", code.to_owned())], body.into_bytes())
        }
        Reply::Refusal(status, code) => (status, vec![], format!("<Error><Code>{code}</Code></Error>").into_bytes()),
        Reply::RefusalOf(status, code, argument) => {
            let named = format!("<Code>{code}</Code><ArgumentName>{argument}</ArgumentName>");
            (status, vec![], format!("<Error>{named}</Error>").into_bytes())
        }
        Reply::Head(headers) => (200, headers, vec![]),
        Reply::Whole(headers, body) => (200, headers, body),
        Reply::Status(status) => (status, vec![], vec![]),
        Reply::Marker => (404, vec![("x-amz-delete-marker", "true".to_owned())], vec![]),
        Reply::Bytes(bytes) => (200, vec![], bytes),
        Reply::Lost => return Err(ConnectorError::io("the connection was reset".into())),
    };
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
