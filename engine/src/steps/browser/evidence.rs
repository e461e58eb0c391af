//! What is kept of people in browsers: of a failure, and of every moment at which something broke.

use crate::{
    browser::{Break, Person},
    context::Context,
    messages::Status,
};

/// Keeps what a person saw: after a failure now, and whenever something broke that nobody wanted to end.
pub(super) async fn keep(step: &Context, name: &str, person: &Person) {
    let (who, breaks) = (format!("{name}-{}", person.browser().name), person.breaks());
    for (n, it) in (1..).zip(&breaks) {
        moment(step, &format!("{who}-break-{n}"), name, it);
    }
    let has_failed = step.status == Status::Failed;
    if has_failed {
        let picture = person.screenshot().await;
        picture_of(step, &who, picture.map_err(|it| it.to_string()));
    }
    if has_failed || !breaks.is_empty() {
        history(step, &who, person).await;
    }
}

/// How things stood when something broke.
fn moment(step: &Context, what: &str, name: &str, it: &Break) {
    step.log(&format!("{name}, {}: {}", it.at, it.what));
    picture_of(step, what, it.picture.clone());
    let look = match &it.look {
        Ok(look) => format!("{look:#?}"),
        Err(error) => format!("the page does not answer: {error}"),
    };
    step.attach_named("text/plain", &format!("{what}.txt"), &format!("{}\n{look}", it.what));
}

/// The console, what happened and what was measured, from the beginning.
async fn history(step: &Context, who: &str, person: &Person) {
    let console = person.console();
    let console: Vec<_> =
        console.iter().map(|it| format!("{} {} {}", it.at, it.level, it.text)).collect();
    step.attach_named("text/plain", &format!("{who}-console.txt"), &console.join("\n"));
    let happened = person.look(|it| {
        let lines = it.events.iter().map(ToString::to_string).collect::<Vec<_>>();
        format!("{}\n\nat the end: {:#?}", lines.join("\n"), it.now)
    });
    match happened.await {
        Ok(text) => step.attach_named("text/plain", &format!("{who}-events.txt"), &text),
        Err(error) => step.log(&format!("warning: the page of {who} does not answer: {error}")),
    }
    let samples = person.samples().into_iter().filter_map(|it| serde_json::to_string(&it).ok());
    let samples = samples.collect::<Vec<_>>().join("\n");
    step.attach_named("application/x-ndjson", &format!("{who}-statistics.ndjson"), &samples);
}

/// A picture that cannot be kept is a warning, never the cause.
fn picture_of(step: &Context, who: &str, picture: Result<Vec<u8>, String>) {
    let kept = picture.and_then(|bytes| {
        let file = tempfile::NamedTempFile::new().map_err(|it| it.to_string())?;
        std::fs::write(file.path(), bytes).map_err(|it| it.to_string())?;
        let name = format!("{who}.png");
        step.attach_file("image/png", &name, file.path()).map_err(|it| it.to_string())
    });
    if let Err(error) = kept {
        step.log(&format!("warning: no screenshot of {who}: {error}"));
    }
}
