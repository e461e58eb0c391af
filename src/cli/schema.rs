//! `lkreport schema`: the JSON Schemas of the files that others write or read.

use lkreport_contract::{metrics, outcome::OutcomeAttachment, run::RunJson};

use super::{
    args,
    config::Layer,
    output::{Answer, print},
};
use crate::{issues::SCHEMA, render::api};

pub(super) fn run(args: &args::Schema) -> anyhow::Result<Answer> {
    if args.name == "known-issue" {
        print(SCHEMA)?;
        return Ok(Answer::Yes);
    }
    let schema = match args.name.as_str() {
        "run" => api::schema::<RunJson>(),
        "metrics" => api::schema::<metrics::Line>(),
        "outcome" => api::schema::<OutcomeAttachment>(),
        "config" => api::schema::<Layer>(),
        name => {
            let known = api::schemas().into_iter().find(|(it, _)| *it == name);
            known.map(|(_, schema)| schema).expect("clap lets only known names through")
        }
    };
    print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(Answer::Yes)
}
