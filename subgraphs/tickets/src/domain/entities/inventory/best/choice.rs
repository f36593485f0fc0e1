//! Which seats are the best. Every seat is looked at once for each group that sits together, however many there are.

use std::cmp::Ordering;

use super::Party;
use crate::domain::entities::House;

/// A place on a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A seat, as far as it matters.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of a seat that the others do not")]
struct Seat {
    number: u32,
    spot: Spot,
    is_free: bool,
    /// The party has it already.
    is_own: bool,
    for_wheelchair: bool,
    /// A pillar or a rail is in the way.
    is_restricted: bool,
}

/// The seats that are looked at, side by side as far as rows and aisles let them be.
#[derive(Debug)]
pub(super) struct Hall {
    blocks: Vec<Vec<Seat>>,
}

/// Seats side by side, and how good they are.
#[derive(Clone, Copy, Debug)]
struct Group {
    block: usize,
    from: usize,
    seats: usize,
    grade: Grade,
}

/// How good seats are; the lesser the better. What comes first decides.
#[derive(Clone, Copy, Debug)]
struct Grade {
    /// How many places for wheelchairs go to others.
    spare: usize,
    /// How many seats are left alone beside them.
    stranded: u8,
    /// True when they are not right beside what the party has already.
    apart: bool,
    /// Of how many one sees less.
    restricted: usize,
    /// How far they are, all together.
    distance: f64,
}

impl Grade {
    /// Which is better; the better is the lesser.
    fn compare(&self, other: &Self) -> Ordering {
        let first = |of: &Self| (of.spare, of.stranded, of.apart, of.restricted);
        first(self).cmp(&first(other)).then(self.distance.total_cmp(&other.distance))
    }
}

/// Which seats may be a group: how many, and how many of them for wheelchairs, from the fewest to the most.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    seats: usize,
    accessible: (usize, usize),
}

/// Sums over the first seats of a block.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    gone: usize,
    for_wheelchair: usize,
    restricted: usize,
}

impl Hall {
    /// The seats of those sections of a house, for a party that has some already; `is_free` says of each seat whether it can be
    /// had.
    pub(super) fn of(house: &House, looked_at: impl Fn(&str) -> bool, is_free: &[bool], own: &[u32]) -> Self {
        let looked_at: Vec<bool> = house.sections().iter().map(|section| looked_at(&section.key)).collect();
        let seat = |number: u32| {
            let seat = house.seat(number)?.seat;
            Some(Seat {
                number,
                spot: Spot { x: seat.x, y: seat.y },
                is_free: is_free.get(number as usize).copied().unwrap_or_default(),
                is_own: own.contains(&number),
                for_wheelchair: seat.accessible,
                is_restricted: seat.restricted_view,
            })
        };
        let blocks = house.blocks().iter().filter(|block| looked_at[block.section]);
        Self { blocks: blocks.map(|block| block.seats().filter_map(seat).collect()).collect() }
    }

    /// The middle of these seats; none of no seats.
    pub(super) fn middle_of(&self, seats: &[u32]) -> Option<Spot> {
        let spots: Vec<Spot> = self
            .blocks
            .iter()
            .flatten()
            .filter(|seat| seats.contains(&seat.number))
            .map(|seat| seat.spot)
            .collect();
        middle(&spots)
    }

    /// How many seats are left, and how many places for wheelchairs besides.
    pub(super) fn left(&self) -> (u32, u32) {
        let free = self.blocks.iter().flatten().filter(|seat| seat.is_free);
        free.fold((0, 0), |(seats, for_wheelchairs), seat| {
            if seat.for_wheelchair { (seats, for_wheelchairs + 1) } else { (seats + 1, for_wheelchairs) }
        })
    }

    /// The best seats for a party that looks there, or none where it cannot sit as it wants to. Nothing is free any more that
    /// it was given.
    pub(super) fn seat(&mut self, party: Party, near: Spot) -> Option<Vec<u32>> {
        let (all, accessible) = (party.quantity as usize, party.accessible as usize);
        let companions = party.companions as usize;
        // Companions take places for wheelchairs where there is no other seat beside them.
        let together = Wanted { seats: all, accessible: (accessible, accessible + companions) };
        if let Some(group) = self.best(together, near) {
            return Some(self.take(group));
        }
        if !party.may_be_split {
            return None;
        }
        let mut taken = Vec::new();
        let mut others = all;
        if accessible > 0 {
            let core = Wanted { seats: accessible + companions, ..together };
            if let Some(group) = self.best(core, near) {
                taken.extend(self.take(group));
            } else {
                // Each of them by themselves, with their share of the companions.
                let mut to_share = companions;
                for place in 0..accessible {
                    let share = to_share.div_ceil(accessible - place);
                    to_share -= share;
                    let one = Wanted { seats: 1 + share, accessible: (1, 1 + share) };
                    let group = self.best(one, self.middle_of(&taken).unwrap_or(near))?;
                    taken.extend(self.take(group));
                }
            }
            others -= accessible + companions;
        }
        while others > 0 {
            let near = self.middle_of(&taken).unwrap_or(near);
            let seats = others.min(self.longest());
            if seats == 0 {
                return None;
            }
            let group = self.best(Wanted { seats, accessible: (0, 0) }, near)?;
            taken.extend(self.take(group));
            others -= seats;
        }
        Some(taken)
    }

    /// The best group of those that are wanted.
    fn best(&self, wanted: Wanted, near: Spot) -> Option<Group> {
        let groups = self.blocks.iter().enumerate().filter_map(|(block, seats)| {
            best_of(seats, wanted, near).map(|(from, grade)| Group {
                block,
                from,
                seats: wanted.seats,
                grade,
            })
        });
        groups.min_by(|one, other| one.grade.compare(&other.grade))
    }

    fn take(&mut self, group: Group) -> Vec<u32> {
        let seats = &mut self.blocks[group.block][group.from..group.from + group.seats];
        for seat in seats.iter_mut() {
            seat.is_free = false;
        }
        seats.iter().map(|seat| seat.number).collect()
    }

    /// How many seats for everybody are side by side, at most.
    fn longest(&self) -> usize {
        let can_be_had = |seat: &Seat| seat.is_free && !seat.for_wheelchair;
        let runs = self.blocks.iter().flat_map(|block| block.split(move |seat| !can_be_had(seat)));
        runs.map(<[Seat]>::len).max().unwrap_or_default()
    }
}

fn middle(spots: &[Spot]) -> Option<Spot> {
    let mut sum = (0.0, 0.0, 0.0_f32);
    for spot in spots {
        sum = (sum.0 + spot.x, sum.1 + spot.y, sum.2 + 1.0);
    }
    (!spots.is_empty()).then(|| Spot { x: sum.0 / sum.2, y: sum.1 / sum.2 })
}

/// Where in a block the best seats begin that are wanted, and how good they are.
fn best_of(block: &[Seat], wanted: Wanted, near: Spot) -> Option<(usize, Grade)> {
    if wanted.seats == 0 || block.len() < wanted.seats {
        return None;
    }
    let distance = |seat: &Seat| f64::from((seat.spot.x - near.x).hypot(seat.spot.y - near.y));
    let distances: Vec<f64> = block.iter().map(distance).collect();
    let is_own = |place: usize| block.get(place).is_some_and(|seat| seat.is_own);
    let mut sums = Vec::with_capacity(block.len() + 1);
    let mut sum = Sums::default();
    sums.push(sum);
    for seat in block {
        sum.gone += usize::from(!seat.is_free);
        sum.for_wheelchair += usize::from(seat.for_wheelchair);
        sum.restricted += usize::from(seat.is_restricted);
        sums.push(sum);
    }
    let graded = (0..=block.len() - wanted.seats).filter_map(|from| {
        let end = from + wanted.seats;
        let (before, through) = (sums[from], sums[end]);
        let accessible = through.for_wheelchair - before.for_wheelchair;
        let (fewest, most) = wanted.accessible;
        if through.gone > before.gone || !(fewest..=most).contains(&accessible) {
            return None;
        }
        let grade = Grade {
            spare: accessible - fewest,
            apart: ![from.checked_sub(1), Some(end)].into_iter().flatten().any(is_own),
            stranded: u8::from(is_alone(block[..from].iter().rev()))
                + u8::from(is_alone(block[end..].iter())),
            restricted: through.restricted - before.restricted,
            distance: distances[from..end].iter().sum(),
        };
        Some((from, grade))
    });
    graded.min_by(|(_, one), (_, other)| one.compare(other))
}

/// True when the first of these is free, and the next is not: it would be left alone. A place for a wheelchair never is.
fn is_alone<'s>(mut seats: impl Iterator<Item = &'s Seat>) -> bool {
    let first = seats.next().is_some_and(|seat| seat.is_free && !seat.for_wheelchair);
    first && !seats.next().is_some_and(|seat| seat.is_free)
}
