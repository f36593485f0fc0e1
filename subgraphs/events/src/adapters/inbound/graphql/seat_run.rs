use async_graphql::InputObject;
use contracts::events::SeatPlan;
use kernel::{Refusal, each, together};

/// Seats of a row that are numbered on and stand in a line.
#[derive(InputObject)]
pub(crate) struct SeatRunInput {
    /// The number of the first, 0 to 99,999.
    from: u32,
    /// The number of the last, 0 to 99,999; lower than the first where numbers go down.
    to: u32,
    /// From one number to the next: 2 for odd or even numbers alone.
    #[graphql(default = 1)]
    step: u32,
    /// What stands before each number, such as "L".
    #[graphql(default)]
    prefix: String,
    /// Where the first stands on the plan.
    x: f64,
    /// Where the first stands on the plan; downwards.
    y: f64,
    /// How far the next one is to the right.
    #[graphql(default = 1.0)]
    dx: f64,
    /// How far the next one is downwards.
    #[graphql(default)]
    dy: f64,
    /// The numbers of those that are fit for a wheelchair.
    #[graphql(default)]
    accessible: Vec<u32>,
    /// The numbers of those that have a pillar or a rail in the way.
    #[graphql(default)]
    restricted_view: Vec<u32>,
}

/// The highest number of a seat in a run.
const HIGHEST: u32 = 99_999;

impl SeatRunInput {
    /// Puts the seats of the run behind others of the row, as long as as many are `left`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a plan needs no more digits; what is too large becomes infinite, which the layout refuses"
    )]
    pub(super) fn seat(
        self,
        seats: &mut Vec<SeatPlan>,
        left: &mut u32,
        path: impl Fn() -> String,
    ) -> Result<(), Refusal> {
        let numbers = [("from", self.from, 0), ("to", self.to, 0), ("step", self.step, 1)];
        each(numbers.map(|(field, value, least)| {
            if (least..=HIGHEST).contains(&value) {
                return Ok(());
            }
            let message = format!("must be from {least} to {HIGHEST}");
            Err(Refusal::bad_input(&format!("{}.{field}", path()), message)
                .because(kernel::reasons::OUT_OF_RANGE))
        }))?;
        let count = self.from.abs_diff(self.to) / self.step + 1;
        let room = left.checked_sub(count).map(|rest| *left = rest).ok_or_else(|| {
            Refusal::bad_input(&path(), "makes more seats than one layout may have in all")
                .because(kernel::reasons::OUT_OF_RANGE)
        });
        let marked = [("accessible", &self.accessible), ("restrictedView", &self.restricted_view)];
        let marked = each(marked.map(|(field, numbers)| {
            let Some(stray) = numbers.iter().find(|number| !self.has(**number)) else { return Ok(()) };
            let message = format!("must be numbers of this run; {stray} is none");
            Err(Refusal::bad_input(&format!("{}.{field}", path()), message)
                .because(kernel::reasons::INCONSISTENT))
        }));
        together((room, marked))?;
        let (accessible, restricted) = (set(self.accessible), set(self.restricted_view));
        for at in 0..count {
            let number =
                if self.from <= self.to { self.from + at * self.step } else { self.from - at * self.step };
            seats.push(SeatPlan {
                key: String::new(),
                label: format!("{}{number}", self.prefix),
                x: f64::from(at).mul_add(self.dx, self.x) as f32,
                y: f64::from(at).mul_add(self.dy, self.y) as f32,
                accessible: accessible.contains(&number),
                restricted_view: restricted.contains(&number),
            });
        }
        Ok(())
    }

    fn has(&self, number: u32) -> bool {
        let (low, high) = (self.from.min(self.to), self.from.max(self.to));
        (low..=high).contains(&number) && number.abs_diff(self.from).is_multiple_of(self.step)
    }
}

fn set(numbers: Vec<u32>) -> std::collections::HashSet<u32> {
    numbers.into_iter().collect()
}
