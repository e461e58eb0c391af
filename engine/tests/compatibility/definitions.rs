//! The step definitions of the compatibility kit, in Rust.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use lkreport_engine::{
    context::Context,
    error::{Class, StepError, StepResult},
    hook::Scope,
    registry::{Body, Registry},
};

use crate::attachments;

/// What the steps of one attempt share.
#[derive(Default)]
pub(crate) struct World {
    cucumbers: i64,
    people: i64,
    cents: i64,
    stock: i64,
    sold: bool,
    table: Vec<Vec<String>>,
}

/// The definitions of a sample.
pub(crate) fn of(sample: &str) -> Registry<World> {
    let mut registry = Registry::new(World::default);
    match sample.strip_suffix("-reversed").unwrap_or(sample) {
        "all-statuses" | "failedish-combinations" => statuses(sample, &mut registry),
        "attachments" | "examples-tables-attachment" | "hooks-attachment" => {
            attachments::register(sample, &mut registry);
        }
        name if name.starts_with("examples-tables") => cucumbers(name, &mut registry),
        name if name.starts_with("global-hooks") => global_hooks(name, &mut registry),
        name if name.starts_with("hooks") || name == "skipped-failing-hook" => {
            hooks(name, &mut registry);
        }
        name if name.starts_with("retry") => retries(name, &mut registry),
        "rules" => rules(&mut registry),
        name => plain(name, &mut registry),
    }
    registry
}

fn always(result: StepResult) -> impl for<'a> Body<'a, World> + 'static {
    move |_: &mut World, _: Context| -> Ready<StepResult> { ready(result.clone()) }
}

pub(crate) fn passes() -> impl for<'a> Body<'a, World> + 'static {
    always(Ok(()))
}

fn fails(message: &str) -> impl for<'a> Body<'a, World> + 'static {
    always(Err(StepError::failed(Class::Other, message)))
}

fn skips() -> impl for<'a> Body<'a, World> + 'static {
    always(Err(StepError::Skipped(None)))
}

fn pends() -> impl for<'a> Body<'a, World> + 'static {
    always(Err(StepError::Pending(None)))
}

fn plain(sample: &str, registry: &mut Registry<World>) {
    match sample {
        "ambiguous" => {
            registry.step_regex("^a (.*?) with (.*?)$", passes());
            registry.step_regex("^a step with (.*?)$", passes());
        }
        "backgrounds" | "rules-backgrounds" => {
            registry.step("an order for {string}", passes());
            registry.step("an action", passes()).step("an outcome", passes());
        }
        "cdata" => _ = registry.step("I have {int} <![CDATA[cukes]]> in my belly", passes()),
        "data-tables" => {
            registry.step("the following table is transposed:", is_transposed);
            registry.step("it should be:", should_be);
        }
        "doc-strings" => _ = registry.step("a doc string:", a_doc_string),
        "empty" => {}
        "markdown" => _ = registry.step("some TypeScript code:", a_doc_string),
        "minimal" => _ = registry.step("I have {int} cukes in my belly", have_cukes),
        "multiple-features" => _ = registry.step("an order for {string}", an_order),
        "parameter-types" => {
            registry.parameter_type("flight", &["([A-Z]{3})-([A-Z]{3})"]);
            registry.step("{flight} has been delayed", is_delayed);
        }
        "pending" => {
            registry.step("an implemented non-pending step", passes());
            registry.step("an implemented step that is skipped", passes());
            registry.step("an unimplemented pending step", pends());
        }
        "pending-exception" => {
            let pending = always(Err(StepError::Pending(Some("TODO".to_owned()))));
            registry.step("an unimplemented pending step", pending);
        }
        "regular-expression" => {
            registry.step_regex("^a (.*?)(?: and a (.*?))?(?: and a (.*?))?$", vegetables);
        }
        "skipped" => {
            registry.step("a step that does not skip", passes());
            registry.step("a step that is skipped", passes());
            registry.step("I skip a step", skips());
        }
        "skipped-exception" => {
            let skipped = always(Err(StepError::Skipped(Some("skipping".to_owned()))));
            registry.step("I skip a step", skipped);
        }
        "stack-traces" => _ = registry.step("a step throws an exception", fails("BOOM")),
        "test-run-exception" => _ = registry.step("a step", passes()),
        "undefined" | "undefined-multiple" => {
            registry.step("an implemented step", passes());
            registry.step("a step that will be skipped", passes());
        }
        "unknown-parameter-type" => {
            registry.step("{airport} is closed because of a strike", passes());
        }
        "unused-steps" => {
            registry.step("a step that is used", passes());
            registry.step("a step that is not used", passes());
        }
        other => panic!("nobody wrote the definitions of {other}"),
    }
}

fn statuses(sample: &str, registry: &mut Registry<World>) {
    registry.step_regex("^a step$", passes());
    let is_short = sample == "all-statuses";
    if is_short {
        registry.step_regex("^a failing step$", fails("whoops"));
        registry.step_regex("^a pending step$", pends());
        registry.step_regex("^a skipped step$", skips());
    } else {
        registry.step_regex("^a skipped step$", skips());
        registry.step_regex("^a pending step$", pends());
    }
    registry.step_regex("^an ambiguous (.*?)$", passes());
    registry.step_regex("^(.*?) ambiguous step$", passes());
    if !is_short {
        registry.step_regex("^a failing step$", fails("whoops"));
    }
}

fn hooks(sample: &str, registry: &mut Registry<World>) {
    match sample {
        "hooks" => {
            registry.before(Scope::all(), passes());
            registry.step("a step passes", passes());
            registry.step("a step fails", fails("Exception in step"));
            registry.after(Scope::all(), passes());
        }
        "hooks-conditional" => {
            let fails = || fails("Exception in conditional hook");
            registry.before(Scope::tagged("@passing-hook"), passes());
            registry.before(Scope::tagged("@fail-before"), fails());
            registry.step("a step passes", passes());
            registry.after(Scope::tagged("@fail-after"), fails());
            registry.after(Scope::tagged("@passing-hook"), passes());
        }
        "hooks-named" => {
            registry.before(Scope::all().named("A named before hook"), passes());
            registry.step("a step passes", passes());
            registry.after(Scope::all().named("A named after hook"), passes());
        }
        "hooks-skipped" => {
            registry.before(Scope::all(), passes());
            registry.before(Scope::tagged("@skip-before"), skips());
            registry.before(Scope::all(), passes());
            registry.step("a normal step", passes()).step("a step that skips", skips());
            registry.after(Scope::all(), passes());
            registry.after(Scope::tagged("@skip-after"), skips());
            registry.after(Scope::all(), passes());
        }
        "hooks-undefined" => {
            registry.before(Scope::all(), passes()).after(Scope::all(), passes());
        }
        "skipped-failing-hook" => {
            registry.step("a step that skips", skips());
            registry.after(Scope::all(), fails("whoops"));
        }
        other => panic!("nobody wrote the definitions of {other}"),
    }
}

fn global_hooks(sample: &str, registry: &mut Registry<World>) {
    let (all, ok) = (Scope::all, |_: Context| ready(Ok(())));
    let wrong = |message: &'static str| move |_| ready(Err(StepError::assertion(message)));
    let attaches = |text: &'static str| {
        move |hook: Context| {
            hook.attach_text("text/plain", text);
            ready(Ok(()))
        }
    };
    match sample {
        "global-hooks" => {
            registry.before_all(all(), ok).before_all(all(), ok);
            registry.step("a step passes", passes());
            registry.step("a step fails", fails("Exception in step"));
            registry.after_all(all(), ok).after_all(all(), ok);
        }
        "global-hooks-afterall-error" => {
            registry.before_all(all(), ok).before_all(all(), ok);
            registry.step("a step passes", passes()).after_all(all(), ok);
            registry.after_all(all(), wrong("AfterAll hook went wrong")).after_all(all(), ok);
        }
        "global-hooks-attachments" => {
            registry.before_all(all(), attaches("Attachment from BeforeAll hook"));
            registry.step("a step passes", passes());
            registry.after_all(all(), attaches("Attachment from AfterAll hook"));
        }
        "global-hooks-beforeall-error" => {
            registry.before_all(all(), ok);
            registry.before_all(all(), wrong("BeforeAll hook went wrong")).before_all(all(), ok);
            registry.step("a step passes", passes());
            registry.after_all(all(), ok).after_all(all(), ok);
        }
        other => panic!("nobody wrote the definitions of {other}"),
    }
}

fn retries(sample: &str, registry: &mut Registry<World>) {
    match sample {
        "retry" => {
            registry.step("a step that always passes", passes());
            registry.step("a step that passes the second time", from_attempt::<1>);
            registry.step("a step that passes the third time", from_attempt::<2>);
            registry.step("a step that always fails", fails("Exception in step"));
        }
        "retry-ambiguous" => {
            registry.step("an ambiguous step", passes()).step("an ambiguous step", passes());
        }
        "retry-pending" => _ = registry.step("a pending step", pends()),
        "retry-undefined" => {}
        other => panic!("nobody wrote the definitions of {other}"),
    }
}

async fn from_attempt<const N: u32>(_: &mut World, step: Context) -> StepResult {
    let early = step.attempt < N;
    if early { Err(StepError::failed(Class::Other, "Exception in step")) } else { Ok(()) }
}

fn cucumbers(sample: &str, registry: &mut Registry<World>) {
    registry.step("there are {int} cucumbers", there_are_cucumbers);
    if sample == "examples-tables" {
        registry.step("there are {int} friends", there_are_friends);
    }
    registry.step("I eat {int} cucumbers", eat);
    registry.step("I should have {int} cucumbers", should_have);
    if sample == "examples-tables" {
        registry.step("each person can eat {int} cucumbers", each_can_eat);
    }
}

async fn there_are_cucumbers(world: &mut World, step: Context) -> StepResult {
    world.cucumbers = step.argument(0)?;
    Ok(())
}

async fn there_are_friends(world: &mut World, step: Context) -> StepResult {
    world.people = step.argument::<i64>(0)? + 1;
    Ok(())
}

async fn eat(world: &mut World, step: Context) -> StepResult {
    world.cucumbers -= step.argument::<i64>(0)?;
    Ok(())
}

async fn should_have(world: &mut World, step: Context) -> StepResult {
    strictly_equal(world.cucumbers, step.argument(0)?)
}

async fn each_can_eat(world: &mut World, step: Context) -> StepResult {
    strictly_equal(world.cucumbers / world.people, step.argument(0)?)
}

/// As Node says it.
fn strictly_equal(left: i64, right: i64) -> StepResult {
    if left == right {
        return Ok(());
    }
    let message = format!("Expected values to be strictly equal:\n\n{left} !== {right}\n");
    Err(StepError::assertion(message))
}

fn rules(registry: &mut Registry<World>) {
    registry.step("the customer has {int} cents", customer_has);
    registry.step("there are chocolate bars in stock", are_in_stock);
    registry.step("there are no chocolate bars in stock", passes());
    registry.step("the customer tries to buy a {int} cent chocolate bar", tries_to_buy);
    registry.step("the sale should not happen", should_not_happen);
    registry.step("the sale should happen", should_happen);
}

async fn customer_has(world: &mut World, step: Context) -> StepResult {
    world.cents = step.argument(0)?;
    Ok(())
}

async fn are_in_stock(world: &mut World, _: Context) -> StepResult {
    world.stock = 1;
    Ok(())
}

async fn tries_to_buy(world: &mut World, step: Context) -> StepResult {
    world.sold = world.stock > 0 && world.cents >= step.argument(0)?;
    Ok(())
}

async fn should_not_happen(world: &mut World, _: Context) -> StepResult {
    assert!(!world.sold);
    Ok(())
}

async fn should_happen(world: &mut World, _: Context) -> StepResult {
    assert!(world.sold);
    Ok(())
}

async fn is_transposed(world: &mut World, step: Context) -> StepResult {
    let rows = step.table()?;
    let column = |n: usize| rows.iter().map(|row| row[n].to_owned()).collect();
    world.table = (0..rows[0].len()).map(column).collect();
    Ok(())
}

async fn should_be(world: &mut World, step: Context) -> StepResult {
    assert_eq!(world.table, step.table()?);
    Ok(())
}

async fn a_doc_string(_: &mut World, step: Context) -> StepResult {
    assert!(!step.doc_string()?.content.is_empty());
    Ok(())
}

async fn have_cukes(_: &mut World, step: Context) -> StepResult {
    assert_eq!(step.argument::<u32>(0)?, 42);
    Ok(())
}

async fn an_order(_: &mut World, step: Context) -> StepResult {
    assert!(!step.text(0)?.contains('"'));
    Ok(())
}

async fn vegetables(_: &mut World, step: Context) -> StepResult {
    assert_eq!((step.text(0)?.as_str(), step.arguments()), ("cucumber", 3));
    Ok(())
}

/// From where, to where.
struct Flight(String, String);

impl FromStr for Flight {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or("no flight")?;
        Ok(Self(from.to_owned(), to.to_owned()))
    }
}

async fn is_delayed(_: &mut World, step: Context) -> StepResult {
    let flight: Flight = step.argument(0)?;
    assert_eq!((flight.0.as_str(), flight.1.as_str()), ("LHR", "CDG"));
    Ok(())
}
