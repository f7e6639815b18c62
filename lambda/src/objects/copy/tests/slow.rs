//! An S3 that answers at once and then is silent for as long as it works, as the real one is: over a socket,
//! since it is the SDK's reading of the stream that gave up after six seconds.

use super::{FROM, TO};
use crate::messages::Result;
use crate::objects::{Copying, Head, Marks, Objects};
use crate::stand_in::s3;
use aws_smithy_http_client::Builder;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Longer than the SDK waits by itself.
const SILENCE: Duration = Duration::from_secs(8);

/// Answers each request on a thread of its own, and is silent in the middle of the answer to `slow` ones.
fn serve(slow: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || while answer(&stream, slow).is_some() {});
        }
    });
    format!("http://{address}")
}

/// One request; `None` when the client is gone.
fn answer(stream: &TcpStream, slow: &str) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((_, value)) = header.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.trim().parse().unwrap();
        }
    }
    std::io::copy(&mut std::io::Read::take(reader, length), &mut std::io::sink()).ok()?;
    let body = match request.as_str() {
        what if what.starts_with("HEAD") => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 25\r\netag: \"e\"\r\n\r\n";
            return (&mut &*stream).write_all(head.as_bytes()).ok();
        }
        what if what.contains("tagging") => "<Tagging><TagSet></TagSet></Tagging>",
        what if what.contains("uploads") => {
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
        }
        what if what.contains("partNumber") => "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>",
        _ => "<CompleteMultipartUploadResult><ETag>\"c\"</ETag></CompleteMultipartUploadResult>",
    };
    let begin = "<?xml version=\"1.0\"?>\n";
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{begin}", begin.len() + body.len());
    (&mut &*stream).write_all(head.as_bytes()).ok()?;
    if request.contains(slow) {
        thread::sleep(SILENCE);
    }
    (&mut &*stream).write_all(body.as_bytes()).ok()
}

async fn copied(slow: &'static str) -> Result<Option<Head>> {
    let config = s3().endpoint_url(serve(slow)).http_client(Builder::new().build_http());
    let copying = Copying { whole: 10, part: 20, parts: 100, at_once: 2 };
    let objects = Objects::with(aws_sdk_s3::Client::from_conf(config.build()), copying);
    let head = objects.head(FROM).await?.unwrap();
    objects.copy(FROM, &head, TO, Marks::default()).await
}

#[tokio::test]
async fn a_part_that_takes_long_is_waited_for() {
    assert!(copied("partNumber").await.unwrap().is_some());
}

#[tokio::test]
async fn a_completion_that_takes_long_is_waited_for() {
    assert!(copied("POST /an/i/a.csv?uploadId").await.unwrap().is_some());
}
