//! Hooks: what happens around the steps of an attempt, and around a run.

use crate::{
    messages::{Envelope, HookKind, HookMessage, Id, SourceReference},
    registry::{AnyBody, Registry, RunBody},
    tag::TagExpression,
};

/// What a hook is for, and its place among the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    name: Option<String>,
    tags: Option<String>,
    order: i32,
}

impl Scope {
    /// All scenarios.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only scenarios for which a tag expression holds, such as `@browser and not @fake`.
    #[must_use]
    pub fn tagged(expression: &str) -> Self {
        Self { tags: Some(expression.to_owned()), ..Self::default() }
    }

    /// With a name for people.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// With a place other than 0: lower ones begin sooner and end later.
    #[must_use]
    pub fn ordered(self, order: i32) -> Self {
        Self { order, ..self }
    }
}

/// A hook around the steps of an attempt.
pub(crate) struct Hook<W> {
    pub(crate) id: Id,
    pub(crate) kind: HookKind,
    pub(crate) tags: Option<TagExpression>,
    pub(crate) order: i32,
    pub(crate) source: SourceReference,
    pub(crate) body: AnyBody<W>,
}

/// A hook around a run.
pub(crate) struct RunHook {
    pub(crate) id: Id,
    pub(crate) kind: HookKind,
    pub(crate) order: i32,
    pub(crate) source: SourceReference,
    pub(crate) body: Box<dyn RunBody>,
}

impl<W: Send + 'static> Registry<W> {
    /// The hooks of this kind for a scenario, in the order in which they run.
    pub(crate) fn hooks_for<'a>(
        &self,
        kind: HookKind,
        tags: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<usize> {
        let is_for = |it: &Hook<W>| {
            it.kind == kind && it.tags.as_ref().is_none_or(|it| it.holds(tags.clone()))
        };
        let hooks = self.hooks.iter().enumerate().filter(|it| is_for(it.1));
        in_order(kind, hooks.map(|(n, it)| (it.order, n)).collect())
    }

    /// The hooks of this kind around the run, in the order in which they run.
    pub(crate) fn run_hooks_of(&self, kind: HookKind) -> Vec<usize> {
        let hooks = self.run_hooks.iter().enumerate().filter(|it| it.1.kind == kind);
        in_order(kind, hooks.map(|(n, it)| (it.order, n)).collect())
    }

    #[track_caller]
    pub(crate) fn hook(&mut self, kind: HookKind, scope: Scope, body: AnyBody<W>) -> &mut Self {
        let source = SourceReference::caller();
        let tags = scope.tags.as_deref().map(str::parse::<TagExpression>).transpose();
        let (tags, order) = match tags {
            Ok(tags) => (tags, scope.order),
            Err(error) => {
                self.fault(&source, &error.to_string());
                return self;
            }
        };
        let id = self.announce(kind, scope, &source);
        self.hooks.push(Hook { id, kind, tags, order, source, body });
        self
    }

    #[track_caller]
    pub(crate) fn run_hook(
        &mut self,
        kind: HookKind,
        scope: Scope,
        body: Box<dyn RunBody>,
    ) -> &mut Self {
        let (source, order) = (SourceReference::caller(), scope.order);
        if scope.tags.is_some() {
            self.fault(&source, "a hook around the run is for all scenarios");
        }
        let id = self.announce(kind, scope, &source);
        self.run_hooks.push(RunHook { id, kind, order, source, body });
        self
    }

    fn announce(&mut self, kind: HookKind, scope: Scope, source: &SourceReference) -> Id {
        let (id, source_reference) = (self.id(), source.clone());
        let (name, tag_expression) = (scope.name, scope.tags);
        let message = HookMessage { id, kind, name, tag_expression, source_reference };
        self.messages.push(Envelope::Hook(message));
        id
    }
}

/// By order, then by registration; what begins first ends last.
fn in_order(kind: HookKind, mut hooks: Vec<(i32, usize)>) -> Vec<usize> {
    hooks.sort_unstable();
    if matches!(kind, HookKind::AfterTestCase | HookKind::AfterTestRun) {
        hooks.reverse();
    }
    hooks.into_iter().map(|it| it.1).collect()
}
