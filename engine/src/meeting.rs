//! The meeting page, served on loopback: for browsers of scenarios, and for people.
//!
//! The page stands below the version of the client that it uses, `/2.16.1/`, so that one server serves
//! all versions beside each other.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path as Parts, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{net::TcpListener, sync::Mutex, task::AbortHandle};

use crate::{
    browser::client_js::{self, ClientError},
    version::Version,
};

/// The parts of the page, with their media types.
const PARTS: [(&str, &str, &str); 6] = [
    ("", "text/html; charset=utf-8", include_str!("../meeting/meeting.html")),
    ("meeting.css", "text/css; charset=utf-8", include_str!("../meeting/meeting.css")),
    ("probe.js", "text/javascript; charset=utf-8", include_str!("../meeting/probe.js")),
    ("monitor.js", "text/javascript; charset=utf-8", include_str!("../meeting/monitor.js")),
    ("meeting.js", "text/javascript; charset=utf-8", include_str!("../meeting/meeting.js")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("../meeting/page.js")),
];

/// Nothing is loaded from elsewhere; servers are wherever somebody says.
const POLICY: &str = "default-src 'self'; connect-src *; img-src data:; media-src * blob:; \
     worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'";

/// A server of the meeting page, until it is dropped.
#[derive(Debug)]
pub struct Meeting {
    address: SocketAddr,
    clients: Arc<Clients>,
    task: AbortHandle,
}

/// The clients that were asked for.
#[derive(Debug)]
struct Clients {
    directory: PathBuf,
    scripts: Mutex<BTreeMap<Version, Bytes>>,
}

impl Meeting {
    /// Serves the page at a port of loopback; at any that is free for 0. Clients are kept in a directory.
    ///
    /// # Errors
    ///
    /// When the port cannot be had.
    pub async fn start(port: u16, clients: &Path) -> io::Result<Self> {
        let at = (IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let clients = Clients { directory: clients.to_owned(), scripts: Mutex::default() };
        let clients = Arc::new(clients);
        let router =
            Router::new().route("/{version}/", get(page)).route("/{version}/{part}", get(part));
        let service = router.with_state(Arc::clone(&clients));
        let task = tokio::spawn(async move { _ = axum::serve(listener, service).await });
        Ok(Self { address, clients, task: task.abort_handle() })
    }

    /// Where the page is with this version of the client, which is there then.
    ///
    /// # Errors
    ///
    /// When there is no such client.
    pub async fn url(&self, client: &Version) -> Result<String, ClientError> {
        self.clients.script(client).await?;
        Ok(format!("http://{}/{}/", self.address, client.meaning()))
    }
}

impl Drop for Meeting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Clients {
    async fn script(&self, version: &Version) -> Result<Bytes, ClientError> {
        let mut scripts = self.scripts.lock().await;
        if let Some(script) = scripts.get(version) {
            return Ok(script.clone());
        }
        let script = Bytes::from(client_js::script(&self.directory, version).await?);
        scripts.insert(version.clone(), script.clone());
        Ok(script)
    }

    /// A client that was asked for; a page cannot have others fetched.
    async fn known(&self, version: &str) -> Option<Bytes> {
        self.scripts.lock().await.get(&version.parse().ok()?).cloned()
    }
}

async fn page(clients: State<Arc<Clients>>, Parts(version): Parts<String>) -> Response {
    part(clients, Parts((version, String::new()))).await
}

async fn part(
    State(clients): State<Arc<Clients>>,
    Parts((version, part)): Parts<(String, String)>,
) -> Response {
    let Some(script) = clients.known(&version).await else { return missing() };
    if part == "livekit-client.js" {
        return answer("text/javascript; charset=utf-8", script);
    }
    let found = PARTS.into_iter().find(|it| it.0 == part);
    found.map_or_else(missing, |(_, media_type, text)| answer(media_type, Bytes::from(text)))
}

fn answer(media_type: &'static str, body: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, body).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such page").into_response()
}
