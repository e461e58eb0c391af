//! `lkreport serve`: the site on 127.0.0.1, built again when something changes.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use anyhow::Context;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{RawQuery, Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use notify::{RecursiveMode, Watcher};
use tokio::{net::TcpListener, sync::watch};
use tower_http::services::{ServeDir, ServeFile};

use super::{
    args::{self, Global},
    build, catalogue, config,
    output::{Answer, Talk},
};

/// The script behind each page: once the page is there, it asks for the script that waits, because a
/// page is not done before the scripts are that it began with. Its query says which build the page
/// is of.
const RELOAD: &str = "/.lkreport-reload.js";
const RELOADING: &str = r#"(() => {
  const { search } = new URL(document.currentScript.src);
  const wait = () => {
    const script = document.createElement("script");
    script.src = `/.lkreport-built.js${search}`;
    script.onerror = () => setTimeout(wait, 1000);
    document.head.append(script);
  };
  if (document.readyState === "complete") wait();
  else addEventListener("load", wait);
})();
"#;

/// The script that comes when the site has been built again; a script and not a request, because
/// the policy of a user's templates may allow nothing else.
const BUILT: &str = "/.lkreport-built.js";

pub(super) fn run(args: &args::Serve, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let config = config::of_build(&args.build, global)?;
    build::build(&config, global, talk)?;
    let (built, builds) = watch::channel(0_u64);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = runtime.block_on(TcpListener::bind(address)).with_context(|| {
        format!("{address}: the port cannot be had; `--port 0` chooses a free one")
    })?;
    talk.say(&format!("http://{}/   (Ctrl-C ends it)", listener.local_addr()?));
    let app = router(&config.out, builds);
    std::thread::scope(|scope| {
        scope.spawn(|| runtime.block_on(async { axum::serve(listener, app).await }));
        rebuild_on_change(args, global, talk, &built)
    })
}

fn router(out: &std::path::Path, builds: watch::Receiver<u64>) -> Router {
    let files = ServeDir::new(out).not_found_service(ServeFile::new(out.join("404.html")));
    Router::new()
        .route(RELOAD, get(|| async { script(RELOADING) }))
        .route(BUILT, get(wait_for_build))
        .with_state(builds.clone())
        .fallback_service(files)
        .layer(from_fn_with_state(builds, add_script))
}

fn script(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/javascript"), (header::CACHE_CONTROL, "no-store")], text)
        .into_response()
}

/// Answers when the site has been built again since the build that the query names.
async fn wait_for_build(
    State(mut builds): State<watch::Receiver<u64>>,
    RawQuery(seen): RawQuery,
) -> Response {
    let seen: Option<u64> = seen.and_then(|it| it.parse().ok());
    let is_built = builds.wait_for(|built| Some(*built) != seen).await.is_ok();
    script(if is_built { "location.reload()" } else { "" })
}

/// Puts the waiting script behind each page; what is published never carries it.
async fn add_script(
    State(builds): State<watch::Receiver<u64>>,
    request: Request,
    next: Next,
) -> Response {
    // Read before the page is, so that a build in between is noticed.
    let built = *builds.borrow();
    let response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it.to_str().is_ok_and(|it| it.starts_with("text/html")));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, usize::MAX).await else {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut page = page.to_vec();
    page.extend_from_slice(
        format!("<script src=\"{RELOAD}?{built}\" async></script>\n").as_bytes(),
    );
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(page))
}

/// Watches all that a build reads, but for the history; a build that fails is said, and the old site stays.
fn rebuild_on_change(
    args: &args::Serve,
    global: &Global,
    talk: &Talk,
    built: &watch::Sender<u64>,
) -> anyhow::Result<Answer> {
    let (changed, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|it| !it.kind.is_access()) {
            // The receiver only goes away with the program.
            _ = changed.send(());
        }
    })?;
    let config = config::of_build(&args.build, global)?;
    let configuration = global.config.clone().unwrap_or_else(|| PathBuf::from("lkreport.toml"));
    let known_issues = PathBuf::from(catalogue::FOLDER);
    let beside = config.beside.paths().chain([&known_issues, &configuration]);
    let watched = config.results.iter().chain(&config.templates).chain(beside);
    for path in watched.filter(|it| it.exists()) {
        watcher
            .watch(path, RecursiveMode::Recursive)
            .with_context(|| format!("{}: cannot be watched", path.display()))?;
    }
    while changes.recv().is_ok() {
        // Test runners write many files at once; the build waits until they rest.
        while !matches!(changes.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout)) {}
        match config::of_build(&args.build, global).and_then(|it| build::build(&it, global, talk)) {
            Ok(_) => built.send_modify(|it| *it += 1),
            Err(error) => talk.say(&format!("error: {error:#}")),
        }
    }
    Ok(Answer::Yes)
}

/// How long nothing may change before a build begins.
const QUIET: Duration = Duration::from_millis(200);
