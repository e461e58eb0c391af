//! `lkreport init`: the files that a project begins with.

use std::{fs, path::Path};

use anyhow::Context;

use super::{
    args,
    output::{Answer, Talk},
};

/// What is written, and where.
const FILES: [(&str, &str); 3] = [
    ("lkreport.toml", include_str!("init/lkreport.toml")),
    ("known-issues/EX-001.yaml", include_str!("init/known-issue.yaml")),
    (".github/workflows/lkreport.yml", include_str!("init/workflow.yml")),
];

pub(super) fn run(args: &args::Init, talk: &Talk) -> anyhow::Result<Answer> {
    let mut written = 0;
    for (name, content) in FILES {
        let path = Path::new(name);
        if path.exists() && !args.force {
            talk.say(&format!("{name}: is there already, left as it is"));
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(path, content))
            .with_context(|| format!("{name}: could not be written"))?;
        talk.say(&format!("{name}: written"));
        written += 1;
    }
    if written > 0 {
        talk.say("next: run your tests, then `lkreport build`, and open report/index.html");
    }
    Ok(Answer::Yes)
}
