//! VRL as far as hive-router names it. No expression compiles, and so no program exists: what would run one takes values of
//! types that have none.

pub mod compiler;
pub mod core;

pub use compiler::prelude;

pub mod diagnostic {
    //! Says why an expression is refused.

    use std::fmt;

    /// The one diagnosis there is: expressions are left out.
    #[derive(Debug)]
    pub struct LeftOut;

    /// Shows a diagnosis.
    #[derive(Debug)]
    pub struct Formatter;

    impl Formatter {
        /// The source is not shown: whatever it says, the answer is the same.
        #[must_use]
        pub fn new(_source: &str, _diagnosis: LeftOut) -> Self {
            Self
        }
    }

    impl fmt::Display for Formatter {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("this program is built without VRL; write a value in place of the expression")
        }
    }
}

pub mod path {
    //! Where in a value a program reads.

    use crate::value::KeyString;

    /// One step of a path.
    #[derive(Debug, Clone)]
    pub enum OwnedSegment {
        /// Into a field of an object.
        Field(KeyString),
        /// Into a place of an array.
        Index(isize),
    }

    /// The steps of a path.
    #[derive(Debug, Clone)]
    pub struct OwnedValuePath {
        /// From the root down.
        pub segments: Vec<OwnedSegment>,
    }

    /// A path into what a program runs on.
    #[derive(Debug, Clone)]
    pub struct OwnedTargetPath {
        /// The steps.
        pub path: OwnedValuePath,
    }
}

pub mod stdlib {
    //! No functions.

    use crate::compiler::Function;

    /// None.
    #[must_use]
    pub fn all() -> Vec<Box<dyn Function>> {
        Vec::new()
    }
}

pub mod value {
    //! What objects and programs hold beside values.

    pub use crate::core::Value;

    /// The name of an object's field.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    pub struct KeyString(String);

    impl KeyString {
        /// The name.
        #[must_use]
        pub fn as_str(&self) -> &str {
            &self.0
        }
    }

    impl<T: Into<String>> From<T> for KeyString {
        fn from(name: T) -> Self {
            Self(name.into())
        }
    }

    /// What a program may read and may not show. Always empty.
    #[derive(Debug, Clone, Default)]
    pub struct Secrets;
}
