//! The step definitions of the compatibility kit that attach something.

use std::{fs, path::Path};

use lkreport_engine::{
    context::Context,
    error::{StepError, StepResult},
    hook::Scope,
    registry::Registry,
};

use crate::definitions::{World, passes};

pub(crate) fn register(sample: &str, registry: &mut Registry<World>) {
    match sample {
        "attachments" => {
            registry.step("the string {string} is attached as {string}", attach_string);
            registry.step("the string {string} is logged", log_string);
            registry.step("text with ANSI escapes is logged", log_colours);
            registry.step("the following string is attached as {string}:", attach_doc_string);
            registry.step("an array with {int} bytes is attached as {string}", attach_bytes);
            registry.step("a PDF document is attached and renamed", attach_pdf);
            registry.step("a link to {string} is attached", attach_link);
            let failing = "the string {string} is attached as {string} before a failure";
            registry.step(failing, attach_and_fail);
        }
        "hooks-attachment" => {
            registry.before(Scope::all(), attach_svg);
            registry.step("a step passes", passes());
            registry.after(Scope::all(), attach_svg);
        }
        "examples-tables-attachment" => {
            registry.step("a JPEG image is attached", attach_jpeg);
            registry.step("a PNG image is attached", attach_png);
        }
        other => panic!("nobody wrote the definitions of {other}"),
    }
}

async fn attach_string(_: &mut World, step: Context) -> StepResult {
    step.attach_text(&step.text(1)?, &step.text(0)?);
    Ok(())
}

async fn attach_and_fail(world: &mut World, step: Context) -> StepResult {
    attach_string(world, step).await?;
    Err(StepError::assertion("whoops"))
}

async fn log_string(_: &mut World, step: Context) -> StepResult {
    step.log(&step.text(0)?);
    Ok(())
}

async fn log_colours(_: &mut World, step: Context) -> StepResult {
    let letters = [(31, 'r'), (91, 'a'), (33, 'i'), (32, 'n'), (34, 'b'), (95, 'o'), (35, 'w')];
    let letters = letters.iter().map(|(colour, it)| format!("\u{1b}[{colour}m{it}\u{1b}[0m"));
    step.log(&format!("This displays a {}", letters.collect::<String>()));
    Ok(())
}

async fn attach_doc_string(_: &mut World, step: Context) -> StepResult {
    step.attach_text(&step.text(0)?, &step.doc_string()?.content);
    Ok(())
}

async fn attach_bytes(_: &mut World, step: Context) -> StepResult {
    let bytes: Vec<u8> = (0..step.argument::<u8>(0)?).collect();
    step.attach(&step.text(1)?, None, &bytes);
    Ok(())
}

async fn attach_link(_: &mut World, step: Context) -> StepResult {
    step.attach_text("text/uri-list", &step.text(0)?);
    Ok(())
}

async fn attach_pdf(_: &mut World, step: Context) -> StepResult {
    attach_sample(&step, "application/pdf", Some("renamed.pdf"), "attachments/document.pdf")
}

async fn attach_jpeg(_: &mut World, step: Context) -> StepResult {
    attach_sample(&step, "image/jpeg", None, "attachments/cucumber.jpeg")
}

async fn attach_png(_: &mut World, step: Context) -> StepResult {
    attach_sample(&step, "image/png", None, "attachments/cucumber.png")
}

async fn attach_svg(_: &mut World, hook: Context) -> StepResult {
    attach_sample(&hook, "image/svg+xml", None, "hooks-attachment/cucumber.svg")
}

fn attach_sample(to: &Context, media_type: &str, name: Option<&str>, path: &str) -> StepResult {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compatibility-kit");
    to.attach(media_type, name, &fs::read(kit.join(path))?);
    Ok(())
}
