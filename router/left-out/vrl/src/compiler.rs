//! Refuses every expression.

use std::{convert::Infallible, fmt, marker::PhantomData};

use crate::{core::Value, diagnostic::LeftOut, path::OwnedTargetPath, value::Secrets};

/// Refuses `source`, whatever it says.
///
/// # Errors
///
/// Always.
pub fn compile(_source: &str, _functions: &[Box<dyn Function>]) -> Result<CompilationResult, LeftOut> {
    Err(LeftOut)
}

/// What compiling would give. There is none.
#[derive(Debug)]
pub struct CompilationResult {
    /// The program.
    pub program: Program,
}

/// An expression that can run. There is none.
#[derive(Debug, Clone)]
pub struct Program(Infallible);

impl Program {
    /// Never called, for there is no program.
    ///
    /// # Errors
    ///
    /// None.
    pub fn resolve(&self, _context: &mut Context<'_>) -> Resolved {
        match self.0 {}
    }

    /// Never called, for there is no program.
    #[must_use]
    pub fn info(&self) -> &ProgramInfo {
        match self.0 {}
    }
}

/// What a program reads.
#[derive(Debug, Clone)]
pub struct ProgramInfo {
    /// The paths.
    pub target_queries: Vec<OwnedTargetPath>,
}

/// What a program runs on.
#[derive(Debug)]
pub struct TargetValue {
    /// What it reads.
    pub value: Value,
    /// What is told about it.
    pub metadata: Value,
    /// What it may not show.
    pub secrets: Secrets,
}

/// A program's surroundings while it runs.
#[derive(Debug)]
pub struct Context<'a>(PhantomData<&'a mut TargetValue>);

impl<'a> Context<'a> {
    /// Holds nothing: no program will look.
    pub fn new(_target: &'a mut TargetValue, _state: &mut state::RuntimeState, _zone: &TimeZone) -> Self {
        Self(PhantomData)
    }
}

/// The zone in which a program would read times.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeZone;

pub mod state {
    //! What a program remembers.

    /// Nothing.
    #[derive(Debug, Default)]
    pub struct RuntimeState;
}

/// Why a program stopped.
#[derive(Debug, Clone)]
pub enum ExpressionError {
    /// For a reason of its own.
    Error {
        /// The reason.
        message: String,
        /// Where in the source.
        labels: Vec<Infallible>,
        /// What could help.
        notes: Vec<Infallible>,
    },
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Error { message, .. } = self;
        f.write_str(message)
    }
}

impl std::error::Error for ExpressionError {}

/// What running gives.
pub type Resolved = Result<Value, ExpressionError>;

/// What compiling a function's call gives.
pub type Compiled = Result<Box<dyn Expression>, LeftOut>;

/// A part of a program.
pub trait Expression: fmt::Debug + Send + Sync {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// What stopped it.
    fn resolve(&self, context: &mut Context<'_>) -> Resolved;

    /// The same once more.
    fn copied(&self) -> Box<dyn Expression>;
}

impl Clone for Box<dyn Expression> {
    fn clone(&self) -> Self {
        (**self).copied()
    }
}

/// A call of a function that is written in Rust.
pub trait FunctionExpression: fmt::Debug + Clone + Send + Sync + 'static {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// What stopped it.
    fn resolve(&self, context: &mut Context<'_>) -> Resolved;

    /// What it answers with.
    fn type_def(&self, state: &TypeState) -> TypeDef;

    /// As a part of a program.
    fn as_expr(&self) -> Box<dyn Expression> {
        Box::new(Call(self.clone()))
    }
}

#[derive(Debug)]
struct Call<F>(F);

impl<F: FunctionExpression> Expression for Call<F> {
    fn resolve(&self, context: &mut Context<'_>) -> Resolved {
        self.0.resolve(context)
    }

    fn copied(&self) -> Box<dyn Expression> {
        self.0.as_expr()
    }
}

/// A function that programs could call.
pub trait Function: Send + Sync {
    /// Its name.
    fn identifier(&self) -> &'static str;
    /// What it is for.
    fn usage(&self) -> &'static str;
    /// With which it is listed.
    fn category(&self) -> &'static str;
    /// The kinds of its answer.
    fn return_kind(&self) -> u16;
    /// What it takes.
    fn parameters(&self) -> &'static [Parameter];
    /// How it is used.
    fn examples(&self) -> &'static [Example];
    /// Compiles a call of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the call.
    fn compile(
        &self,
        state: &TypeState,
        context: &mut FunctionCompileContext,
        arguments: ArgumentList,
    ) -> Compiled;
}

/// What a call says. There is none.
#[derive(Debug)]
pub struct ArgumentList(Infallible);

impl ArgumentList {
    /// Never called, for there is no call.
    #[must_use]
    pub fn required(&self, _keyword: &'static str) -> Box<dyn Expression> {
        match self.0 {}
    }

    /// Never called, for there is no call.
    #[must_use]
    pub fn optional(&self, _keyword: &'static str) -> Option<Box<dyn Expression>> {
        match self.0 {}
    }
}

/// What compiling knows. There is none.
#[derive(Debug)]
pub struct FunctionCompileContext(Infallible);

/// What compiling knows of types. There is none.
#[derive(Debug)]
pub struct TypeState(Infallible);

/// What a part of a program answers with.
#[derive(Debug, Clone, Copy)]
pub struct TypeDef;

impl TypeDef {
    /// Text.
    #[must_use]
    pub fn bytes() -> Self {
        Self
    }

    /// Or nothing.
    #[must_use]
    pub fn add_null(self) -> Self {
        self
    }

    /// And always.
    #[must_use]
    pub fn infallible(self) -> Self {
        self
    }
}

/// What a function takes.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub keyword: &'static str,
    /// The kinds it may have.
    pub kind: u16,
    /// Whether a call must say it.
    pub required: bool,
    /// What it is when a call does not.
    pub default: Option<&'static Value>,
    /// What it is for.
    pub description: &'static str,
    /// What it may be.
    pub enum_variants: Option<&'static [Infallible]>,
}

/// How a function is used.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// The program.
    pub source: &'static str,
    /// Its answer.
    pub result: Result<&'static str, &'static str>,
    /// Where it is written.
    pub file: &'static str,
    /// Where in there.
    pub line: u32,
    /// Whether it always answers the same.
    pub deterministic: bool,
    /// What it runs on.
    pub input: Option<&'static str>,
    /// Whether it is not tried.
    pub skip: bool,
}

pub mod prelude {
    //! What functions are written with.

    pub use super::{
        ArgumentList, Compiled, Context, Example, Expression, ExpressionError, Function,
        FunctionCompileContext, FunctionExpression, Parameter, Resolved, TimeZone, TypeDef, TypeState, state,
    };
    pub use crate::core::Value;

    pub mod kind {
        //! Kinds of values, as bits.

        /// Text.
        pub const BYTES: u16 = 1;
        /// Yes or no.
        pub const BOOLEAN: u16 = 1 << 1;
        /// Nothing.
        pub const NULL: u16 = 1 << 2;
    }
}
