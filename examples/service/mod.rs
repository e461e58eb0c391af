//! What the reference services share: settings from the environment, names in requests, answers in JSON.

use std::{collections::BTreeMap, env, net::SocketAddr, process::ExitCode};

use anyhow::{Context, ensure};
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Names of rooms and people are no longer than LiveKit takes them by default.
const LONGEST_NAME: usize = 128;

/// Ends a service that could not start, or cannot go on, with one line that says why.
pub(crate) fn end(run: anyhow::Result<()>) -> ExitCode {
    let Err(error) = run else { return ExitCode::SUCCESS };
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}

/// The values of these variables; all that are missing or empty are named at once.
pub(crate) fn required<const N: usize>(names: [&str; N]) -> anyhow::Result<[String; N]> {
    let values = names.map(|it| optional(it).unwrap_or_default());
    let missing = names.iter().zip(&values).filter(|(_, value)| value.is_empty());
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    ensure!(missing.is_empty(), "missing environment variables: {}", missing.join(", "));
    Ok(values)
}

/// The value of a variable that need not be there; an empty one is not.
pub(crate) fn optional(name: &str) -> Option<String> {
    env::var(name).ok().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
}

/// Serves on the loopback address that the command line names, until the process is ended.
pub(crate) fn serve(routes: Router) -> anyhow::Result<()> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8000".to_owned());
    let address: SocketAddr = address.parse().with_context(|| format!("`{address}`"))?;
    ensure!(address.ip().is_loopback(), "{address}: without TLS it listens on loopback only");
    let routes = routes.route("/health", get(|| async { "ok" })).fallback(nothing_there);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(address).await.with_context(|| address.to_string())?;
        eprintln!("listening on http://{}", listener.local_addr()?);
        Ok(axum::serve(listener, routes).await?)
    })
}

async fn nothing_there() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "nothing is at this path")
}

/// Answers in JSON; what may hold a token is kept in no cache.
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

/// Why a request is not done: `{"error": {"code": …, "message": …}}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The request itself is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        eprintln!("{} {code}: {message}", status.as_u16());
        answer(status, &json!({"error": {"code": code, "message": message}}))
    }
}

/// The parameters of a request.
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads what stands behind the `?` of an address.
    pub(crate) fn read(query: Option<String>) -> Result<Self, Refusal> {
        let mut all = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if all.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Refusal::invalid(format!("the parameter {name:?} is given twice")));
            }
        }
        Ok(Self(all))
    }

    /// The name of a room or of a person, which has to be one.
    pub(crate) fn name(&self, parameter: &str) -> Result<&str, Refusal> {
        let wrong = |what: &str| Refusal::invalid(format!("the parameter `{parameter}` {what}"));
        let value = self.get(parameter).ok_or_else(|| wrong("is missing"))?;
        if value.trim().is_empty() {
            return Err(wrong("is empty"));
        }
        if value.len() > LONGEST_NAME {
            return Err(wrong(&format!("has more than {LONGEST_NAME} bytes")));
        }
        if value.chars().any(char::is_control) {
            return Err(wrong("has control characters"));
        }
        Ok(value)
    }

    /// The value of a parameter that need not be there.
    pub(crate) fn get(&self, parameter: &str) -> Option<&str> {
        self.0.get(parameter).map(String::as_str)
    }
}
