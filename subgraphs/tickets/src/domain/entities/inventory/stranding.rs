//! The orphan-seat rule: nobody leaves a single seat alone that nobody wants, where that can be avoided.

use std::collections::BTreeSet;

use kernel::Refusal;

use super::{Inventory, SeatStatus};
use crate::domain::{
    entities::{Block, SeatId},
    errors,
};

/// What a seat is to somebody who chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    /// It can be had.
    Free,
    /// The same, and it is for a wheelchair: it is never left alone, since those who need it come for it.
    FreeForWheelchair,
    /// It is chosen.
    Chosen,
    /// The same, and it is for a wheelchair.
    ChosenForWheelchair,
    /// Others have it.
    Gone,
}

impl Seat {
    fn is_free(self) -> bool {
        matches!(self, Self::Free | Self::FreeForWheelchair)
    }

    fn is_chosen(self) -> bool {
        matches!(self, Self::Chosen | Self::ChosenForWheelchair)
    }
}

impl Inventory {
    /// The seats that have to be known before it can be said whether a choice among them leaves others alone.
    pub fn seats_beside(&self, seats: &BTreeSet<u32>) -> BTreeSet<u32> {
        self.blocks_of(seats).into_iter().flat_map(Block::seats).collect()
    }

    /// Refuses when what is `chosen` now leaves seats alone in the blocks of those that `changed`, although as many seats can
    /// be chosen between the same neighbours that leave fewer. Places for wheelchairs are chosen freely.
    pub fn require_none_stranded(
        &self,
        chosen: &BTreeSet<u32>,
        changed: &BTreeSet<u32>,
    ) -> Result<(), Refusal> {
        let mut alone = Vec::new();
        for block in self.blocks_of(changed) {
            let seats: Vec<Seat> = block.seats().map(|number| self.seen(number, chosen)).collect();
            let needless = stranded_needlessly(&seats).into_iter();
            alone.extend(needless.filter_map(|place| block.first.checked_add(u32::try_from(place).ok()?)));
        }
        if alone.is_empty() {
            return Ok(());
        }
        let ids: Vec<SeatId> =
            alone.iter().map(|number| SeatId { event: self.event.id, number: *number }).collect();
        let names: Vec<String> =
            alone.iter().filter_map(|number| self.house.seat(*number)).map(|seat| seat.name()).collect();
        Err(errors::stranded(&ids, &names))
    }

    fn blocks_of(&self, seats: &BTreeSet<u32>) -> Vec<Block> {
        let mut blocks: Vec<Block> = seats.iter().filter_map(|seat| self.house.block_of(*seat)).collect();
        blocks.dedup();
        blocks
    }

    fn seen(&self, number: u32, chosen: &BTreeSet<u32>) -> Seat {
        let for_wheelchair = self.house.seat(number).is_some_and(|seat| seat.seat.accessible);
        let is_free = self.seats.get(&number).is_some_and(|seat| seat.status == SeatStatus::Available);
        match (chosen.contains(&number), is_free, for_wheelchair) {
            (true, _, false) => Seat::Chosen,
            (true, _, true) => Seat::ChosenForWheelchair,
            (false, true, false) => Seat::Free,
            (false, true, true) => Seat::FreeForWheelchair,
            (false, false, _) => Seat::Gone,
        }
    }
}

/// The places of the seats of a block that a choice leaves alone, where another choice of as many seats between the same
/// neighbours would leave fewer.
fn stranded_needlessly(block: &[Seat]) -> Vec<usize> {
    let mut needless = Vec::new();
    let mut from = 0;
    for run in block.split(|seat| *seat == Seat::Gone) {
        let chosen = run.iter().filter(|seat| seat.is_chosen()).count();
        let alone = stranded(run);
        let is_free_choice = run.contains(&Seat::ChosenForWheelchair) || chosen == 0;
        if !is_free_choice && alone.len() > fewest_stranded(run, chosen) {
            needless.extend(alone.into_iter().map(|place| from + place));
        }
        from += run.len() + 1;
    }
    needless
}

/// The places of free seats between two that are not.
fn stranded(run: &[Seat]) -> Vec<usize> {
    let is_free = |place: Option<usize>| place.and_then(|at| run.get(at)).is_some_and(|seat| seat.is_free());
    let is_alone =
        |at: &usize| run[*at] == Seat::Free && !is_free(at.checked_sub(1)) && !is_free(at.checked_add(1));
    (0..run.len()).filter(is_alone).collect()
}

/// How few seats so many that are side by side leave alone, wherever they are in the run. As many as there are where they fit
/// nowhere.
fn fewest_stranded(run: &[Seat], chosen: usize) -> usize {
    let empty: Vec<Seat> = run.iter().map(|seat| if seat.is_chosen() { Seat::Free } else { *seat }).collect();
    let placed = (0..=run.len() - chosen).filter_map(|from| {
        let place = from..from + chosen;
        if empty[place.clone()].contains(&Seat::FreeForWheelchair) {
            return None;
        }
        let mut tried = empty.clone();
        tried[place].fill(Seat::Chosen);
        Some(stranded(&tried).len())
    });
    placed.min().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// A row as text: `.` is free, `w` free for a wheelchair, `x` chosen, `W` chosen for one, `#` gone.
    fn row(text: &str) -> Vec<Seat> {
        let seat = |letter| match letter {
            '.' => Seat::Free,
            'w' => Seat::FreeForWheelchair,
            'x' => Seat::Chosen,
            'W' => Seat::ChosenForWheelchair,
            _ => Seat::Gone,
        };
        text.chars().map(seat).collect()
    }

    #[test]
    fn a_single_seat_is_left_alone_only_where_that_cannot_be_avoided() {
        for (text, alone) in [
            (".x........", &[0][..]),
            ("x.........", &[]),
            ("..x.......", &[]),
            ("xx.x......", &[2]),
            ("#.x..#....", &[1]),
            ("#x.#......", &[]), // two seats, one wanted
            ("#.x#......", &[]),
            ("#.x.#.....", &[1, 3]),
            ("#x..#.....", &[]),
            ("#.#x......", &[]), // it was alone before
            (".xx.......", &[0]),
            ("x.x.x.x.x.", &[1, 3, 5, 7, 9]),
        ] {
            assert_eq!(stranded_needlessly(&row(text)), alone, "{text}");
        }
    }

    #[test]
    fn places_for_wheelchairs_are_chosen_freely_and_never_left_alone() {
        for text in ["wx........", "W.x.......", "#w#x......", "wx.w#"] {
            assert!(stranded_needlessly(&row(text)).is_empty(), "{text}");
        }
        assert_eq!(stranded_needlessly(&row("w..x.#")), [4], "one to the right leaves none");
    }

    proptest! {
        #[test]
        fn whoever_wants_so_many_seats_of_a_run_can_always_have_them(
            gone in vec(any::<bool>(), 1..30),
            wanted in 1..6_usize,
        ) {
            let seats: Vec<Seat> = gone.iter().map(|gone| if *gone { Seat::Gone } else { Seat::Free }).collect();
            let fits = |from: &usize| seats[*from..*from + wanted].iter().all(|seat| seat.is_free());
            let places: Vec<usize> = (0..(seats.len() + 1).saturating_sub(wanted)).filter(fits).collect();
            let allowed = places.iter().filter(|from| {
                let mut chosen = seats.clone();
                chosen[**from..**from + wanted].fill(Seat::Chosen);
                stranded_needlessly(&chosen).is_empty()
            });
            prop_assert_eq!(allowed.count() == 0, places.is_empty());
        }
    }
}
