//! The little of S3 that the engine says itself: signed requests to a store on its own machine.
//!
//! The signature is version 4 of AWS
//! ([how](https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html)).

use std::net::SocketAddr;

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Stores on one machine know no regions, and take this one.
const REGION: &str = "us-east-1";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key.
    pub access: String,
    /// Its secret.
    pub secret: String,
}

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be asked.
    #[error("the store could not be asked")]
    Unreachable(#[from] reqwest::Error),
    /// It refused.
    #[error("the store refused to make bucket `{bucket}` with {status}: {answer}")]
    Refused {
        /// The bucket.
        bucket: String,
        /// The status over HTTP.
        status: u16,
        /// What it said.
        answer: String,
    },
}

/// Makes a bucket; one that is there already and is the asker's own is good.
///
/// # Errors
///
/// When the store cannot be reached or refuses.
pub async fn create_bucket(at: SocketAddr, bucket: &str, keys: &Keys) -> Result<(), StoreError> {
    let (host, path) = (at.to_string(), format!("/{bucket}"));
    let request = Request { method: "PUT", host: &host, path: &path, body: b"" };
    let mut asked =
        reqwest::Client::builder().no_proxy().build()?.put(format!("http://{at}{path}"));
    for (name, value) in request.signed(keys, Timestamp::now()) {
        asked = asked.header(name, value);
    }
    let answer = asked.send().await?;
    let status = answer.status();
    let answer = answer.text().await?;
    if status.is_success() || answer.contains("BucketAlreadyOwnedByYou") {
        return Ok(());
    }
    Err(StoreError::Refused { bucket: bucket.to_owned(), status: status.as_u16(), answer })
}

/// A request without a query.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `PUT`, …
    pub method: &'a str,
    /// Host and port, as the header `Host` has them.
    pub host: &'a str,
    /// The path, with what needs it escaped.
    pub path: &'a str,
    /// What is sent.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// The headers that sign it, besides `Host`.
    #[must_use]
    pub fn signed(&self, keys: &Keys, now: Timestamp) -> [(&'static str, String); 3] {
        const NAMES: &str = "host;x-amz-content-sha256;x-amz-date";
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let date = &time[..8];
        let (body, Self { method, host, path, .. }) = (hex(&Sha256::digest(self.body)), self);
        let canonical = format!(
            "{method}\n{path}\n\nhost:{host}\nx-amz-content-sha256:{body}\nx-amz-date:{time}\n\n{NAMES}\n{body}"
        );
        let scope = format!("{date}/{REGION}/s3/aws4_request");
        let canonical = hex(&Sha256::digest(canonical));
        let signed = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}");
        let first = format!("AWS4{}", keys.secret).into_bytes();
        let parts = [date, REGION, "s3", "aws4_request"];
        let key = parts.iter().fold(first, |key, part| mac(&key, part));
        let signature = hex(&mac(&key, &signed));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={NAMES},Signature={signature}",
            keys.access
        );
        [("x-amz-content-sha256", body), ("x-amz-date", time), ("authorization", authorization)]
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length, so there is no case in which it does not begin.
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
