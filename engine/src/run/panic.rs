//! A panic of a step is a failure of that step, with its message and place, and nothing else.
//!
//! The place of a panic is known to the panic hook alone. So ours stands in front of whatever hook the
//! process has while at least one run lasts; it keeps quiet only about what a step does on this thread,
//! and the old one is back when the last run ends.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use crate::{
    error::{Class, Failure, StepError, StepResult},
    messages::Location,
    registry::Doing,
};

type PanicHook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

thread_local! {
    /// Whether this thread is inside a step.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the step panicked.
    static PLACE: RefCell<Option<(String, Location)>> = const { RefCell::new(None) };
}

/// How many runs there are, and the hook that was there before the first.
static RUNS: Mutex<(usize, Option<Arc<PanicHook>>)> = Mutex::new((0, None));

/// As long as it lives, panics of steps are caught with their place.
#[derive(Debug)]
pub(super) struct Watch(());

impl Watch {
    pub(super) fn begin() -> Self {
        let mut runs = runs();
        if runs.0 == 0 && runs.1.is_none() {
            let before = Arc::new(panic::take_hook());
            runs.1 = Some(Arc::clone(&before));
            panic::set_hook(Box::new(move |info| {
                if INSIDE.get() { PLACE.set(place(info)) } else { before(info) }
            }));
        }
        runs.0 += 1;
        Self(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut runs = runs();
        runs.0 -= 1;
        // A thread that panics may not touch the hook; the next run that ends puts it back.
        if runs.0 == 0 && !std::thread::panicking() {
            drop(panic::take_hook());
            if let Some(before) = runs.1.take() {
                // Somebody who took ours meanwhile still holds it.
                let shared = |it: Arc<PanicHook>| -> PanicHook { Box::new(move |info| it(info)) };
                panic::set_hook(Arc::try_unwrap(before).unwrap_or_else(shared));
            }
        }
    }
}

fn runs() -> MutexGuard<'static, (usize, Option<Arc<PanicHook>>)> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(info: &PanicHookInfo<'_>) -> Option<(String, Location)> {
    let place = info.location()?;
    let location = Location { line: place.line(), column: Some(place.column()) };
    Some((place.file().to_owned(), location))
}

/// What a step does, without its panics.
pub(super) struct Caught<'a>(Result<Doing<'a>, Option<StepError>>);

impl<'a> Caught<'a> {
    /// Begins it; what a body does before its first `await` can panic too.
    pub(super) fn new(begin: impl FnOnce() -> Doing<'a>) -> Self {
        Self(caught(begin).map_err(Some))
    }
}

impl Future for Caught<'_> {
    type Output = StepResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<StepResult> {
        match &mut self.0 {
            Ok(doing) => caught(|| doing.as_mut().poll(context))
                .unwrap_or_else(|error| Poll::Ready(Err(error))),
            Err(error) => error.take().map_or(Poll::Pending, |it| Poll::Ready(Err(it))),
        }
    }
}

/// Does it, without its panics.
///
/// The world of an attempt that panicked is used by its cleanup alone, so nothing relies on its state.
pub(super) fn caught<T>(act: impl FnOnce() -> T) -> Result<T, StepError> {
    INSIDE.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(act));
    INSIDE.set(false);
    result.map_err(|payload| failure(payload.as_ref()))
}

fn failure(payload: &(dyn Any + Send)) -> StepError {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    StepError::Failed(Failure {
        class: Class::Panic,
        message: text.unwrap_or("the step panicked without a message").to_owned(),
        place: PLACE.take(),
    })
}
