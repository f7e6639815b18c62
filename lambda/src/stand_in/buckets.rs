//! A small S3 in memory, with versions, tags, copies and the conditions of writes: what the steps ask of it, no more.

use super::{Call, Reply, StandIn};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// A version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
    /// The user's metadata, by the names of their headers.
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tags: Vec<(String, String)>,
    /// Seconds since 1970.
    pub(crate) stored_at: i64,
    /// Whether it is a delete marker.
    pub(crate) is_marker: bool,
    /// Whether it is archived, so that nobody reads it.
    pub(crate) is_archived: bool,
    /// How S3 refuses who reads it, as where its key is gone: neither its bytes nor its checksum.
    pub(crate) withheld: Option<(u16, &'static str)>,
}

impl Version {
    /// No digest, as that of an encrypted object is none: no two versions have the same.
    fn etag(&self) -> String {
        format!("\"{}\"", self.id.replace('-', "etag"))
    }

    /// How S3 refuses who reads its bytes.
    fn refusal(&self) -> Option<(u16, &'static str)> {
        self.withheld.or(self.is_archived.then_some((403, "InvalidObjectState")))
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let time = DateTime::from_secs(self.stored_at).fmt(Format::HttpDate).unwrap();
        let mut headers = vec![
            ("content-length", self.body.len().to_string()),
            ("etag", self.etag()),
            ("x-amz-version-id", self.id.clone()),
            ("last-modified", time),
        ];
        headers.extend(self.is_archived.then(|| ("x-amz-storage-class", "GLACIER".to_owned())));
        // Headers have names that live as long as the program.
        headers.extend(self.metadata.iter().map(|(name, value)| (&*name.clone().leak(), value.clone())));
        headers
    }
}

/// The buckets: each key's versions, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets(Arc<Mutex<BTreeMap<String, Vec<Version>>>>, Arc<AtomicUsize>);

impl Buckets {
    /// The other end of a client that has these.
    pub(crate) fn stand_in(&self) -> StandIn {
        let buckets = self.clone();
        StandIn::new(move |call| buckets.answer(call))
    }

    /// Stores a version at `bucket/key`, and gives its id.
    pub(crate) fn put(&self, path: &str, version: Version) -> String {
        let mut all = self.0.lock().unwrap();
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        let versions = all.entry(path.to_owned()).or_default();
        let id = format!("v{number}-{}", versions.len());
        let stored_at = DateTime::from(SystemTime::now()).secs();
        versions.push(Version { id: id.clone(), stored_at, ..version });
        id
    }

    /// All versions below a path, with theirs.
    pub(crate) fn all(&self, prefix: &str) -> Vec<(String, Version)> {
        let all = self.0.lock().unwrap();
        let below = all.iter().filter(|(path, _)| path.starts_with(prefix));
        below.flat_map(|(path, versions)| versions.iter().map(|version| (path.clone(), version.clone()))).collect()
    }

    /// Removes all versions at `bucket/key`.
    pub(crate) fn remove(&self, path: &str) {
        self.0.lock().unwrap().remove(path);
    }

    /// Lets time go by: everything becomes older, as what is said of it.
    pub(crate) fn age(&self, seconds: i64) {
        for version in self.0.lock().unwrap().values_mut().flatten() {
            version.stored_at -= seconds;
            let older = |word: &str| word.parse().map_or(word.to_owned(), |came: i64| (came - seconds).to_string());
            for name in ["x-amz-meta-cvault-companions", "x-amz-meta-cvault-uploaded"] {
                if let Some(said) = version.metadata.get_mut(name) {
                    *said = said.split(' ').map(older).collect::<Vec<_>>().join(" ");
                }
            }
        }
    }

    /// Archives all versions of `bucket/key`, as a lifecycle rule does.
    pub(crate) fn archive(&self, path: &str) {
        for version in self.0.lock().unwrap().get_mut(path).into_iter().flatten() {
            version.is_archived = true;
        }
    }

    /// Has S3 refuse so whoever reads a version that `bucket/key` has by now.
    pub(crate) fn withhold(&self, path: &str, status: u16, code: &'static str) {
        for version in self.0.lock().unwrap().get_mut(path).into_iter().flatten() {
            version.withheld = Some((status, code));
        }
    }

    /// Has all versions below a path stored in one and the same second.
    pub(crate) fn at_once(&self, prefix: &str) {
        let mut all = self.0.lock().unwrap();
        let below = all.iter_mut().filter(|(path, _)| path.starts_with(prefix));
        let below: Vec<_> = below.flat_map(|(_, versions)| versions).collect();
        let last = below.iter().map(|version| version.stored_at).max().unwrap_or_default();
        for version in below {
            version.stored_at = last;
        }
    }

    fn find(&self, path: &str, id: Option<&str>) -> Option<Version> {
        let all = self.0.lock().unwrap();
        let versions = all.get(path)?;
        match id {
            None => versions.last().cloned(),
            Some(id) => versions.iter().find(|version| version.id == id).cloned(),
        }
    }

    fn answer(&self, call: &Call) -> Reply {
        let (method, target) = call.what.split_once(' ').unwrap();
        let (path, query) =
            target.trim_start_matches('/').split_once('?').unwrap_or((target.trim_start_matches('/'), ""));
        let parameter =
            |name: &str| query.split('&').find_map(|pair| pair.split_once('=').filter(|(it, _)| *it == name));
        let id = parameter("versionId").map(|(_, id)| id);
        let is = |name: &str| query.split('&').any(|pair| pair == name || pair.starts_with(&format!("{name}=")));
        match method {
            "GET" if is("versions") => {
                self.list(path.trim_end_matches('/'), parameter("prefix").map_or("", |(_, prefix)| prefix))
            }
            "PUT" if is("tagging") => self.tag(path, id, &call.text),
            "PUT" => self.copy(path, call),
            "DELETE" => {
                if let Some(versions) = self.0.lock().unwrap().get_mut(path) {
                    versions.retain(|version| Some(version.id.as_str()) != id);
                }
                Reply::Status(204)
            }
            _ => match self.find(path, id) {
                None => Reply::Status(404),
                Some(version) if version.is_marker => Reply::Marker,
                Some(version) if is("tagging") => Reply::Bytes(tagging(&version.tags).into_bytes()),
                Some(version) if method == "HEAD" => match version.withheld {
                    Some((status, _)) if call.headers.contains_key("x-amz-checksum-mode") => Reply::Status(status),
                    _ => Reply::Head(version.headers()),
                },
                Some(version) => match version.refusal() {
                    Some((status, code)) => Reply::Refusal(status, code),
                    None => Reply::Whole(version.headers(), version.body),
                },
            },
        }
    }

    fn copy(&self, path: &str, call: &Call) -> Reply {
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        let source = header("x-amz-copy-source").unwrap();
        let (from, id) = source.split_once("?versionId=").map_or((source, None), |(from, id)| (from, Some(id)));
        let Some(source) = self.find(from, id) else { return Reply::Refusal(404, "NoSuchVersion") };
        if let Some((status, code)) = source.refusal() {
            return Reply::Refusal(status, code);
        }
        let current = self.find(path, None);
        let met = match (header("if-match"), header("if-none-match")) {
            (Some(etag), _) => current.is_some_and(|current| current.etag() == etag),
            (None, Some(_)) => current.is_none(),
            (None, None) => true,
        };
        if !met {
            return Reply::Refusal(412, "PreconditionFailed");
        }
        let said = ["content-encoding", "x-amz-website-redirect-location"];
        let is_mark = |name: &str| name.starts_with("x-amz-meta-") || said.contains(&name);
        let metadata = call.headers.iter().filter(|(name, _)| is_mark(name));
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let tags = header("x-amz-tagging").unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let tags = match header("x-amz-tagging-directive") {
            Some("COPY") => source.tags,
            _ => tags.map(|(key, value)| (decoded(key), decoded(value))).collect(),
        };
        let metadata = match header("x-amz-metadata-directive") {
            Some("COPY") => source.metadata,
            _ => metadata.map(|(name, value)| (name.clone(), value.clone())).collect(),
        };
        let id = self.put(path, Version { body: source.body, metadata, tags, ..Version::default() });
        let body = "<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>";
        Reply::Whole(vec![("x-amz-version-id", id)], body.into())
    }

    fn tag(&self, path: &str, id: Option<&str>, text: &str) -> Reply {
        let mut all = self.0.lock().unwrap();
        let version = all.get_mut(path).and_then(|versions| versions.iter_mut().find(|it| Some(it.id.as_str()) == id));
        let Some(version) = version else { return Reply::Refusal(404, "NoSuchVersion") };
        let between = |text: &str, tag: &str| {
            let after = text.split_once(&format!("<{tag}>")).map_or("", |(_, after)| after);
            after.split_once("</").map_or(String::new(), |(value, _)| value.to_owned())
        };
        let tags = text.split("<Tag>").skip(1);
        version.tags = tags.map(|tag| (between(tag, "Key"), between(tag, "Value"))).collect();
        Reply::Status(200)
    }

    fn list(&self, bucket: &str, prefix: &str) -> Reply {
        let prefix = percent_encoding::percent_decode_str(prefix).decode_utf8().unwrap();
        let mut xml = "<ListVersionsResult><IsTruncated>false</IsTruncated>".to_owned();
        let all = self.0.lock().unwrap();
        for (path, versions) in all.iter().filter(|(path, _)| path.starts_with(&format!("{bucket}/{prefix}"))) {
            for (age, version) in versions.iter().rev().enumerate() {
                let key = path.split_once('/').map_or("", |(_, key)| key);
                let time = DateTime::from_secs(version.stored_at).fmt(Format::DateTime).unwrap();
                let (id, etag, size) = (&version.id, version.etag(), version.body.len());
                let class = if version.is_archived { "GLACIER" } else { "STANDARD" };
                let kind = if version.is_marker { "DeleteMarker" } else { "Version" };
                let _ = write!(
                    xml,
                    "<{kind}><Key>{key}</Key><VersionId>{id}</VersionId><ETag>{etag}</ETag><Size>{size}</Size>\
                     <StorageClass>{class}</StorageClass><LastModified>{time}</LastModified>\
                     <IsLatest>{}</IsLatest></{kind}>",
                    age == 0
                );
            }
        }
        Reply::Bytes((xml + "</ListVersionsResult>").into_bytes())
    }
}

fn tagging(tags: &[(String, String)]) -> String {
    let tags = tags.iter().map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"));
    format!("<Tagging><TagSet>{}</TagSet></Tagging>", tags.collect::<String>())
}
