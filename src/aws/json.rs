//! CloudWatch in JSON: its SDK speaks CBOR alone, which CloudWatch takes as well as JSON and other services that stand in
//! for it, and what records or refuses calls on the way, do not (truths W1).
//!
//! A call is rewritten before it is signed, and its answer before the SDK reads it. Both are trees of the same kinds of
//! values; only the SDK wants to be told which numbers are times or fractions.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value};

const PROTOCOL: &str = "smithy-protocol";
const CONTENT_TYPE: &str = "content-type";
const CONTENT_LENGTH: &str = "content-length";
/// The service's name in the header that names the operation.
const TARGET: &str = "GraniteServiceVersion20100801";

/// Rewrites calls, once each: what is tried again is signed again, and not rewritten.
#[derive(Debug)]
pub(super) struct Calls;

#[dyn_dispatch_hint]
impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "calls in JSON"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let operation = request.uri().rsplit('/').next().unwrap_or_default().to_owned();
        let body = json(&mut Decoder::new(request.body().bytes().unwrap_or_default()))?.to_string();
        request.set_uri("/")?;
        let headers = request.headers_mut();
        headers.remove(PROTOCOL);
        headers.remove("accept");
        headers.insert(CONTENT_TYPE, "application/x-amz-json-1.0");
        headers.insert(CONTENT_LENGTH, body.len().to_string());
        headers.insert("x-amz-target", format!("{TARGET}.{operation}"));
        *request.body_mut() = body.into();
        Ok(())
    }
}

/// A client, or one of its connectors, that rewrites answers.
#[derive(Debug)]
pub(super) struct Answers<T>(T);

impl Answers<SharedHttpClient> {
    /// This client, whose answers are to be in CBOR.
    pub fn of(client: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Self(client))
    }
}

impl HttpClient for Answers<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Answers(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Answers<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { rewritten(answer.await?).await })
    }
}

/// The answer in CBOR; as it is, where it is no JSON: a proxy's page, say.
async fn rewritten(mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let body = std::mem::replace(answer.body_mut(), SdkBody::empty());
    let body = ByteStream::new(body).collect().await.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    *answer.body_mut() = match serde_json::from_slice(&body) {
        Ok(said @ Value::Object(_)) => {
            let mut encoder = Encoder::new(vec![]);
            cbor(&mut encoder, "", &said);
            let headers = answer.headers_mut();
            headers.insert(PROTOCOL, "rpc-v2-cbor");
            headers.insert(CONTENT_TYPE, "application/cbor");
            headers.remove(CONTENT_LENGTH);
            encoder.into_writer().into()
        }
        _ => SdkBody::from(body),
    };
    Ok(answer)
}

/// The next value.
fn json(decoder: &mut Decoder<'_>) -> Result<Value, DeserializeError> {
    Ok(match decoder.datatype()? {
        Type::Bool => decoder.boolean()?.into(),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            decoder.long()?.into()
        }
        Type::F16 | Type::F32 | Type::F64 => decoder.double()?.into(),
        Type::String | Type::StringIndef => decoder.str()?.into(),
        Type::Array | Type::ArrayIndef => {
            let mut left = decoder.list()?;
            let mut items = vec![];
            while goes_on(decoder, &mut left)? {
                items.push(json(decoder)?);
            }
            items.into()
        }
        Type::Map | Type::MapIndef => {
            let mut left = decoder.map()?;
            let mut members = Map::new();
            while goes_on(decoder, &mut left)? {
                let name = decoder.str()?.into_owned();
                members.insert(name, json(decoder)?);
            }
            members.into()
        }
        other => return Err(DeserializeError::custom(format!("{other:?} in a call"), decoder.position())),
    })
}

/// Whether there is one more, of as many as are `left`, if that was said.
fn goes_on(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, DeserializeError> {
    match left {
        Some(0) => Ok(false),
        Some(left) => {
            *left -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == Type::Break => decoder.skip().map(|()| false),
        None => Ok(true),
    }
}

/// Writes a value, which is the member `name` of what it is in. What is null is left out, as AWS does.
fn cbor(encoder: &mut Encoder, name: &str, value: &Value) {
    match value {
        Value::Null => drop(encoder.null()),
        Value::Bool(value) => drop(encoder.boolean(*value)),
        Value::String(value) => drop(encoder.str(value)),
        Value::Number(value) => {
            let fraction = value.as_f64().unwrap_or_default();
            match value.as_i64() {
                _ if name.ends_with("Timestamp") => drop(encoder.timestamp(&DateTime::from_secs_f64(fraction))),
                Some(whole) if name != "Threshold" => drop(encoder.long(whole)),
                _ => drop(encoder.double(fraction)),
            }
        }
        Value::Array(items) => {
            encoder.array(items.len());
            for item in items {
                cbor(encoder, name, item);
            }
        }
        Value::Object(members) => {
            let members: Vec<_> = members.iter().filter(|(_, value)| !value.is_null()).collect();
            encoder.map(members.len());
            for (name, value) in members {
                cbor(encoder.str(name), name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::config::retry::RetryConfig;
    use aws_sdk_cloudwatch::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_cloudwatch::types::{Dimension, StateValue, Statistic, Tag};
    use aws_sdk_cloudwatch::{Client, error::ProvideErrorMetadata};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use aws_smithy_runtime_api::http::StatusCode;
    use serde_json::json;
    use std::sync::{Arc, Mutex};

    type Said = (u16, &'static str);

    /// What stands in for CloudWatch: it gives these answers, one after the other, and keeps what it was asked.
    #[derive(Clone, Debug)]
    struct StandIn(Arc<Mutex<(Vec<Said>, Vec<HttpRequest>)>>);

    impl StandIn {
        fn new(answers: impl IntoIterator<Item = Said>) -> Self {
            Self(Arc::new(Mutex::new((answers.into_iter().collect(), vec![]))))
        }

        fn client(&self) -> Client {
            let connector = SharedHttpConnector::new(self.clone());
            let config = aws_sdk_cloudwatch::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-west-1"))
                .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
                .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::ZERO))
                .http_client(Answers::of(http_client_fn(move |_, _| connector.clone())))
                .interceptor(Calls);
            Client::from_conf(config.build())
        }

        fn asked(&self) -> Vec<(String, Value, HttpRequest)> {
            let asked = std::mem::take(&mut self.0.lock().unwrap().1);
            let body = |request: &HttpRequest| serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let target = |request: &HttpRequest| request.headers().get("x-amz-target").unwrap().to_owned();
            asked.into_iter().map(|request| (target(&request), body(&request), request)).collect()
        }
    }

    impl HttpConnector for StandIn {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let mut all = self.0.lock().unwrap();
            all.1.push(request);
            let (status, body) = all.0.remove(0);
            let answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    #[tokio::test]
    async fn a_call_is_in_json_and_is_signed_so() {
        let stand_in = StandIn::new([(200, "{}")]);
        let dimension = Dimension::builder().name("QueueName").value("é").build();
        let put = stand_in.client().put_metric_alarm().alarm_name("a").period(300).threshold(2.5).dimensions(dimension);
        let put = put.statistic(Statistic::Sum).actions_enabled(true).tags(Tag::builder().key("k").value("v").build());
        put.send().await.unwrap();
        let (target, body, request) = stand_in.asked().remove(0);
        assert_eq!(target, "GraniteServiceVersion20100801.PutMetricAlarm");
        let wanted = json!({"AlarmName": "a", "Period": 300, "Threshold": 2.5, "Statistic": "Sum", "ActionsEnabled": true,
            "Dimensions": [{"Name": "QueueName", "Value": "é"}], "Tags": [{"Key": "k", "Value": "v"}]});
        assert_eq!(body, wanted);
        assert!(request.uri().ends_with(".amazonaws.com/"), "{}", request.uri());
        let header = |name: &str| request.headers().get(name).map(str::to_owned);
        assert_eq!(header("content-type").as_deref(), Some("application/x-amz-json-1.0"));
        assert_eq!(header("content-length"), Some(request.body().bytes().unwrap().len().to_string()));
        assert_eq!((header("smithy-protocol"), header("accept")), (None, None));
        let signed = header("authorization").unwrap();
        assert!(signed.contains("x-amz-target") && signed.contains("content-type"), "{signed}");
    }

    #[tokio::test]
    async fn an_answer_in_json_is_read() {
        let alarm = r#"{"MetricAlarms": [{"AlarmName": "a", "Threshold": 1, "Period": 300, "ActionsEnabled": false,
            "StateUpdatedTimestamp": 1764374400.5, "StateValue": "OK", "ExtendedStatistic": null, "AlarmActions": ["t"]},
            {"AlarmName": "b", "Threshold": 0.5}], "CompositeAlarms": []}"#;
        let stand_in = StandIn::new([(500, ""), (200, alarm)]);
        let described = stand_in.client().describe_alarms().alarm_names("a").send().await.unwrap();
        let [a, b] = described.metric_alarms() else { panic!("{described:?}") };
        assert_eq!((a.alarm_name(), a.threshold(), a.period()), (Some("a"), Some(1.0), Some(300)));
        assert_eq!((a.actions_enabled(), a.alarm_actions()), (Some(false), &["t".to_owned()][..]));
        assert_eq!((a.state_value(), a.extended_statistic()), (Some(&StateValue::Ok), None));
        assert_eq!(a.state_updated_timestamp().unwrap().to_millis().unwrap(), 1_764_374_400_500);
        assert_eq!(b.threshold(), Some(0.5));
        let asked = stand_in.asked();
        assert_eq!((asked.len(), &asked[0].1), (2, &asked[1].1), "what is tried again is the same");
    }

    #[tokio::test]
    async fn errors_keep_their_code_and_other_texts_stay() {
        let gone = r#"{"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no alarm"}"#;
        let stand_in = StandIn::new([(404, gone), (403, "<html>proxy</html>")]);
        let client = stand_in.client();
        let error = client.delete_alarms().alarm_names("a").send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Some("ResourceNotFound"), Some("no alarm")));
        let error = client.delete_alarms().alarm_names("a").send().await.unwrap_err();
        assert_eq!(error.code(), None);
        assert_eq!(error.raw_response().unwrap().body().bytes(), Some(&b"<html>proxy</html>"[..]));
    }
}
