//! `lkreport meet`: the meeting page that browsers of scenarios use, for people.

use std::env;

use anyhow::Context;
use lkreport_engine::{app::query, browser::client_js, meeting::Meeting};

use super::{
    super::{
        args,
        output::{Answer, Hint, print},
    },
    programs::interrupted,
    token,
};

pub(in super::super) fn meet(args: &args::Meet) -> anyhow::Result<Answer> {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    tokio.block_on(async {
        let clients = client_js::default_directory();
        let meeting = Meeting::start(args.port, &clients).await;
        let meeting = meeting.with_context(|| format!("--port {}", args.port))?;
        let client = args.client_js.clone().unwrap_or_else(client_js::usual);
        let hint = || Hint("`npm` fetches livekit-client once; then it is kept".to_owned());
        let page = meeting.url(&client).await.map_err(anyhow::Error::from).with_context(hint)?;
        print(&format!("{page}{}\n", link(args)?))?;
        interrupted().await;
        Ok(Answer::Yes)
    })
}

/// What fills in the form of the page, behind the mark that browsers never send; nothing where nobody is named.
fn link(args: &args::Meet) -> anyhow::Result<String> {
    let Some(identity) = &args.identity else { return Ok(String::new()) };
    let url = env::var("LIVEKIT_URL").ok().filter(|it| !it.is_empty());
    let hint = || Hint("`lkreport stack up` starts a server and prints what to set".to_owned());
    let url = url.context("LIVEKIT_URL is not set").with_context(hint)?;
    let token = token::to_join(identity, &args.room)?;
    Ok(format!("#{}", query(&[("url", &url), ("token", &token)])))
}
