//! What is said on the terminal, and the exit codes.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Global;

/// How a command ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done.
    Yes,
    /// Done, and the answer is no.
    No,
    /// Somebody interrupted it.
    #[cfg(feature = "engine")]
    Interrupted,
}

/// The exit code of a command: 0 done, 1 done and the answer is no, 2 could not do it, 130 interrupted.
pub(super) fn exit_code(done: anyhow::Result<Answer>) -> ExitCode {
    match done {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        #[cfg(feature = "engine")]
        Ok(Answer::Interrupted) => ExitCode::from(130),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

/// Whoever read our output has seen enough, as in `lkreport inspect … | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |it: &io::Error| it.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// Advice that goes with an error.
#[derive(Debug)]
pub(super) struct Hint(pub(super) String);

impl std::fmt::Display for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn complain(error: &anyhow::Error) {
    let hint = error.downcast_ref::<Hint>().map(|it| it.0.clone());
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    if hint.is_some() {
        causes.remove(0);
    }
    let mut text = String::new();
    for (n, cause) in causes.iter().enumerate() {
        text += if n == 0 { "error: " } else { "  caused by: " };
        text += cause.trim_end();
        text.push('\n');
    }
    if let Some(hint) = hint {
        text += &format!("\nhint: {hint}\n");
    }
    // Nobody is left to be told when even stderr is gone.
    _ = io::stderr().write_all(text.as_bytes());
}

/// Speaks to the person at the terminal, as loudly as asked for.
#[derive(Debug)]
pub(super) struct Talk {
    loudness: i8,
    timings: bool,
    started: Instant,
}

impl Talk {
    pub(super) fn new(global: &Global) -> Self {
        let loud = i8::try_from(global.verbose).unwrap_or(i8::MAX);
        let loudness = if global.quiet { -1 } else { loud };
        Self { loudness, timings: global.timings, started: Instant::now() }
    }

    /// One line for everyone who did not ask for silence.
    pub(super) fn say(&self, line: &str) {
        self.say_from(0, line);
    }

    /// One line for those who asked for more.
    pub(super) fn detail(&self, line: &str) {
        self.say_from(1, line);
    }

    fn say_from(&self, loudness: i8, line: &str) {
        if self.loudness >= loudness {
            _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Says how long a part took, when asked to.
    pub(super) fn timed<T>(&self, part: &str, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        if self.timings {
            let (took, total) = (began.elapsed(), self.started.elapsed());
            _ = writeln!(io::stderr(), "{part:<12} {took:>10.1?}   (at {total:.1?})");
        }
        result
    }

    /// A bar over `total` pieces of work; silent unless a person looks.
    pub(super) fn progress(&self, what: &'static str, total: usize) -> ProgressBar {
        let watched = self.loudness >= 0 && io::stderr().is_terminal();
        let target =
            if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{msg:10} {bar:40} {pos}/{len} {eta}")
            .expect("the template is constant");
        let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_style(style);
        bar.with_message(what)
    }
}

/// A number with its noun: `1 run`, `2 runs`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Writes data to stdout.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
