//! What is said of a run as `name=value`: on the command line, in the configuration, as properties.

use lkreport_contract::run::RunJson;

/// Sets `name` of `run` to `value`.
///
/// The fields of `run.json` go by their names, `env.<name>` is of the machine, and every other
/// name is a component whose version is meant.
///
/// # Errors
///
/// When the value does not fit the field, as a lower-case fragment.
pub fn set(run: &mut RunJson, name: &str, value: &str) -> Result<(), String> {
    let text = Some(value.to_owned());
    let time = || {
        value.parse().map_err(|_| format!("`{value}` is not a time such as 2026-11-21T10:00:00Z"))
    };
    match name {
        "" => return Err("a name is missing before the `=`".to_owned()),
        "id" => run.id = text,
        "suite" => run.suite = text,
        "started" => run.started = Some(time()?),
        "finished" => run.finished = Some(time()?),
        "commit" => run.commit = text,
        "branch" => run.branch = text,
        "runtime" => run.runtime = text,
        "browser" => run.browser = text,
        "network" => run.network = text,
        "shard" => run.shard = text,
        "seed" => {
            run.seed = Some(
                value.parse().map_err(|_| format!("`{value}` is not a seed: a whole number"))?,
            )
        }
        _ => match name.strip_prefix("env.") {
            Some(name) => _ = run.environment.insert(name.to_owned(), value.to_owned()),
            None => _ = run.versions.insert(name.to_owned(), value.to_owned()),
        },
    }
    Ok(())
}
