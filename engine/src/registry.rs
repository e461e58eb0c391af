//! What the engine can do: steps, hooks and parameter types, over one type of world.
//!
//! Registration never fails on the spot: what is wrong is kept, with its place, and a run with such a
//! registry does not start. So a list of two hundred steps stays a list.

use std::{future::Future, pin::Pin};

use crate::{
    context::Context,
    error::{Phase, StepResult},
    expression::{Expression, ExpressionError, ParameterType, ParameterTypes},
    hook::{Hook, RunHook, Scope},
    messages::{
        Envelope, HookKind, Id, ParameterTypeMessage, SourceReference, StepDefinitionMessage,
        UndefinedParameterType,
    },
};

/// What is said of an attempt by who looks at it from beside.
pub type Looking = Pin<Box<dyn Future<Output = String> + Send>>;

/// Looks at an attempt while one of its steps has the world.
pub type Look = Box<dyn Fn() -> Looking + Send + Sync>;

/// What a step or a hook does, while it does it.
pub type Doing<'a> = Pin<Box<dyn Future<Output = StepResult> + Send + 'a>>;

/// An `async fn(&mut W, Context) -> StepResult`.
pub trait Body<'a, W: 'a>: Send + Sync {
    /// Begins it.
    fn call(&self, world: &'a mut W, context: Context) -> Doing<'a>;
}

impl<'a, W, F, D> Body<'a, W> for F
where
    W: 'a,
    F: Fn(&'a mut W, Context) -> D + Send + Sync,
    D: Future<Output = StepResult> + Send + 'a,
{
    fn call(&self, world: &'a mut W, context: Context) -> Doing<'a> {
        Box::pin(self(world, context))
    }
}

/// An `async fn(Context) -> StepResult`: what a hook around a run does.
pub trait RunBody: Send + Sync {
    /// Begins it.
    fn call(&self, context: Context) -> Doing<'static>;
}

impl<F, D> RunBody for F
where
    F: Fn(Context) -> D + Send + Sync,
    D: Future<Output = StepResult> + Send + 'static,
{
    fn call(&self, context: Context) -> Doing<'static> {
        Box::pin(self(context))
    }
}

/// Any body, for a world of any life.
pub(crate) type AnyBody<W> = Box<dyn for<'a> Body<'a, W>>;

/// What looks at an attempt with this world.
type LookOf<W> = Box<dyn Fn(&W) -> Look + Send + Sync>;

/// A step that the engine knows.
pub(crate) struct StepDefinition<W> {
    pub(crate) id: Id,
    pub(crate) expression: Expression,
    pub(crate) phase: Phase,
    pub(crate) body: AnyBody<W>,
}

/// Steps, hooks and parameter types; each attempt gets a world of its own.
pub struct Registry<W> {
    pub(crate) world: Box<dyn Fn() -> W + Send + Sync>,
    pub(crate) steps: Vec<StepDefinition<W>>,
    pub(crate) hooks: Vec<Hook<W>>,
    pub(crate) run_hooks: Vec<RunHook>,
    pub(crate) look: Option<LookOf<W>>,
    pub(crate) types: ParameterTypes,
    /// What streams say of all of these, in the order of registration.
    pub(crate) messages: Vec<Envelope>,
    pub(crate) faults: Vec<String>,
    pub(crate) next: u64,
}

impl<W: Send + 'static> Registry<W> {
    /// An empty registry; `world` makes the state that the steps of one attempt share.
    ///
    /// What takes time belongs in a hook, which has a limit.
    pub fn new(world: impl Fn() -> W + Send + Sync + 'static) -> Self {
        Self {
            world: Box::new(world),
            steps: Vec::new(),
            hooks: Vec::new(),
            run_hooks: Vec::new(),
            look: None,
            types: ParameterTypes::default(),
            messages: Vec::new(),
            faults: Vec::new(),
            next: 0,
        }
    }

    /// A step that matches a Cucumber Expression.
    #[track_caller]
    pub fn step(
        &mut self,
        expression: &str,
        body: impl for<'a> Body<'a, W> + 'static,
    ) -> &mut Self {
        self.step_in(Phase::Step, expression, body)
    }

    /// As [`Self::step`], under the limit of a phase.
    #[track_caller]
    pub fn step_in(
        &mut self,
        phase: Phase,
        expression: &str,
        body: impl for<'a> Body<'a, W> + 'static,
    ) -> &mut Self {
        let read = Expression::cucumber(expression, &self.types);
        self.define(expression, read, phase, Box::new(body))
    }

    /// A step that matches a regular expression, whose outermost groups are the arguments.
    #[track_caller]
    pub fn step_regex(
        &mut self,
        expression: &str,
        body: impl for<'a> Body<'a, W> + 'static,
    ) -> &mut Self {
        self.define(expression, Expression::regular(expression), Phase::Step, Box::new(body))
    }

    /// A parameter type for the expressions registered after it.
    #[track_caller]
    pub fn parameter_type(&mut self, name: &str, regexes: &[&str]) -> &mut Self {
        let source_reference = SourceReference::caller();
        let regexes: Vec<String> = regexes.iter().map(|it| (*it).to_owned()).collect();
        let wrong = regexes.iter().find_map(|it| regex::Regex::new(it).err());
        if let Some(error) = wrong {
            self.fault(&source_reference, &format!("parameter type `{name}`: {error}"));
            return self;
        }
        let (name, is_suggested) = (name.to_owned(), true);
        let added = ParameterType { name: name.clone(), regexes: regexes.clone(), is_suggested };
        if !self.types.add(added) {
            self.fault(&source_reference, &format!("parameter type `{name}` is defined twice"));
            return self;
        }
        let message = ParameterTypeMessage {
            id: self.id(),
            name,
            regular_expressions: regexes,
            prefer_for_regular_expression_match: false,
            use_for_snippets: is_suggested,
            source_reference,
        };
        self.messages.push(Envelope::ParameterType(message));
        self
    }

    /// A hook before the steps of each attempt in the scope.
    #[track_caller]
    pub fn before(&mut self, scope: Scope, body: impl for<'a> Body<'a, W> + 'static) -> &mut Self {
        self.hook(HookKind::BeforeTestCase, scope, Box::new(body))
    }

    /// A hook after the steps of each attempt in the scope, whatever became of them.
    #[track_caller]
    pub fn after(&mut self, scope: Scope, body: impl for<'a> Body<'a, W> + 'static) -> &mut Self {
        self.hook(HookKind::AfterTestCase, scope, Box::new(body))
    }

    /// A hook before the first scenario of a run.
    #[track_caller]
    pub fn before_all(&mut self, scope: Scope, body: impl RunBody + 'static) -> &mut Self {
        self.run_hook(HookKind::BeforeTestRun, scope, Box::new(body))
    }

    /// A hook after the last scenario of a run, whatever became of them.
    #[track_caller]
    pub fn after_all(&mut self, scope: Scope, body: impl RunBody + 'static) -> &mut Self {
        self.run_hook(HookKind::AfterTestRun, scope, Box::new(body))
    }

    /// What is attached when a limit is near, and when it is reached.
    ///
    /// A step has its world for itself, so what looks is made of the world before each step.
    pub fn look(&mut self, look: impl Fn(&W) -> Look + Send + Sync + 'static) -> &mut Self {
        self.look = Some(Box::new(look));
        self
    }

    /// The patterns of all steps, in the order of registration.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|it| it.expression.pattern.source.as_str())
    }

    pub(crate) fn id(&mut self) -> Id {
        self.next += 1;
        Id::new(self.next - 1)
    }

    pub(crate) fn fault(&mut self, at: &SourceReference, message: &str) {
        self.faults.push(format!("{}:{}: {message}", at.uri, at.location.line));
    }

    #[track_caller]
    fn define(
        &mut self,
        expression: &str,
        read: Result<Expression, ExpressionError>,
        phase: Phase,
        body: AnyBody<W>,
    ) -> &mut Self {
        let source = SourceReference::caller();
        match read {
            Ok(expression) => {
                let id = self.id();
                self.messages.push(Envelope::StepDefinition(StepDefinitionMessage {
                    id,
                    pattern: expression.pattern.clone(),
                    source_reference: source,
                }));
                self.steps.push(StepDefinition { id, expression, phase, body });
            }
            // The steps that would match it are undefined, as Cucumber wants it; all others can run.
            Err(ExpressionError::UndefinedTypes { names }) => {
                let undefined = names
                    .into_iter()
                    .map(|name| UndefinedParameterType { name, expression: expression.to_owned() });
                self.messages.extend(undefined.map(Envelope::UndefinedParameterType));
            }
            Err(error) => self.fault(&source, &format!("`{expression}`: {error}")),
        }
        self
    }
}
