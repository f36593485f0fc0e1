use crate::Refusal;

/// The most things that are told to be wrong with one input.
const MOST: usize = 20;

/// Gathers what is wrong with an input, so that whoever sent it is told all of it at once.
#[derive(Debug, Default)]
pub struct Problems {
    found: Option<Refusal>,
}

impl Problems {
    /// The value that was read; or none, and what is wrong with it is kept.
    pub fn note<T>(&mut self, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.add(refusal)).ok()
    }

    /// Keeps what is wrong. The first decides what the refusal of all is; what is no input's fault stands alone.
    pub fn add(&mut self, refusal: Refusal) {
        match &mut self.found {
            None => self.found = Some(refusal),
            // A problem of its own kind, such as something missing, cannot be told beside others.
            Some(first) if !first.problems.is_empty() => {
                let left = MOST.saturating_sub(first.problems.len());
                first.problems.extend(refusal.problems.into_iter().take(left));
            }
            Some(_) => {}
        }
    }

    /// True when no more are told: there is no need to look for more.
    pub fn are_enough(&self) -> bool {
        self.found.as_ref().is_some_and(|first| first.problems.is_empty() || first.problems.len() >= MOST)
    }

    /// Refuses the input if anything was wrong with it.
    pub fn refuse(self) -> Result<(), Refusal> {
        self.found.map_or(Ok(()), Err)
    }
}

/// The values of all that was read, or the refusal of all that could not be.
pub fn together<P: Parts>(parts: P) -> Result<P::Values, Refusal> {
    parts.together()
}

/// The values of all items of a list, or the refusal of those that could not be read.
pub fn each<T>(items: impl IntoIterator<Item = Result<T, Refusal>>) -> Result<Vec<T>, Refusal> {
    let mut problems = Problems::default();
    let mut values = Vec::new();
    for item in items {
        values.extend(problems.note(item));
        if problems.are_enough() {
            break;
        }
    }
    problems.refuse().map(|()| values)
}

/// What [`together`] takes: two to ten results, each of a value of its own.
pub trait Parts {
    /// What they are when nothing is wrong.
    type Values;
    /// The values of all of them, or the refusal of those that have none.
    fn together(self) -> Result<Self::Values, Refusal>;
}

macro_rules! parts {
    ($($value:ident)+) => {
        impl<$($value),+> Parts for ($(Result<$value, Refusal>,)+) {
            type Values = ($($value,)+);

            #[expect(non_snake_case, reason = "each part is called as its type is")]
            fn together(self) -> Result<Self::Values, Refusal> {
                let ($($value,)+) = self;
                let mut problems = Problems::default();
                $(let $value = problems.note($value);)+
                match ($($value,)+) {
                    ($(Some($value),)+) => Ok(($($value,)+)),
                    _ => Err(problems.found.expect("a part without a value has told why")),
                }
            }
        }
    };
}

parts!(A B);
parts!(A B C);
parts!(A B C D);
parts!(A B C D E);
parts!(A B C D E F);
parts!(A B C D E F G);
parts!(A B C D E F G H);
parts!(A B C D E F G H I);
parts!(A B C D E F G H I J);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{line, paragraph};

    fn fields(refusal: &Refusal) -> Vec<&str> {
        refusal.problems.iter().map(|problem| problem.field.as_str()).collect()
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_the_first_decides() {
        let read = (line("title", " ", 9), paragraph("text", "fine", 9), line("city", "ten letters", 9));
        let refusal = together(read).unwrap_err();
        assert_eq!(refusal.message, "title: must not be empty");
        assert_eq!((&refusal.details["field"], refusal.reason.as_ref()), (&"title".into(), "REQUIRED"));
        assert_eq!(fields(&refusal), ["title", "city"]);
        assert_eq!(refusal.problems[1].reason, "TOO_LONG");
        assert_eq!(together((Ok(1), Ok("two"))).unwrap(), (1, "two"));
    }

    #[test]
    fn a_list_tells_twenty_problems_at_most_and_looks_no_further() {
        let mut looked = 0;
        let refusal = each((0..100).map(|at| {
            looked += 1;
            line(&format!("tags[{at}]"), "", 9)
        }));
        assert_eq!((fields(&refusal.unwrap_err()).len(), looked), (20, 20));
        assert_eq!(each([Ok(1), Ok(2)]).unwrap(), [1, 2]);
    }

    #[test]
    fn what_is_missing_is_told_alone() {
        let wrong = || Err::<(), _>(Refusal::bad_input("name", "must not be empty"));
        let missing = || Err::<(), _>(Refusal::not_found("venue").with("field", "venueId"));
        let first = together((missing(), wrong())).unwrap_err();
        assert_eq!((first.reason.as_ref(), fields(&first)), ("NO_SUCH_VENUE", vec![]));
        let second = together((wrong(), missing())).unwrap_err();
        assert_eq!(fields(&second), ["name"]);
    }
}
