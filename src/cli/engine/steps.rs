//! `lkreport steps`: what features can say.

use lkreport_engine::steps::{Known, listed};

use super::super::{
    args,
    output::{Answer, print},
};

pub(in super::super) fn steps(args: &args::Steps) -> anyhow::Result<Answer> {
    let words: Vec<String> = args.words.iter().map(|it| it.to_lowercase()).collect();
    let has_all = |it: &Known| {
        let text = format!("{} {} {}", it.area, it.expression, it.meaning).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let known: Vec<Known> = listed().known.into_iter().filter(has_all).collect();
    if args.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&known)?))?;
        return Ok(Answer::Yes);
    }
    let (mut text, mut area) = (String::new(), "");
    for step in &known {
        if step.area != area {
            area = step.area;
            text += &format!("{}{area}\n", if text.is_empty() { "" } else { "\n" });
        }
        let pending = step.pending.map_or_else(String::new, |it| format!(" (pending: needs {it})"));
        text += &format!("  {}\n      {}{pending}\n", step.expression, step.meaning);
    }
    print(&text)?;
    Ok(if known.is_empty() { Answer::No } else { Answer::Yes })
}
